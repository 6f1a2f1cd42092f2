// The floor of a resumed handshake of TLS 1.2.
#include "floor/tls12_resumed.h"

#include <array>
#include <cstdint>
#include <utility>

#include <openssl/rand.h>

#include "wire/client_hello.h"

namespace handfast::bench {
namespace {

/// Of the session; what it is does not matter.
constexpr std::array<std::uint8_t, 48> master_secret{1, 2, 3, 4, 5, 6, 7, 8};

}  // namespace

Tls12ResumedFloor::Tls12ResumedFloor(Messages messages)
    : messages_(std::move(messages)), randoms_(randoms_of(messages_)), records_(messages_) {
  const wire::ClientHello hello = value(wire::parse_client_hello(Bytes(messages_.client_hello).subspan(4)));
  if (hello.session_ticket && !hello.session_ticket->empty()) ticket_.emplace(hello.session_ticket->size());
}

void Tls12ResumedFloor::server() {
  Block32 random;
  RAND_bytes(random.data(), random.size());
  if (ticket_) ticket_->open();
  Sha256 transcript;
  transcript.update(messages_.client_hello);
  transcript.update(messages_.server_hello);
  const Tls12Schedule schedule(HmacSha256(master_secret), randoms_);
  records_.set_sending_key();
  schedule.finished("server finished", transcript.digest());
  records_.seal_finished(messages_.server_finished);
  transcript.update(messages_.server_finished);

  records_.set_receiving_key();
  records_.open_finished(schedule.finished("client finished", transcript.digest()));
}

void Tls12ResumedFloor::client() {
  std::array<std::uint8_t, 64> random;  // and a session ID, to tell by whether a ticket was taken (RFC 5077, 3.4)
  RAND_bytes(random.data(), ticket_ ? 64 : 32);
  Sha256 transcript;
  transcript.update(messages_.client_hello);
  transcript.update(messages_.server_hello);
  const Tls12Schedule schedule(HmacSha256(master_secret), randoms_);
  records_.set_receiving_key();
  records_.open_finished(schedule.finished("server finished", transcript.digest()));
  transcript.update(messages_.server_finished);

  records_.set_sending_key();
  schedule.finished("client finished", transcript.digest());
  records_.seal_finished(messages_.client_finished);
}

}  // namespace handfast::bench
