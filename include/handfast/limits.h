// What a peer may make us do at most: every length and count has a bound.
#pragma once

#include <cstddef>
#include <cstdint>

namespace handfast {

/// Past any of these the connection ends with the RFC's alert and the Reason that is named.
struct Limits {
  /// Body of a ClientHello, in bytes (Reason::message_too_long). Large post-quantum hellos have some 2 KB.
  std::size_t client_hello = 65536;
  /// Body of a Certificate, of a CertificateRequest with its list of authorities, or of the CertificateStatus that is
  /// TLS 1.2's staple (Reason::message_too_long).
  std::size_t certificate = 65536;
  /// Body of any other handshake message (Reason::message_too_long).
  std::size_t message = 16384;
  /// Certificates in a Certificate message (Reason::too_many_certificates).
  std::size_t chain_length = 10;
  /// Records without content, in a row (Reason::too_many_empty_records).
  std::size_t empty_records = 32;
  /// Warning alerts (TLS 1.3: user_canceled) in a row (Reason::too_many_warning_alerts).
  std::size_t warning_alerts = 4;
  /// HelloRequests of TLS 1.2 that a client passes over without application data between them
  /// (Reason::too_many_hello_requests).
  std::size_t hello_requests = 4;
  /// KeyUpdates without application data between them (Reason::too_many_key_updates).
  std::size_t key_updates = 32;
  /// CertificateRequests after the handshake that a client answers without application data between them, and how many
  /// may wait for an answer from outside (Reason::too_many_certificate_requests).
  std::size_t certificate_requests = 8;
  /// And all of them in one connection, each of which is a signature (the same Reason).
  std::size_t certificate_requests_in_all = 64;
  /// Bytes of early data that a server skips beside what its tickets allow: records and all, of clients that it did not
  /// ask for any (Reason::early_data_too_long).
  std::size_t skipped_early_data = 16384;
  /// Pre-shared keys of a ClientHello that a server looks at; the rest is passed over.
  std::size_t psk_identities = 8;
  /// Bytes of early data that a client sends, and keeps as Connection::send_early_data says, whatever the ticket
  /// allows.
  std::size_t early_data = 16384;
  /// Tickets of one connection that a client keeps; those that follow are passed over.
  std::size_t tickets = 16;
  /// Bytes of a ticket that a client keeps, or a server makes: larger ones are not worth their place in a ClientHello.
  /// A NewSessionTicket has room for it below `message`, at which a client ends the connection; a server that makes
  /// larger ones does not know its clients' limits.
  std::size_t ticket = 16000;
  /// Bytes for the frames of the handshake's coroutines (Reason::out_of_memory); some 5 KB are used.
  std::size_t handshake_frames = 65536;
  /// In TLS 1.3, records protected with one key before a KeyUpdate goes out by itself, where that is lower than what
  /// the AEAD allows (RFC 8446, section 5.5: 2^24.5 for AES-GCM; ChaCha20-Poly1305 has no limit but the sequence
  /// number).
  std::uint64_t records_per_key = std::uint64_t{1} << 24;
};

}  // namespace handfast
