#include "settings.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <span>
#include <string>

#include "encoding.h"
#include "error_strings.h"
#include "failure.h"
#include "flag_rows.h"

namespace handfast::bogo {
namespace {

/// BoringSSL's defaults, which tests rely on: no Ed25519, no P-521.
constexpr SignatureScheme default_verify_prefs[] = {
    SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pss_rsae_sha256, SignatureScheme::rsa_pkcs1_sha256,
    SignatureScheme::ecdsa_secp384r1_sha384, SignatureScheme::rsa_pss_rsae_sha384, SignatureScheme::rsa_pkcs1_sha384,
    SignatureScheme::rsa_pss_rsae_sha512,    SignatureScheme::rsa_pkcs1_sha512};

/// Those that Handfast uses only where they are named.
constexpr SignatureScheme legacy[] = {SignatureScheme::rsa_pkcs1_sha256_legacy,
                                      SignatureScheme::rsa_pkcs1_sha384_legacy,
                                      SignatureScheme::rsa_pkcs1_sha512_legacy};
constexpr SignatureScheme sha1[] = {SignatureScheme::rsa_pkcs1_sha1, SignatureScheme::ecdsa_sha1};
/// What TLS 1.1 and below sign with.
constexpr SignatureScheme unspoken[] = {SignatureScheme::rsa_pkcs1_md5_sha1, SignatureScheme::ecdsa_sha1};

bool is_legacy(SignatureScheme scheme) { return std::ranges::find(legacy, scheme) != std::end(legacy); }

std::vector<SignatureScheme> with(std::vector<SignatureScheme> list, std::span<const SignatureScheme> more) {
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

bool is_supported(SignatureScheme scheme) {
  const std::vector<SignatureScheme> supported = supported_signature_schemes();
  return std::ranges::find(supported, scheme) != supported.end();
}

/// Whether handshakes of one version alone are signed with it.
bool is_of_one_version(SignatureScheme scheme) {
  return name(scheme).starts_with("rsa_pkcs1") || name(scheme).starts_with("mldsa");
}

/// More certificates than BoringSSL's tests send; BoringSSL counts bytes only.
constexpr std::size_t chain_length = 128;
/// More early data than its tickets allow.
constexpr std::size_t early_data_limit = std::size_t{1} << 20;

template <typename T>
T checked(Result<T> result, std::string_view what) {
  if (!result)
    throw Failure(std::string(what) + ": " + result.error().message() + " " +
                  boringssl_strings(result.error(), nullptr));
  return *std::move(result);
}

bool enabled(const Flags& flags, int version) {
  const bool off = (version == 0x0301 && flags.no_tls1) || (version == 0x0302 && flags.no_tls11) ||
                   (version == 0x0303 && flags.no_tls12) || (version == 0x0304 && flags.no_tls13);
  return !off && version >= flags.min_version && (flags.max_version == 0 || version <= flags.max_version);
}

/// What the runner knows and Handfast has no name for.
std::string feature(NamedGroup group) { return name(group); }
std::string feature(SignatureScheme scheme) {
  return name(scheme).starts_with("mldsa") ? "ML-DSA, which this libcrypto has not" : name(scheme);
}

/// The enumerators of these numbers; each must be one that Handfast has.
template <typename Enum>
std::vector<Enum> known(const std::vector<int>& numbers, const std::vector<Enum>& supported) {
  std::vector<Enum> list;
  for (int number : numbers) {
    const auto value = static_cast<Enum>(number);
    if (std::ranges::find(supported, value) == supported.end()) throw Unimplemented(feature(value));
    list.push_back(value);
  }
  return list;
}

/// Identifiers of trust anchors, each behind its length.
std::vector<Buffer> trust_anchors(const Buffer& wire) {
  const auto names = from_length_prefixed(as_text(wire));
  if (!names) throw Failure("not a list of trust anchors");
  std::vector<Buffer> identifiers;
  for (const std::string& name : *names) identifiers.emplace_back(name.begin(), name.end());
  return identifiers;
}

/// draft-ietf-tls-trust-anchor-ids, section 6: of CertificateProperties the one that is known, trust_anchor_id.
Buffer trust_anchor_id(const Buffer& properties) {
  constexpr std::size_t header_size = 2 + 2 + 2;  // of the list, the type, its own length
  if (properties.empty()) return {};
  if (properties.size() < header_size || properties[2] != 0 || properties[3] != 0 ||
      properties.size() != header_size + static_cast<std::size_t>(properties[4] << 8 | properties[5]))
    throw Unimplemented(std::string(name(Feature::trust_anchor_groups)));
  return {properties.begin() + header_size, properties.end()};
}

SharedCredential make_credential(const CredentialFlags& given, const Flags& flags) {
  if (given.key_file.empty() || (given.cert_file.empty() && !given.is_raw_public_key)) return nullptr;
  Result<std::shared_ptr<const LocalKey>> local = LocalKey::from_pem(read_file(given.key_file));
  if (!local && !is_supported(SignatureScheme::mldsa44)) throw Unimplemented("ML-DSA, which this libcrypto has not");
  const std::shared_ptr<const LocalKey> here = checked(std::move(local), "key");
  std::shared_ptr<const PrivateKey> key = here;
  if (flags.async) key = std::make_shared<LateKey>(here);

  CredentialExtras extras;
  extras.signature_schemes = known(given.signing_prefs, with(with(supported_signature_schemes(), legacy), sha1));
  // BoringSSL signs with SHA-1 where nothing is said, and not as RFC 9963 has it.
  if (extras.signature_schemes.empty())
    std::ranges::remove_copy_if(key->schemes(), std::back_inserter(extras.signature_schemes), is_legacy);
  // Its list is what it would sign with, whether the key can or not.
  std::erase_if(extras.signature_schemes, [&](SignatureScheme scheme) {
    return std::ranges::find(key->schemes(), scheme) == key->schemes().end();
  });
  // And it is for TLS 1.2 and later: before, it signs with what there is.
  for (SignatureScheme scheme : unspoken)
    if (std::ranges::find(extras.signature_schemes, scheme) == extras.signature_schemes.end() &&
        std::ranges::find(key->schemes(), scheme) != key->schemes().end())
      extras.signature_schemes.push_back(scheme);
  if (!flags.use_ocsp_callback || !flags.decline_ocsp_callback) extras.ocsp_response = given.ocsp_response;
  extras.signed_certificate_timestamps = given.signed_cert_timestamps;
  extras.must_match_issuer = given.must_match_issuer;
  extras.trust_anchor_id = trust_anchor_id(given.cert_properties);
  if (given.is_raw_public_key)
    return checked(Credential::raw_public_key(here->subject_public_key_info(), std::move(key), std::move(extras)),
                   "credential");
  return checked(Credential::make(certificates_from_pem(read_file(given.cert_file)), std::move(key), std::move(extras)),
                 "credential");
}

/// RFC 9258: BoringSSL has such keys alone.
PreSharedKey::Shared make_psk(const CredentialFlags& given) {
  if (!given.psk_sha256 && !given.psk_sha384) throw Failure("a pre-shared key without a hash");
  return checked(PreSharedKey::imported(given.psk_identity, given.psk_key, given.psk_context,
                                        given.psk_sha384 ? PreSharedKey::Hash::sha384 : PreSharedKey::Hash::sha256),
                 "pre-shared key");
}

Proof make_proof(const CredentialFlags& given, const Flags& flags) {
  if (given.is_psk) return {.certificate = nullptr, .psk = make_psk(given)};
  return {.certificate = make_credential(given, flags), .psk = nullptr};
}

/// The certificates of a list, or the pre-shared keys.
template <typename T>
std::vector<T> present(const std::vector<Proof>& proofs, T Proof::* which) {
  std::vector<T> list;
  for (const Proof& proof : proofs)
    if (proof.*which) list.push_back(proof.*which);
  return list;
}

std::vector<std::string> protocols(std::string_view wire) {
  auto names = from_length_prefixed(wire);
  if (!names) throw Failure("not a list of ALPN protocols");
  return *std::move(names);
}

std::vector<CertificateType> certificate_types(const std::vector<int>& numbers) {
  std::vector<CertificateType> types;
  for (int number : numbers) types.push_back(static_cast<CertificateType>(number));
  return types;
}

/// Where no flag says what a client shows, its credentials do, but for the one without -new-...-credential.
std::vector<CertificateType> client_certificate_types(const Flags& flags, const std::vector<Proof>& proofs) {
  std::vector<CertificateType> types = certificate_types(flags.available_client_cert_types);
  if (!types.empty()) return types;
  for (std::size_t i = 0; i + 1 < proofs.size(); ++i) {
    const SharedCredential& credential = proofs[i].certificate;
    if (credential && std::ranges::find(types, credential->certificate_type()) == types.end())
      types.push_back(credential->certificate_type());
  }
  return types;
}

bool is_tls12(CipherSuite suite) { return static_cast<std::uint16_t>(suite) >> 8 != 0x13; }

/// No version in the middle can be left out: as BoringSSL has it, that leaves out all above as well. Where there is
/// none at all, the lowest is above the highest.
void set_versions(CommonOptions& options, const Flags& flags) {
  int lowest = 0x0301;
  while (lowest <= 0x0304 && !enabled(flags, lowest)) ++lowest;
  int highest = lowest - 1;
  while (highest < 0x0304 && enabled(flags, highest + 1)) ++highest;
  options.min_version = static_cast<ProtocolVersion>(lowest);
  options.max_version = static_cast<ProtocolVersion>(highest);
}

/// BoringSSL's versions speak as far as there are suites and groups for them; ours have to be able to, where they are
/// named.
void leave_out_mute_versions(CommonOptions& options) {
  const bool has_suite = std::ranges::any_of(
      options.cipher_suites, [](CipherSuite suite) { return is_tls12(suite) && name(suite).ends_with("_CBC_SHA"); });
  const bool has_group =
      options.groups.empty() ||  // those of the default
      std::ranges::any_of(options.groups, [](NamedGroup group) { return !name(group).contains("MLKEM"); });
  if (!has_suite || !has_group) options.min_version = std::max(options.min_version, ProtocolVersion::tls1_2);
}

/// The suites that the list of -cipher comes to, in its order, of those that Handfast has; TLS 1.3's are not subject to
/// it. Of OpenSSL's language only what the runner's tests write: names of the registry, where [A|B] leaves the choice
/// between A and B to the client, and a few words.
std::vector<CipherSuite> cipher_suites(const std::string& list) {
  std::vector<CipherSuite> suites;
  std::vector<CipherSuite> of_tls12;
  for (CipherSuite suite : every_cipher_suite()) (is_tls12(suite) ? of_tls12 : suites).push_back(suite);

  std::size_t begin = 0;
  while (begin < list.size()) {
    const std::size_t end = std::min(list.find_first_of(":[]|", begin), list.size());
    const std::string_view word = std::string_view(list).substr(begin, end - begin);
    begin = end + 1;
    const auto named = std::ranges::find_if(of_tls12, [&](CipherSuite suite) { return name(suite) == word; });
    if (named != of_tls12.end())
      suites.push_back(*named);
    else if (word == "DEFAULT" || word == "ALL")
      suites.insert(suites.end(), of_tls12.begin(), of_tls12.end());
    else if (word == "AES128")
      std::ranges::copy_if(of_tls12, std::back_inserter(suites),
                           [](CipherSuite suite) { return name(suite).contains("_AES_128_"); });
    else if (word == "!AES")
      std::erase_if(suites, [](CipherSuite suite) { return is_tls12(suite) && name(suite).contains("_AES_"); });
    else if (!word.empty() && word != "3DES" && !word.starts_with("TLS_"))
      throw Unimplemented("the list of suites " + list);
  }
  return suites;
}

/// The sets [A|B] of that list, of what is spoken.
std::vector<std::vector<CipherSuite>> equal_cipher_suites(std::string_view list,
                                                          const std::vector<CipherSuite>& spoken) {
  std::vector<std::vector<CipherSuite>> sets;
  for (std::size_t open = list.find('['); open != list.npos; open = list.find('[')) {
    list.remove_prefix(open + 1);
    const std::string_view set = list.substr(0, list.find(']'));
    sets.emplace_back();
    for (const auto word : std::views::split(set, '|'))
      std::ranges::copy_if(spoken, std::back_inserter(sets.back()), [&](CipherSuite suite) {
        return name(suite) == std::string_view(word.begin(), word.end());
      });
  }
  return sets;
}

/// Without one of these, BoringSSL goes on after its verifier has said no, but of a raw public key.
void set_verification(VerificationOptions& options, const Flags& flags) {
  // What it is asked of the staple, our verifier answers as well; there no is no.
  if (!flags.verify_peer && !flags.require_any_client_certificate && !flags.fail_ocsp_callback &&
      flags.accepted_peer_cert_types.empty())
    options.unverified_peer = UnverifiedPeer::go_on;
}

/// Of BoringSSL's suites a server without a key for RSA key exchange leaves out what needs one; ours refuses to be
/// made.
void leave_out_rsa_key_exchange(ServerOptions& options) {
  if (options.credential_chooser ||
      std::ranges::any_of(options.credentials, [](const auto& one) { return one->decrypts(); }))
    return;
  std::erase_if(options.cipher_suites, is_rsa_key_exchange);
}

/// BoringSSL's clients that have pre-shared keys want one of them to be used, unless they verify certificates as well.
bool requires_psk(const Flags& flags, const std::vector<Proof>& proofs) {
  return !flags.server && !flags.verify_peer && !present(proofs, &Proof::psk).empty();
}

void set_common(CommonOptions& options, const Flags& flags, const Settings& settings, const Sessions& sessions) {
  set_versions(options, flags);
  options.clock = sessions.clock();
  options.key_log = settings.secrets;
  options.pre_shared_keys = present(settings.proofs, &Proof::psk);
  options.peer_certificate_types = certificate_types(flags.accepted_peer_cert_types);
  if (flags.retain_only_sha256_client_cert) options.kept_certificates = KeptCertificates::sha256;
  options.cipher_suites = cipher_suites(flags.cipher.empty() ? "ALL" : flags.cipher);
  options.groups = known(flags.curves, supported_groups());
  leave_out_mute_versions(options);
  options.signature_schemes = known(flags.verify_prefs, with(supported_signature_schemes(), legacy));
  // Of a client it is a mistake, and no config; BoringSSL's refuses what a server signs so.
  if (!flags.server) std::erase_if(options.signature_schemes, is_legacy);
  if (flags.verify_prefs.empty())
    options.signature_schemes.assign(std::begin(default_verify_prefs), std::end(default_verify_prefs));
  // A list that is good for one version alone, or for certificates, makes no config. BoringSSL takes it and refuses the
  // handshake; so a scheme that the runner does not sign with here stands beside it.
  if (std::ranges::all_of(options.signature_schemes, is_of_one_version))
    options.signature_schemes.push_back(SignatureScheme::ed25519);
  if (flags.max_send_fragment > 0) options.max_send_fragment = static_cast<std::size_t>(flags.max_send_fragment);
  if (flags.max_cert_list > 0) options.limits.certificate = static_cast<std::size_t>(flags.max_cert_list);
  options.limits.chain_length = chain_length;
}

ClientOptions client_options(const Flags& flags, const Settings& settings, const Sessions& sessions) {
  ClientOptions options;
  set_common(options, flags, settings, sessions);
  options.require_pre_shared_key = requires_psk(flags, settings.proofs);
  options.sessions = sessions.client(flags);
  options.limits.early_data = early_data_limit;
  options.verifier = settings.verifier;
  options.credential_chooser = settings.chooser;
  if (flags.requested_trust_anchors) options.trust_anchors = trust_anchors(*flags.requested_trust_anchors);
  options.client_certificate_types = client_certificate_types(flags, settings.proofs);
  options.key_shares = known(flags.key_shares, supported_groups());
  options.empty_key_share = flags.no_key_shares;
  for (int group : flags.server_supported_groups_hint) options.server_groups.push_back(static_cast<NamedGroup>(group));
  options.fallback_scsv = flags.fallback_scsv;
  // BoringSSL does so with an ALPN protocol only, which is a caller's policy here.
  options.false_start = flags.false_start && (!flags.advertise_alpn.empty() || flags.allow_false_start_without_alpn);
  options.grease = flags.enable_grease;
  options.permute_extensions = flags.permute_extensions;
  // BoringSSL's clients have nothing to do with a HelloRequest unless they are told to.
  if (!flags.renegotiate_ignore) options.hello_request = HelloRequestAnswer::fatal;
  options.application_protocols = protocols(flags.advertise_alpn);
  options.allow_unoffered_application_protocol = flags.allow_unknown_alpn_protos;
  set_verification(options.verification, flags);
  if (!flags.enable_ocsp_stapling) options.verification.revocation = RevocationPolicy::off;
  options.request_signed_certificate_timestamps = flags.enable_signed_cert_timestamps;
  return options;
}

std::vector<Buffer> client_ca_names(const Flags& flags) {
  std::vector<Buffer> names;
  if (flags.use_client_ca_list.empty() || flags.use_client_ca_list.starts_with('<')) return names;
  std::string_view rest = flags.use_client_ca_list;
  while (true) {
    const std::size_t comma = rest.find(',');
    auto name = from_hex(rest.substr(0, comma));
    if (!name) throw Failure("not a list of distinguished names");
    names.push_back(*std::move(name));
    if (comma == rest.npos) return names;
    rest.remove_prefix(comma + 1);
  }
}

/// Whether a hook that BoringSSL has is to be looked at, which our list of credentials does not have; and a list that
/// can't serve every version is refused.
bool needs_chooser(const Flags& flags, const std::vector<SharedCredential>& credentials) {
  return flags.async || flags.use_early_callback || flags.fail_early_callback || flags.fail_ddos_callback ||
         flags.fail_cert_callback || flags.use_ocsp_callback || !flags.expect_advertised_alpn.empty() ||
         !flags.expect_peer_verify_prefs.empty() || flags.select_empty_alpn ||
         std::ranges::any_of(credentials,
                             [](const auto& one) {
                               return one->schemes(ProtocolVersion::tls1_3, Side::server).empty() ||
                                      one->schemes(ProtocolVersion::tls1_2, Side::server).empty();
                             }) ||
         (!credentials.empty() && std::ranges::all_of(credentials, [](const auto& one) {
           return one->schemes(ProtocolVersion::tls1_1, Side::server).empty();
         }));
}

/// Of the flags one says that a group is liked as much as the next.
std::vector<std::vector<NamedGroup>> equal_groups(const Flags& flags) {
  std::vector<std::vector<NamedGroup>> sets(1);
  for (std::size_t i = 0; i < flags.curves.size(); ++i) {
    sets.back().push_back(static_cast<NamedGroup>(flags.curves[i]));
    if (i >= flags.curves_flags.size() || flags.curves_flags[i] == 0) sets.emplace_back();
  }
  return sets;
}

ServerOptions server_options(const Flags& flags, const Settings& settings, const Sessions& sessions) {
  ServerOptions options;
  set_common(options, flags, settings, sessions);
  options.sessions = sessions.server(flags);
  options.grease = true;  // as BoringSSL always does
  options.credentials = present(settings.proofs, &Proof::certificate);
  const bool psk_alone = options.credentials.empty() && !options.pre_shared_keys.empty();
  if (psk_alone || needs_chooser(flags, options.credentials)) {
    options.credentials.clear();
    options.credential_chooser = settings.chooser;
  }
  // The runner's order is that of what comes first.
  options.prefer_certificates = !settings.proofs.front().psk && !psk_alone && options.credential_chooser == nullptr;
  if (!flags.available_trust_anchors.empty())
    options.available_trust_anchors = trust_anchors(flags.available_trust_anchors);
  options.acknowledge_server_name = !flags.no_server_name_ack;
  if (!flags.curves_flags.empty()) options.equal_groups = equal_groups(flags);
  options.require_supported_groups = true;  // as BoringSSL always does
  leave_out_rsa_key_exchange(options);
  // As BoringSSL's shim has it, whoever names suites means their order.
  options.prefer_server_order = flags.server_preference || !flags.cipher.empty();
  options.equal_cipher_suites = equal_cipher_suites(flags.cipher, options.cipher_suites);
  // Where both are given, BoringSSL does what -verify-peer says.
  if (flags.verify_peer)
    options.client_auth = ClientAuth::request;
  else if (flags.require_any_client_certificate)
    options.client_auth = ClientAuth::require;
  options.client_verifier = settings.verifier;
  set_verification(options.client_verification, flags);
  options.client_ca_names = client_ca_names(flags);
  options.application_protocols = sessions.selected_protocols();
  if (flags.reject_alpn) options.application_protocols = {"a protocol that nobody offers"};
  if (flags.decline_alpn) options.application_protocols.clear();
  // BoringSSL's servers take a ClientHello of SSL 2.0 wherever they speak TLS 1.2.
  const auto made = ServerConfig::make(options);
  options.v2_client_hello = made && (*made)->options().min_version < ProtocolVersion::tls1_3;
  return options;
}

}  // namespace

void TrafficSecrets::log(std::string_view label, Bytes, Bytes secret) {
  if (label == "CLIENT_TRAFFIC_SECRET_0") client.assign(secret.begin(), secret.end());
  if (label == "SERVER_TRAFFIC_SECRET_0") server.assign(secret.begin(), secret.end());
}

Settings make_settings(const Flags& flags, const Sessions& sessions) {
  // The hook is the chooser, whom nobody asks for a credential then.
  if (flags.fail_ddos_callback && sessions.resuming()) throw Unimplemented("refusing a client that resumes a session");

  Settings settings;
  for (std::size_t i = 1; i < flags.credentials.size(); ++i)
    settings.proofs.push_back(make_proof(flags.credentials[i], flags));
  settings.proofs.push_back(make_proof(flags.credentials[0], flags));
  settings.chooser = std::make_shared<Chooser>(flags, *settings.trace, present(settings.proofs, &Proof::certificate),
                                               !present(settings.proofs, &Proof::psk).empty());
  settings.verifier = std::make_shared<Verifier>(flags);
  if (flags.server)
    settings.server = checked(ServerConfig::make(server_options(flags, settings, sessions)), "configuration");
  else
    settings.client = checked(ClientConfig::make(client_options(flags, settings, sessions)), "configuration");
  return settings;
}

Connection Settings::connect(const Flags& flags) const {
  if (server) return Connection::server(server, trace.get());
  // An IP address is not sent as a server name.
  return checked(Connection::client(client, flags.host_name.empty() ? "127.0.0.1" : flags.host_name, trace.get()),
                 "client");
}

}  // namespace handfast::bogo
