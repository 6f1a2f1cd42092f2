// What fields are there for, in a sentence or two each: one table.
#include <fmt/format.h>

#include <string_view>
#include <unordered_map>

#include "doctor/dissect/dissector.h"

namespace handfast::doctor::dissection {
namespace {

/// `field` is one of these, and the first that is found counts:
///   "name=value"    a field that says just that ("=value": whatever its name)
///   "message.name"  one of that message, at whatever depth
///   "parent.name"   one in a structure; the header of a message is one called Handshake (RFC 8446, section 4)
///   "name"          one wherever it is
struct Row {
  std::string_view field, meaning;
};

constexpr Row table[] = {
    // Whatever the message.
    {"=GREASE",
     "A reserved value that means nothing: a peer has to ignore what it does not know, and this keeps it in practice "
     "(RFC 8701)."},
    {"msg_type", "Which message this is (RFC 8446, section 4)."},
    {"Handshake.length",
     "How many bytes of message follow. Messages are not records: one may take several records, or several share one "
     "(RFC 8446, section 5.1)."},
    {"length", "How many bytes follow that belong to this (RFC 8446, section 3.4)."},
    {"unparsed",
     "These bytes do not read as the RFC says: a peer would answer with decode_error (RFC 8446, section 6.2)."},
    {"extensions",
     "All that was added to TLS since its first days, and in TLS 1.3 most of what matters. Each has a type, a length "
     "and data, so that a peer can pass over those it does not know (RFC 8446, section 4.2)."},
    {"extension_type", "Which extension this is: a number of IANA's registry (RFC 8446, section 4.2)."},
    {"extension", "One that has no name here; whoever does not know it passes over it (RFC 8446, section 4.2)."},
    {"extension_data", "What it says is a matter of its own RFC."},

    // ClientHello.
    {"ClientHello.legacy_version",
     "Once the newest version that the client speaks. TLS 1.3 leaves it at TLS 1.2, because too many servers refuse "
     "numbers that they don't know; the real ones stand in supported_versions (RFC 8446, section 4.1.2)."},
    {"ClientHello.random",
     "32 bytes that nobody can foretell. They make every handshake another one: no recorded answer fits it, and no two "
     "connections have the same keys (RFC 8446, section 4.1.2)."},
    {"legacy_session_id",
     "In TLS 1.2 the session that the client would like to resume. In TLS 1.3 it means nothing: filled with random "
     "bytes, it makes the handshake look like a resumption to boxes on the way that would stop what they don't know "
     "(RFC 8446, appendix D.4)."},
    {"cipher_suites",
     "The ciphers and hashes that the client is ready to use, best first; the server chooses one (RFC 8446, section "
     "4.1.2). In TLS 1.2 a suite names the key exchange and the kind of signature too."},
    {"cipher_suite=TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
     "No suite but a signal: the client knows secure renegotiation, and says so where an extension might frighten an "
     "old server (RFC 5746, section 3.3)."},
    {"cipher_suite=TLS_FALLBACK_SCSV",
     "No suite but a signal: the client has tried a newer version before. A server that speaks a newer one refuses, "
     "because somebody in between must have broken that try (RFC 7507, section 3)."},
    {"legacy_compression_methods",
     "Always just null, no compression: how well a secret compresses gives it away, so TLS 1.3 dropped it (RFC 8446, "
     "section 4.1.2; the attack is called CRIME)."},

    // ServerHello and HelloRetryRequest.
    {"ServerHello.legacy_version",
     "The version in TLS 1.2 and before. A server that chose TLS 1.3 says TLS 1.2 here and TLS 1.3 in "
     "supported_versions (RFC 8446, section 4.1.3)."},
    {"HelloRetryRequest.legacy_version",
     "As in a ServerHello, which this is on the wire; the version stands in supported_versions (RFC 8446, section "
     "4.1.3)."},
    {"ServerHello.random",
     "The server's 32 unforeseeable bytes: with them a server knows, too, that no handshake is one from before (RFC "
     "8446, section 4.1.3)."},
    {"random=HelloRetryRequest",
     "No random number but the SHA-256 of \"HelloRetryRequest\": by this a client knows that it has to say hello again "
     "(RFC 8446, section 4.1.3)."},
    {"random=DOWNGRD1",
     "Its last eight bytes are \"DOWNGRD\" and 1: a server that speaks TLS 1.3 was asked for TLS 1.2. A client that "
     "did ask for TLS 1.3 stops here, because somebody has changed its hello (RFC 8446, section 4.1.3)."},
    {"random=DOWNGRD0",
     "Its last eight bytes are \"DOWNGRD\" and 0: a server that speaks TLS 1.2 or 1.3 was asked for TLS 1.1 or less. A "
     "client that did ask for more stops here (RFC 8446, section 4.1.3)."},
    {"legacy_session_id_echo",
     "In TLS 1.3 the client's legacy_session_id, as it came. In TLS 1.2 the session's name: the client's own if it is "
     "resumed, another or none if not (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3)."},
    {"ServerHello.cipher_suite",
     "The one that the server chose of those that the client offered (RFC 8446, section 4.1.3)."},
    {"HelloRetryRequest.cipher_suite",
     "The one that the server will choose: its hash is needed now, to go on with the transcript of all messages (RFC "
     "8446, section 4.1.4)."},
    {"legacy_compression_method", "Always null: nothing is compressed (RFC 8446, section 4.1.3)."},

    // Extensions: what a client offers, and what is answered.
    {"ClientHello.server_name",
     "The name that the client wants, in the clear (SNI): a server with many names on one address chooses its "
     "certificate by it (RFC 6066, section 3)."},
    {"server_name", "Empty: the server says that the name helped it choose (RFC 6066, section 3)."},
    {"server_name_list", "Made for names of several kinds; there is but one kind (RFC 6066, section 3)."},
    {"name_type", "A DNS name; no other kind was ever defined (RFC 6066, section 3)."},
    {"host_name", "In ASCII, without a dot at the end, and never an address (RFC 6066, section 3)."},
    {"max_fragment_length",
     "A limit for the size of records, for small devices; record_size_limit has taken its place (RFC 6066, section "
     "4)."},
    {"ClientHello.status_request",
     "Asks the server to send, with its certificate, its authority's word that it is not revoked (OCSP stapling), so "
     "that the client need not ask around (RFC 6066, section 8)."},
    {"ServerHello.status_request", "Empty: a CertificateStatus will follow the Certificate (RFC 6066, section 8)."},
    {"CertificateRequest.status_request",
     "Empty: the client is asked to send an OCSP response with its certificate (RFC 8446, section 4.4.2.1)."},
    {"Certificate.status_request",
     "What the authority says of this certificate's revocation, brought along by its owner (RFC 8446, section "
     "4.4.2.1)."},
    {"status_type", "The kind of status: OCSP is the one in use (RFC 6066, section 8)."},
    {"responder_id_list", "Whose answers the client would trust; empty: those of whom it knows (RFC 6066, section 8)."},
    {"request_extensions",
     "What the question to the authority would hold besides; seldom anything (RFC 6066, section 8)."},
    {"ocsp_response",
     "An OCSPResponse in DER: signed by the authority, and good for some days (RFC 6960, section 4.2)."},
    {"ClientHello.supported_groups",
     "The elliptic curves and other groups in which the client can exchange keys, best first (RFC 8446, section "
     "4.2.7)."},
    {"supported_groups",
     "The server's own groups: the client may begin with the first of them next time (RFC 8446, section 4.2.7)."},
    {"named_group=x25519", "Curve25519: fast, and hard to get wrong; what most connections use (RFC 7748)."},
    {"named_group=secp256r1", "The curve P-256 of NIST (RFC 8422, section 5.1.1)."},
    {"named_group=X25519MLKEM768",
     "X25519 and ML-KEM-768 at once: as long as either holds, the key does. Made for the day when a quantum computer "
     "breaks the first (draft-ietf-tls-ecdhe-mlkem)."},
    {"named_group=SecP256r1MLKEM768",
     "P-256 and ML-KEM-768 at once: as long as either holds, the key does (draft-ietf-tls-ecdhe-mlkem)."},
    {"named_group=SecP384r1MLKEM1024",
     "P-384 and ML-KEM-1024 at once: as long as either holds, the key does (draft-ietf-tls-ecdhe-mlkem)."},
    {"named_group=MLKEM768",
     "ML-KEM-768 alone, with no curve beside it that would hold if it did not (draft-ietf-tls-mlkem)."},
    {"named_group=MLKEM1024",
     "ML-KEM-1024 alone, with no curve beside it that would hold if it did not (draft-ietf-tls-mlkem)."},
    {"ec_point_formats",
     "How points of curves may be written, in TLS 1.2. There is but the one way left (RFC 8422, section 5.1.2)."},
    {"signature_algorithms",
     "The signatures that this side can check, best first. They are what CertificateVerify (in TLS 1.2 "
     "ServerKeyExchange) may be signed with, and, without signature_algorithms_cert, certificates (RFC 8446, section "
     "4.2.3)."},
    {"signature_algorithms_cert",
     "The signatures that may stand in certificates, where those are others than this side takes in the handshake "
     "itself (RFC 8446, section 4.2.3)."},
    {"use_srtp", "Media keys are to be made from this handshake; the profiles for them (RFC 5764, section 4.1)."},
    {"heartbeat",
     "Whether the other side may ask for signs of life (RFC 6520, section 2). Heartbleed was a bug in OpenSSL's "
     "answers."},
    {"ClientHello.application_layer_protocol_negotiation",
     "ALPN: what the client wants to speak inside, best first, so that no round trip is lost on asking (RFC 7301, "
     "section 3.1)."},
    {"application_layer_protocol_negotiation",
     "ALPN: what will be spoken inside, the server's choice from the client's list (RFC 7301, section 3.1)."},
    {"ProtocolName", "A protocol by its registered name: h2 is HTTP/2 (RFC 7301, section 6)."},
    {"ClientHello.signed_certificate_timestamp",
     "Empty: asks for proofs that the certificate stands in public logs, where its owner can see what is issued in his "
     "name (RFC 6962, section 3.3.1)."},
    {"signed_certificate_timestamp",
     "Proofs that the certificate stands in public logs, where its owner can see what is issued in his name (RFC 6962, "
     "section 3.3)."},
    {"log_id", "Whose log: the SHA-256 of its public key (RFC 6962, section 3.2)."},
    {"timestamp", "Since when it is known to the log (RFC 6962, section 3.2)."},
    {"SerializedSCT.extensions", "The log's own; none were ever defined (RFC 6962, section 3.2)."},
    {"SerializedSCT.signature", "The log's signature over the time and the certificate (RFC 6962, section 3.2)."},
    {"client_certificate_type", "Whether clients show certificates or bare keys (RFC 7250, section 3)."},
    {"server_certificate_type", "Whether servers show certificates or bare keys (RFC 7250, section 3)."},
    {"trust_anchors",
     "Which roots a certificate may lead to, by short identifiers: asked for by whoever will verify it, on offer at "
     "the "
     "server in EncryptedExtensions, or, beside a certificate, that it was chosen so "
     "(draft-ietf-tls-trust-anchor-ids)."},
    {"padding",
     "Zeros that mean nothing. They keep the hello clear of a length (256 to 511 bytes) that some servers choke on, or "
     "hide how long it is (RFC 7685)."},
    {"encrypt_then_mac",
     "In TLS 1.2 with CBC: encrypt first, then protect. The other way round gave the world Lucky Thirteen (RFC 7366)."},
    {"ClientHello.extended_master_secret",
     "Empty: in TLS 1.2, bind the secrets to every message of this handshake, so that two connections cannot be made "
     "to share them (RFC 7627). TLS 1.3 always does."},
    {"extended_master_secret", "Empty: agreed; the secrets are bound to this handshake (RFC 7627, section 5.2)."},
    {"compress_certificate", "The ways in which the Certificate may come compressed (RFC 8879, section 3)."},
    {"record_size_limit",
     "The longest record that this side takes, for those with little memory (RFC 8449, section 4)."},
    {"ClientHello.session_ticket",
     "Empty: asks for a ticket, with which a session can be resumed later. Else the ticket of a session to resume, in "
     "TLS 1.2 (RFC 5077, section 3.2)."},
    {"session_ticket", "Empty: a NewSessionTicket will follow (RFC 5077, section 3.2)."},
    {"ClientHello.pre_shared_key",
     "The sessions (or keys agreed on by other ways) with which the client would do without certificates. It must be "
     "the last extension, because its binders cover everything before them (RFC 8446, section 4.2.11)."},
    {"pre_shared_key", "Which of the client's offers the server took (RFC 8446, section 4.2.11)."},
    {"identities", "What the client offers, by the names that the server knows them by (RFC 8446, section 4.2.11)."},
    {"identity", "A ticket as it came in a NewSessionTicket, or the name of a key (RFC 8446, section 4.2.11)."},
    {"obfuscated_ticket_age",
     "How old the ticket is in milliseconds, plus its ticket_age_add: the server can tell a fresh hello from a "
     "recorded one, and whoever listens cannot tell which connections belong together (RFC 8446, section 4.2.11.1)."},
    {"binders",
     "One for each identity: an HMAC over this very hello, which proves that the client has the key (RFC 8446, section "
     "4.2.11.2)."},
    {"selected_identity", "Its place in the client's list, from 0 (RFC 8446, section 4.2.11)."},
    {"psk_key_exchange_modes",
     "Whether a resumed session does a fresh key exchange too. With one (psk_dhe_ke), a key stolen later opens nothing "
     "recorded before (RFC 8446, section 4.2.9)."},
    {"ClientHello.early_data",
     "Empty: application data follows at once, before the server has said a word (0-RTT). Whoever records it can send "
     "it again (RFC 8446, section 4.2.10)."},
    {"EncryptedExtensions.early_data", "Empty: the early data was taken (RFC 8446, section 4.2.10)."},
    {"NewSessionTicket.early_data", "This ticket allows early data (RFC 8446, section 4.6.1)."},
    {"max_early_data_size", "As many bytes of it as this (RFC 8446, section 4.2.10)."},
    {"ClientHello.supported_versions",
     "The versions that the client speaks, best first. This, and not legacy_version, is what counts (RFC 8446, section "
     "4.2.1)."},
    {"supported_versions",
     "The version that is spoken from here on. A server of TLS 1.2 does not send this extension (RFC 8446, section "
     "4.2.1)."},
    {"ClientHello.cookie", "The server's own, sent back as it came (RFC 8446, section 4.2.2)."},
    {"cookie",
     "To be sent back with the second ClientHello: so the server need not remember the first, and knows that the "
     "client is where it says it is (RFC 8446, section 4.2.2)."},
    {"certificate_authorities",
     "Whose certificates are welcome, so that the other side can choose among its own (RFC 8446, section 4.2.4)."},
    {"oid_filters",
     "What has to stand in the client's certificate: an extension of it, and values there (RFC 8446, section 4.2.5)."},
    {"post_handshake_auth",
     "Empty: the server may ask for a certificate later, when the handshake is over (RFC 8446, section 4.2.6)."},
    {"ClientHello.key_share",
     "The client's public keys for one group or more, sent on a guess. If the server likes one of these groups, both "
     "have a common secret after a single round trip (RFC 8446, section 4.2.8)."},
    {"ServerHello.key_share",
     "The server's public key. With the client's it gives the secret that all keys come from; nobody who only listens "
     "can compute it (RFC 8446, section 4.2.8)."},
    {"HelloRetryRequest.key_share",
     "The group that the server wants and the client named, but sent no key for: it is to say hello again with one "
     "(RFC 8446, section 4.2.8)."},
    {"group", "In which group the public key is (RFC 8446, section 4.2.8)."},
    {"key_exchange",
     "The public key itself; its private half never leaves its owner, and is gone after the handshake (RFC 8446, "
     "section 4.2.8)."},
    {"quic_transport_parameters", "QUIC's own settings ride along in the handshake (RFC 9000, section 18)."},
    {"tls_flags", "Extensions that say only yes, a bit each (draft-ietf-tls-tlsflags)."},
    {"ClientHello.encrypted_client_hello",
     "ECH: the hello that counts lies in here, encrypted to the server's published key; what you see around it is a "
     "cover with another name. Clients without that key send random bytes, so that nobody can tell (RFC 9849)."},
    {"encrypted_client_hello", "ECH: the server's part (RFC 9849, section 5)."},
    {"encrypted_client_hello.type",
     "outer: the cover, with the encrypted hello in it; inner: that one itself (RFC 9849, section 5)."},
    {"enc", "The client's public key for this one encryption (HPKE's encapsulated key; RFC 9849, section 5)."},
    {"payload", "The inner ClientHello, encrypted (RFC 9849, section 5)."},
    {"config_id", "Which of the server's published keys it is for (RFC 9849, section 5)."},
    {"delegated_credential", "A server may sign with a key that its certificate's has vouched for (RFC 9345)."},
    {"application_settings", "Settings of the protocol inside, in the handshake already (draft-vvv-tls-alps)."},
    {"renegotiation_info",
     "In TLS 1.2: ties a renegotiation to the handshake before it. Empty in a first handshake; being there, it says "
     "that this side knows the danger (RFC 5746, section 3.2)."},
    {"renegotiated_connection",
     "The verify_data of the handshake before; empty where there was none (RFC 5746, section 3.2)."},

    // EncryptedExtensions and authentication.
    {"EncryptedExtensions.extensions",
     "What the server answers and nobody else needs to know: the first of its words that are encrypted (RFC 8446, "
     "section 4.3.1)."},
    {"CertificateRequest.certificate_request_context",
     "Empty in a handshake. After it, a name for this request, which the answer repeats (RFC 8446, section 4.3.2)."},
    {"certificate_request_context",
     "Of a server, empty; of a client, what its CertificateRequest said (RFC 8446, section 4.4.2)."},
    {"certificate_list",
     "The sender's own certificate first, then those that lead from it towards an authority. A client without a "
     "fitting one sends an empty list (RFC 8446, section 4.4.2)."},
    {"CertificateEntry", "A certificate, and what is to be said of it (RFC 8446, section 4.4.2)."},
    {"cert_data",
     "An X.509 certificate in DER: a public key, the names it is for, and an authority's signature over both (RFC "
     "5280)."},
    {"ASN1_subjectPublicKeyInfo",
     "A public key alone, which the other side knows by other ways, in the place of a certificate (RFC 7250, section "
     "3)."},
    {"CertificateEntry.extensions",
     "What comes with this certificate: an OCSP response, proofs of logs (RFC 8446, section 4.4.2)."},
    {"CompressedCertificate.algorithm", "How the Certificate was compressed (RFC 8879, section 4)."},
    {"uncompressed_length", "How long it is when it is unpacked: the limit for whoever does (RFC 8879, section 4)."},
    {"CertificateVerify.algorithm",
     "What the signature is made with: one that the other side asked for (RFC 8446, section 4.4.3)."},
    {"CertificateVerify.signature",
     "Over a hash of all messages until here, by the private key of the certificate: proof that the sender has it, and "
     "that nobody changed what was said (RFC 8446, section 4.4.3)."},
    {"verify_data",
     "An HMAC (in TLS 1.2 the PRF) over all messages until here, keyed with the new secret: both have seen the same "
     "handshake and have the same keys (RFC 8446, section 4.4.4; RFC 5246, section 7.4.9)."},

    // Behind the handshake of TLS 1.3.
    {"ticket_lifetime", "For so long the ticket may be used; seven days at most (RFC 8446, section 4.6.1)."},
    {"ticket_age_add",
     "To be added to the ticket's age, which so becomes unreadable to others (RFC 8446, section 4.6.1)."},
    {"ticket_nonce", "Makes the key of each ticket another one, all from one secret (RFC 8446, section 4.6.1)."},
    {"ticket",
     "What the client shows to resume this session. It is for the server alone to read: mostly the session's state, "
     "encrypted with a key that never leaves it (RFC 8446, section 4.6.1; RFC 5077, section 4)."},
    {"request_update",
     "The sender changes to new keys with its next record; update_requested: and the other side shall too (RFC 8446, "
     "section 4.6.3)."},

    // TLS 1.2.
    {"params", "The server's half of the key exchange (RFC 8422, section 5.4)."},
    {"curve_type",
     "A curve by its name; to describe one of one's own is not allowed any more (RFC 8422, section 5.4)."},
    {"named_curve", "Which curve: the server chooses from supported_groups (RFC 8422, section 5.4)."},
    {"public", "The server's public key, made for this connection (RFC 8422, section 5.4)."},
    {"ServerKeyExchange.algorithm", "What the signature is made with (RFC 5246, section 7.4.3)."},
    {"ServerKeyExchange.signature",
     "By the certificate's key over both randoms and the parameters: so the key exchange is this server's, and of this "
     "connection (RFC 8422, section 5.4)."},
    {"certificate_types", "The kinds of key that the client may sign with (RFC 5246, section 7.4.4)."},
    {"supported_signature_algorithms", "Each a hash and a signature, best first (RFC 8446, section 4.2.3)."},
    {"ecdh_Yc",
     "The client's public key: with it both have the premaster secret, and from that all keys (RFC 8422, section "
     "5.7)."},
    {"encrypted_pre_master_secret",
     "The premaster secret, which the client has drawn, encrypted for the key of the server's certificate: whoever has "
     "that key, then or later, has all keys of this connection (RFC 5246, section 7.4.7.1)."},
    {"ticket_lifetime_hint", "For so long the server means to honour it; 0: it does not say (RFC 5077, section 3.3)."},

    // Around messages.
    {"TLSPlaintext.type",
     "What is in the record. In TLS 1.3 everything encrypted says application_data, and its real type is the last byte "
     "inside (RFC 8446, section 5.2)."},
    {"legacy_record_version",
     "Frozen at TLS 1.2, or 1.0 in the first record: it says nothing any more (RFC 8446, section 5.1)."},
    {"TLSPlaintext.length", "How many bytes of record follow: 2^14 at most, encrypted 256 more (RFC 8446, section 5)."},
    {"Alert.level",
     "In TLS 1.2, whether this is the end. TLS 1.3 does not look: all alerts are, but for close_notify and "
     "user_canceled (RFC 8446, section 6)."},
    {"Alert.description", "What is wrong, for the other side's log (RFC 8446, section 6.2)."},
    {"description=close_notify",
     "The end, as it should be: nothing was cut off by somebody in between (RFC 8446, section 6.1)."},
    {"ChangeCipherSpec.type",
     "In TLS 1.2: from the next record on the sender encrypts. In TLS 1.3 it does nothing; it is there for boxes on "
     "the way that look for it (RFC 5246, section 7.1; RFC 8446, appendix D.4)."},
};

using Index = std::unordered_map<std::string_view, std::string_view>;

const Index& meanings() {
  static const Index index = [] {
    Index out;
    for (const Row& row : table) out.emplace(row.field, row.meaning);
    return out;
  }();
  return index;
}

std::string meaning_of(const Field& field, std::string_view parent, std::string_view message) {
  const std::string keys[] = {fmt::format("{}={}", field.name, field.value), '=' + field.value,
                              fmt::format("{}.{}", message, field.name), fmt::format("{}.{}", parent, field.name),
                              field.name};
  for (const std::string& key : keys)
    if (const auto found = meanings().find(key); found != meanings().end()) return std::string(found->second);
  return {};
}

void explain_children(Field& parent, std::string_view parent_name, std::string_view message) {
  for (Field& field : parent.children) {
    // The bytes of an opaque vector have the vector's name, and its meaning.
    if (field.name != parent.name) field.meaning = meaning_of(field, parent_name, message);
    explain_children(field, field.name, message);
  }
}

}  // namespace

void explain(Field& root) { explain_children(root, "Handshake", root.name); }

}  // namespace handfast::doctor::dissection
