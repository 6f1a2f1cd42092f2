#include "x509/limbo.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iomanip>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <handfast/revocation_lists.h>

#include "x509/ascii.h"
#include "x509/general_name.h"
#include "x509/limbo_declined.h"
#include "x509/name.h"
#include "x509/pem.h"

namespace handfast::x509::limbo {
namespace {

/// A case that can't be put to this verifier.
struct Inexpressible : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A member that the schema gives a default: null, or an empty list.
const Json& optional_member(const Json& testcase, const char* member) {
  static const Json absent;
  auto found = testcase.find(member);
  return found == testcase.end() ? absent : *found;
}

/// "2024-01-01T00:00:00+00:00", in UTC, as the schema has it; a fraction of a second is cut off.
std::int64_t parse_time(const std::string& text) {
  std::tm time{};
  std::istringstream input(text);
  input >> std::get_time(&time, "%Y-%m-%dT%H:%M:%S");
  const bool utc = text.ends_with("+00:00") || text.ends_with("Z");
  if (!input || !utc) throw Inexpressible("validation_time is no time in UTC: " + text);
  return timegm(&time);
}

std::int64_t time_of(const Json& testcase) {
  const Json& time = optional_member(testcase, "validation_time");
  if (!time.is_null()) return parse_time(time.get<std::string>());
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::floor<std::chrono::seconds>(now).count();
}

std::vector<Buffer> ders_of(const Json& pems) {
  std::vector<Buffer> ders;
  for (const Json& pem : pems) {
    Result<std::vector<PemBlock>> blocks = decode_pem(pem.get_ref<const std::string&>());
    if (!blocks || blocks->empty()) throw Inexpressible("what should be PEM is not");
    for (PemBlock& block : *blocks) ders.push_back(std::move(block.der));
  }
  return ders;
}

/// A trusted certificate that can't be read is nobody's issuer, as in a system's bundle.
Result<TrustAnchors::Shared> anchors_of(const Json& testcase) {
  std::vector<Buffer> ders = ders_of(testcase.at("trusted_certs"));
  std::vector<Bytes> readable(ders.begin(), ders.end());
  std::erase_if(readable, [](Bytes der) { return !parse_certificate(der); });
  return TrustAnchors::from_der(readable.empty() ? std::vector<Bytes>(ders.begin(), ders.end()) : readable);
}

Result<std::vector<Certificate>> chain_of(const Json& testcase) {
  std::vector<Buffer> sent = ders_of(Json::array({testcase.at("peer_certificate")}));
  std::vector<Buffer> others = ders_of(testcase.at("untrusted_intermediates"));
  std::ranges::move(others, std::back_inserter(sent));
  return parse_chain(std::vector<Bytes>(sent.begin(), sent.end()));
}

/// Null where the case has none.
Result<RevocationLists::Shared> lists_of(const Json& testcase) {
  const Json& lists = optional_member(testcase, "crls");
  if (lists.empty()) return RevocationLists::Shared();
  std::vector<Buffer> ders = ders_of(lists);
  return RevocationLists::from_der(std::vector<Bytes>(ders.begin(), ders.end()));
}

struct PeerName {
  std::string kind;  ///< "DNS", "IP", "RFC822"
  std::string value;
};
PeerName peer_name(const Json& name) {
  return {name.at("kind").get<std::string>(), name.at("value").get<std::string>()};
}

ServerName server_name(const PeerName& name) {
  Result<ServerName> parsed = ServerName::parse(name.value);
  if (!parsed) throw Inexpressible("no name of a server: " + name.value);
  if (parsed->is_ip() != (name.kind == "IP")) throw Inexpressible(name.kind + " is another kind than " + name.value);
  return *std::move(parsed);
}

/// TLS knows two purposes (RFC 5280, section 4.2.1.12).
Purpose purpose_of(const Json& testcase) {
  bool server = testcase.at("validation_kind").get_ref<const std::string&>() == "SERVER";
  for (const Json& usage : testcase.at("extended_key_usage"))
    if (usage.get_ref<const std::string&>() != (server ? "serverAuth" : "clientAuth"))
      throw Inexpressible("TLS asks no certificate for " + usage.get<std::string>());
  if (!server) return ClientAuth{};
  const Json& name = optional_member(testcase, "expected_peer_name");
  if (name.is_null()) return AnyServer{};
  return ServerAuth{server_name(peer_name(name))};
}

/// Empty: no constraint. What the suite names and TLS 1.3 does not know is accepted by nobody here.
std::vector<SignatureScheme> signature_schemes(const Json& testcase) {
  struct Row {
    std::string_view name;
    std::vector<SignatureScheme> schemes;
  };
  static const Row rows[] = {
      {"RSA_WITH_SHA256", {SignatureScheme::rsa_pkcs1_sha256}},
      {"RSA_WITH_SHA384", {SignatureScheme::rsa_pkcs1_sha384}},
      {"RSA_WITH_SHA512", {SignatureScheme::rsa_pkcs1_sha512}},
      {"RSASSA_PSS",
       {SignatureScheme::rsa_pss_rsae_sha256, SignatureScheme::rsa_pss_rsae_sha384,
        SignatureScheme::rsa_pss_rsae_sha512, SignatureScheme::rsa_pss_pss_sha256, SignatureScheme::rsa_pss_pss_sha384,
        SignatureScheme::rsa_pss_pss_sha512}},
      {"ECDSA_WITH_SHA256", {SignatureScheme::ecdsa_secp256r1_sha256}},
      {"ECDSA_WITH_SHA384", {SignatureScheme::ecdsa_secp384r1_sha384}},
      {"ECDSA_WITH_SHA512", {SignatureScheme::ecdsa_secp521r1_sha512}},
      {"ED25519", {SignatureScheme::ed25519}},
  };
  std::vector<SignatureScheme> accepted;
  for (const Json& wanted : testcase.at("signature_algorithms"))
    for (const Row& row : rows)
      if (row.name == wanted.get_ref<const std::string&>())
        accepted.insert(accepted.end(), row.schemes.begin(), row.schemes.end());
  return accepted;
}

/// RFC 5280, section 4.2.1.3, in its order. An absent extension allows everything.
bool has_key_usages(const CertificateView& leaf, const Json& wanted) {
  constexpr std::string_view names[] = {"digitalSignature", "contentCommitment", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",      "keyCertSign",
                                        "cRLSign",          "encipherOnly",      "decipherOnly"};
  return !leaf.key_usage || std::ranges::all_of(wanted, [&](const Json& usage) {
    auto place = std::ranges::find(names, usage.get_ref<const std::string&>());
    if (place == std::end(names)) throw Inexpressible("an unknown key usage: " + usage.get<std::string>());
    return contains(*leaf.key_usage, static_cast<KeyUsage>(1 << (place - names)));
  });
}

/// RFC 5280, section 7.5: the local part as it stands, the domain without regard to case.
bool has_mailbox(const CertificateView& leaf, std::string_view mailbox) {
  std::size_t host = mailbox.rfind('@') + 1;
  Bytes rest = leaf.subject_alt_name.value_or(Bytes{});
  for (GeneralName name; read_general_name(rest, name);) {
    std::string_view value = as_text(name.value);
    if (name.type == GeneralNameType::rfc822Name && value.substr(0, host) == mailbox.substr(0, host) &&
        equal_without_case(value.substr(host), mailbox.substr(host)))
      return true;
  }
  return false;
}

bool has_name(const CertificateView& leaf, const PeerName& name) {
  return name.kind == "RFC822" ? has_mailbox(leaf, name.value) : matches(leaf, server_name(name));
}

/// What the caller of `verify` makes of the leaf: its key, what that is used for, and who a client is.
Result<void> check_leaf(const Json& testcase, const CertificateView& leaf) {
  if (Result<crypto::VerifyingKey> key = import_key(leaf.public_key); !key) return fail(std::move(key.error()));
  if (!has_key_usages(leaf, testcase.at("key_usage")))
    return fail(Error(Alert::unsupported_certificate, Reason::wrong_key_usage)
                    .with("required", testcase.at("key_usage").dump()));
  for (const Json& name : testcase.at("expected_peer_names"))
    if (PeerName peer = peer_name(name); !has_name(leaf, peer))
      return fail(Error(Alert::bad_certificate, Reason::name_mismatch).with("expected", peer.value));
  return {};
}

/// Where a case has lists, the leaf has to be proven good by them. Of a CA they need not speak: the suite's are about
/// leaves, as its drivers for OpenSSL and others take them to be.
Result<VerifiedChain> verify_with_lists(VerifyRequest request) {
  if (request.revocation.lists != nullptr) request.revocation.policy = RevocationPolicy::require;
  Result<VerifiedChain> verified = verify(request);
  if (verified || verified.error().reason() != Reason::revocation_unknown) return verified;
  const Fact::Value* subject = verified.error().find("subject");
  if (subject != nullptr && to_text(*subject) == name_text(request.chain.front()->subject)) return verified;
  request.revocation.policy = RevocationPolicy::prefer;
  return verify(request);
}

std::size_t count_intermediates(std::span<const Certificate> path) {
  if (path.size() < 2) return 0;
  auto counted = [](const Certificate& certificate) { return !certificate->self_issued(); };
  return static_cast<std::size_t>(std::ranges::count_if(path.subspan(1, path.size() - 2), counted));
}

Result<void> verify_case(const Json& testcase, Profile profile) {
  Purpose purpose = purpose_of(testcase);
  std::vector<SignatureScheme> schemes = signature_schemes(testcase);
  if (schemes.empty() && !testcase.at("signature_algorithms").empty())
    return fail(Error(Alert::bad_certificate, Reason::unsupported_signature_algorithm)
                    .with("algorithm", testcase.at("signature_algorithms").dump()));
  Result<TrustAnchors::Shared> anchors = anchors_of(testcase);
  if (!anchors) return fail(std::move(anchors.error()));
  Result<std::vector<Certificate>> chain = chain_of(testcase);
  if (!chain) return fail(std::move(chain.error()));

  Result<RevocationLists::Shared> lists = lists_of(testcase);
  if (!lists) return fail(std::move(lists.error()));

  VerifyRequest request{
      .chain = *chain,
      .purpose = std::move(purpose),
      .anchors = **anchors,
      .now = time_of(testcase),
      .policy = {.profile = profile, .signature_schemes = schemes},
      .revocation = {.lists = lists->get()},
  };
  // Of the suite's depth, as of pathLenConstraint, self-issued certificates are no part (RFC 5280, section 6.1.4 (l)).
  std::optional<std::size_t> depth;
  if (const Json& limit = optional_member(testcase, "max_chain_depth"); !limit.is_null()) {
    if (!limit.is_number_unsigned()) throw Inexpressible("max_chain_depth is " + limit.dump());
    depth = limit.get<std::size_t>();
    auto self_issued = [](const Certificate& sent) { return sent->self_issued(); };
    request.limits.intermediates = *depth + static_cast<std::size_t>(std::ranges::count_if(*chain, self_issued));
  }
  Result<VerifiedChain> verified = verify_with_lists(request);
  if (!verified) return fail(std::move(verified.error()));
  if (depth && count_intermediates(verified->path) > *depth)
    return fail(Error(Alert::unknown_ca, Reason::path_too_complex).with("limit", "intermediates"));
  return check_leaf(testcase, *chain->front());
}

}  // namespace

std::string_view name(Answer answer) noexcept {
  switch (answer) {
    case Answer::success: return "SUCCESS";
    case Answer::failure: return "FAILURE";
    case Answer::skipped: break;
  }
  return "SKIPPED";
}

Verdict run(const Json& testcase, Profile profile) {
  try {
    Result<void> verified = verify_case(testcase, profile);
    if (std::optional<std::string_view> why = why_declined(testcase, verified.has_value()))
      return {Answer::skipped, fmt::format("{} here: {}", verified ? "accepted" : "refused", *why)};
    if (!verified) return {Answer::failure, verified.error().message()};
    if (profile == Profile::strict) return {Answer::success, {}};
    Result<void> strict = verify_case(testcase, Profile::strict);
    const Fact::Value* rule = strict ? nullptr : strict.error().find("rule");
    if (rule == nullptr) return {Answer::success, {}};
    return {Answer::skipped, "accepted here, as browsers and Go do; the strict profile refuses it, for its " +
                                 to_text(*strict.error().find("field")) + ' ' + to_text(*rule)};
  } catch (const Inexpressible& inexpressible) {
    return {Answer::skipped, inexpressible.what()};
  }
}

}  // namespace handfast::x509::limbo
