// The floor of a full handshake of TLS 1.3.
#include "floor/tls13.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/copy.h"
#include "check.h"
#include "floor/certificate.h"
#include "floor/tls13_schedule.h"

namespace handfast::bench {
namespace {

/// What CertificateVerify signs (RFC 8446, section 4.4.3), hashed.
Block32 signed_digest(const Block32& transcript) {
  constexpr std::string_view context = "TLS 1.3, server CertificateVerify";
  std::array<std::uint8_t, 64> spaces;
  spaces.fill(0x20);
  Sha256 hash;
  hash.update(spaces);
  hash.update(Bytes(reinterpret_cast<const std::uint8_t*>(context.data()), context.size() + 1));
  hash.update(transcript);
  return hash.digest();
}

void append(Buffer& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace

Tls13Floor::Tls13Floor(const Case& which, const Chain& chain, Messages messages)
    : messages_(std::move(messages)),
      key_exchange_(KeyExchange::make(which.group)),
      signatures_(Signatures::make(which.key, chain)) {
  // Certificate: 4 bytes of header, an empty context, the list's length; then each certificate with its extensions'
  // length (RFC 8446, section 4.4.2). CertificateVerify: header, scheme, the signature's length.
  leaf_ = Bytes(messages_.certificate).subspan(4 + 1 + 3 + 3, chain.leaf.size());
  intermediate_ = Bytes(messages_.certificate).last(2 + chain.intermediate.size()).first(chain.intermediate.size());
  check(std::ranges::equal(leaf_, chain.leaf) && std::ranges::equal(intermediate_, chain.intermediate),
        "Certificate holds the chain");
  certificate_verify_signature_ = Bytes(messages_.certificate_verify).subspan(4 + 2 + 2);

  Sha256 transcript;
  for (const Buffer* message :
       {&messages_.client_hello, &messages_.server_hello, &messages_.encrypted_extensions, &messages_.certificate})
    transcript.update(*message);
  to_be_signed_ = signed_digest(transcript.digest());

  for (const Buffer* message : {&messages_.encrypted_extensions, &messages_.certificate, &messages_.certificate_verify,
                                &messages_.server_finished})
    append(flight_, *message);
  const auto seal = [this](Bytes content) {
    Buffer sealed(content.size() + AesGcm::tag_size);
    aead_.seal(record_nonce.data(), record_header13(sealed.size()), content, sealed.data());
    return sealed;
  };
  flight_.push_back(22);
  messages_.client_finished.push_back(22);
  aead_.key_sealing(record_key.data());
  sealed_flight_ = seal(flight_);
  sealed_finished_ = seal(messages_.client_finished);
  scratch_.resize(sealed_flight_.size());
}

void Tls13Floor::server() {
  Block32 random;
  RAND_bytes(random.data(), random.size());
  Sha256 transcript;
  transcript.update(messages_.client_hello);
  const Block32 shared_secret = key_exchange_->run();
  transcript.update(messages_.server_hello);
  Tls13Schedule schedule(Tls13EarlySecret::salt_without_psk(), shared_secret, transcript.digest());
  aead_.key_sealing(record_key.data());
  aead_.key_opening(record_key.data());

  transcript.update(messages_.encrypted_extensions);
  transcript.update(messages_.certificate);
  signatures_->sign(signed_digest(transcript.digest()));
  transcript.update(messages_.certificate_verify);
  schedule.server_finished(transcript.digest());
  transcript.update(messages_.server_finished);
  const Block32 up_to_finished = transcript.digest();
  schedule.application(up_to_finished);
  aead_.seal(record_nonce.data(), record_header13(sealed_flight_.size()), flight_, scratch_.data());

  base::copy(sealed_finished_, scratch_);
  aead_.open(record_nonce.data(), record_header13(sealed_finished_.size()),
             MutableBytes(scratch_).first(sealed_finished_.size()));
  const Block32 expected = schedule.client_finished(up_to_finished);
  CRYPTO_memcmp(expected.data(), scratch_.data() + 4, expected.size());
}

void Tls13Floor::client() {
  std::array<std::uint8_t, 64> random;  // ClientHello.random and legacy_session_id
  RAND_bytes(random.data(), random.size());
  Sha256 transcript;
  transcript.update(messages_.client_hello);
  const Block32 shared_secret = key_exchange_->run();
  transcript.update(messages_.server_hello);
  Tls13Schedule schedule(Tls13EarlySecret::salt_without_psk(), shared_secret, transcript.digest());
  aead_.key_sealing(record_key.data());
  aead_.key_opening(record_key.data());

  base::copy(sealed_flight_, scratch_);
  aead_.open(record_nonce.data(), record_header13(sealed_flight_.size()), scratch_);
  transcript.update(messages_.encrypted_extensions);
  transcript.update(messages_.certificate);
  const Block32 signed_by_leaf = signed_digest(transcript.digest());
  check(signed_by_leaf == to_be_signed_, "the transcript is that of the recorded handshake");
  const SignedCertificate leaf = read_certificate(leaf_);
  signatures_->verify_chain(leaf, read_certificate(intermediate_));
  signatures_->verify_handshake(leaf.public_key, to_be_signed_, certificate_verify_signature_);
  transcript.update(messages_.certificate_verify);
  const Block32 expected = schedule.server_finished(transcript.digest());
  CRYPTO_memcmp(expected.data(), messages_.server_finished.data() + 4, expected.size());

  transcript.update(messages_.server_finished);
  const Block32 up_to_finished = transcript.digest();
  schedule.application(up_to_finished);
  schedule.client_finished(up_to_finished);
  aead_.seal(record_nonce.data(), record_header13(sealed_finished_.size()), messages_.client_finished, scratch_.data());
}

}  // namespace handfast::bench
