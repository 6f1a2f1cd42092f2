// What the probes prove.
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/contains.h"
#include "crypto/cipher_suite.h"
#include "doctor/greeting.h"
#include "doctor/message.h"
#include "doctor/probes/probes.h"
#include "doctor/probes/suites.h"

namespace handfast::doctor {
namespace {

/// "probe 3, without ALPN: a ServerHello: ..."
std::string cite(const Probing& probing, Change change) {
  const Probe* probe = probing.find(change);
  if (probe == nullptr) return {};
  return fmt::format("probe {}, {}: {}", probing.number(change), describe(change), outcome(*probe));
}

class Conclusion {
 public:
  Conclusion(const Report& report, const Probing& probing)
      : report_(report), probing_(probing), peer_(report.target.text()), v_(report.verdict) {}

  Verdict draw() {
    if (v_.exit_code == ExitCode::ok)
      robustness();
    else if (probing_.find(Change::certificate_without_sni) != nullptr)
      without_sni();
    else if (probing_.find(Change::certificate_for_another) != nullptr)
      for_another();
    else
      refused_hello();
    return std::move(v_);
  }

 private:
  void proven(Change change, Confidence confidence) {
    v_.proof = cite(probing_, change);
    v_.confidence = confidence;
  }

  /// The cause, in a word of its own, with a story that takes the place of the guesses.
  template <typename Cause>
  void cause(Cause what, Change change, Fault fault, std::string summary) {
    v_.set(what);
    v_.exit_code = ExitCode::negotiation;
    v_.fault = fault;
    v_.summary = std::move(summary);
    v_.found = outcome(*probing_.find(change)) + ", " + std::string(describe(change));
    v_.advice.clear();
    proven(change, Confidence::certain);
    v_.proof += ", and again when it was repeated; unchanged it failed each time";
  }

  /// What a change that was confirmed tells.
  struct Story {
    Change change;
    void (Conclusion::*tell)();
  };

  void refused_hello() {
    if (another_protocol(Change::listen)) return;
    if (probing_.goes_on(probing_.control())) return by_chance();
    static constexpr Story stories[] = {{Change::no_server_name, &Conclusion::server_name},
                                        {Change::with_server_name, &Conclusion::server_name_required},
                                        {Change::no_alpn, &Conclusion::alpn},
                                        {Change::spoken_groups, &Conclusion::groups_left_out},
                                        {Change::every_group, &Conclusion::groups},
                                        {Change::spoken_suites, &Conclusion::suites_left_out},
                                        {Change::every_suite, &Conclusion::suites},
                                        {Change::every_signature_scheme, &Conclusion::signature_schemes},
                                        {Change::tls12_only, &Conclusion::tls12_alone},
                                        {Change::older_versions, &Conclusion::older_ones},
                                        {Change::small, &Conclusion::size}};
    for (const Story& story : stories) {
      if (!probing_.goes_on(story.change)) continue;
      if (!probing_.confirmed(story.change)) return by_chance();
      if (const Answer& answer = probing_.find(story.change)->answer; is_left_out(answer.version))
        return version_left_out(story.change);
      return (this->*story.tell)();
    }
    if (!another_protocol(Change::http)) nothing_fits();
  }

  /// It has refused more versions, suites, groups and signature schemes than anybody needs.
  void nothing_fits() {
    const Probe* older = probing_.find(Change::older_versions);
    if (older == nullptr || older->answer.kind != Answer::Kind::alert) return;
    if (v_.code == handfast::name(Reason::no_common_version)) return no_version();
    const bool says_so = v_.code == "alert_" + handfast::name(Alert::handshake_failure) ||
                         v_.code == "alert_" + handfast::name(Alert::insufficient_security);
    if (!says_so || probing_.find(Change::every_suite) == nullptr) return;
    v_.fault = Fault::server;
    v_.confidence = Confidence::likely;
    v_.advice = {
        "It is not for want of suites, groups, signature algorithms or versions here: with more of each it failed as "
        "well. Most often such a server has no certificate that it can use: none for that name, none at all, or one "
        "whose key fits none of its own suites and signature algorithms.",
        "Whoever runs the server finds in its log what it says of this handshake. If it is another name that it has: "
        "--sni NAME"};
  }

