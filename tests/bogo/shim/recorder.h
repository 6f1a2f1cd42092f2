// What a connection's trace says of its messages, in the form that BoringSSL's message callback gives it.
#pragma once

#include <optional>
#include <string>

#include <handfast/trace.h>

namespace handfast::bogo {

class Recorder final : public Trace {
 public:
  void on(const TraceEvent& event) override;
  /// A line a message: "read hs 2", "write ccs", "read alert 1 0".
  const std::string& text() const noexcept { return text_; }
  std::optional<HandshakeType> last_received() const noexcept { return last_received_; }
  /// Why the last session or pre-shared key that was looked at was not taken.
  SessionRefusal refusal() const noexcept { return refusal_; }

 private:
  void line(Direction direction, const std::string& what);

  std::string text_;
  std::optional<HandshakeType> last_received_;
  SessionRefusal refusal_ = SessionRefusal::none;
};

}  // namespace handfast::bogo
