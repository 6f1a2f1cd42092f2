// Keys, choosers and verifiers that are somewhere else, and the answers to the Needs they cause.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "engine/pair.h"

namespace handfast::test {

/// A key that is somewhere else: it signs and decrypts only through its Need.
class FarKey final : public PrivateKey {
 public:
  explicit FarKey(std::shared_ptr<const PrivateKey> key) : key_(std::move(key)) {}
  std::span<const SignatureScheme> schemes() const override { return key_->schemes(); }
  Bytes public_key() const override { return key_->public_key(); }
  void sign(SignatureScheme scheme, Buffer message, SignHandler done) const override {
    key_->sign(scheme, std::move(message), std::move(done));
  }
  bool decrypts() const override { return key_->decrypts(); }
  void decrypt(Buffer ciphertext, DecryptHandler done) const override {
    key_->decrypt(std::move(ciphertext), std::move(done));
  }

 private:
  std::shared_ptr<const PrivateKey> key_;
};

inline std::shared_ptr<const Credential> far_credential(const std::shared_ptr<const Credential>& near) {
  return value(Credential::make(near->chain(), std::make_shared<FarKey>(near->key())));
}

struct FarChooser final : CredentialChooser {
  void choose(CredentialRequest, std::function<void(CredentialAnswer)> done) const override {
    done({shared_credential()});
  }
};
struct FarVerifier final : ChainVerifier {
  void verify(VerifyRequest, std::function<void(VerifyAnswer)> done) const override { done({Result<void>()}); }
};

/// The right answer to any Need of these tests.
inline Answer right_answer(const Need& need) {
  if (const auto* sign = std::get_if<SignRequest>(&need.request)) {
    std::optional<Result<Buffer>> signature;
    sign->key->sign(sign->scheme, sign->message, [&](Result<Buffer> given) { signature = std::move(given); });
    return SignAnswer{*signature};
  }
  if (const auto* decrypt = std::get_if<DecryptRequest>(&need.request)) {
    DecryptAnswer answer;
    decrypt->key->decrypt(decrypt->ciphertext, [&](std::optional<Buffer> block) { answer.block = std::move(block); });
    return answer;
  }
  if (std::holds_alternative<CredentialRequest>(need.request))
    return CredentialAnswer{far_credential(shared_credential())};
  if (const auto* session = std::get_if<SessionRequest>(&need.request)) {
    SessionAnswer answer;
    session->store->find(session->id, session->use, [&](std::optional<Buffer> found) { answer = {std::move(found)}; });
    return answer;
  }
  return VerifyAnswer{Result<void>()};
}

/// Pumps, and answers Needs through `answer`, which gets how many came before; false stops answering. How many there
/// were.
inline std::size_t run_with_needs(Pair& pair, const std::function<bool(std::size_t, Connection&)>& answer) {
  std::size_t needs = 0;
  while (true) {
    pair.pump();
    End* asking = nullptr;
    for (End* end : {&pair.client, &pair.server})
      if (end->connection.need()) asking = end;
    if (!asking || !answer(needs, asking->connection)) return needs;
    ++needs;
    asking->feed({});  // what waited in its input meanwhile
  }
}

/// Until nothing moves any more, with every Need answered rightly.
inline std::size_t pump_and_answer(Pair& pair) {
  return run_with_needs(pair, [](std::size_t, Connection& connection) {
    const Need& need = *connection.need();
    return connection.answer(need.id, right_answer(need)).has_value();
  });
}

inline Answer failure(const Need& need) {
  const Error error = Error(Alert::access_denied, Reason::need_failed).with("why", "the test says so");
  if (std::holds_alternative<SignRequest>(need.request)) return SignAnswer{std::unexpected(error)};
  if (std::holds_alternative<CredentialRequest>(need.request)) return CredentialAnswer{std::unexpected(error)};
  return VerifyAnswer{std::unexpected(error)};
}

}  // namespace handfast::test