  /// It says that it is the version, of each that there is.
  void no_version() {
    v_.confidence = Confidence::possible;
    v_.summary = fmt::format("{} refuses every version of TLS, from 1.0 to 1.3.", peer_);
    v_.proof = cite(probing_, Change::older_versions);
    v_.advice = {
        "Turn TLS 1.2 and 1.3 on in the server. If they are, it may have no suite for them, or no certificate that it "
        "can use: OpenSSL says of that, too, that it is the version.",
        "The server's log may tell."};
  }

  bool another_protocol(Change change) {
    const Probe* probe = probing_.find(change);
    if (probe == nullptr || probe->answer.kind != Answer::Kind::other) return false;
    const std::string_view words = as_text(probe->answer.first_bytes);
    // Some servers answer HTTP in the clear on the port of their TLS, to say that it is one.
    for (const std::string_view says_tls : {"HTTPS port", "HTTPS server", "SSL-enabled"})
      if (words.find(says_tls) != std::string_view::npos) return false;
    std::optional<Verdict> plain = judge_greeting(report_.target, words);
    if (!plain) return false;
    plain->evidence = std::move(v_.evidence);
    plain->evidence.push_back({fmt::format("probe {}, the first bytes", probing_.number(change)),
                               fmt::format("\"{}\"", printable(words, 64)), probe->answer.first_bytes});
    // A server that speaks first has no TLS there; one that answers HTTP may have both.
    const Confidence confidence = change == Change::listen ? plain->confidence : Confidence::likely;
    v_ = std::move(*plain);
    proven(change, confidence);
    return true;
  }

  /// The same, or what made no difference, was answered the second time.
  void by_chance() {
    if (probing_.control() == Change::no_session) return session();
    v_.fault = Fault::unknown;
    v_.confidence = Confidence::likely;
    v_.summary += " Another time it answered.";
    v_.advice = {
        "Try again. If it happens now and then, one of several servers behind that address may be broken, or "
        "something on the way loses packets: ask whoever runs it, with the times at which it failed."};
    v_.proof = fmt::format("the same was tried {} times, and did not always fail",
                           1 + std::ranges::count(probing_.probes, probing_.control(), &Probe::change));
  }

  void session() {
    v_.fault = Fault::server;
    v_.summary = fmt::format("{} fails over the session that was offered.", peer_);
    v_.expected =
        "a full handshake, where a session can't be resumed (RFC 8446, section 4.2.11; RFC 5077, section 3.1)";
    v_.advice = {"Leave --session out, or remove its file: the next handshake begins in full."};
    // Or it was chance: a session is offered once, so there is no second try of the same.
    proven(Change::no_session, Confidence::likely);
  }

  void server_name() {
    cause(
        Finding::server_name_refused, Change::no_server_name, Fault::unknown,
        fmt::format("{} refuses the name {}, and answers where none is asked for.", peer_, report_.target.server_name));
    v_.expected = "a name that the server is configured for";
    v_.advice = {
        "Check the name, and give the one that it is for: --sni NAME. Which name its certificate has: handfast "
        "cert inspect shows it.",
        "If the name is right, whoever runs the server must add it (nginx: server_name; Apache: ServerName; "
        "HAProxy: crt; Caddy: the site's address), or look at the firewall that sorts connections by name."};
  }

  void server_name_required() {
    cause(Finding::server_name_required, Change::with_server_name, Fault::client,
          fmt::format("{} wants to be asked for by name, and no name was sent.", peer_));
    v_.expected = "server_name in the ClientHello (RFC 6066, section 3): an address is not sent as one";
    v_.advice = {"Connect to its name instead of its address, or give the name: --sni NAME"};
  }

  void alpn() {
    cause(Reason::no_application_protocol, Change::no_alpn, Fault::client,
          fmt::format("{} speaks none of the application protocols that were offered.", peer_));
    if (v_.expected.empty()) v_.expected = "an answer without a protocol, where none fits (RFC 7301, section 3.2)";
    v_.advice = {"Offer another with --alpn, or leave it out."};
  }

