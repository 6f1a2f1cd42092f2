#include "doctor/tour.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <handfast/config.h>

#include "doctor/ladder.h"
#include "doctor/loopback_server.h"
#include "doctor/probe.h"
#include "doctor/process.h"
#include "doctor/session_file.h"
#include "doctor/session_report.h"
#include "doctor/throwaway.h"
#include "doctor/verdict.h"

namespace handfast::doctor {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long a good certificate is valid.
constexpr seconds week = hours(24 * 7);
/// No scene waits longer than this for anything.
constexpr milliseconds patience(3000);

class Tour {
 public:
  Tour(TourStage& stage, Secrets secrets, ThrowAwayAuthority authority, TrustAnchors::Shared anchors)
      : stage_(stage), secrets_(secrets), authority_(std::move(authority)), anchors_(std::move(anchors)) {}

  Result<> play() {
    stage_.say(
        "Handfast makes handshakes on this machine, over TCP on 127.0.0.1, with a certificate authority that lives as "
        "long as this tour. The client stands on the left, the server on the right.");
    for (Result<> (Tour::*scene)() : {&Tour::plain, &Tour::tls12, &Tour::retry, &Tour::mutual, &Tour::resumed,
                                      &Tour::openssl, &Tour::openssl_tls12, &Tour::curl, &Tour::broken})
      if (Result<> played = (this->*scene)(); !played) return played;
    return {};
  }

 private:
  // The scenes.

  Result<> plain() {
    stage_.heading(
        "TLS 1.3, both sides Handfast",
        "One round trip: the client guesses the group (x25519) and sends its share at once. From ServerHello on "
        "everything is encrypted, the certificate included.");
    return own({}, {});
  }

  Result<> tls12() {
    stage_.heading(
        "The same in TLS 1.2",
        "The server has nothing newer. Two round trips: the client learns the group from ServerKeyExchange and only "
        "then sends its share. Certificates go in the clear; change_cipher_spec says where that ends.");
    ServerOptions server;
    server.max_version = ProtocolVersion::tls1_2;
    return own(std::move(server), {});
  }

  Result<> retry() {
    stage_.heading(
        "The wrong guess: HelloRetryRequest",
        "The client sends a share for secp256r1, the server has only x25519: it asks again, and that costs one more "
        "round trip.");
    ServerOptions server;
    server.groups = {NamedGroup::x25519};
    ClientOptions client;
    client.groups = {NamedGroup::secp256r1, NamedGroup::x25519};
    return own(std::move(server), std::move(client));
  }

  Result<> mutual() {
    stage_.heading(
        "Both sides with a certificate",
        "The server asks (CertificateRequest); the client answers with a certificate and proves that it has its key "
        "(CertificateVerify).");
    ServerOptions server;
    server.client_auth = ClientAuth::require;
    server.client_trust = anchors_;
    server.client_ca_names = anchors_->subjects();
    ClientOptions client;
    auto credential = authority_.issue_credential("demo client", {"client.demo"}, week);
    if (!credential) return fail(std::move(credential.error()));
    client.credentials.push_back(std::move(*credential));
    return own(std::move(server), std::move(client));
  }

