#include <handfast/config.h>

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "base/contains.h"
#include "config/session_policy.h"
#include "crypto/cipher_suite.h"
#include "crypto/key_exchange.h"
#include "crypto/signature.h"
#include "x509/name.h"

namespace handfast {
namespace {

std::unexpected<Error> bad(std::string_view option, std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", std::string(option))
                  .with("problem", std::move(problem)));
}

/// Fills an empty list in, and refuses one with an entry twice or one that is not supported. `by_name` says what a list
/// may have beside, if it names it.
template <typename Enum>
Result<void> complete(
    std::vector<Enum>& list, std::string_view option, std::vector<Enum> supported,
    bool (*by_name)(Enum) = [](Enum) { return false; }) {
  if (list.empty())
    list = std::move(supported);
  else
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!base::contains(supported, list[i]) && !by_name(list[i]))
        return bad(option, fmt::format("{} is not supported", name(list[i])));
      if (base::contains(std::span(list).first(i), list[i]))
        return bad(option, fmt::format("{} stands there twice", name(list[i])));
    }
  return {};
}

/// What either side may show: certificates alone where nobody says otherwise.
Result<void> complete_certificate_types(std::vector<CertificateType>& types, std::string_view option) {
  if (types.empty()) types = {CertificateType::X509};
  return complete(types, option, {CertificateType::X509, CertificateType::RawPublicKey});
}

/// Raw public keys are taken where it is said which, or who says it (RFC 7250, section 6).
Result<void> check_raw_public_keys(const CommonOptions& options, const VerificationOptions& verification,
                                   const ChainVerifier* verifier) {
  if (!base::contains(options.peer_certificate_types, CertificateType::RawPublicKey)) {
    if (options.trusted_raw_public_keys.empty()) return {};
    return bad("trusted_raw_public_keys",
               "nobody would look at them: RawPublicKey is none of `peer_certificate_types`");
  }
  if (!options.trusted_raw_public_keys.empty() && verifier)
    return bad("trusted_raw_public_keys", "nobody would look at them: the verifier outside decides instead");
  if (options.trusted_raw_public_keys.empty() && !verifier && verification.unverified_peer == UnverifiedPeer::refuse)
    return bad("peer_certificate_types", "raw public keys need `trusted_raw_public_keys`, or a verifier");
  if (options.authorization)
    return bad("authorization", "it is a rule for the names in certificates, and raw public keys have none");
  return {};
}

/// The types of a client's credentials, in their order; whoever names others would promise what can't be shown.
Result<void> complete_client_certificate_types(ClientOptions& options) {
  std::vector<CertificateType>& types = options.client_certificate_types;
  std::vector<CertificateType> ours;
  for (const auto& credential : options.credentials)
    if (!base::contains(ours, credential->certificate_type())) ours.push_back(credential->certificate_type());
  if (!options.credential_chooser)
    for (CertificateType type : types)
      if (!base::contains(ours, type) && (type != CertificateType::X509 || !ours.empty()))
        return bad("client_certificate_types", fmt::format("none of the credentials is of the type {}", name(type)));
  if (types.empty() && !options.credential_chooser) types = std::move(ours);
  return complete_certificate_types(types, "client_certificate_types");
}

template <typename Interface>
std::shared_ptr<Interface> unowned(Interface& object) {
  return {std::shared_ptr<void>(), &object};
}

/// The versions between the two, the lowest first.
std::vector<ProtocolVersion> spoken_versions(const CommonOptions& options) {
  using enum ProtocolVersion;
  std::vector<ProtocolVersion> versions{tls1_0, tls1_1, tls1_2, tls1_3};
  std::erase_if(versions, [&](ProtocolVersion version) {
    return version < options.min_version || version > options.max_version;
  });
  return versions;
}

bool has_suite_of(const CommonOptions& options, ProtocolVersion version) {
  return std::ranges::any_of(options.cipher_suites,
                             [&](CipherSuite suite) { return crypto::find_suite(suite, version) != nullptr; });
}

