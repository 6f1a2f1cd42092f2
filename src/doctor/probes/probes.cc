#include "doctor/probes/probes.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <handfast/random.h>

#include "doctor/message.h"
#include "doctor/probes/hello_draft.h"
#include "doctor/probes/suites.h"
#include "doctor/throwaway.h"
#include "net/address.h"
#include "record/record.h"

namespace handfast::doctor {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct Row {
  Change change;
  std::string_view name, description;
};

constexpr Row rows[] = {
    {Change::nothing, "nothing", "the same once more"},
    {Change::listen, "listen", "nothing sent, to hear whether it speaks first"},
    {Change::http, "http", "an HTTP request instead of TLS"},
    {Change::no_session, "no_session", "without the session"},
    {Change::no_server_name, "no_server_name", "without a server name (SNI)"},
    {Change::with_server_name, "with_server_name", "with a server name (SNI)"},
    {Change::no_alpn, "no_alpn", "without ALPN"},
    {Change::tls12_only, "tls12_only", "TLS 1.2 only"},
    {Change::small, "small", "a small ClientHello"},
    {Change::small_padded, "small_padded", "the small one, padded to the first one's size"},
    {Change::spoken_groups, "spoken_groups", "with every group that is offered by default"},
    {Change::every_group, "every_group", "with groups that are not offered by default"},
    {Change::spoken_suites, "spoken_suites", "with every cipher suite that is spoken here"},
    {Change::every_suite, "every_suite", "with cipher suites that are not spoken here"},
    {Change::every_signature_scheme, "every_signature_scheme", "with signature schemes that are not spoken here"},
    {Change::older_versions, "older_versions", "TLS 1.1 and 1.0, and their suites"},
    {Change::two_segments, "two_segments", "the same in two TCP segments"},
    {Change::two_records, "two_records", "the same in two TLS records"},
    {Change::large, "large", "padded to 3,000 bytes"},
    {Change::certificate_without_sni, "certificate_without_sni", "a handshake without a server name (SNI)"},
    {Change::certificate_for_another, "certificate_for_another", "a handshake for another name"},
};
static_assert([] {
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (static_cast<std::size_t>(rows[i].change) != i) return false;
  return true;
}());

/// Past two segments of Ethernet's size, as a hello with an ML-KEM share and a few more extensions may be.
constexpr std::size_t large_size = 3000;

/// A name that the server's own certificate is not for, under the domain that nobody has (RFC 2606, section 2).
constexpr std::string_view another_name = "handfast-probe.invalid";

/// One plaintext record that holds a part of a message, as a client's first one is (RFC 8446, section 5.1).
Buffer record_of(Bytes fragment) {
  Buffer out(record::header_size + fragment.size());
  constexpr std::uint16_t first_version = 0x0301;
  record::write_header(out, ContentType::handshake, first_version, fragment.size());
  std::ranges::copy(fragment, out.begin() + record::header_size);
  return out;
}

void make_small(HelloDraft& hello) {
  for (const ExtensionType type :
       {ExtensionType::status_request, ExtensionType::session_ticket, ExtensionType::record_size_limit,
        ExtensionType::post_handshake_auth, ExtensionType::certificate_authorities,
        ExtensionType::signed_certificate_timestamp, ExtensionType::padding,
        ExtensionType::application_layer_protocol_negotiation, ExtensionType::psk_key_exchange_modes})
    hello.remove(type);
  constexpr SignatureScheme schemes[] = {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pss_rsae_sha256,
                                         SignatureScheme::rsa_pkcs1_sha256};
  hello.offer(schemes);
  hello.drop_post_quantum_shares();
}

template <typename Number>
std::vector<Number> with(std::vector<Number> ours, std::span<const Number> others) {
  for (const Number number : others)
    if (std::ranges::find(ours, number) == ours.end()) ours.push_back(number);
  return ours;
}

std::vector<CipherSuite> with_spoken_suites(const HelloDraft& hello) {
  const std::vector<CipherSuite> spoken = supported_cipher_suites();
  return with(hello.cipher_suites(), std::span<const CipherSuite>(spoken));
}

std::vector<CipherSuite> with_other_suites(const HelloDraft& hello) {
  std::vector<CipherSuite> out = with_spoken_suites(hello);
  for (const OtherSuite& other : other_suites()) out.push_back(other.suite);
  return out;
}

/// The hello that was sent, changed so.
Buffer changed_hello(HelloDraft hello, Change change, std::size_t original_size) {
  constexpr ProtocolVersion tls12[] = {ProtocolVersion::tls1_2};
  constexpr ProtocolVersion older[] = {ProtocolVersion::tls1_1, ProtocolVersion::tls1_0};
  switch (change) {
    case Change::no_server_name: hello.remove(ExtensionType::server_name); break;
    case Change::with_server_name: hello.ask_for(another_name); break;
    case Change::no_alpn: hello.remove(ExtensionType::application_layer_protocol_negotiation); break;
    case Change::tls12_only:
      hello.offer(tls12);
      // What belongs to TLS 1.3 alone would only confuse.
      hello.remove(ExtensionType::key_share);
      hello.remove(ExtensionType::psk_key_exchange_modes);
      break;
    case Change::small:
    case Change::small_padded: make_small(hello); break;
    case Change::spoken_groups: hello.offer(std::span<const NamedGroup>(default_groups())); break;
    case Change::spoken_suites: hello.offer(with_spoken_suites(hello)); break;
    case Change::every_suite: hello.offer(with_other_suites(hello)); break;
    case Change::every_group: hello.offer(std::span<const NamedGroup>(with(supported_groups(), other_groups()))); break;
    case Change::every_signature_scheme:
      hello.offer(std::span<const SignatureScheme>(with(supported_signature_schemes(), other_signature_schemes())));
      break;
    case Change::older_versions:
      // Whoever does not know supported_versions reads this (RFC 8446, appendix D.1).
      hello.say_legacy_version(ProtocolVersion::tls1_1);
      hello.offer(older);
      hello.remove(ExtensionType::key_share);
      hello.remove(ExtensionType::psk_key_exchange_modes);
      hello.offer(with_other_suites(hello));
      break;
    default: break;
  }
  // Else the change would be two: a hello that says less is smaller.
  if (change != Change::small) hello.pad_to(change == Change::large ? large_size : original_size);
  return hello.write();
}

Pieces pieces_of(const HelloDraft& hello, Change change, Bytes original, const std::string& host) {
  if (change == Change::listen) return {};
  if (change == Change::nothing) return {record_of(original)};
  if (change == Change::http) {
    const std::string request = fmt::format("GET / HTTP/1.0\r\nHost: {}\r\n\r\n", host);
    const Bytes bytes = as_bytes(request);
    return {Buffer(bytes.begin(), bytes.end())};
  }
  const Buffer message = changed_hello(hello, change, original.size());
  const Bytes bytes = message;
  const std::size_t half = bytes.size() / 2;
  if (change == Change::two_records) {
    // In one segment: else it would be two changes.
    Buffer both = record_of(bytes.first(half));
    const Buffer second = record_of(bytes.subspan(half));
    both.insert(both.end(), second.begin(), second.end());
    return {std::move(both)};
  }
  Buffer whole = record_of(bytes);
  if (change != Change::two_segments) return {std::move(whole)};
  const auto middle = whole.begin() + static_cast<std::ptrdiff_t>(half);
  return {Buffer(whole.begin(), middle), Buffer(middle, whole.end())};
}

class Prober {
 public:
  Prober(const ProbeOptions& options, const Report& report) : options_(options), report_(report) {}

