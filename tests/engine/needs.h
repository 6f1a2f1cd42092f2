// Keys, choosers and verifiers that are somewhere else, and the answers to the Needs they cause.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "engine/pair.h"

namespace handfast::test {

/// A key that is somewhere else: it signs only through its Need.
class FarKey final : public PrivateKey {
 public:
  explicit FarKey(std::shared_ptr<const PrivateKey> key) : key_(std::move(key)) {}
  std::span<const SignatureScheme> schemes() const override { return key_->schemes(); }
  Bytes public_key() const override { return key_->public_key(); }
  void sign(SignatureScheme scheme, Buffer message, SignHandler done) const override {
    key_->sign(scheme, std::move(message), std::move(done));
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
  if (std::holds_alternative<CredentialRequest>(need.request))
    return CredentialAnswer{far_credential(shared_credential())};
  return VerifyAnswer{Result<void>()};
}

inline Answer failure(const Need& need) {
  const Error error = Error(Alert::access_denied, Reason::need_failed).with("why", "the test says so");
  if (std::holds_alternative<SignRequest>(need.request)) return SignAnswer{std::unexpected(error)};
  if (std::holds_alternative<CredentialRequest>(need.request)) return CredentialAnswer{std::unexpected(error)};
  return VerifyAnswer{std::unexpected(error)};
}

}  // namespace handfast::test