  /// TLS 1.2 is fine, and whatever else was offered made no difference to TLS 1.3.
  void tls12_alone() {
    if (v_.code.starts_with("alert_")) {
      // It has read the hello, and said no: there is TLS 1.3 in it, but nothing that both sides have.
      v_.fault = Fault::server;
      v_.summary = fmt::format("{} speaks TLS 1.2 with us, and refuses where TLS 1.3 is offered as well.", peer_);
      v_.expected =
          "a ServerHello of TLS 1.3, or of TLS 1.2 where the server can't do the former with what was offered";
      v_.advice = {
          "Most often the server's key can't sign as TLS 1.3 has it (RSA in an old smart card or HSM, or a "
          "list of signature algorithms that was set by hand): whoever runs it must allow RSA-PSS, or leave "
          "TLS 1.3 out.",
          "Until then: --tls 1.2"};
      return proven(Change::tls12_only, Confidence::likely);
    }
    cause(Finding::version_intolerance, Change::tls12_only, Fault::server,
          fmt::format("{} breaks off where TLS 1.3 is offered, instead of answering with TLS 1.2.", peer_));
    v_.expected = "a ServerHello of the newest version that it speaks (RFC 8446, section 4.1.3 and appendix D)";
    v_.advice = {
        "Whoever runs the server, or the firewall before it, must update it: it can't read a ClientHello of "
        "today.",
        "Until then: --tls 1.2"};
  }

  void size() {
    if (probing_.goes_on(Change::small_padded)) {
      v_.confidence = Confidence::possible;
      v_.proof = cite(probing_, Change::small_padded) +
                 ". So it is no question of size, but of an extension or a signature scheme that was left out there";
      return;
    }
    cause(Finding::large_hello_dropped, Change::small, Fault::path,
          fmt::format("Something before {} drops a ClientHello of this size, and lets a small one through.", peer_));
    v_.exit_code = ExitCode::transport;
    v_.proof += "; " + cite(probing_, Change::small_padded);
    if (probing_.find(Change::small_padded) == nullptr) v_.confidence = Confidence::likely;
    v_.expected = "an answer to a ClientHello of any size: with post-quantum key shares they take several packets";
    v_.advice = {
        "A firewall, load balancer or server that expects the whole ClientHello in one packet, or in a buffer "
        "of its own size: have it updated.",
        "Until then offer less: --groups x25519,P-256 leaves out the post-quantum key share, which is the most of it. "
        "If that is not enough: fewer --suites, no --alpn, no --session."};
  }

  /// A version that is spoken here, and was not offered.
  bool is_left_out(ProtocolVersion version) const {
    const bool spoken = version == ProtocolVersion::tls1_2 || version == ProtocolVersion::tls1_3;
    return spoken && offered_versions(report_.recording).find(name(version)) == std::string::npos;
  }

  /// The server takes no notice of which versions were offered, but of their suites.
  void version_left_out(Change change) {
    const ProtocolVersion version = probing_.find(change)->answer.version;
    cause(Reason::no_common_version, change, Fault::client,
          fmt::format("{} speaks {}, which was not offered.", peer_, name(version)));
    v_.expected = "one of the versions that were offered";
    v_.advice = {fmt::format("Offer {} too, as it is without --tls.", name(version))};
  }

  void suites_left_out() {
    // The first verdict knows which kind is missing.
    std::vector<std::string> advice = std::move(v_.advice);
    std::string expected = std::move(v_.expected);
    cause(Reason::no_common_cipher_suite, Change::spoken_suites, Fault::client,
          fmt::format("{} has no cipher suite among those that were offered.", peer_));
    v_.found = fmt::format("it would take {}", suite_name(probing_.find(Change::spoken_suites)->answer.cipher_suite));
    v_.expected = std::move(expected);
    v_.advice = std::move(advice);
  }

  void suites() {
    const Answer& answer = probing_.find(Change::every_suite)->answer;
    // A ClientHello for TLS 1.2 is one for all that is older, too: what was missing is a suite of that time.
    if (is_old(answer.version)) return older_versions(Change::every_suite);
    const bool named_only = base::contains(legacy_cipher_suites(), answer.cipher_suite);
    cause(Reason::no_common_cipher_suite, Change::every_suite, Fault::server,
          fmt::format("{} has only cipher suites that are not spoken here{}.", peer_,
                      named_only ? " unless they are named" : ""));
    const std::string_view why = weakness(answer.cipher_suite);
    v_.found = fmt::format("it would take {}{}", suite_name(answer.cipher_suite),
                           why.empty() ? std::string() : fmt::format(" ({})", why));
    v_.expected = "a suite with forward secrecy and an AEAD: ECDHE with AES-GCM or ChaCha20-Poly1305, or TLS 1.3";
    v_.advice = {"Whoever runs the server must allow such suites."};
    if (named_only)
      v_.advice.push_back(fmt::format("To speak it all the same, weak as it is, name it: --suites {}",
                                      suite_name(answer.cipher_suite)));
    if (why.empty()) {
      // One that we have offered as well: then it is not the suite.
      v_.confidence = Confidence::possible;
      v_.fault = Fault::unknown;
    }
  }

