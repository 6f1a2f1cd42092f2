// What a server chooses from a ClientHello of either version (RFC 8446, section 4.1.1; RFC 5246, section 7.4.1.3), each
// choice told to the trace.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/credential.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "crypto/cipher_suite.h"
#include "handshake/engine.h"
#include "handshake/server.h"
#include "wire/client_hello.h"

namespace handfast::handshake {

/// The first of our suites of the version that was chosen, which our key serves, that the client offers too; of the
/// client's where the config says so. A client that puts ChaCha20-Poly1305 first says that it has no AES in
/// hardware, and gets it. `hash`: among those of it. Fails with handshake_failure, no_common_cipher_suite.
Result<const crypto::SuiteParts*> choose_cipher_suite(ServerEngine& engine, const wire::ClientHello& hello,
                                                      crypto::KeyUse key,
                                                      std::optional<crypto::HashAlgorithm> hash = std::nullopt);

/// Room for all the groups that a config may have, which names none twice.
using GroupRoom = std::array<NamedGroup, 16>;
/// Our groups that the version which was chosen has: a view into `room`.
std::span<const NamedGroup> groups_of_version(ServerEngine& engine, GroupRoom& room);
/// Whether there is a group for ECDHE in TLS 1.2: a client that names none takes any (RFC 8422, section 4), where
/// the config does not require that it names some.
bool has_common_group(ServerEngine& engine, const wire::ClientHello& hello);
/// Whether the two have a suite of RSA key exchange in common.
bool has_common_rsa_key_exchange(ServerEngine& engine, const wire::ClientHello& hello);

/// Our first group among `supported_groups`, or the client's where the config says so. Fails with handshake_failure,
/// no_common_group.
Result<NamedGroup> choose_group(ServerEngine& engine, const wire::List<NamedGroup>& supported_groups);

/// Types of certificate that are known here, each once, in a peer's order (RFC 7250).
class CertificateTypes {
 public:
  CertificateTypes() noexcept = default;
  explicit CertificateTypes(CertificateType only) noexcept : types_{only}, count_(1) {}
  /// Leaves out what is unknown, or there already.
  void add(CertificateType type) noexcept;
  const CertificateType* begin() const noexcept { return types_.data(); }
  const CertificateType* end() const noexcept { return types_.data() + count_; }

 private:
  std::array<CertificateType, 2> types_{};  // X509 and RawPublicKey
  std::size_t count_ = 0;
};
/// Those of the list; without a list X.509 (section 4.2).
CertificateTypes certificate_types(const std::optional<wire::List<CertificateType>>& list);
/// The error where we have no credential of a type that the client takes, after the trace was told: handshake_failure,
/// no_common_certificate_type.
Error no_common_credential_type(ServerEngine& engine, const CertificateTypes& theirs,
                                std::span<const CertificateType> ours);
/// A chooser outside may have found no credential, or one of a type that the client does not take. It is kept in
/// ConnectionInfo which type it is, and whether it leads to a trust anchor that was asked for. Fails with
/// unrecognized_name, or handshake_failure, rejected_by_config or no_common_certificate_type.
Result<void> check_chosen(ServerEngine& engine, const std::shared_ptr<const Credential>& credential,
                          const wire::ClientHello& hello);
/// Of the trust anchors that a client of TLS 1.3 asks for the identifiers of those to which some of our credentials
/// lead (draft-ietf-tls-trust-anchor-ids): views into the credentials. The client may name tens of thousands, so its
/// list is walked once, and no more is kept of it than is ours.
std::set<std::string_view> asked_trust_anchors(ServerEngine& engine, const wire::ClientHello& hello,
                                               std::span<const std::shared_ptr<const Credential>> ours);
/// server_certificate_type for a client that has sent it: what is shown, or was in the session's full handshake.
std::optional<CertificateType> server_certificate_type(ServerEngine& engine, const wire::ClientHello& hello);
/// What a client shows where it is asked: the first of our types that it has, kept in ConnectionInfo. Fails with
/// unsupported_certificate, no_common_certificate_type (RFC 7250, section 4.2).
Result<void> choose_client_certificate_type(ServerEngine& engine, const wire::ClientHello& hello);
/// Whether a client's credential, which may be from outside, is of the type that the server wants. Fails with
/// handshake_failure, no_common_certificate_type.
Result<void> check_credential_type(Engine& engine, const Credential& credential);

/// The ALPN protocol, empty for none. Fails with no_application_protocol.
Result<std::string> choose_application_protocol(ServerEngine& engine, const wire::ClientHello& hello);

/// Whether a credential that came from outside may be used for a peer that names those authorities. Fails with
/// handshake_failure, no_matching_issuer.
Result<void> check_issuer(const Credential& credential, const std::optional<wire::List<wire::Opaque16>>& authorities);

/// The scheme that `credential` signs with: its first that the peer accepts. Also holds a credential that came from
/// outside against the peer's certificate_authorities. Fails with handshake_failure, no_common_signature_scheme or
/// no_matching_issuer.
Result<SignatureScheme> choose_signature_scheme(Engine& engine, const Credential& credential,
                                                const wire::List<SignatureScheme>& accepted,
                                                const std::optional<wire::List<wire::Opaque16>>& authorities);

/// The canonical name in server_name, empty where there is none or it is an address (which RFC 6066 forbids). Fails
/// with illegal_parameter, bad_extension for a name that no host can have.
Result<std::string> read_server_name(const wire::ClientHello& hello);
/// Whether the client is told that it was used.
bool acknowledges_server_name(ServerEngine& engine) noexcept;

}  // namespace handfast::handshake
