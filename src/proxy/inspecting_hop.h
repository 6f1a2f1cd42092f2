// Requests that are looked into: rules, HAR and the log, whoever they are for and however they came.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/exchange.h"
#include "proxy/interception.h"
#include "x509/server_name.h"

namespace handfast::proxy {

/// Whom a request is for.
struct Asked {
  x509::ServerName host;
  std::uint16_t port = 0;
  std::string_view scheme;  ///< "https", a literal
  PoolKey pool;
};

/// What a fresh connection to an origin took.
struct ConnectTimes {
  std::chrono::nanoseconds connect{0};  ///< resolving and TCP
  std::chrono::nanoseconds tls{0};
};

class InspectingHop : public Hop {
 public:
  InspectingHop(const Interception& shared, Worker& worker, const Guest& guest) noexcept
      : shared_(shared), worker_(worker), guest_(guest) {}
  /// Connections that waited for further requests of this client alone are closed.
  ~InspectingHop() override;

  Decision request(http::RequestHead& head) final;
  void response(const http::RequestHead& request, http::ResponseHead& head) final;
  std::unique_ptr<BodyFilter> request_filter() final;
  std::unique_ptr<BodyFilter> response_filter() final;
  void request_content(Bytes content) final;
  void response_content(Bytes content) final;
  void done(const ExchangeRecord& record) final;

  const Interception& shared() const noexcept { return shared_; }
  const Guest& guest() const noexcept { return guest_; }
  Worker& worker() noexcept { return worker_; }
  /// The request that `connect` is for.
  const Asked& asked() const noexcept { return *now_.asked; }
  /// To be told by `connect`.
  void connected(const ConnectTimes& times) { now_.times = times; }
  /// Whom the request that is under way goes to.
  void note_server(const boost::asio::ip::tcp::endpoint& server);
  /// Why the request that is under way is not taken: for the log alone.
  void note_problem(std::string words) { now_.problem = std::move(words); }
  /// Our end of a connection, kept for a while: one that comes back to us does so at once, and later the port may be
  /// anybody's.
  OwnConnections::Entry& own();

 protected:
  using Whom = std::variant<Asked, Decision>;
  /// Whom it is for, or what is done with it instead.
  virtual Whom whom(const http::RequestHead& head) = 0;
  /// 403, and the reason for the log.
  Whom refuse(std::string reason);
  /// What a HAR file says of the connection: "TLS 1.3 ...".
  virtual std::string comment() const { return {}; }

 private:
  /// Of the request that is under way.
  struct Now {
    std::optional<Asked> asked;
    RulePlan plan;
    bool rewrites_request = false;
    bool rewrites_response = false;
    std::string url;
    std::vector<http::Field> request_fields;
    std::string reason;
    std::vector<http::Field> response_fields;
    std::unique_ptr<HarBody> request_body;  ///< where there is a HAR file
    std::unique_ptr<HarBody> response_body;
    std::optional<ConnectTimes> times;
    std::string problem;
  };
  void note_answer(const http::Response& answer);
  void save(const ExchangeRecord& record);

  const Interception& shared_;
  Worker& worker_;
  const Guest& guest_;
  Now now_;
  std::string server_address_;
  std::list<OwnConnections::Entry> own_;
  std::string pool_scope_;  ///< of connections that are this client's alone, where there are any
};

}  // namespace handfast::proxy
