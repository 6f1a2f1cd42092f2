// The three places where requests come from: to us as a proxy, in the clear on their way elsewhere, and out of TLS.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "proxy/inspecting_hop.h"

namespace handfast::proxy {

/// To an explicit proxy: "GET http://example.com/" for anybody, CONNECT for the caller to take over, and for
/// http://handfast.ca/, or for ourselves (RFC 9112, section 3.2.1: in origin form), the page of the authority.
class ProxyHop final : public InspectingHop {
 public:
  using InspectingHop::InspectingHop;
  Awaitable<std::expected<Leg, Failed>> connect() override;

 private:
  Whom whom(const http::RequestHead& head) override;
};

/// In the clear, behind a CONNECT or redirected by the kernel. `host`: what the connection is for, where a CONNECT has
/// said that; requests for another one are misdirected (421).
class PlainHop final : public InspectingHop {
 public:
  struct Way {
    std::optional<x509::ServerName> host;
    std::uint16_t port = 0;
    std::vector<boost::asio::ip::tcp::endpoint> endpoints;
    std::optional<Leg> ready;  ///< a connection that was made already
  };
  PlainHop(const Interception& shared, Worker& worker, const Guest& guest, Way way)
      : InspectingHop(shared, worker, guest), way_(std::move(way)) {}
  Awaitable<std::expected<Leg, Failed>> connect() override;
  Way& way() noexcept { return way_; }

 private:
  Whom whom(const http::RequestHead& head) override;
  Way way_;
};

/// Out of TLS that was ended here. Requests for another host than the connection's are misdirected (421), and none goes
/// to an origin that is worse than the one that the client was shown. Connections to origins that are
/// trusted are shared with other clients: what was authenticated by itself is exchange_http's to keep apart.
class TlsHop final : public InspectingHop {
 public:
  struct Way {
    x509::ServerName host;  ///< what the client was shown a certificate for
    Origin origin;
    std::vector<boost::asio::ip::tcp::endpoint> endpoints;  ///< where it may be, the one that was last known first
    std::shared_ptr<const Judgement> shown;                 ///< what the client's certificate was made after
    std::optional<RestingLeg> ready;                        ///< a connection that was made already
    std::chrono::steady_clock::time_point ready_since;
    ConnectTimes times;
    std::string client_tls;  ///< of the client's side, in words, for HAR

    /// Where the one that was known is not there any more, another one may be: that is known from now on.
    void put_first(const boost::asio::ip::tcp::endpoint& endpoint);
  };
  TlsHop(const Interception& shared, Worker& worker, const Guest& guest, Way way)
      : InspectingHop(shared, worker, guest), way_(std::move(way)) {}
  std::optional<Leg> ready() override;
  Awaitable<std::expected<Leg, Failed>> connect() override;
  Way& way() noexcept { return way_; }
  /// Whether the client has asked for anything: then it has taken the certificate.
  bool was_asked() const noexcept { return was_asked_; }

 private:
  Whom whom(const http::RequestHead& head) override;
  std::string comment() const override;
  Way way_;
  bool was_asked_ = false;
};

}  // namespace handfast::proxy