/// Each of them signs in a version that is spoken.
Result<void> check_credentials(const std::vector<std::shared_ptr<const Credential>>& credentials,
                               const CommonOptions& options, Side signer) {
  for (const auto& credential : credentials) {
    if (!credential) return bad("credentials", "one of them is null");
    if (std::ranges::all_of(spoken_versions(options),
                            [&](ProtocolVersion version) { return credential->schemes(version, signer).empty(); }))
      return bad("credentials",
                 fmt::format("one of them signs with no scheme of a {} of {} (keys: RSA from 2048 bits, P-256, P-384, "
                             "P-521, Ed25519, ML-DSA in TLS 1.3)",
                             name(signer), name(options.max_version)));
  }
  return {};
}

/// Whether a server has use for that credential under that suite.
bool serves(const Credential& credential, const crypto::SuiteParts& suite) {
  if (!suite.has_forward_secrecy()) return credential.decrypts();
  return std::ranges::any_of(credential.schemes(suite.version, Side::server), [&](SignatureScheme scheme) {
    crypto::SchemeAlgorithm parts{};
    crypto::lookup(scheme, parts);
    return suite.signature == crypto::SuiteSignature::any || suite.signature == crypto::suite_signature(parts.key);
  });
}

/// Each version that a server speaks, one of its credentials can serve: in TLS 1.2 the suites say with what key.
Result<void> check_versions_served(const ServerOptions& options) {
  for (ProtocolVersion version : spoken_versions(options)) {
    const auto serves_version = [&](const std::shared_ptr<const Credential>& credential) {
      return std::ranges::any_of(options.cipher_suites, [&](CipherSuite suite) {
        const crypto::SuiteParts* parts = crypto::find_suite(suite, version);
        return parts && serves(*credential, *parts);
      });
    };
    if (std::ranges::none_of(options.credentials, serves_version))
      return bad("credentials", fmt::format("none of them can serve {} with these cipher suites", name(version)));
  }
  // Whoever names a weaker suite means it.
  for (CipherSuite suite : options.cipher_suites) {
    const crypto::SuiteParts& parts = *crypto::find_suite(suite);
    const auto serves_suite = [&](const std::shared_ptr<const Credential>& each) { return serves(*each, parts); };
    if (!parts.has_forward_secrecy() && std::ranges::none_of(options.credentials, serves_suite))
      return bad("cipher_suites",
                 fmt::format("{} needs an RSA key that decrypts, and a certificate whose keyUsage says keyEncipherment",
                             name(suite)));
  }
  return {};
}

/// They stand in one extension, which has at most 2^16 - 1 bytes.
Result<void> check_ca_names(const std::vector<Buffer>& names, std::string_view option) {
  std::size_t size = 2;
  for (const Buffer& name : names) {
    if (!x509::is_name(name)) return bad(option, "one of them is no distinguished name in DER");
    size += 2 + name.size();
  }
  if (size > 0xffff) return bad(option, "together they are longer than 65535 bytes");
  return {};
}

/// They stand beside other extensions, each behind its length.
Result<void> check_trust_anchors(const std::vector<Buffer>& identifiers, const CommonOptions& options,
                                 std::string_view option) {
  if (options.max_version < ProtocolVersion::tls1_3)
    return bad(option, "identifiers of trust anchors are of TLS 1.3, which is not spoken");
  std::size_t size = 0;
  for (const Buffer& id : identifiers) {
    if (id.empty() || id.size() > 255) return bad(option, "an identifier has 1 to 255 bytes");
    size += 1 + id.size();
  }
  if (size > max_trust_anchors_size)
    return bad(option,
               fmt::format("with their lengths the identifiers of trust anchors are {} bytes, which is more than {}",
                           size, max_trust_anchors_size));
  return {};
}

/// What clients may be told to be available where the config does not say it.
std::vector<Buffer> trust_anchors_of(const std::vector<std::shared_ptr<const Credential>>& credentials) {
  std::vector<Buffer> identifiers;
  for (const auto& credential : credentials)
    if (const Buffer& id = credential->extras().trust_anchor_id; !id.empty()) identifiers.push_back(id);
  std::ranges::sort(identifiers);
  const auto again = std::ranges::unique(identifiers);
  identifiers.erase(again.begin(), again.end());
  return identifiers;
}

