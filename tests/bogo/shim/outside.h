// What answers a connection's Needs: keys, a chooser of credentials and a verifier that do as the flags say, and
// stores.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <handfast/credential.h>
#include <handfast/need.h>

#include "flags.h"
#include "recorder.h"

namespace handfast::bogo {

using SharedCredential = std::shared_ptr<const Credential>;

/// RSA key exchange: names of suites say it.
bool is_rsa_key_exchange(CipherSuite suite);

/// A local key that is not known as one, so that the connection has to ask for every signature and decryption.
class LateKey final : public PrivateKey {
 public:
  explicit LateKey(std::shared_ptr<const LocalKey> key) noexcept : key_(std::move(key)) {}
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
  std::shared_ptr<const LocalKey> key_;
};

/// Chooses the first credential that suits the peer, else the last one, as somebody does who wants no connection
/// without one: the engine has to refuse it. Without credentials it answers that there is none; a server that has
/// pre-shared keys alone refuses who offers none of them. Throws Failure where the peer's offer is not the one that the
/// flags expect.
class Chooser final : public CredentialChooser {
 public:
  /// `flags` and `trace`, which is the connection's, outlive it.
  Chooser(const Flags& flags, const Recorder& trace, std::vector<SharedCredential> credentials, bool has_psk)
      : flags_(flags), trace_(trace), credentials_(std::move(credentials)), has_psk_(has_psk) {}
  void choose(CredentialRequest request, std::function<void(CredentialAnswer)> done) const override;
  std::string policy_name() const override { return "the runner's"; }

 private:
  void check(const PeerOffer& offer) const;
  /// The refusal that the flags ask for.
  std::optional<Error> refusal() const;
  SharedCredential pick(const PeerOffer& offer) const;

  const Flags& flags_;
  const Recorder& trace_;
  std::vector<SharedCredential> credentials_;
  bool has_psk_;
};

/// Takes every chain, or none: the runner's certificates are not what these tests are about.
class Verifier final : public ChainVerifier {
 public:
  explicit Verifier(const Flags& flags) noexcept : flags_(&flags) {}
  /// From now on it does as these flags say; they outlive it.
  void follow(const Flags& flags) noexcept { flags_ = &flags; }
  void verify(VerifyRequest request, std::function<void(VerifyAnswer)> done) const override;
  /// All connections of a test may resume each other's sessions.
  std::string policy_name() const override { return "the runner's"; }

 private:
  std::optional<Error> refusal() const;
  const Flags* flags_;
};

/// Asks whoever can answer the Need. (All of them answer at once; `Peer` decides when the connection hears of it.)
Answer ask_outside(const Need& need, const CredentialChooser& chooser, const ChainVerifier& verifier);

}  // namespace handfast::bogo
