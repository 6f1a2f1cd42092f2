// The floor of a resumed handshake of TLS 1.3, with a fresh key exchange.
#include "floor/tls13_resumed.h"

#include <array>
#include <cstdint>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/copy.h"
#include "check.h"
#include "floor/tls13_schedule.h"
#include "wire/client_hello.h"

namespace handfast::bench {
namespace {

/// Of the session; what it is does not matter.
constexpr Block32 psk{1, 2, 3, 4, 5, 6, 7, 8};

wire::OfferedPsks offered(const Messages& messages) {
  const wire::ClientHello hello = value(wire::parse_client_hello(Bytes(messages.client_hello).subspan(4)));
  check(hello.pre_shared_key.has_value(), "a session was offered");
  return *hello.pre_shared_key;
}

std::size_t ticket_size(const Messages& messages) { return (*offered(messages).identities.begin()).identity.size(); }

/// Messages, and the type of what they are (RFC 8446, section 5.2).
Buffer inner_plaintext(std::initializer_list<Bytes> messages) {
  Buffer content;
  for (const Bytes message : messages) content.insert(content.end(), message.begin(), message.end());
  content.push_back(22);
  return content;
}

}  // namespace

Tls13ResumedFloor::Tls13ResumedFloor(const Case& which, Messages messages)
    : messages_(std::move(messages)),
      truncated_hello_(messages_.client_hello.size() - offered(messages_).binders_size()),
      flight_(inner_plaintext({messages_.encrypted_extensions, messages_.server_finished})),
      finished_(inner_plaintext({messages_.client_finished})),
      new_ticket_(inner_plaintext({messages_.new_session_ticket})),
      scratch_(messages_.client_hello.size() + messages_.new_session_ticket.size()),
      ticket_(ticket_size(messages_)),
      key_exchange_(KeyExchange::make(which.group)) {
  check(messages_.certificate.empty() && !messages_.new_session_ticket.empty(), "a session was resumed and renewed");
  aead_.key_sealing(record_key.data());
  sealed_flight_ = sealed(flight_);
  sealed_finished_ = sealed(finished_);
  sealed_new_ticket_ = sealed(new_ticket_);
}

Block32 Tls13ResumedFloor::hash_hello(Sha256& transcript) const {
  const Bytes hello = messages_.client_hello;
  transcript.update(hello.first(truncated_hello_));
  const Block32 truncated = transcript.digest();
  transcript.update(hello.subspan(truncated_hello_));
  return truncated;
}

void Tls13ResumedFloor::seal(Bytes content) {
  const std::size_t size = content.size() + AesGcm::tag_size;
  aead_.seal(record_nonce.data(), record_header13(size), content, scratch_.data());
}

Buffer Tls13ResumedFloor::sealed(Bytes content) {
  seal(content);
  return {scratch_.begin(), scratch_.begin() + static_cast<std::ptrdiff_t>(content.size() + AesGcm::tag_size)};
}

void Tls13ResumedFloor::open(Bytes sealed_content) {
  base::copy(sealed_content, scratch_);
  aead_.open(record_nonce.data(), record_header13(sealed_content.size()),
             MutableBytes(scratch_).first(sealed_content.size()));
}

void Tls13ResumedFloor::server() {
  std::array<std::uint8_t, 32 + 4 + 32> random;  // ServerHello.random, ticket_age_add, and the ticket's salt
  RAND_bytes(random.data(), random.size());
  ticket_.open();
  Sha256 transcript;
  const Block32 hello_hash = hash_hello(transcript);
  const Tls13EarlySecret early_secret(psk);
  const Block32 binder = early_secret.binder(hello_hash);
  CRYPTO_memcmp(binder.data(), messages_.client_hello.data() + messages_.client_hello.size() - 32, binder.size());
  const Block32 shared_secret = key_exchange_->run();
  transcript.update(messages_.server_hello);
  Tls13Schedule schedule(early_secret.salt(), shared_secret, transcript.digest());
  aead_.key_sealing(record_key.data());
  aead_.key_opening(record_key.data());

  transcript.update(messages_.encrypted_extensions);
  schedule.server_finished(transcript.digest());
  transcript.update(messages_.server_finished);
  const Block32 up_to_finished = transcript.digest();
  schedule.application(up_to_finished);
  seal(flight_);

  open(sealed_finished_);
  const Block32 expected = schedule.client_finished(up_to_finished);
  CRYPTO_memcmp(expected.data(), scratch_.data() + 4, expected.size());
  transcript.update(messages_.client_finished);

  schedule.resumption(transcript.digest());
  ticket_.seal();
  aead_.key_sealing(record_key.data());
  seal(new_ticket_);
}

void Tls13ResumedFloor::client() {
  std::array<std::uint8_t, 64> random;  // ClientHello.random and legacy_session_id
  RAND_bytes(random.data(), random.size());
  Sha256 transcript;
  const Tls13EarlySecret early_secret(psk);
  early_secret.binder(hash_hello(transcript));
  const Block32 shared_secret = key_exchange_->run();
  transcript.update(messages_.server_hello);
  Tls13Schedule schedule(early_secret.salt(), shared_secret, transcript.digest());
  aead_.key_sealing(record_key.data());
  aead_.key_opening(record_key.data());

  open(sealed_flight_);
  transcript.update(messages_.encrypted_extensions);
  const Block32 expected = schedule.server_finished(transcript.digest());
  CRYPTO_memcmp(expected.data(), messages_.server_finished.data() + 4, expected.size());

  transcript.update(messages_.server_finished);
  const Block32 up_to_finished = transcript.digest();
  schedule.application(up_to_finished);
  schedule.client_finished(up_to_finished);
  seal(finished_);
  transcript.update(messages_.client_finished);

  schedule.resumption(transcript.digest());
  aead_.key_opening(record_key.data());
  open(sealed_new_ticket_);
}

}  // namespace handfast::bench
