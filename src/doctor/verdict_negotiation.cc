// Verdicts on what the two sides could not agree on: the version, the suite, and what holds the secrets together.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include <handfast/config.h>

#include "crypto/cipher_suite.h"
#include "doctor/cases.h"

namespace handfast::doctor {
namespace {

std::string in_client_hello(const Case& c, std::string_view name) {
  return c.fact(HandshakeType::client_hello, Direction::sent, name);
}

bool offers(const Case& c, ProtocolVersion version) {
  return offered_versions(c.recording).find(name(version)) != std::string::npos;
}

std::string connect_command(const Case& c) { return "handfast connect " + typed(c.target); }

/// Whether our ClientHello has all that this build has for the versions that it offers.
bool offers_every_suite(const Case& c) {
  const std::string offered = in_client_hello(c, "cipher_suites");
  return std::ranges::all_of(supported_cipher_suites(), [&](CipherSuite suite) {
    return !offers(c, crypto::find_suite(suite)->version) || offered.find(name(suite)) != std::string::npos;
  });
}

/// In TLS 1.2 a suite names the kind of key that the server's certificate must have: that kind, where only one is
/// offered and no TLS 1.3, which does not care.
std::string_view only_key_offered(const Case& c) {
  const std::string suites = in_client_hello(c, "cipher_suites");
  const bool ecdsa = suites.find("_ECDSA_") != std::string::npos, rsa = suites.find("_RSA_") != std::string::npos;
  if (offers(c, ProtocolVersion::tls1_3) || ecdsa == rsa) return {};
  return ecdsa ? "ECDSA or Ed25519" : "RSA";
}

}  // namespace

Verdict judge_version(const Case& c, std::string found) {
  Verdict v;
  v.set(Reason::no_common_version);
  v.exit_code = ExitCode::negotiation;
  v.found = std::move(found);
  const bool tls12 = offers(c, ProtocolVersion::tls1_2), tls13 = offers(c, ProtocolVersion::tls1_3);
  if (tls12 != tls13) {
    const ProtocolVersion ours = tls12 ? ProtocolVersion::tls1_2 : ProtocolVersion::tls1_3;
    const ProtocolVersion other = tls12 ? ProtocolVersion::tls1_3 : ProtocolVersion::tls1_2;
    // A client of TLS 1.2 at most says its newest version, and not what it has below.
    v.summary = fmt::format("{} does not speak {}, the {} version that was offered.", c.peer(), name(ours),
                            tls12 ? "newest" : "only");
    v.expected = name(ours);
    v.fault = Fault::client;
    v.advice = {fmt::format("Offer {} too, as it is without --tls: {}", name(other), connect_command(c))};
    return v;
  }
  if (!tls12) {
    v.summary = fmt::format("{} does not speak {}, the newest version that was offered.", c.peer(),
                            offered_versions(c.recording));
    v.expected = "a server that still speaks what was withdrawn in 2021 (RFC 8996)";
    v.fault = Fault::client;
    v.advice = {fmt::format("Offer TLS 1.2 and 1.3, as it is without --tls: {}", connect_command(c))};
    return v;
  }
  v.summary = fmt::format("{} speaks neither TLS 1.3 nor TLS 1.2.", c.peer());
  v.expected = "TLS 1.3 or TLS 1.2; what is older is broken (RFC 8996), and spoken here only where it is named";
  v.fault = Fault::server;
  v.advice = {"Turn TLS 1.2 and 1.3 on in the server: OpenSSL has the one since 1.0.1, the other since 1.1.1.",
              fmt::format("To see whether it speaks what is older: openssl s_client -connect {} -tls1_1 -cipher "
                          "DEFAULT:@SECLEVEL=0",
                          c.peer())};
  return v;
}

Verdict judge_fallback(const Case& c, std::string found) {
  Verdict v;
  v.set(Reason::inappropriate_fallback);
  v.exit_code = ExitCode::negotiation;
  v.summary = fmt::format("{} speaks a newer version than {}, and refuses to fall back to it.", c.peer(),
                          offered_versions(c.recording));
  v.found = std::move(found);
  v.expected = "no TLS_FALLBACK_SCSV from a client that could do better (RFC 7507)";
  v.fault = Fault::client;
  v.advice = {
      fmt::format("That is as it should be: nobody on the way can force the weaker version on its clients. Offer the "
                  "newer one: {}",
                  connect_command(c))};
  return v;
}

Verdict judge_downgrade(const Case& c) {
  // The mark of a server that chose TLS 1.1 or less says that it speaks TLS 1.2 at least.
  const std::string mark = c.fact(HandshakeType::server_hello, Direction::received, "downgrade_sentinel");
  const bool tls12_at_least = mark == name(ProtocolVersion::tls1_1);
  const std::string newer = name(tls12_at_least ? ProtocolVersion::tls1_2 : ProtocolVersion::tls1_3);
  const bool or_newer = tls12_at_least && offers(c, ProtocolVersion::tls1_3);
  Verdict v;
  v.fault = Fault::path;
  v.confidence = Confidence::likely;
  v.exit_code = ExitCode::negotiation;
  v.summary = fmt::format("Something between here and {} keeps the two from speaking {}{}.", c.peer(), newer,
                          or_newer ? " or newer" : "");
  v.found = fmt::format(
      "ServerHello.random ends with the mark of a server that speaks more than the {} that it chose (RFC 8446, section "
      "4.1.3): our ClientHello did not reach it as it was sent",
      c.evidence("selected"));
  v.expected = "the newest version that both sides speak";
  v.advice = {fmt::format(
      "An attack looks like this, and so does a firewall or proxy that reads TLS and is too old for {}: try "
      "from another network, and have the device updated.",
      newer.substr(4))};
  if (!tls12_at_least)
    v.advice.push_back(fmt::format("To do without TLS 1.3, and without this check: {} --tls 1.2", connect_command(c)));
  return v;
}

Verdict judge_missing_extended_master_secret(const Case& c) {
  Verdict v;
  v.exit_code = ExitCode::negotiation;
  v.summary = fmt::format("{} has no extended master secret, and it was required.", c.peer());
  v.found = "a ServerHello of TLS 1.2 without extended_master_secret";
  v.expected = "extended_master_secret (RFC 7627), which binds the secrets to the handshake and its certificates";
  v.fault = Fault::server;
  v.advice = {
      "Update the server's TLS library (OpenSSL has it since 1.1.0), or turn TLS 1.3 on, which needs no such "
      "extension.",
      fmt::format("To connect in spite of it, leave --require-ems out: {}", connect_command(c))};
  return v;
}

Verdict judge_renegotiation(const Case& c) {
  Verdict v;
  v.exit_code = ExitCode::negotiation;
  v.summary = fmt::format("{} wants to renegotiate, which is never done here.", c.peer());
  v.found = "HelloRequest, after the handshake was done";
  v.expected = "a connection that stays as it was agreed on";
  v.fault = Fault::server;
  v.advice = {
      "Most often a server asks so for a client certificate, for a part of its pages only. Have it ask in the first "
      "handshake, for all of them; or speak TLS 1.3, in which it can ask later.",
      "In Apache httpd: SSLVerifyClient outside of <Location> and <Directory>."};
  return v;
}

Verdict judge_refused_offer(const Case& c) {
  Verdict v;
  v.confidence = Confidence::possible;
  v.exit_code = ExitCode::negotiation;
  v.summary = fmt::format("{} accepts nothing of what was offered.", c.peer());
  std::vector<std::string> offer = {offered_versions(c.recording)};
  for (const std::string_view name : {"cipher_suites", "supported_groups", "signature_algorithms"})
    if (std::string text = in_client_hello(c, name); !text.empty()) offer.push_back(std::move(text));
  v.expected = fmt::format("one of each: {}", fmt::join(offer, "; "));
  if (const std::string_view key = only_key_offered(c); !key.empty()) {
    v.fault = Fault::client;
    v.advice = {
        fmt::format("All of these suites are for a certificate with a key of {}: name some of the other kind in "
                    "--suites, or leave it out.",
                    key)};
  } else if (!offers_every_suite(c)) {
    v.fault = Fault::client;
    v.advice = {"Fewer suites were offered than there are: leave --suites out."};
  } else {
    v.advice = {
        "Leave --groups at its default. If it is, the server may have only suites without forward secrecy or with CBC, "
        "which are not spoken here, or a certificate whose key fits none of the signature algorithms; its log may "
        "tell.",
        fmt::format("Which suite it would take: openssl s_client -connect {} -cipher ALL:@SECLEVEL=0 </dev/null | grep "
                    "Cipher",
                    c.peer())};
  }
  // A server that is older than supported_versions may refuse the suites of TLS 1.3 alone so.
  if (!offers(c, ProtocolVersion::tls1_2))
    v.advice.insert(v.advice.begin(), fmt::format("Offer TLS 1.2 too, as it is without --tls: {}", connect_command(c)));
  return v;
}

}  // namespace handfast::doctor
