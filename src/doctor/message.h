// What stands in a handshake message, as facts by the RFC's names: one reading for the ladder, the JSON and the
// verdict.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "doctor/certificate.h"
#include "doctor/recording.h"

namespace handfast::doctor {

/// How much is told of a message: what it says, in words, or every field of it with its bytes.
enum class Detail : std::uint8_t { words, bytes };

/// A message, read. `facts` are what has a name of its own in the message, in an order that reads well;
/// `certificates` are those of a Certificate, leaf first.
struct MessageSummary {
  std::vector<Fact> facts;
  std::vector<CertificateSummary> certificates;
  std::vector<std::string> weaknesses;  ///< what a ServerHello leaves out that a sound TLS 1.2 has
  std::string problem;                  ///< why it does not parse
};
/// What is said of TLS 1.1 and 1.0 (RFC 8996).
inline constexpr std::string_view withdrawn_version =
    "a version that was withdrawn in 2021 (RFC 8996): MD5 and SHA-1 alone vouch for the handshake, and there is no "
    "AEAD";
/// What is said of a TLS 1.2 that lacks it (RFC 7627, section 1; RFC 5746, section 1).
inline constexpr std::string_view no_extended_master_secret =
    "no extended master secret (RFC 7627): the secrets are not bound to this handshake and its certificates";
inline constexpr std::string_view no_secure_renegotiation =
    "no secure renegotiation (RFC 5746): should the server renegotiate, another's words may stand before the client's";

/// And of a suite of it that we speak where it was named (RFC 9325, sections 4.1 and 4.2; RFC 7366, section 1).
inline constexpr std::string_view no_forward_secrecy =
    "RSA key exchange, without forward secrecy: who learns the server's key, now or in ten years, can read this "
    "connection";
inline constexpr std::string_view mac_then_encrypt =
    "CBC without encrypt-then-MAC (RFC 7366): a peer that checks records less than carefully gives away what they hold "
    "(Lucky 13)";
std::vector<std::string_view> suite_weaknesses(CipherSuite suite, bool encrypt_then_mac);

MessageSummary summarize(const Message& message);

/// What the peer sent in Certificate, and what was sent to it: DER, leaf first; empty where there was none.
std::vector<Buffer> certificates_received(const Recording& recording);
std::vector<Buffer> certificates_sent(const Recording& recording);

/// "ClientHello", "HelloRetryRequest", "CertificateVerify".
std::string title(const Message& message);
std::string title(HandshakeType type);

/// A fact of the first such message, as text; empty where it is not there.
std::string fact_of(const Recording& recording, HandshakeType type, Direction direction, std::string_view name);
/// The versions of our ClientHello, as text. A client of TLS 1.2 at most says its newest alone.
std::string offered_versions(const Recording& recording);

}  // namespace handfast::doctor
