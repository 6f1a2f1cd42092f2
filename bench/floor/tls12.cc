// The floor of a full handshake of TLS 1.2.
#include "floor/tls12.h"

#include <utility>

#include <openssl/rand.h>

#include "floor/certificate.h"

namespace handfast::bench {

Tls12Floor::Tls12Floor(const Case& which, const Chain& chain, Messages messages)
    : messages_(std::move(messages)),
      leaf_(chain.leaf),
      intermediate_(chain.intermediate),
      randoms_(randoms_of(messages_)),
      key_exchange_(KeyExchange::make(which.group)),
      signatures_(Signatures::make(which.key, chain)),
      records_(messages_) {
  // ServerKeyExchange: header; curve_type, named curve, the point and its length; then the algorithm, and the signature
  // with its length (RFC 8422, section 5.4).
  const Bytes exchange = Bytes(messages_.server_key_exchange).subspan(4);
  params_ = exchange.first(4u + exchange[3]);
  signature_ = exchange.subspan(params_.size() + 2 + 2);
}

Block32 Tls12Floor::signed_digest() const {
  Sha256 hash;
  hash.update(randoms_);
  hash.update(params_);
  return hash.digest();
}

void Tls12Floor::server() {
  Block32 random;
  RAND_bytes(random.data(), random.size());
  Sha256 transcript;
  transcript.update(messages_.client_hello);
  transcript.update(messages_.server_hello);
  transcript.update(messages_.certificate);
  const Block32 shared_secret = key_exchange_->run();
  signatures_->sign(signed_digest());
  transcript.update(messages_.server_key_exchange);
  transcript.update(messages_.server_hello_done);

  transcript.update(messages_.client_key_exchange);
  const Block32 session_hash = transcript.digest();
  const Tls12Schedule schedule(derive_master_secret(shared_secret, session_hash), randoms_);
  records_.set_sending_key();
  records_.set_receiving_key();
  records_.open_finished(schedule.finished("client finished", session_hash));
  transcript.update(messages_.client_finished);
  schedule.finished("server finished", transcript.digest());
  records_.seal_finished(messages_.server_finished);
}

void Tls12Floor::client() {
  Block32 random;
  RAND_bytes(random.data(), random.size());
  Sha256 transcript;
  transcript.update(messages_.client_hello);
  transcript.update(messages_.server_hello);
  transcript.update(messages_.certificate);
  const SignedCertificate leaf = read_certificate(leaf_);
  signatures_->verify_chain(leaf, read_certificate(intermediate_));
  transcript.update(messages_.server_key_exchange);
  signatures_->verify_handshake(leaf.public_key, signed_digest(), signature_);
  transcript.update(messages_.server_hello_done);

  const Block32 shared_secret = key_exchange_->run();
  transcript.update(messages_.client_key_exchange);
  const Block32 session_hash = transcript.digest();
  const Tls12Schedule schedule(derive_master_secret(shared_secret, session_hash), randoms_);
  records_.set_sending_key();
  records_.set_receiving_key();
  schedule.finished("client finished", session_hash);
  records_.seal_finished(messages_.client_finished);
  transcript.update(messages_.client_finished);
  records_.open_finished(schedule.finished("server finished", transcript.digest()));
}

}  // namespace handfast::bench
