#include "recorder.h"

#include <variant>

namespace handfast::bogo {

void Recorder::on(const TraceEvent& event) {
  if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
    line(message->direction,
         message->v2_client_hello ? "v2clienthello" : "hs " + std::to_string(static_cast<int>(message->type)));
    if (message->direction == Direction::received) last_received_ = message->type;
  } else if (const auto* change = std::get_if<ChangeCipherSpecEvent>(&event.what)) {
    line(change->direction, "ccs");
  } else if (const auto* alert = std::get_if<AlertEvent>(&event.what)) {
    line(alert->direction,
         std::string("alert ") + (alert->fatal ? "2 " : "1 ") + std::to_string(static_cast<int>(alert->alert)));
  } else if (const auto* resumption = std::get_if<ResumptionEvent>(&event.what)) {
    refusal_ = resumption->refusal;
  }
}

void Recorder::line(Direction direction, const std::string& what) {
  text_ += direction == Direction::sent ? "write " : "read ";
  text_ += what;
  text_ += '\n';
}

}  // namespace handfast::bogo
