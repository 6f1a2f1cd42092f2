// What a connection is told: options as plain data, and the immutable, checked configuration made from them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/clock.h>
#include <handfast/credential.h>
#include <handfast/error.h>
#include <handfast/identity.h>
#include <handfast/limits.h>
#include <handfast/need.h>
#include <handfast/random.h>
#include <handfast/session.h>
#include <handfast/trace.h>
#include <handfast/trust.h>
#include <handfast/types.h>
#include <handfast/verification.h>

namespace handfast {

/// What a connection, and its sessions, keep of the peer's certificates once it was verified.
enum class KeptCertificates : std::uint8_t {
  chain,  ///< all of them, as they were sent
  /// The leaf's SHA-256 alone: less memory for whoever has many connections, and smaller sessions. Nothing else of the
  /// certificates, nor of what came with them, is known afterwards. A session can't be looked at again then: it is
  /// resumed while the certificates are not expired, but not where they would be verified once more (`reverify`,
  /// revocation lists, RevocationPolicy::require), nor where there is an `authorization`.
  sha256,
};

/// Bytes that the identifiers of trust anchors which one side names have together, each with the one byte of its
/// length: room for hundreds, and never what makes a hello or EncryptedExtensions too long, of which peers take 16 KB.
inline constexpr std::size_t max_trust_anchors_size = 4096;

/// What both sides have in common. The defaults are the safe ones: an empty list means "our default, in our order".
struct CommonOptions {
  ProtocolVersion min_version = ProtocolVersion::tls1_2;  ///< TLS 1.0 or later; below TLS 1.2 see `cipher_suites`
  ProtocolVersion max_version = ProtocolVersion::tls1_3;
  /// Of all versions, in order of preference; by default AES first where the machine has it in hardware, and none of
  /// legacy_cipher_suites(), which have to be named: TLS 1.1 and 1.0 have no other (RFC 8996). With RSA key exchange a
  /// server needs a credential that decrypts. Encrypt-then-MAC (RFC 7366) is offered and taken wherever there is CBC.
  /// A version that none of them belongs to is not spoken, and those of a version that is not spoken are left out; but
  /// where `min_version` is below TLS 1.2, a list that lacks suites of the lowest or highest version is refused.
  std::vector<CipherSuite> cipher_suites;
  /// Groups of the key exchange, in order of preference; by default X25519MLKEM768, X25519 and the NIST curves. Those
  /// with ML-KEM are of TLS 1.3: without any other, TLS 1.2 is not spoken (and what is older must not be named), and
  /// without TLS 1.3 they are left out.
  std::vector<NamedGroup> groups;
  /// Schemes that the peer may sign the handshake with: CertificateVerify, and in TLS 1.2 ServerKeyExchange
  /// (signature_algorithms). RSASSA-PKCS1-v1_5 counts in TLS 1.2 and for certificates, ML-DSA in TLS 1.3, without which
  /// it is left out. A server may name rsa_pkcs1_sha256_legacy and its kin beside, which none has by default: then
  /// clients of TLS 1.3 whose keys can do no RSASSA-PSS may sign with RSASSA-PKCS1-v1_5 (RFC 9963, section 2), and no
  /// other does.
  std::vector<SignatureScheme> signature_schemes;
  /// Schemes allowed inside certificates (signature_algorithms_cert); empty: the extension is not sent.
  std::vector<SignatureScheme> certificate_schemes;
  /// ALPN protocols in order of preference, 1 to 255 bytes each; empty: no ALPN.
  std::vector<std::string> application_protocols;
  /// The largest TLSInnerPlaintext that we want to receive (RFC 8449), 64 to 16385. It holds for peers that know the
  /// extension. Empty: a client does not send it, a server answers with 16385. TLS 1.2 has one less.
  std::optional<std::uint16_t> record_size_limit;
  /// The largest fragment of plaintext that we send in one record, 1 to 16384.
  std::size_t max_send_fragment = 16384;
  /// Records of TLS 1.3 are padded up to a multiple of this many bytes of plaintext (RFC 8446, section 5.4); 0: no
  /// padding.
  std::size_t record_padding = 0;
  /// Refuses a peer of TLS 1.2 without the extended master secret (RFC 7627), with handshake_failure. It is always
  /// offered and used where the peer has it; without it a session's secrets are not bound to its certificates.
  bool require_extended_master_secret = false;
  /// Tells the trace the bytes of secrets (SecretEvent): whoever sees them can read the connection.
  bool trace_secrets = false;
  /// Tells the trace every record, encrypted and in the clear (RecordEvent): all application data passes there. Each
  /// record that is received is copied for it.
  bool trace_records = false;
  /// The fake change_cipher_spec and session ID of RFC 8446, appendix D.4.
  bool middlebox_compatibility = true;
  /// Which of the peers that were verified may connect, by who they are; null: all of them. A server that has a rule
  /// refuses clients without a certificate wherever it asks for one, as ClientAuth::require does.
  std::shared_ptr<const Authorization> authorization;
  KeptCertificates kept_certificates = KeptCertificates::chain;
  /// What the peer may authenticate with, in order of preference (RFC 7250, in every version that is spoken); empty:
  /// certificates alone. A raw public key has no names, no issuer and no end: it is trusted where it is one of
  /// `trusted_raw_public_keys`, or the verifier outside, where there is one, decides instead. A peer that knows of
  /// certificates alone is refused where X509 is not among them.
  std::vector<CertificateType> peer_certificate_types;
  /// The keys that are taken as raw public keys, whatever host or client they come from: on a client, whoever holds one
  /// of them can be any server that this config connects to. Clients of several servers have a config for each, with
  /// its key alone, or a verifier, which is told the name of the server (VerifyRequest::server_name). There can be no
  /// verifier beside them, which would decide in their place.
  std::vector<SpkiPin> trusted_raw_public_keys;
  /// Keys that were agreed on elsewhere, for TLS 1.3 (RFC 8446, section 4.2.11), in order of preference. A client
  /// offers all of them behind a session that it has; a server takes the first that it knows, a session before them.
  /// Whoever has the key is authenticated by it, and shows no certificate.
  std::vector<PreSharedKey::Shared> pre_shared_keys;
  Limits limits;
  /// Null: the machine's clock, libcrypto's generator, no key log.
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Random> random;
  std::shared_ptr<KeyLog> key_log;
};

/// Which sessions a client keeps, and how it resumes them.
struct ClientSessions {
  /// Null: none are kept, and no tickets are asked for.
  std::shared_ptr<ClientSessionStore> store;
  /// Tickets of TLS 1.2 are asked for (RFC 5077); false: session IDs alone.
  bool tls12_tickets = true;
  /// Early data may be offered with a session that allows it: then Connection::send_early_data. It can be replayed by
  /// whoever sees it; what is sent there must do no harm when it is done twice. There is none in TLS 1.2, and so none
  /// at all under a config that speaks nothing else.
  bool early_data = false;
  /// Offers psk_ke as well: a session resumed without a fresh key exchange, which whoever learns the session's secret
  /// later can read (RFC 8446, section 4.2.9).
  bool psk_ke = false;
  /// Verifies the session's certificates wholly before it is resumed. Otherwise they are verified again where there are
  /// revocation lists to look at, or RevocationPolicy::require wants a proof, and held against the clock alone
  /// elsewhere.
  bool reverify = false;
  /// What a session is bound to beside the config's own policy: resumed under the same text only.
  std::string context;
};

/// What a client of TLS 1.2 does with a HelloRequest behind the handshake (RFC 5246, section 7.4.1.1). It never
/// renegotiates; during the handshake it passes over it, as it has to.
enum class HelloRequestAnswer : std::uint8_t {
  warning,  ///< the warning no_renegotiation, once, and the connection goes on (section 7.2.2)
  fatal,    ///< the same alert ends the connection, with Reason::renegotiation, as HTTP/2 has it (RFC 9113,
            ///< section 9.2.1)
};

struct ClientOptions : CommonOptions {
  /// Whom to trust; null: the system's roots.
  std::shared_ptr<const TrustAnchors> trust;
  /// How the server's chain is verified. Unless its policy of revocation is `off`, a stapled OCSP response is asked for
  /// (status_request).
  VerificationOptions verification;
  /// Verifies instead of the built-in verification, from outside.
  std::shared_ptr<const ChainVerifier> verifier;
  /// For servers that ask for a certificate: the first that fits the request is sent.
  std::vector<std::shared_ptr<const Credential>> credentials;
  /// Chooses instead, from outside, when a server asks.
  std::shared_ptr<const CredentialChooser> credential_chooser;
  /// What a server is told that it may ask for, in order of preference (RFC 7250); empty: the types of `credentials`,
  /// in their order, or, with a chooser, certificates alone.
  std::vector<CertificateType> client_certificate_types;
  /// The groups whose shares go into the first ClientHello, a subset of `groups` in its order; empty: the first of
  /// them with ML-KEM and the first without. `empty_key_share` sends none and so asks for a HelloRetryRequest.
  std::vector<NamedGroup> key_shares;
  bool empty_key_share = false;
  /// Groups that the server is known to take, from DNS for example (draft-ietf-tls-key-share-prediction), in any order,
  /// others than ours too. The first of `groups` among them is the one whose share is sent, whatever `key_shares` says:
  /// what is said here may come from anybody. It decides nothing but that; yet where it names no group with ML-KEM, a
  /// server may settle for the share that it gets instead of asking for a better one.
  std::vector<NamedGroup> server_groups;
  /// Application data may be sent after our Finished, before the server's has come (RFC 7918, TLS 1.2 only): a round
  /// trip less, and what is sent first is encrypted for the server but under choices that it has not confirmed yet.
  /// Under legacy_cipher_suites() it waits all the same.
  bool false_start = false;
  /// Sends TLS_FALLBACK_SCSV (RFC 7507): set by whoever tries again with a lower max_version after a failure, so that a
  /// server which could do better refuses.
  bool fallback_scsv = false;
  /// Distinguished names (DER) for certificate_authorities (RFC 8446, section 4.2.4): which issuers are known here.
  /// Empty: the extension is not sent.
  std::vector<Buffer> server_ca_names;
  /// Refuses a server that takes none of `pre_shared_keys`, nor a session that came of one, whatever its certificate:
  /// with missing_extension. One of TLS 1.2, which has no such keys, is refused with protocol_version where the config
  /// speaks it. No `trust` is needed.
  bool require_pre_shared_key = false;
  HelloRequestAnswer hello_request = HelloRequestAnswer::warning;
  /// Offers to authenticate after the handshake, whenever the server asks (RFC 8446, section 4.6.2).
  bool post_handshake_auth = false;
  /// Identifiers of trust anchors for which the server is asked to have a certificate, each of 1 to 255 bytes, together
  /// at most `max_trust_anchors_size` (draft-ietf-tls-trust-anchor-ids, in TLS 1.3 alone): they tell it, and in the
  /// clear everybody on the way, something of whom this client trusts. An empty list asks only which there are;
  /// nothing: the extension is not sent.
  std::optional<std::vector<Buffer>> trust_anchors;
  /// GREASE values (RFC 8701) in the ClientHello.
  bool grease = false;
  /// Extensions of the ClientHello in random order.
  bool permute_extensions = false;
  /// Asks for signed certificate timestamps.
  bool request_signed_certificate_timestamps = false;
  /// Takes a protocol that the server selected although it was not offered, instead of refusing it.
  bool allow_unoffered_application_protocol = false;
  ClientSessions sessions;
};

enum class ClientAuth : std::uint8_t {
  none,     ///< no certificate is asked for
  request,  ///< one is asked for; a client may go on without
  require,  ///< a client without one is refused with certificate_required; in TLS 1.2 handshake_failure
};

/// Which sessions a server gives, and what it takes of them. With neither ticket keys nor a store nothing is resumed.
///
/// A session is resumed only under the host name that it was made for and under the same policy: the names in our
/// certificates, who of the clients is asked for one and how it is verified, ALPN, versions and suites, and `context`.
/// A policy is the same where these are the same: on every worker and host, and after a reload. Whatever does not fit
/// costs a full handshake.
struct ServerSessions {
  /// Seal tickets; null: none are given. Keys that stay elsewhere are a TicketSealer.
  std::shared_ptr<TicketKeys> ticket_keys;
  /// Keeps sessions: of TLS 1.2 those of clients without tickets, by a session ID; of TLS 1.3 all of them where there
  /// are no ticket keys, or `stored_tickets` says so. A store that is not a MemorySessionStore needs ticket keys.
  std::shared_ptr<SessionStore> store;
  /// A ticket of TLS 1.3 names a session of the store, which is good for one use, and does not hold it.
  bool stored_tickets = false;
  /// NewSessionTickets of TLS 1.3 behind a full handshake, up to 16; behind a resumed one there is one.
  std::uint8_t tickets = 2;
  /// For how long a session may be resumed, in seconds, up to seven days (RFC 8446, section 4.6.1). What is resumed
  /// does not live longer: it counts from the full handshake.
  std::int64_t lifetime = 7200;
  /// Takes psk_ke as well: see ClientSessions::psk_ke.
  bool psk_ke = false;
  /// Bytes of early data that are taken with a session; 0: none. With tickets that hold their session a strike register
  /// is needed, since they could be replayed: a flight is then taken once in this process, and once more in each other
  /// process that has the same ticket keys and a register of its own. Sessions that a MemorySessionStore keeps are
  /// taken out by their first use, and need no register. In TLS 1.2 there is none.
  std::uint32_t max_early_data = 0;
  /// One for all configs of a process, those after a reload too.
  std::shared_ptr<StrikeRegister> strike_register;
  /// As ClientSessions::reverify, for clients' certificates.
  bool reverify = false;
  /// The site that it is, where host names do not say all: sessions do not cross from one to another.
  std::string context;
  /// Tells clients that a session may be resumed under other names of the certificate: then it is not bound to its host
  /// name.
  bool across_names = false;
};

struct ServerOptions : CommonOptions {
  /// At least one, unless a chooser is set. The first whose names match the client's SNI and whose schemes fit its
  /// signature_algorithms is used, else the first whose schemes fit.
  std::vector<std::shared_ptr<const Credential>> credentials;
  /// Chooses instead, from outside, for every ClientHello.
  std::shared_ptr<const CredentialChooser> credential_chooser;
  /// A name that no credential matches is refused with unrecognized_name, instead of served with the first that fits. A
  /// raw public key, which has no names, matches all: where there is one, a client that takes it is never refused so.
  bool strict_server_name = false;
  /// Identifiers of trust anchors that every client which asks is told to be available here, whatever server name it
  /// asks for (draft-ietf-tls-trust-anchor-ids): at most `max_trust_anchors_size`. Where there are none a client is
  /// told those of `credentials` that it could be shown: of the ones for its server name, or, where no credential is
  /// for that name and `strict_server_name` does not refuse it, or it names none, of all. Those have the same bound.
  std::vector<Buffer> available_trust_anchors;
  /// Tells the client that its server_name was used (RFC 6066, section 3). To be false where nothing that is served
  /// depends on the name.
  bool acknowledge_server_name = true;
  /// Our preferences decide; false: the client's.
  bool prefer_server_order = true;
  /// A client that would take one of our certificates is shown it, whatever `pre_shared_keys` it has as well. A session
  /// comes before both. There can be no chooser beside it, who is asked for a certificate to be used.
  bool prefer_certificates = false;
  /// Sets of `cipher_suites` that are liked equally: where one of a set is our first choice, the client's order decides
  /// between those of the set. A suite stands in one set at most. (ChaCha20-Poly1305 needs none: a client whose first
  /// choice it is gets it.)
  std::vector<std::vector<CipherSuite>> equal_cipher_suites;
  /// Likewise sets of `groups`.
  std::vector<std::vector<NamedGroup>> equal_groups;
  /// Refuses a client of TLS 1.2 that does not say by supported_groups which groups it takes. RFC 8422, section 4, lets
  /// a server choose any for it; then it is P-256 where we have that.
  bool require_supported_groups = false;
  ClientAuth client_auth = ClientAuth::none;
  /// Connection::request_certificate may ask clients that offer it later (RFC 8446, section 4.6.2). A connection keeps
  /// the state of its transcript hash for that, about 300 bytes.
  bool post_handshake_auth = false;
  /// Whom client certificates must chain to; needed where any are asked for unless a verifier is set. (There is no
  /// default: the web's roots say nothing of our clients.)
  std::shared_ptr<const TrustAnchors> client_trust;
  /// How clients' chains are verified. Unless its policy of revocation is `off`, the client is asked for a stapled OCSP
  /// response (RFC 8446, section 4.4.2.1), which TLS 1.2 has no way to do; hardly any has one.
  VerificationOptions client_verification{.revocation = RevocationPolicy::off, .revocation_lists = nullptr};
  std::shared_ptr<const ChainVerifier> client_verifier;
  /// Distinguished names (DER) for certificate_authorities; empty: none are named.
  std::vector<Buffer> client_ca_names;
  /// Takes a ClientHello in the format of SSL 2.0 as the first bytes of a connection (RFC 5246, appendix E.2, as RFC
  /// 6176, section 3, allows it): from ancient clients that speak TLS all the same. SSL 2.0 itself is never spoken. It
  /// has no extensions: no server_name, no ALPN, no ticket, no extended master secret; TLS 1.2 at most; and without
  /// signature_algorithms only what such a client accepts: RSA key exchange, or SHA-1, where the config has either.
  bool v2_client_hello = false;
  /// A cookie goes into HelloRetryRequest and must come back.
  bool retry_cookie = false;
  /// Answers "no_application_protocol" when nothing fits (RFC 7301); false: goes on without a protocol.
  bool require_application_protocol = true;
  /// GREASE values (RFC 8701, section 4.1) in NewSessionTicket.
  bool grease = false;
  /// Application data may be sent after our Finished, before the client's (RFC 8446, section 4.4.4: half-RTT); the
  /// client is then not authenticated yet. Where early data was accepted it may be sent in any case.
  bool half_rtt_data = false;
  ServerSessions sessions;
};

/// Options that were checked, with every default filled in. Immutable, shared by all connections of it.
class ClientConfig {
 public:
  /// Fails with bad_config, and file_not_readable where there are no system roots.
  static Result<std::shared_ptr<const ClientConfig>> make(ClientOptions options);
  const ClientOptions& options() const noexcept { return options_; }
  /// What its sessions are bound to, beside the server: a hash of ALPN, versions and suites, trust, verification and
  /// credentials. The same wherever these are the same.
  const std::array<std::uint8_t, 32>& session_policy() const noexcept { return session_policy_; }

