// Verdicts on where a chain leads: an intermediate that is missing, an authority that is not trusted, a certificate
// that vouches for itself.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "doctor/certificate_case.h"
#include "doctor/interceptors.h"
#include "x509/anchors.h"
#include "x509/describe.h"
#include "x509/name.h"
#include "x509/oid.h"
#include "x509/verify.h"

namespace handfast::doctor {
namespace {

std::string subject_of(const x509::CertificateView& certificate) {
  return x509::is_empty_name(certificate.subject) ? "(no subject)"
                                                  : printable_utf8(x509::name_text(certificate.subject));
}
std::string issuer_of(const x509::CertificateView& certificate) {
  return x509::is_empty_name(certificate.issuer) ? "(no name)" : printable_utf8(x509::name_text(certificate.issuer));
}

bool is_self_signed(const x509::CertificateView& certificate) { return x509::is_issued_by(certificate, certificate); }

/// "one certificate, X", "2 certificates, the last on the way up X".
std::string what_was_sent(const CertificateCase& c, const x509::CertificateView& top) {
  const auto is_top = [&](const Buffer& der) { return std::ranges::equal(der, top.der); };
  const bool sent = std::ranges::any_of(c.sent, is_top);
  if (!sent) return fmt::format("the way up comes to {}, which was not sent, and has to be", subject_of(top));
  return c.sent.size() == 1 ? fmt::format("one certificate, {}", subject_of(top))
                            : fmt::format("{} certificates, the last on the way up {}", c.sent.size(), subject_of(top));
}

bool trusts_the_system(const CertificateCase& c) {
  const auto system = TrustAnchors::system();
  return c.trust == nullptr || (system && system->get() == c.trust);
}

/// Whether the system's authorities vouch for the chain, where others were asked: verified anew.
bool system_vouches(const CertificateCase& c) {
  const auto system = TrustAnchors::system();
  if (!system || system->get() == c.trust || c.sent.empty()) return false;
  std::vector<Bytes> ders(c.sent.begin(), c.sent.end());
  const auto chain = x509::parse_chain(ders);
  const auto name = x509::ServerName::parse(c.server_name);
  if (!chain || !name) return false;
  return x509::verify({.chain = *chain, .purpose = x509::ServerAuth{*name}, .anchors = **system, .now = c.now})
      .has_value();
}

/// Authorities that are trusted and bear the organisation's name of an issuer that is not.
std::vector<std::string> of_one_organisation(const CertificateCase& c, Bytes issuer) {
  constexpr std::size_t shown = 2;
  std::vector<std::string> out;
  const std::vector<Bytes> wanted = x509::attribute_values(issuer, x509::oid::organizationName);
  if (c.trust == nullptr || wanted.empty()) return out;
  for (const TrustAnchors::Store::Entry& entry : c.trust->store().authorities)
    for (const Bytes name : x509::attribute_values(entry.certificate->subject, x509::oid::organizationName))
      if (std::ranges::equal(name, wanted.front()) && out.size() < shown) out.push_back(subject_of(*entry.certificate));
  return out;
}

Verdict other_trust(const CertificateCase& c) {
  Verdict v;
  v.fault = Fault::client;
  v.summary = fmt::format(
      "The certificate of {} leads to no authority of those that were named, but to one of the "
      "system's.",
      c.owner);
  v.found = "it verifies by the system's authorities";
  v.expected = "a chain to one that was named with --ca or --pin";
  v.advice = {fmt::format("Trust the system's as well: {} --system-ca", c.command)};
  return v;
}

/// What makes certificates on the way: a firewall, a virus scanner, a debugging proxy.
Verdict intercepted(const CertificateCase& c, const x509::CertificateView& top, std::string_view product) {
  Verdict v;
  v.set(Finding::intercepted);
  v.fault = Fault::path;
  v.confidence = Confidence::likely;
  v.summary = fmt::format("{} stands between here and {}, and reads the connection.", product, c.owner);
  v.found = fmt::format("a certificate from {}, as {} makes them", issuer_of(top), product);
  v.expected = "the certificate of the server itself, from an authority that is trusted";
  v.advice = {
      "If your organisation or your virus scanner is to read your connections, trust its authority: get that "
      "certificate from whoever runs it, not over this connection, and name it: " +
          c.command + " --ca ca.pem",
      "If not, send nothing: try from another network, or switch the scanning of encrypted connections off."};
  return v;
}

Verdict unknown_root(const CertificateCase& c, const x509::CertificateView& root) {
  Verdict v;
  v.fault = Fault::client;
  v.summary = fmt::format("The certificate of {} leads to a root that is not trusted here.", c.owner);
  v.found =
      fmt::format("the root {} (signed with its own key), SHA-256 {}", subject_of(root), summarize(root.der).sha256);
  v.expected = "a chain to a certificate of the system's store, or of --ca";
  v.advice = {fmt::format("If it is an authority of your own, get its certificate from whoever runs it, not over this "
                          "connection, compare the SHA-256, and name it: {} --ca ca.pem",
                          c.command),
              "If you do not know it, do not trust it: something in between may have put its own certificate there (a "
              "proxy, a virus scanner)."};
  return v;
}

/// How to find out, with the issuer's certificate, where it is to be had.
void advise_to_fetch(const std::vector<std::string>& at, std::string_view then, Verdict& v) {
  if (!at.empty() && can_be_typed(at.front()))
    v.advice.push_back(fmt::format("To prove it here: curl -o issuer.der {}, and {}", at.front(), then));
}

/// The server has sent no issuer of its own certificate, and there is a sign that it is an intermediate. That is as far
/// as can be told from here: public authorities issue no certificates of servers with their root's key.
void judge_left_out(const CertificateCase& c, const std::string& issuer, const std::vector<std::string>& at,
                    Verdict& v) {
  v.set(Finding::missing_intermediate);
  v.fault = Fault::server;
  v.confidence = Confidence::likely;
  v.summary = fmt::format("The chain of {} seems to lack an intermediate: {} is not in it.", c.owner, issuer);
  v.advice.push_back(
      fmt::format("Whoever runs the server must send its whole chain (\"fullchain.pem\"): get the certificate of {}, "
                  "then handfast cert chain-fix server.pem issuer.der {}",
                  issuer, trusts_the_system(c) ? "--system" : "--ca ca.pem"));
  advise_to_fetch(at, "handfast cert verify server.pem --untrusted issuer.der", v);
  v.advice.push_back(
      fmt::format("If {} is an authority of your own, name its certificate: {} --ca ca.pem", issuer, c.command));
}

/// Whether the issuer is a root or an intermediate cannot be told. Of an authority's certificate not even from trusted
/// ones of the same organisation, nor from where the issuer's is to be had: those below a root say that too.
void judge_open_end(const CertificateCase& c, const std::string& issuer, const std::vector<std::string>& at,
                    Verdict& v) {
  v.confidence = Confidence::possible;
  v.summary = fmt::format(
      "The certificate of {} leads to no authority that is trusted here: {} is an unknown root, or an intermediate "
      "that is "
      "missing.",
      c.owner, issuer);
  advise_to_fetch(at, "handfast cert inspect issuer.der: a root is signed with its own key", v);
  v.advice.push_back(
      fmt::format("If it is a root that you know, get its certificate from whoever runs it, not over this connection, "
                  "and name it: {} --ca ca.pem",
                  c.command));
  v.advice.emplace_back(
      "If it is an intermediate, the server has left it out: it must send its whole chain (\"fullchain.pem\"; handfast "
      "cert chain-fix makes it).");
}

/// The certificate at the top was issued by somebody who is neither in the chain nor trusted.
Verdict missing_issuer(const CertificateCase& c, const x509::CertificateView& top) {
  Verdict v;
  const std::string issuer = issuer_of(top);
  const std::vector<std::string> at = x509::locations(top).ca_issuers;
  const std::vector<std::string> kin = of_one_organisation(c, top.issuer);
  v.found = fmt::format("{}, issued by {}, which is neither among the certificates sent nor trusted",
                        what_was_sent(c, top), issuer);
  if (!at.empty()) v.found += fmt::format("; it says that its issuer's certificate is at {}", printable(at.front()));
  if (!kin.empty()) v.found += fmt::format("; trusted of the same organisation: {}", fmt::join(kin, ", "));
  v.expected = "a chain to a certificate of the system's store, or of --ca";
  const bool has_sign = !at.empty() || !kin.empty();
  if (has_sign && !top.is_ca())
    judge_left_out(c, issuer, at, v);
  else
    judge_open_end(c, issuer, at, v);
  return v;
}

Verdict other_pin(const CertificateCase& c) {
  Verdict v;
  v.fault = Fault::unknown;
  v.summary = fmt::format("The certificate of {} is not the one that is pinned.", c.owner);
  if (!c.sent.empty()) {
    const CertificateSummary leaf = summarize(c.sent.front());
    v.found = fmt::format("{}, SHA-256 {}", leaf.subject, leaf.sha256);
  }
  v.expected = "the very certificate of --pin, byte by byte";
  v.advice = {
      "Ask whoever runs the server whether it was renewed, and get the new one from them, not over this "
      "connection.",
      "Else it is another server, or somebody in between: send nothing to it."};
  return v;
}

}  // namespace

Verdict judge_unknown_issuer(const CertificateCase& c) {
  if (c.error.find("pinned") != nullptr) return other_pin(c);
  if (system_vouches(c)) return other_trust(c);
  const auto top = x509::parse_certificate(c.top());
  if (!top) {
    Verdict v;
    v.summary = fmt::format("The certificate of {} leads to no authority that is trusted here.", c.owner);
    v.expected = "a chain to a certificate of the system's store, or of --ca";
    v.advice = {fmt::format("If it is an authority of your own, name its certificate: {} --ca ca.pem", c.command)};
    return v;
  }
  if (const std::string_view product = interceptor(issuer_of(*top)); !product.empty())
    return intercepted(c, *top, product);
  return is_self_signed(*top) ? unknown_root(c, *top) : missing_issuer(c, *top);
}

std::string self_signed_command(const std::string& name) {
  const auto parsed = x509::ServerName::parse(name);
  return fmt::format(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -keyout server.key -out "
      "server.pem "
      "-subj /CN={} -addext subjectAltName={}:{} -addext basicConstraints=critical,CA:FALSE -addext "
      "keyUsage=critical,digitalSignature -addext extendedKeyUsage=serverAuth",
      name, parsed && parsed->is_ip() ? "IP" : "DNS", name);
}

Verdict judge_self_signed(const CertificateCase& c) {
  Verdict v;
  const auto leaf = x509::parse_certificate(c.sent.empty() ? Bytes{} : Bytes(c.sent.front()));
  const bool is_ca = leaf && leaf->is_ca();
  const bool self_signed = c.error.reason() == Reason::self_signed_certificate;
  const bool trusted = c.error.find("hint") != nullptr;
  v.fault = trusted && !is_ca ? Fault::client : Fault::server;
  v.summary = self_signed
                  ? fmt::format("The certificate of {} is self-signed, and not trusted here.", c.owner)
                  : fmt::format("The certificate of {} is that of an authority, not that of a server.", c.owner);
  if (trusted)
    v.summary =
        fmt::format("The certificate of {} is self-signed, and trusted as an authority, not as itself.", c.owner);
  if (leaf) {
    v.found = fmt::format("{}, SHA-256 {}", subject_of(*leaf), summarize(leaf->der).sha256);
    if (is_ca) v.found += "; basicConstraints say that it is a CA, as `openssl req -x509` makes them";
  }
  v.expected = self_signed ? "a chain to a certificate of the system's store, or of --ca, or the one of --pin"
                           : "a certificate that an authority issued, and that is none (basicConstraints CA:FALSE)";
  v.advice.push_back(
      fmt::format("If it is yours, get the certificate's file from the server itself, not over this "
                  "connection, and pin it: {} --pin server.pem",
                  c.command));
  if (is_ca && !c.server_name.empty())
    v.advice.push_back(
        fmt::format("Better, make one that is no CA, and pin that: {}", self_signed_command(c.server_name)));
  v.advice.emplace_back("For a public site: have an authority issue a certificate (Let's Encrypt does it for free).");
  return v;
}

Verdict judge_signature(const CertificateCase& c) {
  Verdict v;
  const std::string issuer = c.evidence("issuer");
  v.summary = c.whose() + " was not signed with its issuer's key.";
  v.found = fmt::format("a signature that the key of {} does not verify", issuer.empty() ? "the issuer" : issuer);
  v.expected = "one that it does";
  v.advice = {
      fmt::format("If that authority was made anew under its old name, give its present certificate: {} --ca ca.pem",
                  c.command),
      "Else the certificate was changed after it was signed, or is a forgery: do not trust it."};
  return v;
}

Verdict judge_terms(const CertificateCase& c) {
  Verdict v;
  if (c.error.reason() == Reason::pin_mismatch) {
    v.summary = fmt::format("No key in the chain of {} is one of those that are pinned.", c.owner);
    v.found = c.evidence("found");
    v.expected = c.evidence("pins");
    const Fact::Value* found = c.error.find("found");
    const auto* keys = found != nullptr ? std::get_if<std::vector<std::string>>(found) : nullptr;
    if (keys != nullptr && !keys->empty())
      v.advice.push_back(
          fmt::format("If whoever runs the server says that its key has changed, the pin of the new one is: "
                      "--pin {}",
                      printable(keys->front())));
    v.advice.emplace_back("Else somebody has got a certificate for that name who should not have: send nothing.");
    return v;
  }
  v.fault = Fault::client;
  v.summary =
      fmt::format("The certificate of {} was issued by an authority that is trusted for other names only.", c.owner);
  v.found = fmt::format("{}, trusted for {}", c.evidence("subject"), c.evidence("allowed"));
  v.expected = fmt::format("one that is trusted for {}", c.evidence("expected"));
  v.advice = {
      fmt::format("If it may vouch for that name as well: {} --ca-for {}=FILE", c.command, c.evidence("expected"))};
  return v;
}

}  // namespace handfast::doctor