/// Lists that nobody would look at are a mistake, not a wish; and so is a rule for peers whose names nobody has proved.
Result<void> check_verification(const CommonOptions& common, const VerificationOptions& options,
                                std::string_view option) {
  if (common.authorization && options.unverified_peer == UnverifiedPeer::go_on)
    return bad("authorization", "it is a rule for peers that were verified, and `unverified_peer` lets others pass");
  const bool looks = options.revocation == RevocationPolicy::prefer || options.revocation == RevocationPolicy::require;
  if (!options.revocation_lists || looks) return {};
  return bad(option, "revocation_lists are looked at by the policies `prefer` and `require` only");
}

/// The suites, the groups and the versions, each of which says something of the others.
Result<void> complete_versions(CommonOptions& options) {
  using enum ProtocolVersion;
  if (options.min_version > options.max_version) return bad("min_version", "it is above max_version");
  if (options.min_version < tls1_0 || options.max_version > tls1_3)
    return bad("min_version", fmt::format("Handfast speaks {} to {}", name(tls1_0), name(tls1_3)));
  if (options.min_version < tls1_2 && !crypto::has_md5())
    return bad("min_version",
               fmt::format("{} and below are made with MD5, which this libcrypto has not", name(tls1_1)));
  if (options.cipher_suites.empty()) options.cipher_suites = supported_cipher_suites();
  if (auto done = complete(options.cipher_suites, "cipher_suites", every_cipher_suite()); !done) return done;
  if (options.groups.empty()) options.groups = default_groups();
  if (auto done = complete(options.groups, "groups", supported_groups()); !done) return done;
  if (std::ranges::all_of(options.groups, crypto::is_post_quantum)) {
    if (options.max_version < tls1_3) return bad("groups", "all of them are of TLS 1.3, which is not spoken");
    if (options.min_version < tls1_2)
      return bad("groups", fmt::format("all of them are of TLS 1.3, and {} was named", name(options.min_version)));
    options.min_version = tls1_3;
  }
  std::vector<ProtocolVersion> versions = spoken_versions(options);
  std::erase_if(options.cipher_suites, [&](CipherSuite suite) {
    return std::ranges::none_of(versions, [&](ProtocolVersion version) { return crypto::find_suite(suite, version); });
  });
  // Suites of older versions are never there by default, and who names them alone would lose the newest in silence.
  for (ProtocolVersion end : {options.min_version, options.max_version})
    if (options.min_version < tls1_2 && !has_suite_of(options, end))
      return bad(end == options.min_version ? "min_version" : "max_version",
                 fmt::format("{} has none of the cipher suites; those of older versions have to be named beside those "
                             "of TLS 1.2 and 1.3: {} for one",
                             name(end), name(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA)));
  std::erase_if(versions, [&](ProtocolVersion version) { return !has_suite_of(options, version); });
  if (versions.empty()) return bad("cipher_suites", "none of them belongs to a version that is spoken");
  options.min_version = versions.front();
  options.max_version = versions.back();
  if (options.max_version < tls1_3) std::erase_if(options.groups, crypto::is_post_quantum);
  return {};
}

/// What a server may ask of clients whose keys can do no better (RFC 9963), where it is named; clients never do.
bool takes_by_name(SignatureScheme scheme) {
  return crypto::by_name_only(scheme) && crypto::signs_handshakes(ProtocolVersion::tls1_3, Side::client, scheme);
}

