// A ClientHello that can be changed: what a probe sends is a hello that was sent before, and one thing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

namespace handfast::doctor {

/// The parts of a ClientHello (RFC 8446, section 4.1.2), each its own, in their order. Nobody who sends one goes on
/// with the handshake, so key shares and random may be those of another.
class HelloDraft {
 public:
  /// Of a whole message, header included. Fails as wire::parse_client_hello does.
  static Result<HelloDraft> read(Bytes message);
  /// The whole message.
  Buffer write() const;

  /// The name in server_name; empty: none is asked for.
  std::string_view server_name() const noexcept;
  const std::vector<CipherSuite>& cipher_suites() const noexcept { return cipher_suites_; }

  void remove(ExtensionType type);
  /// Puts `data` in the place of the extension's own, or at the end, before pre_shared_key.
  void replace(ExtensionType type, Buffer data);

  void say_legacy_version(ProtocolVersion version) noexcept { legacy_version_ = static_cast<std::uint16_t>(version); }
  void ask_for(std::string_view name);
  void offer(std::vector<CipherSuite> suites) { cipher_suites_ = std::move(suites); }
  void offer(std::span<const ProtocolVersion> versions);
  void offer(std::span<const NamedGroup> groups);
  void offer(std::span<const SignatureScheme> schemes);
  /// Without shares of ML-KEM, which are larger than all the rest; the groups stay in supported_groups, and a server
  /// may ask for their shares.
  void drop_post_quantum_shares();
  /// Without a session or a key that is offered: what a changed hello says of them is wrong (their binders cover it).
  void forget_session();
  /// Pads the message to that many bytes (RFC 7685), header included.
  void pad_to(std::size_t size);

 private:
  using Extension = std::pair<ExtensionType, Buffer>;
  const Buffer* find(ExtensionType type) const noexcept;

  std::uint16_t legacy_version_ = 0x0303;
  Buffer random_;
  Buffer legacy_session_id_;
  std::vector<CipherSuite> cipher_suites_;
  Buffer legacy_compression_methods_;
  std::vector<Extension> extensions_;
};

}  // namespace handfast::doctor
