// Servers that break the protocol, or can't prove what they say.
#include <algorithm>
#include <array>
#include <utility>

#include "doctor/lab/scenario.h"
#include "wire/handshake.h"

namespace handfast::doctor::lab {
namespace {

/// Does something to the messages of a type; the others stay.
Tampering to(HandshakeType type, void (*how)(Buffer& message)) {
  Tampering out;
  out.change = [type, how](HandshakeType seen, Buffer message) {
    if (seen == type) how(message);
    std::vector<Buffer> messages;
    if (!message.empty()) messages.push_back(std::move(message));
    return messages;
  };
  return out;
}

void flip_last_bit(Buffer& message) { message.back() ^= 1; }
void leave_out(Buffer& message) { message.clear(); }

/// The same header with another body.
void replace_body(Buffer& message, Bytes body) {
  message.resize(1);
  for (const unsigned shift : {16U, 8U, 0U}) message.push_back(static_cast<std::uint8_t>(body.size() >> shift));
  message.insert(message.end(), body.begin(), body.end());
}

ServerOptions tls12() {
  ServerOptions options;
  options.max_version = ProtocolVersion::tls1_2;
  return options;
}

Result<net::Serve> bad_certificate_verify(const Site& site) {
  return site.serve(to(HandshakeType::certificate_verify, flip_last_bit));
}
Result<net::Serve> bad_server_key_exchange(const Site& site) {
  return site.serve(to(HandshakeType::server_key_exchange, flip_last_bit), tls12());
}
Result<net::Serve> bad_finished(const Site& site) { return site.serve(to(HandshakeType::finished, flip_last_bit)); }
Result<net::Serve> bad_seal(const Site& site) { return site.serve(Tampering{.change = {}, .breaks_seal = true}); }

/// Signs as nobody has asked it to, with SHA-1.
Result<net::Serve> sha1_signature(const Site& site) {
  return site.serve(to(HandshakeType::certificate_verify, [](Buffer& message) {
    constexpr auto scheme = std::to_underlying(SignatureScheme::ecdsa_sha1);
    message[wire::handshake_header_size] = static_cast<std::uint8_t>(scheme >> 8);
    message[wire::handshake_header_size + 1] = static_cast<std::uint8_t>(scheme);
  }));
}

Result<net::Serve> garbled_server_hello(const Site& site) {
  return site.serve(to(HandshakeType::server_hello, [](Buffer& message) { replace_body(message, {}); }));
}

/// The leaf's DER begins with anything but a SEQUENCE: context, lengths of list and entry, then it.
Result<net::Serve> garbled_certificate(const Site& site) {
  return site.serve(to(HandshakeType::certificate, [](Buffer& message) {
    constexpr std::size_t der = wire::handshake_header_size + 1 + 3 + 3;
    message[der] = 0x05;
  }));
}

Result<net::Serve> no_certificate(const Site& site) {
  return site.serve(to(HandshakeType::certificate, [](Buffer& message) {
    constexpr std::array<std::uint8_t, 4> empty{};
    replace_body(message, empty);
  }));
}

Result<net::Serve> no_encrypted_extensions(const Site& site) {
  return site.serve(to(HandshakeType::encrypted_extensions, leave_out));
}

Result<net::Serve> unsolicited_extension(const Site& site) {
  return site.serve(to(HandshakeType::encrypted_extensions, [](Buffer& message) {
    // An ALPN protocol, "h2", which nobody has offered.
    constexpr std::array<std::uint8_t, 11> alpn{0, 9, 0, 16, 0, 5, 0, 3, 2, 'h', '2'};
    replace_body(message, alpn);
  }));
}

/// The share of x25519 is the point of order one (RFC 7748, section 6.1).
Result<net::Serve> bad_key_share(const Site& site) {
  ServerOptions options;
  options.groups = {NamedGroup::x25519};
  return site.serve(to(HandshakeType::server_hello,
                       [](Buffer& message) {
                         constexpr std::array<std::uint8_t, 8> head{0, 51, 0, 36, 0, 29, 0, 32};
                         const auto share = std::ranges::search(message, head);
                         if (share.end() != message.end()) std::fill_n(share.end(), 32, std::uint8_t{0});
                       }),
                    std::move(options));
}

constexpr Scenario protocol_table[] = {
    {.name = "bad-certificate-verify",
     .summary = "the proof that the server has its key (CertificateVerify) is wrong",
     .expected = {Reason::bad_signature, ExitCode::certificate, Fault::server, "Send nothing to it"},
     .server = bad_certificate_verify},
    {.name = "bad-server-key-exchange",
     .summary = "the same in TLS 1.2: the signature of ServerKeyExchange is wrong",
     .expected = {Reason::bad_signature, ExitCode::certificate, Fault::server, "Send nothing to it"},
     .server = bad_server_key_exchange},
    {.name = "bad-finished",
     .summary = "the server's Finished does not fit what was said before it",
     .expected = {Reason::bad_finished, ExitCode::negotiation, Fault::unknown, "another network"},
     .server = bad_finished},
    {.name = "bad-record-mac",
     .summary = "a record does not decrypt",
     .expected = {Reason::bad_record_mac, ExitCode::negotiation, Fault::unknown, "another network"},
     .server = bad_seal},
    {.name = "sha1-signature",
     .summary = "signs the handshake with SHA-1, which was not offered",
     .expected = {Reason::wrong_signature_scheme, ExitCode::negotiation, Fault::unknown, "fault of the server"},
     .server = sha1_signature},
    {.name = "garbled-server-hello",
     .summary = "a ServerHello without content",
     .expected = {Reason::decode_error, ExitCode::negotiation, Fault::unknown, "fault of the server"},
     .server = garbled_server_hello},
    {.name = "garbled-certificate",
     .summary = "a certificate that does not parse",
     .expected = {Reason::bad_certificate, ExitCode::certificate, Fault::unknown, "made anew"},
     .server = garbled_certificate},
    {.name = "no-certificate",
     .summary = "a Certificate message without a certificate",
     .expected = {Reason::no_certificate, ExitCode::certificate, Fault::unknown, "certificate"},
     .server = no_certificate},
    {.name = "missing-message",
     .summary = "leaves EncryptedExtensions out",
     .expected = {Reason::unexpected_message, ExitCode::negotiation, Fault::unknown, "fault of the server"},
     .server = no_encrypted_extensions},
    {.name = "unsolicited-extension",
     .summary = "chooses an application protocol where none was offered",
     .expected = {Reason::unsolicited_extension, ExitCode::negotiation, Fault::unknown, "fault of the server"},
     .server = unsolicited_extension},
    {.name = "bad-key-share",
     .summary = "a key share that would make everybody know the secret",
     .expected = {Reason::bad_key_share, ExitCode::negotiation, Fault::unknown, "fault of the server"},
     .server = bad_key_share},
};

}  // namespace

std::span<const Scenario> protocol_scenarios() { return protocol_table; }

}  // namespace handfast::doctor::lab