  void groups_left_out() {
    const Answer& answer = probing_.find(Change::spoken_groups)->answer;
    cause(Reason::no_common_group, Change::spoken_groups, Fault::client,
          fmt::format("{} has no group for the key exchange among those that were offered.", peer_));
    const bool named = std::to_underlying(answer.group) != 0;
    v_.found = named ? fmt::format("it would take {}", group_name(answer.group))
                     : std::string("it goes on where all groups are offered that are offered by default");
    v_.expected = fmt::format("one of: {}", fmt::join(names_of_groups(), ", "));
    v_.advice = {named ? fmt::format("Offer it: --groups {}, or leave --groups out.", group_name(answer.group))
                       : std::string("Leave --groups out, or name more of them.")};
  }

  void groups() {
    const Answer& answer = probing_.find(Change::every_group)->answer;
    const std::vector<NamedGroup> spoken = supported_groups();
    const bool is_spoken = std::ranges::find(spoken, answer.group) != spoken.end();
    cause(Reason::no_common_group, Change::every_group, is_spoken ? Fault::client : Fault::server,
          fmt::format("{} has no group for the key exchange among those that were offered.", peer_));
    const bool named = std::to_underlying(answer.group) != 0;
    v_.found = named ? fmt::format("it would take {}", group_name(answer.group))
                     : std::string("it goes on where rare groups are offered as well");
    v_.expected = fmt::format("one of: {}", fmt::join(names_of_groups(), ", "));
    v_.advice = {"Whoever runs the server must allow one of the groups that everybody has: X25519, P-256."};
    if (is_spoken)
      v_.advice.insert(v_.advice.begin(), fmt::format("Offer it, which is not done unless it is named: --groups {}",
                                                      group_name(answer.group)));
  }

  static std::vector<std::string> names_of_groups() {
    std::vector<std::string> out;
    for (const NamedGroup group : default_groups()) out.push_back(name(group));
    return out;
  }

  void signature_schemes() {
    cause(Reason::no_common_signature_scheme, Change::every_signature_scheme, Fault::server,
          fmt::format("{} can sign with none of the algorithms that were offered.", peer_));
    v_.found = "it goes on where broken or rare signature algorithms are offered as well (SHA-1, Ed448, ...)";
    v_.expected =
        "a certificate whose key signs with ECDSA on P-256, P-384 or P-521, Ed25519, or RSA with SHA-256 or "
        "better";
    v_.advice = {"Whoever runs the server must update it, or give it a certificate with a key of such a kind."};
  }

  static bool is_old(ProtocolVersion version) noexcept {
    return version == ProtocolVersion::tls1_1 || version == ProtocolVersion::tls1_0;
  }

  void older_ones() { older_versions(Change::older_versions); }
  void older_versions(Change change) {
    const Answer& answer = probing_.find(change)->answer;
    if (!is_old(answer.version)) return;
    cause(Reason::no_common_version, change, Fault::server,
          fmt::format("{} speaks nothing newer than {}.", peer_, name(answer.version)));
    v_.found = fmt::format("it chose {} where that was offered", name(answer.version));
    v_.expected = "TLS 1.3 or TLS 1.2; what is older is broken (RFC 8996), and spoken here only where it is named";
    v_.advice = {"Turn TLS 1.2 and 1.3 on in the server: OpenSSL has the one since 1.0.1, the other since 1.1.1."};
    if (crypto::find_suite(answer.cipher_suite, answer.version) != nullptr)
      v_.advice.push_back(
          fmt::format("To speak it all the same, broken as it is, name it and its suite: --tls {} --suites {}",
                      name(answer.version).substr(4), suite_name(answer.cipher_suite)));
  }

  // Where a certificate came.