  Probing run(const std::vector<Change>& changes) {
    start_ = Clock::now();
    const auto hello = first_hello();
    for (const Change change : changes) {
      if (is_settled(change)) continue;
      if (!may_go_on() || (!hello && !is_handshake(change))) {
        out_.left_out.push_back(change);
        continue;
      }
      make(hello, change);
      // Once is no proof: a server that fails now and then would seem to be moved by anything.
      if (hello && decides(change)) {
        make(hello, out_.control());
        make(hello, change);
      }
    }
    return std::move(out_);
  }

 private:
  std::optional<HelloDraft> first_hello() {
    const Message* message = report_.recording.message(HandshakeType::client_hello, Direction::sent);
    if (message == nullptr) return std::nullopt;
    auto hello = HelloDraft::read(message->bytes);
    if (!hello) return std::nullopt;
    original_ = message->bytes;
    hello->forget_session();
    return std::move(*hello);
  }

  bool may_go_on() const { return Clock::now() - start_ < probe_budget && out_.probes.size() + 2 < max_probes; }

  void make(const std::optional<HelloDraft>& hello, Change change) {
    std::this_thread::sleep_for(probe_pace);
    out_.probes.push_back(is_handshake(change) ? handshake(change) : ask(*hello, change));
  }

  /// The change that was made last turned what the control gives into its opposite.
  bool decides(Change change) const {
    if (change == out_.control() || change == Change::listen || change == Change::http || is_handshake(change))
      return false;
    if (out_.probes.back().answer.kind == Answer::Kind::unreachable) return false;
    return out_.goes_on(change) != out_.goes_on(out_.control());
  }

  /// What an earlier probe has proved needs no other.
  bool is_settled(Change change) const {
    if (change == Change::small_padded) return !out_.goes_on(Change::small);
    const Probe* heard = out_.find(Change::listen);
    if (heard != nullptr && heard->answer.kind == Answer::Kind::other) return true;
    if (report_.verdict.exit_code == ExitCode::ok) return false;
    return std::ranges::any_of(out_.probes, [&](const Probe& probe) {
      return probe.answer.goes_on() && probe.change != Change::small && probe.change != Change::small_padded;
    });
  }

  /// Three times as long as the first try took to fail, so that a slow server is no silent one; short where there are
  /// many to wait for.
  milliseconds patience() const {
    constexpr milliseconds least(1000), most(5000);
    const std::uint64_t took = report_.recording.steps().empty() ? 0 : report_.recording.steps().back().at;
    const milliseconds enough = std::chrono::duration_cast<milliseconds>(std::chrono::nanoseconds(3 * took));
    const bool was_silent = report_.verdict.code == doctor::name(Finding::timed_out);
    return std::min(options_.timeout, was_silent ? least : std::clamp(enough, least, most));
  }

