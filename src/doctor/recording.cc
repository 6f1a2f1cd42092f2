#include "doctor/recording.h"

#include <utility>

#include "doctor/overload.h"

namespace handfast::doctor {
void Recording::on(const TraceEvent& event) {
  if (steps_.empty()) {
    side_ = event.side;
    start_ = event.at;
  }
  // The last step goes on while data flows one way.
  if (const auto* data = std::get_if<DataEvent>(&event.what); data != nullptr && !steps_.empty()) {
    auto* last = std::get_if<Data>(&steps_.back().what);
    if (last != nullptr && last->direction == data->direction && last->level == data->level) {
      ++last->records;
      last->size += data->size;
      return;
    }
  }
  if (steps_.size() == max_steps) {
    ++left_out_;
    return;
  }
  add(event);
}

void Recording::add(const TraceEvent& event) {
  using What = decltype(Step::what);
  steps_.push_back({event.at - start_,
                    std::visit(Overload{
                                   [](const MessageEvent& e) -> What {
                                     return Message{e.direction, e.type, e.hello_retry_request, e.level,
                                                    Buffer(e.bytes.begin(), e.bytes.end())};
                                   },
                                   [](const ChangeCipherSpecEvent& e) -> What { return ChangeCipherSpec{e.direction}; },
                                   [this](const KeyEvent& e) -> What {
                                     protected_[std::to_underlying(e.direction)] = true;
                                     return KeyChange{e.direction, e.level, std::string(e.secret), e.cipher_suite};
                                   },
                                   [](const SecretEvent& e) -> What {
                                     return DerivedSecret{std::string(e.name), std::string(e.derivation), e.size,
                                                          Buffer(e.secret.begin(), e.secret.end())};
                                   },
                                   [](const DecisionEvent& e) -> What {
                                     return Decision{std::string(e.what), e.chosen, e.offered, e.supported};
                                   },
                                   [](const VerificationEvent& e) -> What { return Verification{*e.report}; },
                                   [this](const AlertEvent& e) -> What {
                                     return AlertSeen{e.direction, e.alert, e.fatal,
                                                      protected_[std::to_underlying(e.direction)]};
                                   },
                                   [](const DataEvent& e) -> What { return Data{e.direction, e.level, 1, e.size}; },
                                   [](const CompletedEvent&) -> What { return Completed{}; },
                                   [](const FailedEvent& e) -> What { return Failed{*e.error}; },
                               },
                               event.what)});
}

Recording Recording::redacted() const {
  Recording out = *this;
  for (Step& step : out.steps_)
    if (auto* secret = std::get_if<DerivedSecret>(&step.what)) secret->bytes.clear();
  return out;
}

const Message* Recording::message(HandshakeType type, Direction direction) const noexcept {
  for (const Step& step : steps_)
    if (const auto* found = std::get_if<Message>(&step.what))
      if (found->type == type && found->direction == direction) return found;
  return nullptr;
}

}  // namespace handfast::doctor
