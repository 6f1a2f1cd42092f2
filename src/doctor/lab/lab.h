// The lab: all its servers in one thread, on loopback alone, for as long as one looks at it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <handfast/net_error.h>

#include "doctor/lab/scenario.h"
#include "doctor/lab/workshop.h"
#include "net/listener.h"

namespace handfast::doctor::lab {

/// Where a scenario is to be met.
struct Place {
  const Scenario* scenario;
  std::string host;
  std::uint16_t port;
};

/// On which ports: the issuers' certificates are handed out on the first, the scenarios stand behind it in the order of
/// their table. 0: any that are free.
struct Ports {
  std::uint16_t first = 0;
};

class Lab {
 public:
  /// Mints, writes ca.pem and what else clients need into `folder`, which is there, and listens on 127.0.0.1. Fails at
  /// Stage::listen; with TLS's errors where something can't be minted or written.
  static NetResult<std::unique_ptr<Lab>> start(const std::vector<const Scenario*>& scenarios, Ports ports,
                                               std::filesystem::path folder);
  ~Lab();  ///< stops all of it
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  const std::vector<Place>& places() const noexcept { return places_; }
  std::string path(std::string_view file) const { return (folder_ / file).string(); }
  /// The certificate that clients trust.
  std::string ca() const { return path("ca.pem"); }
  /// What `handfast connect` is told at a place: the target, the authority, and the scenario's own arguments.
  std::vector<std::string> connect_arguments(const Place& place) const;

 private:
  explicit Lab(std::filesystem::path folder) : folder_(std::move(folder)) {}
  NetResult<std::uint16_t> listen(std::uint16_t port, net::Serve serve);
  NetResult<void> open_workshop(std::uint16_t port);
  Result<void> write_client_files() const;
  NetResult<void> add(const Scenario& scenario, std::uint16_t port);
  NetResult<std::uint16_t> fill(std::uint16_t port);

  std::filesystem::path folder_;
  std::vector<Place> places_;
  std::unique_ptr<Workshop> workshop_;
  boost::asio::io_context io_;
  std::vector<boost::asio::ip::tcp::acceptor> deaf_;     ///< whose queues are full
  std::vector<boost::asio::ip::tcp::socket> occupants_;  ///< of those queues
  std::jthread thread_;
};

}  // namespace handfast::doctor::lab