/// Schemes for certificates alone would leave a handshake without a signature.
Result<void> complete_schemes(CommonOptions& options, Side peer) {
  std::vector<SignatureScheme>& schemes = options.signature_schemes;
  auto done = peer == Side::client
                  ? complete(schemes, "signature_schemes", supported_signature_schemes(), takes_by_name)
                  : complete(schemes, "signature_schemes", supported_signature_schemes());
  if (!done) return done;
  using enum ProtocolVersion;
  if (options.max_version < tls1_3)
    std::erase_if(schemes, [&](SignatureScheme scheme) {
      return crypto::signs_handshakes(tls1_3, peer, scheme) && !crypto::signs_handshakes(tls1_2, peer, scheme);
    });
  for (ProtocolVersion version : spoken_versions(options))
    if (version >= tls1_2 && std::ranges::none_of(schemes, [&](SignatureScheme scheme) {
          return crypto::signs_handshakes(version, peer, scheme);
        }))
      return bad(
          "signature_schemes",
          fmt::format("none of them signs a handshake of {}, only certificates, or other versions", name(version)));
  return {};
}

Result<void> complete_common(CommonOptions& options, Side peer) {
  if (auto done = complete_versions(options); !done) return done;
  if (auto done = complete_schemes(options, peer); !done) return done;
  if (!options.certificate_schemes.empty())
    if (auto done = complete(options.certificate_schemes, "certificate_schemes", supported_signature_schemes()); !done)
      return done;
  std::size_t protocols_size = 0;
  for (const std::string& protocol : options.application_protocols) {
    if (protocol.empty() || protocol.size() > 255)
      return bad("application_protocols", "a protocol's name has 1 to 255 bytes");
    protocols_size += 1 + protocol.size();
  }
  if (protocols_size > 0xffff) return bad("application_protocols", "the list is longer than 65535 bytes");
  if (options.record_size_limit && (*options.record_size_limit < 64 || *options.record_size_limit > 16385))
    return bad("record_size_limit", "it is from 64 to 16385 (RFC 8449)");
  if (options.max_send_fragment < 1 || options.max_send_fragment > 16384)
    return bad("max_send_fragment", "it is from 1 to 16384");
  if (options.record_padding > 16384) return bad("record_padding", "it is at most 16384");
  if (options.limits.records_per_key == 0) return bad("limits.records_per_key", "it is 0");
  if (auto done = complete_certificate_types(options.peer_certificate_types, "peer_certificate_types"); !done)
    return done;
  if (!options.clock) options.clock = unowned(system_clock());
  if (!options.random) options.random = unowned(system_random());
  return {};
}

/// The first group with ML-KEM and the first without: a server that knows none of the first kind should not need a
/// second ClientHello.
std::vector<NamedGroup> likely_key_shares(const std::vector<NamedGroup>& groups) {
  std::vector<NamedGroup> shares;
  for (NamedGroup group : groups)
    if (std::ranges::find(shares, crypto::is_post_quantum(group), crypto::is_post_quantum) == shares.end())
      shares.push_back(group);
  return shares;
}

/// The shares of the first ClientHello.
Result<void> complete_key_shares(ClientOptions& options) {
  if (options.empty_key_share && !options.key_shares.empty()) return bad("empty_key_share", "there are key_shares");
  if (options.max_version < ProtocolVersion::tls1_3) {
    if (options.key_shares.empty() && !options.empty_key_share) return {};
    return bad("key_shares", "they are of TLS 1.3, which is not spoken");
  }
  if (options.key_shares.empty() && !options.empty_key_share) options.key_shares = likely_key_shares(options.groups);
  // RFC 8446, section 4.2.8: shares are for groups of supported_groups, in their order.
  auto group = options.groups.begin();
  for (NamedGroup share : options.key_shares) {
    group = std::find(group, options.groups.end(), share);
    if (group == options.groups.end())
      return bad("key_shares", fmt::format("{} is not one of `groups`, or out of their order", name(share)));
    ++group;
  }
  const auto known = std::ranges::find_first_of(options.groups, options.server_groups);
  if (known == options.groups.end()) return {};
  options.key_shares = {*known};
  options.empty_key_share = false;
  return {};
}

