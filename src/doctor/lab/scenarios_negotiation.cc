// Where the two sides find no common ground: version, suite, group, signature, name, application protocol.
#include <utility>

#include "base/contains.h"
#include "doctor/lab/scenario.h"
#include "record/record.h"
#include "wire/alert.h"
#include "wire/handshake.h"
#include "wire/list.h"

namespace handfast::doctor::lab {
namespace {

// The engine speaks nothing that is older than TLS 1.2, or broken. Servers that do are made of the first thing that
// they would say, which is all that a client of today hears of them.

Buffer alert(Alert description) {
  base::OutputBuffer out;
  record::write_plaintext(ContentType::alert, 0x0303, wire::write_alert({wire::AlertLevel::fatal, description}), out);
  return {out.view().begin(), out.view().end()};
}

/// Says it to whatever client.
Result<net::Serve> refusing(Alert description) { return answer(alert(description)); }
Result<net::Serve> refusing_name(const Site&) { return refusing(Alert::unrecognized_name); }
Result<net::Serve> failing(const Site&) { return refusing(Alert::internal_error); }

struct FirstWords {
  ProtocolVersion version;
  CipherSuite suite;
  std::string_view end_of_random = {};
};

/// A ServerHello and nothing behind it.
Result<Buffer> server_hello(const FirstWords& words) {
  Buffer message;
  const auto written = wire::write_message(message, HandshakeType::server_hello, [&](base::Writer& w) {
    w.u16(std::to_underlying(words.version));
    w.fill(32 - words.end_of_random.size(), 0x5a);
    w.bytes(as_bytes(words.end_of_random));
    w.u8(0);  // no session ID
    w.u16(std::to_underlying(words.suite));
    w.u8(0);  // no compression
  });
  if (!written) return fail(written.error());
  base::OutputBuffer out;
  record::write_plaintext(ContentType::handshake, std::to_underlying(words.version), message, out);
  return Buffer(out.view().begin(), out.view().end());
}

Result<net::Serve> saying(const FirstWords& words) {
  auto hello = server_hello(words);
  if (!hello) return fail(std::move(hello.error()));
  return answer(*std::move(hello));
}

/// Says it to clients that offer what it wants, and refuses the others.
Result<net::Serve> saying_if(bool (*fits)(const wire::ClientHello&), const FirstWords& words, Alert otherwise) {
  auto hello = server_hello(words);
  if (!hello) return fail(std::move(hello.error()));
  return serve_tls({.rule = [fits, hello = *std::move(hello), otherwise](const Hello& seen) {
    return Ruling(seen.message != nullptr && fits(*seen.message) ? hello : alert(otherwise));
  }});
}

constexpr CipherSuite TLS_ECDHE_ECDSA_WITH_RC4_128_SHA{0xc007};
constexpr CipherSuite TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA{0xc009};

/// Answers as RFC 5246, appendix E.1, has it: with the newest version that it knows.
Result<net::Serve> tls11(const Site&) {
  return saying({ProtocolVersion::tls1_1, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA});
}

/// The same, but where that is not among supported_versions it says so.
Result<net::Serve> tls11_if_offered(const Site&) {
  return saying_if(
      [](const wire::ClientHello& hello) {
        return hello.supported_versions && base::contains(*hello.supported_versions, ProtocolVersion::tls1_1);
      },
      {ProtocolVersion::tls1_1, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}, Alert::protocol_version);
}

Result<net::Serve> rc4_only(const Site&) {
  return saying_if(
      [](const wire::ClientHello& hello) {
        return base::contains(hello.cipher_suites, TLS_ECDHE_ECDSA_WITH_RC4_128_SHA);
      },
      {ProtocolVersion::tls1_2, TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}, Alert::handshake_failure);
}

Result<net::Serve> sha1_only(const Site&) {
  return saying_if(
      [](const wire::ClientHello& hello) {
        return hello.signature_algorithms && base::contains(*hello.signature_algorithms, SignatureScheme::ecdsa_sha1);
      },
      {ProtocolVersion::tls1_2, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}, Alert::handshake_failure);
}

/// The mark of a server that could have done better (RFC 8446, section 4.1.3).
Result<net::Serve> downgraded(const Site&) {
  return saying({ProtocolVersion::tls1_2, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "DOWNGRD\x01"});
}

Result<net::Serve> with_versions(const Site& site, ProtocolVersion oldest, ProtocolVersion newest) {
  ServerOptions options;
  options.min_version = oldest;
  options.max_version = newest;
  return site.serve(std::move(options));
}
Result<net::Serve> tls13_only(const Site& site) {
  return with_versions(site, ProtocolVersion::tls1_3, ProtocolVersion::tls1_3);
}
Result<net::Serve> tls12_only(const Site& site) {
  return with_versions(site, ProtocolVersion::tls1_2, ProtocolVersion::tls1_2);
}
Result<net::Serve> good(const Site& site) { return site.serve(); }

Result<net::Serve> one_suite(const Site& site) {
  ServerOptions options;
  options.cipher_suites = {CipherSuite::TLS_AES_256_GCM_SHA384};
  return site.serve(std::move(options));
}

Result<net::Serve> one_group(const Site& site) {
  ServerOptions options;
  options.groups = {NamedGroup::secp521r1};
  return site.serve(std::move(options));
}

Result<net::Serve> one_post_quantum_group(const Site& site) {
  ServerOptions options;
  options.groups = {NamedGroup::SecP384r1MLKEM1024};
  return site.serve(std::move(options));
}

Result<net::Serve> one_application_protocol(const Site& site) {
  ServerOptions options;
  options.application_protocols = {"http/1.1"};
  return site.serve(std::move(options));
}

Result<net::Serve> ruled(const Site& site, ServerOptions options, bool (*refuses)(const wire::ClientHello&)) {
  auto config = site.config(site.plan(), std::move(options));
  if (!config) return fail(std::move(config.error()));
  return serve_tls({.rule = [config = *config, refuses](const Hello& hello) {
    return hello.message != nullptr && refuses(*hello.message) ? Ruling(End::fin) : Ruling(config);
  }});
}

Result<net::Serve> without_sni_only(const Site& site) {
  return ruled(site, {}, [](const wire::ClientHello& hello) { return hello.server_name.has_value(); });
}
Result<net::Serve> with_sni_only(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.names.emplace_back("localhost");
  auto config = site.config(plan);
  if (!config) return fail(std::move(config.error()));
  return serve_tls({.rule = [config = *config](const Hello& hello) {
    return hello.message != nullptr && !hello.message->server_name ? Ruling(End::fin) : Ruling(config);
  }});
}
Result<net::Serve> intolerant(const Site& site) {
  ServerOptions options;
  options.max_version = ProtocolVersion::tls1_2;
  return ruled(site, std::move(options), [](const wire::ClientHello& hello) {
    return hello.supported_versions && base::contains(*hello.supported_versions, ProtocolVersion::tls1_3);
  });
}

constexpr Scenario negotiation_table[] = {
    {.name = "no-common-version",
     .summary = "refuses TLS 1.2 and 1.3, since TLS 1.1 is the newest that it has",
     .expected = {Reason::no_common_version, ExitCode::negotiation, Fault::server, "Turn TLS 1.2 and 1.3 on"},
     .server = tls11_if_offered},
    {.name = "tls11-only",
     .summary = "answers in TLS 1.1 to whatever is offered",
     .expected = {Reason::no_common_version, ExitCode::negotiation, Fault::server, "Turn TLS 1.2 and 1.3 on"},
     .server = tls11},
    {.name = "tls12-only",
     .summary = "has TLS 1.2 alone, and the client offers 1.3 alone",
     .expected = {Reason::no_common_version, ExitCode::negotiation, Fault::client, "Offer TLS 1.2 too"},
     .server = tls12_only,
     .arguments = "--tls 1.3",
     .needs_arguments = true},
    {.name = "tls13-only",
     .summary = "has TLS 1.3 alone, and the client offers 1.2 alone",
     .expected = {Reason::no_common_version, ExitCode::negotiation, Fault::client, "Offer TLS 1.3 too"},
     .server = tls13_only,
     .arguments = "--tls 1.2",
     .needs_arguments = true},
    {.name = "version-intolerant",
     .summary = "closes the connection on a ClientHello that offers TLS 1.3; it would speak 1.2",
     .expected = {Finding::version_intolerance, ExitCode::negotiation, Fault::server, "--tls 1.2"},
     .server = intolerant},
    {.name = "fallback",
     .summary = "the client says that it fell back to TLS 1.2, and the server could do better",
     .expected = {Reason::inappropriate_fallback, ExitCode::negotiation, Fault::client, "Offer the newer one"},
     .server = good,
     .arguments = "--tls 1.2 --fallback-scsv",
     .needs_arguments = true},
    {.name = "downgrade",
     .summary = "chooses TLS 1.2 with the mark of a server that was asked for no more, but was",
     .expected = {Reason::downgrade_detected, ExitCode::negotiation, Fault::unknown, "another network"},
     .server = downgraded},
    {.name = "no-common-suite",
     .summary = "has a cipher suite with RC4 alone, which is broken and which nobody offers",
     .expected = {Reason::no_common_cipher_suite, ExitCode::negotiation, Fault::server, "must allow such suites"},
     .server = rc4_only},
    {.name = "no-common-suite-left-out",
     .summary = "has a cipher suite that the client left out",
     .expected = {Reason::no_common_cipher_suite, ExitCode::negotiation, Fault::client, "--suites"},
     .server = one_suite,
     .arguments = "--tls 1.3 --suites TLS_AES_128_GCM_SHA256",
     .needs_arguments = true},
    {.name = "no-common-group",
     .summary = "has the group secp521r1 alone, and the client x25519 alone",
     .expected = {Reason::no_common_group, ExitCode::negotiation, Fault::client, "--groups"},
     .server = one_group,
     .arguments = "--groups x25519",
     .needs_arguments = true},
    {.name = "no-common-group-unnamed",
     .summary = "has the group SecP384r1MLKEM1024 alone, which clients offer where they are told to",
     .expected = {Reason::no_common_group, ExitCode::negotiation, Fault::client, "--groups SecP384r1MLKEM1024"},
     .server = one_post_quantum_group},
    {.name = "no-common-signature",
     .summary = "can sign with SHA-1 alone, which is broken and which nobody offers",
     .expected = {Reason::no_common_signature_scheme, ExitCode::negotiation, Fault::server, "must update it"},
     .server = sha1_only},
    {.name = "no-common-key",
     .summary = "has an ECDSA key, and the client's suites are all for RSA",
     .expected = {Reason::no_common_cipher_suite, ExitCode::negotiation, Fault::client, "--suites"},
     .server = tls12_only,
     .arguments = "--tls 1.2 --suites ECDHE-RSA-AES128-GCM-SHA256",
     .needs_arguments = true},
    {.name = "sni-refused",
     .summary = "has no site of that name, and says so",
     .expected = {Finding::server_name_refused, ExitCode::negotiation, Fault::unknown, "--sni"},
     .server = refusing_name},
    {.name = "sni-dropped",
     .summary = "closes the connection on a ClientHello with a name in it, and answers one without",
     .expected = {Finding::server_name_refused, ExitCode::negotiation, Fault::unknown, "--sni NAME"},
     .server = without_sni_only},
    {.name = "sni-required",
     .summary = "closes the connection on a ClientHello without a name, as one to an address is",
     .expected = {Finding::server_name_required, ExitCode::negotiation, Fault::client, "--sni"},
     .server = with_sni_only,
     .host = "127.0.0.1"},
    {.name = "alpn-refused",
     .summary = "speaks http/1.1 alone, and the client h2 alone",
     .expected = {Reason::no_application_protocol, ExitCode::negotiation, Fault::unknown, "Offer another"},
     .server = one_application_protocol,
     .arguments = "--alpn h2",
     .needs_arguments = true},
    {.name = "internal-error",
     .summary = "fails inside, and says no more",
     .expected = {Alert::internal_error, ExitCode::negotiation, Fault::unknown, "server's log"},
     .server = failing},
};

}  // namespace

std::span<const Scenario> negotiation_scenarios() { return negotiation_table; }

}  // namespace handfast::doctor::lab