  void without_sni() {
    const Probe* probe = probing_.find(Change::certificate_without_sni);
    if (!probe->certificate) return;
    v_.proof = cite(probing_, Change::certificate_without_sni);
    std::string names = fmt::format("{}", fmt::join(probe->certificate->names, ", "));
    const bool same = report_chain_sha256() == probe->certificate->sha256;
    v_.evidence.push_back({fmt::format("probe {}, without a server name", probing_.number(probe->change)),
                           same ? std::string("the very same certificate")
                                : fmt::format("another certificate, for {}", names.empty() ? "no name" : names),
                           {}});
  }

  std::string report_chain_sha256() const {
    const auto* verification = report_.recording.find<Verification>();
    if (verification == nullptr || verification->report.certificates.empty()) return {};
    return summarize(verification->report.certificates.front()).sha256;
  }

  void for_another() {
    const Probe* probe = probing_.find(Change::certificate_for_another);
    if (!probe->certificate) return;
    if (const std::string first = report_chain_sha256(); !first.empty() && probe->certificate->sha256 == first)
      return as_it_is();
    const bool made_for_it =
        std::ranges::find(probe->certificate->names, probe->asked_for) != probe->certificate->names.end();
    if (!made_for_it) return;
    cause(Finding::intercepted, Change::certificate_for_another, Fault::path,
          fmt::format("Something between here and {}, or that server itself, makes certificates as they are asked for.",
                      peer_));
    // A server of the reader's own may do so as well: Caddy with certificates on demand, a tool of a developer's.
    v_.proof = cite(probing_, Change::certificate_for_another);
    v_.confidence = Confidence::likely;
    v_.found = fmt::format("a certificate for {}, a name that nobody has, from {}", probe->asked_for,
                           probe->certificate->issuer);
    v_.exit_code = ExitCode::certificate;
    v_.expected = "the certificate of the server itself, from an authority that is trusted";
    v_.advice = {
        "If your organisation, your virus scanner or a proxy of yours is in between to read your connections, or the "
        "server makes its certificates itself, trust that authority: get its certificate from whoever runs it, not "
        "over this connection, and name it with --ca.",
        "If not, send nothing: try from another network."};
  }

  /// Whoever answers has one certificate, and does not make them as they are asked for: the device itself, perhaps,
  /// whose maker's name stands in it.
  void as_it_is() {
    if (v_.code != name(Finding::intercepted)) return;
    v_.set(Reason::unknown_issuer);
    v_.fault = Fault::client;
    v_.confidence = Confidence::possible;
    v_.summary = fmt::format("The certificate of {} leads to an authority that is not trusted here.", peer_);
    v_.proof = cite(probing_, Change::certificate_for_another) +
               ": the very same, so it is not made as it is asked for, as something in between would";
    v_.advice = {
        "If it is the page of that device, get its certificate from whoever runs it, not over this connection, "
        "and pin it: --pin FILE.",
        "Else something in between may answer for everybody: send nothing, and try from another network."};
  }

  // Where all was well.

  void robustness() {
    const auto fails = [&](Change change) {
      return probing_.find(change) != nullptr && !probing_.goes_on(change) && probing_.confirmed(change);
    };
    for (const Change change : {Change::two_segments, Change::two_records})
      if (fails(change)) return not_taken(Finding::split_hello_dropped, change, "comes in pieces");
    if (fails(Change::large)) not_taken(Finding::large_hello_dropped, Change::large, "is large");
  }

  void not_taken(Finding finding, Change change, std::string_view what) {
    cause(finding, change, Fault::path,
          fmt::format("This handshake is fine, but {}, or something before it, does not take a ClientHello that {}.",
                      peer_, what));
    v_.exit_code = ExitCode::transport;
    v_.proof = cite(probing_, change) + ", and again when it was repeated; unchanged it went on each time";
    v_.expected = "a ServerHello: browsers with post-quantum key shares send such";
    v_.advice = {
        "A firewall, load balancer or server that expects the whole ClientHello in one packet or one record "
        "(RFC 8446, section 5.1, allows more): have it updated."};
  }

  const Report& report_;
  const Probing& probing_;
  std::string peer_;
  Verdict v_;
};

}  // namespace

Verdict conclude(const Report& report, const Probing& probing) { return Conclusion(report, probing).draw(); }

}  // namespace handfast::doctor