/// What is liked equally is one of our `list`, and stands in one set.
template <typename Enum>
Result<void> check_equal(const ServerOptions& options, const std::vector<std::vector<Enum>>& sets,
                         std::string_view option, const std::vector<Enum>& ours, std::string_view list) {
  std::vector<Enum> seen;
  for (const std::vector<Enum>& equal : sets)
    for (Enum one : equal) {
      if (!base::contains(ours, one)) return bad(option, fmt::format("{} is not one of `{}`", name(one), list));
      if (base::contains(seen, one)) return bad(option, fmt::format("{} stands there twice", name(one)));
      seen.push_back(one);
    }
  if (!seen.empty() && !options.prefer_server_order)
    return bad(option, fmt::format("without prefer_server_order the client's order decides between all `{}`", list));
  return {};
}

Result<void> check_equal(const ServerOptions& options) {
  const auto groups = options.groups.empty() ? default_groups() : options.groups;
  if (auto checked = check_equal(options, options.equal_groups, "equal_groups", groups, "groups"); !checked)
    return checked;
  const auto suites = options.cipher_suites.empty() ? supported_cipher_suites() : options.cipher_suites;
  return check_equal(options, options.equal_cipher_suites, "equal_cipher_suites", suites, "cipher_suites");
}

/// Without one of the versions some of them are gone.
template <typename Enum>
void keep_spoken(std::vector<std::vector<Enum>>& sets, const std::vector<Enum>& spoken) {
  for (std::vector<Enum>& equal : sets) std::erase_if(equal, [&](Enum one) { return !base::contains(spoken, one); });
}

/// Keys from outside are of TLS 1.3, and each is known by its identity.
Result<void> check_pre_shared_keys(const CommonOptions& options) {
  const auto& keys = options.pre_shared_keys;
  if (keys.empty()) return {};
  if (options.max_version < ProtocolVersion::tls1_3)
    return bad("pre_shared_keys", "they are of TLS 1.3, which is not spoken");
  if (keys.size() > 16) return bad("pre_shared_keys", "there are more than 16");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!keys[i]) return bad("pre_shared_keys", "one of them is null");
    for (std::size_t k = 0; k < i; ++k)
      if (keys[k]->identity() == keys[i]->identity()) return bad("pre_shared_keys", "two of them have one identity");
  }
  return {};
}

Result<void> check_sessions(const ClientOptions& options) {
  if (options.sessions.early_data && !options.sessions.store)
    return bad("sessions.early_data", "early data needs sessions, and there is no store");
  return {};
}

Result<void> check_early_data(const ServerOptions& options, bool good_once) {
  const ServerSessions& sessions = options.sessions;
  if (sessions.max_early_data == 0) return {};
  if (!sessions.ticket_keys && !sessions.store)
    return bad("sessions.max_early_data", "early data needs sessions: ticket keys, or a store");
  if (!good_once && !sessions.strike_register)
    return bad("sessions.strike_register",
               "without it early data could be replayed: only sessions that a MemorySessionStore keeps are good once");
  return {};
}

Result<void> check_sessions(const ServerOptions& options) {
  constexpr std::int64_t seven_days = 7 * 24 * 3600;
  const ServerSessions& sessions = options.sessions;
  if (sessions.lifetime < 1 || sessions.lifetime > seven_days)
    return bad("sessions.lifetime", "it is from 1 to 604800 seconds (RFC 8446, section 4.6.1)");
  if (sessions.tickets > 16) return bad("sessions.tickets", "there are at most 16");
  if (sessions.store && !sessions.ticket_keys && !sessions.store->local())
    return bad("sessions.ticket_keys", "what a store outside keeps is sealed with them");
  if (sessions.stored_tickets && !sessions.store) return bad("sessions.stored_tickets", "there is no store");
  const bool stored = sessions.stored_tickets || !sessions.ticket_keys;
  return check_early_data(options, stored && sessions.store && sessions.store->local());
}

}  // namespace

std::vector<CipherSuite> supported_cipher_suites() {
  std::vector<CipherSuite> suites;
  for (const crypto::SuiteParts& parts : crypto::suites)
    if (!parts.is_legacy()) suites.push_back(parts.suite);
  // Without AES in hardware ChaCha20-Poly1305 is the faster one, and the one without timing leaks.
  if (!crypto::has_aes_hardware())
    std::ranges::stable_sort(suites, std::ranges::greater(), [](CipherSuite suite) {
      const crypto::SuiteParts& parts = *crypto::find_suite(suite);
      return std::pair(parts.version, parts.is_chacha20_poly1305());
    });
  return suites;
}