  /// Where the first try came to an answer.
  std::optional<asio::ip::tcp::endpoint> server() const {
    const auto address = net::parse_host_port(report_.attempts.back().address, std::nullopt);
    if (!address) return std::nullopt;
    boost::system::error_code error;
    const auto parsed = asio::ip::make_address(address->host, error);
    if (error) return std::nullopt;
    return asio::ip::tcp::endpoint(parsed, address->port);
  }

  Probe ask(const HelloDraft& hello, Change change) {
    Probe probe;
    probe.change = change;
    probe.answer.kind = Answer::Kind::unreachable;
    const auto endpoint = server();
    if (!endpoint) return probe;
    Pieces pieces = pieces_of(hello, change, original_, report_.target.server_name);
    for (const Buffer& piece : pieces) probe.bytes_sent += piece.size();
    asio::io_context context(1);
    asio::co_spawn(context, exchange(*endpoint, std::move(pieces), patience()),
                   [&probe](const std::exception_ptr&, Answer answer) { probe.answer = std::move(answer); });
    context.run();
    return probe;
  }

  /// A handshake that ends with the server's certificate: nobody is trusted, and nothing of ours is shown to whoever it
  /// is that stands there.
  Probe handshake(Change change) {
    Probe probe;
    probe.change = change;
    const auto endpoint = server();
    auto trust = ThrowAwayAuthority::make(report_.target.now, system_random());
    if (!endpoint || !trust) return probe;
    auto nobody = trust->anchors();
    if (!nobody) return probe;
    ClientOptions client = options_.config->options();
    client.trust = std::move(*nobody);
    client.verifier = nullptr;
    client.credentials.clear();
    client.credential_chooser = nullptr;
    client.post_handshake_auth = false;
    client.false_start = false;
    client.sessions = {};
    client.pre_shared_keys.clear();
    client.key_log = nullptr;
    auto config = ClientConfig::make(std::move(client));
    if (!config) return probe;
    ProbeOptions options;
    options.host = endpoint->address().to_string();
    options.port = endpoint->port();
    options.timeout = patience();
    options.config = std::move(*config);
    // An address is asked for by no name (RFC 6066, section 3).
    if (change == Change::certificate_for_another) probe.asked_for = another_name;
    options.server_name = probe.asked_for.empty() ? options.host : probe.asked_for;
    const Report report = doctor::probe(options);
    probe.bytes_sent = report.target.bytes_sent;
    if (const std::vector<Buffer> chain = certificates_received(report.recording); !chain.empty())
      probe.certificate = summarize(chain.front());
    return probe;
  }

  const ProbeOptions& options_;
  const Report& report_;
  Buffer original_;  ///< the ClientHello as it was sent
  Clock::time_point start_;
  Probing out_;
};

}  // namespace

std::string_view name(Change change) noexcept { return rows[std::to_underlying(change)].name; }
std::string_view describe(Change change) noexcept { return rows[std::to_underlying(change)].description; }

bool is_handshake(Change change) noexcept {
  return change == Change::certificate_without_sni || change == Change::certificate_for_another;
}

std::string outcome(const Probe& probe) {
  if (!is_handshake(probe.change)) return text(probe.answer);
  if (!probe.certificate) return "no certificate";
  return fmt::format("the certificate {}, from {}",
                     probe.certificate->subject.empty() ? "(no subject)" : probe.certificate->subject,
                     probe.certificate->issuer);
}

std::size_t Probing::number(Change change) const noexcept {
  const auto found = std::ranges::find(probes, change, &Probe::change);
  return found == probes.end() ? 0 : static_cast<std::size_t>(found - probes.begin()) + 1;
}

const Probe* Probing::find(Change change) const noexcept {
  const std::size_t at = number(change);
  return at == 0 ? nullptr : &probes[at - 1];
}

Change Probing::control() const noexcept {
  return find(Change::no_session) != nullptr ? Change::no_session : Change::nothing;
}

bool Probing::goes_on(Change change) const noexcept {
  const Probe* probe = find(change);
  return probe != nullptr && probe->answer.goes_on();
}

bool Probing::confirmed(Change change) const noexcept {
  std::size_t with = 0, without = 0;
  const bool wanted = goes_on(change);
  for (const Probe& probe : probes) {
    if (probe.answer.kind == Answer::Kind::unreachable) continue;
    if (probe.change == change && probe.answer.goes_on() == wanted) ++with;
    if (probe.change == control() && probe.answer.goes_on() != wanted) ++without;
    if ((probe.change == change && probe.answer.goes_on() != wanted) ||
        (probe.change == control() && probe.answer.goes_on() == wanted))
      return false;
  }
  return with >= 2 && without >= 2;
}

Probing run_probes(const ProbeOptions& options, const Report& report, const std::vector<Change>& changes) {
  return Prober(options, report).run(changes);
}

}  // namespace handfast::doctor