 private:
  explicit ClientConfig(ClientOptions options);
  ClientOptions options_;
  std::array<std::uint8_t, 32> session_policy_;
};

class ServerConfig {
 public:
  /// Fails with bad_config.
  static Result<std::shared_ptr<const ServerConfig>> make(ServerOptions options);
  const ServerOptions& options() const noexcept { return options_; }
  /// What its sessions are bound to, beside the host name: see ServerSessions.
  const std::array<std::uint8_t, 32>& session_policy() const noexcept { return session_policy_; }

 private:
  explicit ServerConfig(ServerOptions options);
  ServerOptions options_;
  std::array<std::uint8_t, 32> session_policy_;
};

/// What this build supports, in order of preference; but for groups also the defaults of the options.
std::vector<CipherSuite> supported_cipher_suites();
/// Suites of TLS 1.2 that are spoken as well, but only where they are named: with RSA key exchange, and so without
/// forward secrecy, with CBC, or both.
std::vector<CipherSuite> legacy_cipher_suites();
/// Both.
std::vector<CipherSuite> every_cipher_suite();
std::vector<NamedGroup> supported_groups();
std::vector<SignatureScheme> supported_signature_schemes();
/// Those of the supported groups that are offered and taken where nobody names any.
std::vector<NamedGroup> default_groups();

}  // namespace handfast