std::vector<CipherSuite> legacy_cipher_suites() {
  std::vector<CipherSuite> suites;
  for (const crypto::SuiteParts& parts : crypto::suites)
    if (parts.is_legacy()) suites.push_back(parts.suite);
  return suites;
}

std::vector<CipherSuite> every_cipher_suite() {
  std::vector<CipherSuite> suites = supported_cipher_suites();
  for (CipherSuite suite : legacy_cipher_suites()) suites.push_back(suite);
  return suites;
}

std::vector<NamedGroup> supported_groups() {
  using enum NamedGroup;
  std::vector<NamedGroup> groups = default_groups();
  groups.insert(groups.end(), {SecP256r1MLKEM768, SecP384r1MLKEM1024, MLKEM768, MLKEM1024});
  return groups;
}

std::vector<NamedGroup> default_groups() {
  using enum NamedGroup;
  return {X25519MLKEM768, x25519, secp256r1, secp384r1, secp521r1};
}

std::vector<SignatureScheme> supported_signature_schemes() {
  using enum SignatureScheme;
  std::vector<SignatureScheme> schemes = {ecdsa_secp256r1_sha256, ed25519, rsa_pss_rsae_sha256, rsa_pss_pss_sha256,
                                          ecdsa_secp384r1_sha384, rsa_pss_rsae_sha384, rsa_pss_pss_sha384,
                                          ecdsa_secp521r1_sha512, rsa_pss_rsae_sha512, rsa_pss_pss_sha512,
                                          // Of TLS 1.3 alone, where libcrypto has them.
                                          mldsa44, mldsa65, mldsa87,
                                          // These in TLS 1.3 only inside certificates (RFC 8446, section 4.2.3).
                                          rsa_pkcs1_sha256, rsa_pkcs1_sha384, rsa_pkcs1_sha512};
  std::erase_if(schemes, [](SignatureScheme scheme) {
    crypto::SchemeAlgorithm parts{};
    return !crypto::lookup(scheme, parts);
  });
  return schemes;
}

ClientConfig::ClientConfig(ClientOptions options)
    : options_(std::move(options)), session_policy_(config::session_policy(options_)) {}

ServerConfig::ServerConfig(ServerOptions options)
    : options_(std::move(options)), session_policy_(config::session_policy(options_)) {}

Result<std::shared_ptr<const ClientConfig>> ClientConfig::make(ClientOptions options) {
  if (auto done = complete_common(options, Side::server); !done) return fail(std::move(done.error()));
  if (auto checked = check_credentials(options.credentials, options, Side::client); !checked)
    return fail(std::move(checked.error()));
  if (auto checked = check_ca_names(options.server_ca_names, "server_ca_names"); !checked)
    return fail(std::move(checked.error()));
  if (options.trust_anchors)
    if (auto checked = check_trust_anchors(*options.trust_anchors, options, "trust_anchors"); !checked)
      return fail(std::move(checked.error()));
  if (auto checked = check_verification(options, options.verification, "verification"); !checked)
    return fail(std::move(checked.error()));
  if (options.require_pre_shared_key && options.pre_shared_keys.empty())
    return bad("require_pre_shared_key", "there are no pre_shared_keys");
  if (auto checked = check_raw_public_keys(options, options.verification, options.verifier.get()); !checked)
    return fail(std::move(checked.error()));
  if (auto done = complete_client_certificate_types(options); !done) return fail(std::move(done.error()));
  const bool takes_certificates = base::contains(options.peer_certificate_types, CertificateType::X509);
  if (!options.trust && !options.verifier && !options.require_pre_shared_key && takes_certificates) {
    Result<TrustAnchors::Shared> roots = TrustAnchors::system();
    if (!roots) return fail(std::move(roots.error()));
    options.trust = std::move(*roots);
  }
  if (auto done = complete_key_shares(options); !done) return fail(std::move(done.error()));
  if (auto checked = check_pre_shared_keys(options); !checked) return fail(std::move(checked.error()));
  if (auto checked = check_sessions(options); !checked) return fail(std::move(checked.error()));
  return std::shared_ptr<const ClientConfig>(new ClientConfig(std::move(options)));
}

