// A Trace that keeps what it hears, as plain values, for those who tell of it afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/trace.h>
#include <handfast/types.h>

namespace handfast::doctor {

/// Whether those who are told of secrets see their bytes.
enum class Secrets : std::uint8_t { redacted, shown };

// The events of <handfast/trace.h>, with everything that was a view owned.

struct Message {
  Direction direction{};
  HandshakeType type{};
  bool hello_retry_request = false;
  Level level{};
  ProtocolVersion version{};  ///< in whose form it is
  Buffer bytes;               ///< with its four bytes of header
};
struct ChangeCipherSpec {
  Direction direction{};
  ProtocolVersion version{};
};
struct KeyChange {
  Direction direction{};
  Level level{};
  std::string secret;
  CipherSuite cipher_suite{};
};
struct DerivedSecret {
  std::string name;
  std::string derivation;
  std::size_t size = 0;  ///< in bytes
  Buffer bytes;          ///< empty where they are not to be shown
};
struct Decision {
  std::string what;
  std::string chosen;
  std::vector<std::string> offered;
  std::vector<std::string> supported;
};
struct Verification {
  VerificationReport report;
};
struct SessionSeen {
  Resumption how{};          ///< what it was, where it was resumed; else none
  SessionRefusal refusal{};  ///< why not
};
struct EarlyDataSeen {
  EarlyData outcome{};
};
struct AlertSeen {
  Direction direction{};
  Alert alert{};
  bool fatal = false;
  bool encrypted = false;  ///< that direction had keys already
};
/// Application data; records in a row, in one direction, are one step.
struct Data {
  Direction direction{};
  Level level{};
  std::size_t records = 0;
  std::size_t size = 0;  ///< bytes in all
};
struct Completed {};
struct Failed {
  Error error;
};

struct Step {
  std::uint64_t at;  ///< nanoseconds after the first event
  std::variant<Message, ChangeCipherSpec, KeyChange, DerivedSecret, Decision, Verification, SessionSeen, EarlyDataSeen,
               AlertSeen, Data, Completed, Failed>
      what;
};

/// The events of one connection, in order. It takes at most `max_steps`: a peer may go on for ever, what it says of its
/// handshake may not. Those past it are counted only.
class Recording final : public Trace {
 public:
  static constexpr std::size_t max_steps = 512;

  void on(const TraceEvent& event) override;

  Side side() const noexcept { return side_; }
  const std::vector<Step>& steps() const noexcept { return steps_; }
  std::size_t left_out() const noexcept { return left_out_; }
  bool completed() const noexcept { return find<Completed>() != nullptr; }

  /// The same without the bytes of secrets, for whoever may look.
  Recording redacted() const;

  /// The first message of that type from that direction, or nullptr.
  const Message* message(HandshakeType type, Direction direction) const noexcept;
  /// The first step of that kind, or nullptr.
  template <typename T>
  const T* find() const noexcept {
    for (const Step& step : steps_)
      if (const T* found = std::get_if<T>(&step.what)) return found;
    return nullptr;
  }

 private:
  void add(const TraceEvent& event);
  void learn_version(Bytes server_hello);

  Side side_{};
  std::uint64_t start_ = 0;
  std::vector<Step> steps_;
  std::size_t left_out_ = 0;
  bool protected_[2] = {};  ///< by Direction
  /// That of the ServerHello, once it was there. Before it only what all versions have in one form is sent.
  ProtocolVersion version_ = ProtocolVersion::tls1_3;
};

}  // namespace handfast::doctor
