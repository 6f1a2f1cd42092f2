#include "doctor/lab/lab.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <handfast/clock.h>

#include "net/address.h"
#include "x509/pem.h"

namespace handfast::doctor::lab {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr const char* loopback = "127.0.0.1";
constexpr std::size_t max_connections = 64;

std::unexpected<NetError> bad(Error error) { return std::unexpected(NetError(Stage::listen, std::move(error))); }
std::unexpected<NetError> bad(error_code error) { return std::unexpected(NetError(Stage::listen, error)); }

tcp::endpoint endpoint(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

/// HTTP, with the certificate of the intermediate for whoever asks.
net::Serve issuers(std::shared_ptr<Buffer> certificate) {
  return [certificate](tcp::socket socket) {
    const std::string head = fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: application/pkix-cert\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        certificate->size());
    Buffer bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), certificate->begin(), certificate->end());
    return answer(std::move(bytes))(std::move(socket));
  };
}

}  // namespace

NetResult<std::uint16_t> Lab::listen(std::uint16_t port, net::Serve serve) {
  auto listener = net::Listener::open(io_.get_executor(), {loopback, port});
  if (!listener) return std::unexpected(std::move(listener.error()));
  const std::uint16_t taken = listener->local_endpoint().port();
  asio::co_spawn(io_, listener->run(std::move(serve), max_connections), asio::detached);
  return taken;
}

NetResult<void> Lab::open_workshop(std::uint16_t port) {
  auto certificate = std::make_shared<Buffer>();
  auto taken = listen(port, issuers(certificate));
  if (!taken) return std::unexpected(std::move(taken.error()));
  auto workshop = Workshop::open(system_clock().now(), fmt::format("http://{}:{}/intermediate.der", loopback, *taken),
                                 system_random());
  if (!workshop) return bad(std::move(workshop.error()));
  workshop_ = *std::move(workshop);
  const Bytes der = workshop_->intermediate().certificate.der();
  certificate->assign(der.begin(), der.end());
  if (auto written = write_client_files(); !written) return bad(std::move(written.error()));
  return {};
}

Result<void> Lab::write_client_files() const {
  const Site site{*workshop_, "client", folder_};
  const auto write = [&site](const std::string& name, const Plan& plan) -> Result<void> {
    auto key = crypto::SigningKey::generate(crypto::KeyType::p256);
    if (!key) return fail(std::move(key.error()));
    auto made = site.workshop.make(plan, *key);
    if (!made) return fail(std::move(made.error()));
    auto pkcs8 = key->to_der();
    if (!pkcs8) return fail(std::move(pkcs8.error()));
    if (auto written = site.write(name + ".pem", made->chain_pem()); !written) return written;
    return site.write(name + ".key", x509::encode_pem("PRIVATE KEY", *pkcs8));
  };
  if (auto written = site.write("ca.pem", x509::encode_pem("CERTIFICATE", workshop_->root().certificate.der()));
      !written)
    return written;
  const Plan good = site.plan();
  if (auto written = write("client", good); !written) return written;
  Plan expired = good;
  expired.leaf.not_before = workshop_->now() - 30 * day;
  expired.leaf.not_after = workshop_->now() - day;
  if (auto written = write("expired-client", expired); !written) return written;
  Plan stranger = good;
  stranger.issuer = &workshop_->stranger();
  stranger.behind.clear();
  return write("stranger", stranger);
}

/// A port that takes no more connections: its queue has room for one, and that is there.
NetResult<std::uint16_t> Lab::fill(std::uint16_t port) {
  error_code error;
  tcp::acceptor acceptor(io_);
  acceptor.open(tcp::v4(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint(port), error);
  if (!error) acceptor.listen(0, error);
  if (error) return bad(error);
  const tcp::endpoint taken = acceptor.local_endpoint(error);
  tcp::socket occupant(io_);
  occupant.connect(taken, error);
  if (error) return bad(error);
  deaf_.push_back(std::move(acceptor));
  occupants_.push_back(std::move(occupant));
  return taken.port();
}

NetResult<void> Lab::add(const Scenario& scenario, std::uint16_t port) {
  const std::string host =
      scenario.host.empty() ? fmt::format("{}.localhost", scenario.name) : std::string(scenario.host);
  NetResult<std::uint16_t> taken = port;
  switch (scenario.reach) {
    case Reach::listening: {
      auto serve = scenario.server({*workshop_, host, folder_});
      if (!serve) return bad(std::move(serve.error()));
      taken = listen(port, *std::move(serve));
      break;
    }
    case Reach::closed: {
      // One that was free a moment ago.
      error_code error;
      const tcp::acceptor found(io_, endpoint(port));
      taken = found.local_endpoint(error).port();
      break;
    }
    case Reach::deaf: taken = fill(port); break;
    case Reach::nameless: taken = port != 0 ? port : std::uint16_t{443}; break;
  }
  if (!taken) return std::unexpected(std::move(taken.error()));
  places_.push_back({&scenario, host, *taken});
  return {};
}

NetResult<std::unique_ptr<Lab>> Lab::start(const std::vector<const Scenario*>& wanted, Ports ports,
                                           std::filesystem::path folder) {
  std::unique_ptr<Lab> lab(new Lab(std::move(folder)));
  if (auto opened = lab->open_workshop(ports.first); !opened) return std::unexpected(std::move(opened.error()));
  const std::span<const Scenario> all = scenarios();
  for (const Scenario* scenario : wanted) {
    const auto place = static_cast<std::uint16_t>(scenario - all.data() + 1);
    const std::uint16_t port = ports.first == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(ports.first + place);
    if (auto added = lab->add(*scenario, port); !added) return std::unexpected(std::move(added.error()));
  }
  lab->thread_ = std::jthread([io = &lab->io_] { io->run(); });
  return lab;
}

Lab::~Lab() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

std::vector<std::string> Lab::connect_arguments(const Place& place) const {
  std::vector<std::string> out = {net::to_text({place.host, place.port}), "--ca", ca()};
  constexpr std::string_view folder = "{folder}";
  std::string_view rest = place.scenario->arguments;
  while (!rest.empty()) {
    std::string argument(rest.substr(0, rest.find(' ')));
    rest.remove_prefix(std::min(argument.size() + 1, rest.size()));
    if (const std::size_t at = argument.find(folder); at != std::string::npos)
      argument.replace(at, folder.size(), folder_.string());
    out.push_back(std::move(argument));
  }
  return out;
}

}  // namespace handfast::doctor::lab