Result<std::shared_ptr<const ServerConfig>> ServerConfig::make(ServerOptions options) {
  if (auto checked = check_equal(options); !checked) return fail(std::move(checked.error()));
  if (auto done = complete_common(options, Side::client); !done) return fail(std::move(done.error()));
  keep_spoken(options.equal_groups, options.groups);
  keep_spoken(options.equal_cipher_suites, options.cipher_suites);
  if (auto checked = check_credentials(options.credentials, options, Side::server); !checked)
    return fail(std::move(checked.error()));
  if (auto checked = check_pre_shared_keys(options); !checked) return fail(std::move(checked.error()));
  if (auto checked = check_sessions(options); !checked) return fail(std::move(checked.error()));
  const bool by_keys_alone = !options.pre_shared_keys.empty() && options.min_version == ProtocolVersion::tls1_3;
  if (options.credentials.empty() && !options.credential_chooser && !by_keys_alone)
    return bad("credentials",
               "a server needs a certificate and its key, or a chooser, or, for TLS 1.3 alone, pre-shared keys");
  if (!options.credential_chooser && !options.credentials.empty())
    if (auto checked = check_versions_served(options); !checked) return fail(std::move(checked.error()));
  if (options.v2_client_hello && options.min_version > ProtocolVersion::tls1_2)
    return bad("v2_client_hello", "it is of TLS 1.2 at most, which is not spoken");
  if (options.v2_client_hello && options.require_extended_master_secret)
    return bad("v2_client_hello", "it has no extensions, and so require_extended_master_secret refuses all of them");
  if (options.prefer_certificates && options.credential_chooser)
    return bad("prefer_certificates",
               "whether a credential_chooser has a certificate for a client is not known before");
  if (options.post_handshake_auth && options.max_version < ProtocolVersion::tls1_3)
    return bad("post_handshake_auth", "clients can be asked after the handshake in TLS 1.3 only, which is not spoken");
  const bool asks_clients = options.client_auth != ClientAuth::none || options.post_handshake_auth;
  const bool takes_certificates = base::contains(options.peer_certificate_types, CertificateType::X509);
  if (auto checked = check_raw_public_keys(options, options.client_verification, options.client_verifier.get());
      !checked)
    return fail(std::move(checked.error()));
  if (base::contains(options.peer_certificate_types, CertificateType::RawPublicKey) && !asks_clients)
    return bad("peer_certificate_types",
               "raw public keys of clients are named, but clients are not asked for anything: see `client_auth`");
  if (asks_clients && takes_certificates && !options.client_trust && !options.client_verifier)
    return bad("client_trust", "client certificates are asked for, but there is nothing to verify them with");
  if (options.client_trust && !options.client_trust->vouches_for_clients())
    return bad("client_trust", "all of it is trusted for certain servers only, and so vouches for no client");
  if (options.authorization && !asks_clients)
    return bad("authorization", "client certificates are not asked for, so it would refuse nobody");
  if (!options.available_trust_anchors.empty())
    if (auto checked = check_trust_anchors(options.available_trust_anchors, options, "available_trust_anchors");
        !checked)
      return fail(std::move(checked.error()));
  if (options.available_trust_anchors.empty() && options.max_version == ProtocolVersion::tls1_3)
    if (auto checked = check_trust_anchors(trust_anchors_of(options.credentials), options, "credentials"); !checked)
      return fail(std::move(checked.error()));
  if (auto checked = check_ca_names(options.client_ca_names, "client_ca_names"); !checked)
    return fail(std::move(checked.error()));
  if (auto checked = check_verification(options, options.client_verification, "client_verification"); !checked)
    return fail(std::move(checked.error()));
  return std::shared_ptr<const ServerConfig>(new ServerConfig(std::move(options)));
}

}  // namespace handfast
