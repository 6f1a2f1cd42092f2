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
/// One record. Of application data only the beginning is kept.
struct RecordSeen {
  Direction direction{};
  Level level{};
  ContentType type{};  ///< of what is inside
  bool encrypted = false;
  std::size_t size = 0;          ///< in bytes, its header with it
  Buffer bytes;                  ///< as on the wire, from the header on; maybe less than `size`
  bool opened = false;           ///< what it holds is known
  std::size_t content_size = 0;  ///< where it was opened
  Buffer content;  ///< in the clear; maybe less than `content_size`, and nothing where it is not to be shown
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
  std::variant<Message, ChangeCipherSpec, KeyChange, DerivedSecret, RecordSeen, Decision, Verification, SessionSeen,
               EarlyDataSeen, AlertSeen, Data, Completed, Failed>
      what;
};

/// The events of one connection, in order. It takes at most `max_steps`: a peer may go on for ever, what it says of its
/// handshake may not. Those past it are counted only. Records, where they are told, have limits of their own: what else
/// is kept does not depend on them.
class Recording final : public Trace {
 public:
  static constexpr std::size_t max_steps = 512;
  static constexpr std::size_t max_records = 256;
  static constexpr std::size_t max_record_bytes = std::size_t{1} << 20;  ///< of all records, in both forms
  static constexpr std::size_t max_data_bytes = 512;  ///< of each record of application data, in either form

  void on(const TraceEvent& event) override;

  Side side() const noexcept { return side_; }
  /// When the first event was, in nanoseconds of the config's monotonic clock: recordings on one clock stand on one
  /// time line. 0: there was none.
  std::uint64_t began() const noexcept { return start_; }
  const std::vector<Step>& steps() const noexcept { return steps_; }
  std::size_t left_out() const noexcept { return left_out_; }
  std::size_t records_left_out() const noexcept { return records_left_out_; }
  bool completed() const noexcept { return find<Completed>() != nullptr; }

  /// The same without the bytes of secrets and without application data in the clear, for whoever may look.
  Recording redacted() const;

  /// The first message of that type from that direction, or nullptr.
  const Message* message(HandshakeType type, Direction direction) const noexcept;
  /// The fatal alert that came, or nullptr.
  const AlertSeen* fatal_alert() const noexcept;
  /// The first step of that kind, or nullptr.
  template <typename T>
  const T* find() const noexcept {
    for (const Step& step : steps_)
      if (const T* found = std::get_if<T>(&step.what)) return found;
    return nullptr;
  }

 private:
  void add(const TraceEvent& event);
  /// Whether there is room for one more record, which is then taken.
  bool take_room(const RecordEvent& record);
  /// The last step that is no record, if that is application data.
  Data* last_data() noexcept;
  void learn_version(Bytes server_hello);

  Side side_{};
  std::uint64_t start_ = 0;
  std::vector<Step> steps_;
  std::size_t left_out_ = 0;
  std::size_t records_ = 0;
  std::size_t record_bytes_ = 0;
  std::size_t records_left_out_ = 0;
  bool protected_[2] = {};  ///< by Direction
  /// That of the ServerHello, once it was there. Before it only what all versions have in one form is sent.
  ProtocolVersion version_ = ProtocolVersion::tls1_3;
};

}  // namespace handfast::doctor