  Result<> resumed() {
    stage_.heading(
        "A session that is resumed",
        "A first handshake, in full, has left the client with tickets. Now it comes back with one: both sides have a "
        "key from then, so that neither certificates nor signatures are needed, and the client's request goes with "
        "its first bytes, before the server has said a word (0-RTT).");
    ServerOptions options;
    options.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
    options.sessions.max_early_data = 16384;
    options.sessions.strike_register = std::make_shared<StrikeRegister>(system_clock().now_milliseconds());
    auto server = start(std::move(options), week);
    if (!server) return fail(std::move(server.error()));
    if (!*server) return {};
    const TemporaryFolder folder;
    const std::string file = folder.path() / "session";
    auto first = connect((**server).port(), {}, {file, {}});
    if (!first) return fail(std::move(first.error()));
    if (first->verdict.exit_code != ExitCode::ok) return stage_.went_wrong(first->verdict.summary);
    auto second =
        connect((**server).port(), {}, {file, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"});
    if (!second) return fail(std::move(second.error()));
    show(second->recording);
    stage_.print(verdict_text(second->verdict, stage_.style()));
    stage_.print(early_data_text(*second->early_data, stage_.style()));
    stage_.print(session_text(*second->session, stage_.style()));
    if (second->verdict.exit_code != ExitCode::ok || second->info.resumption != Resumption::psk)
      return stage_.went_wrong("the session was not resumed");
    return {};
  }

  Result<> openssl() {
    stage_.heading("Handfast with openssl s_server", "A server that we did not write.");
    return openssl_server("-tls1_3");
  }

  Result<> openssl_tls12() {
    stage_.heading("Handfast with openssl s_server in TLS 1.2",
                   "The old handshake with a server that we did not write: its key signs ServerKeyExchange.");
    return openssl_server("-tls1_2");
  }

  Result<> curl() {
    stage_.heading("curl with Handfast's server",
                   "A client that we did not write; the ladder is the server's recording.");
    if (!is_installed("curl")) return stage_.pass_over("curl");
    auto server = start({}, week);
    if (!server) return fail(std::move(server.error()));
    if (!*server) return {};
    const TemporaryFolder folder;
    const std::string ca = folder.write("ca.pem", authority_.certificate_pem());
    auto child = Child::start({"curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "3", "--cacert", ca,
                               "--resolve", fmt::format("localhost:{}:127.0.0.1", (**server).port()), "--output",
                               "/dev/null", fmt::format("https://localhost:{}/", (**server).port())});
    const std::optional<int> status = child ? child->wait(patience + seconds(1)) : std::nullopt;
    const auto& recordings = (**server).stop();
    if (recordings.empty()) return stage_.went_wrong("curl did not come: " + (child ? child->output() : ""));
    show(*recordings.front());
    if (status != 0) return stage_.went_wrong("curl did not get its page: " + child->output());
    stage_.result(true, "curl trusts the throw-away authority (--cacert) and got its page.");
    return {};
  }

  Result<> broken() {
    stage_.heading("A broken server", "Its certificate has run out. What `handfast connect` says of it:");
    auto server = start({}, -hours(24 * 12));
    if (!server) return fail(std::move(server.error()));
    if (!*server) return {};
    auto report = connect((**server).port(), {});
    if (!report) return fail(std::move(report.error()));
    stage_.print(verdict_text(report->verdict, stage_.style()));
    if (report->verdict.code != name(Reason::certificate_expired))
      return stage_.went_wrong("that is not the verdict it should be");
    return {};
  }

  // What the scenes are made of.

  Result<> openssl_server(const std::string& version) {
    if (!is_installed("openssl")) return stage_.pass_over("openssl");
    auto pair = authority_.issue("localhost", {"localhost"}, week);
    if (!pair) return fail(std::move(pair.error()));
    const TemporaryFolder folder;
    const std::string certificate = folder.write("server.pem", pair->chain),
                      key = folder.write("server.key", pair->key);
    auto server = Child::start(
        {"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, version, "-www"});
    const std::optional<std::string> address = server ? server->wait_for_line("ACCEPT ", patience) : std::nullopt;
    const std::size_t colon = address ? address->rfind(':') : std::string::npos;
    if (colon == std::string::npos)
      return stage_.went_wrong("openssl s_server did not start: " + (server ? server->output() : ""));
    return visit(static_cast<std::uint16_t>(std::stoi(address->substr(colon + 1))), {});
  }

  /// A server of ours; null where it could not listen, which is told already.
  Result<std::unique_ptr<LoopbackServer>> start(ServerOptions options, seconds lifetime) {
    auto credential = authority_.issue_credential("localhost", {"localhost"}, lifetime);
    if (!credential) return fail(std::move(credential.error()));
    options.credentials.push_back(std::move(*credential));
    options.trace_secrets = secrets_ == Secrets::shown;
    auto config = ServerConfig::make(std::move(options));
    if (!config) return fail(std::move(config.error()));
    auto server = LoopbackServer::start(std::move(*config));
    if (server) return std::move(*server);
    static_cast<void>(stage_.went_wrong(server.error().message()));
    return nullptr;
  }

  /// What makes a visitor one that comes back.
  struct Acquaintance {
    std::string session_file;  ///< empty: none are kept
    std::string early_data;    ///< instead of a request after the handshake
  };

  Result<Report> connect(std::uint16_t port, ClientOptions options, const Acquaintance& acquaintance = {}) {
    std::shared_ptr<SessionFile> session;
    if (!acquaintance.session_file.empty()) {
      auto opened = SessionFile::open(acquaintance.session_file);
      if (!opened) return fail(std::move(opened.error()));
      session = std::move(*opened);
      options.sessions.store = session;
      options.sessions.early_data = !acquaintance.early_data.empty();
    }
    options.trust = anchors_;
    options.trace_secrets = secrets_ == Secrets::shown;
    auto config = ClientConfig::make(std::move(options));
    if (!config) return fail(std::move(config.error()));
    ProbeOptions probing;
    probing.host = "127.0.0.1";
    probing.port = port;
    probing.server_name = "localhost";
    probing.config = std::move(*config);
    probing.timeout = patience;
    probing.session = std::move(session);
    if (acquaintance.early_data.empty()) {
      probing.get = "/";
    } else {
      const Bytes data = as_bytes(acquaintance.early_data);
      probing.early_data = Buffer(data.begin(), data.end());
      probing.answer = [](Bytes) { return true; };
    }
    return probe(probing);
  }

  /// A handshake with whatever listens there, which should succeed.
  Result<> visit(std::uint16_t port, ClientOptions options) {
    auto report = connect(port, std::move(options));
    if (!report) return fail(std::move(report.error()));
    show(report->recording);
    stage_.print(verdict_text(report->verdict, stage_.style()));
    if (report->verdict.exit_code != ExitCode::ok) stage_.count_failure();
    return {};
  }

  Result<> own(ServerOptions server_options, ClientOptions client_options) {
    auto server = start(std::move(server_options), week);
    if (!server) return fail(std::move(server.error()));
    return *server ? visit((**server).port(), std::move(client_options)) : Result<>();
  }

  void show(const Recording& recording) { stage_.print(ladder(recording, stage_.style(), "--keys")); }

  TourStage& stage_;
  Secrets secrets_;
  ThrowAwayAuthority authority_;
  TrustAnchors::Shared anchors_;
};

}  // namespace

Result<> tour(TourStage& stage, Secrets secrets) {
  auto authority = ThrowAwayAuthority::make(system_clock().now(), system_random());
  if (!authority) return fail(std::move(authority.error()));
  auto anchors = authority->anchors();
  if (!anchors) return fail(std::move(anchors.error()));
  return Tour(stage, secrets, std::move(*authority), std::move(*anchors)).play();
}

}  // namespace handfast::doctor
