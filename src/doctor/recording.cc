#include "doctor/recording.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "doctor/overload.h"
#include "wire/handshake.h"
#include "wire/server_hello.h"

namespace handfast::doctor {
namespace {

/// Of `bytes`, a record's in either form, what is kept.
Bytes kept(const RecordEvent& record, Bytes bytes) {
  return record.type == ContentType::application_data ? bytes.first(std::min(bytes.size(), Recording::max_data_bytes))
                                                      : bytes;
}

RecordSeen seen(const RecordEvent& e) {
  const Bytes bytes = kept(e, e.record);
  RecordSeen out{e.direction, e.level, e.type, e.encrypted, e.record.size(), {bytes.begin(), bytes.end()},
                 false,       0,       {}};
  if (!e.content) return out;
  const Bytes content = kept(e, *e.content);
  out.opened = true;
  out.content_size = e.content->size();
  out.content.assign(content.begin(), content.end());
  return out;
}

}  // namespace

void Recording::on(const TraceEvent& event) {
  // Nobody wanted any: nothing has happened.
  if (const auto* early = std::get_if<EarlyDataEvent>(&event.what); early && early->outcome == EarlyData::disabled)
    return;
  if (steps_.empty()) {
    side_ = event.side;
    start_ = event.at;
  }
  // The last step goes on while data flows one way.
  if (const auto* data = std::get_if<DataEvent>(&event.what)) {
    Data* last = last_data();
    if (last != nullptr && last->direction == data->direction && last->level == data->level) {
      ++last->records;
      last->size += data->size;
      return;
    }
  }
  const auto* record = std::get_if<RecordEvent>(&event.what);
  if (record != nullptr && !take_room(*record)) {
    ++records_left_out_;
    return;
  }
  if (record == nullptr && steps_.size() - records_ == max_steps) {
    ++left_out_;
    return;
  }
  add(event);
}

void Recording::add(const TraceEvent& event) {
  using What = decltype(Step::what);
  steps_.push_back(
      {event.at - start_,
       std::visit(
           Overload{
               [this](const MessageEvent& e) -> What {
                 if (e.type == HandshakeType::server_hello) learn_version(e.bytes);
                 return Message{e.direction, e.type,   e.hello_retry_request,
                                e.level,     version_, Buffer(e.bytes.begin(), e.bytes.end())};
               },
               [this](const ChangeCipherSpecEvent& e) -> What { return ChangeCipherSpec{e.direction, version_}; },
               [this](const KeyEvent& e) -> What {
                 protected_[std::to_underlying(e.direction)] = true;
                 return KeyChange{e.direction, e.level, std::string(e.secret), e.cipher_suite};
               },
               [](const SecretEvent& e) -> What {
                 return DerivedSecret{std::string(e.name), std::string(e.derivation), e.size,
                                      Buffer(e.secret.begin(), e.secret.end())};
               },
               [](const RecordEvent& e) -> What { return seen(e); },
               [](const DecisionEvent& e) -> What {
                 return Decision{std::string(e.what), e.chosen, e.offered, e.supported};
               },
               [](const VerificationEvent& e) -> What { return Verification{*e.report}; },
               [](const ResumptionEvent& e) -> What { return SessionSeen{e.how, e.refusal}; },
               [](const EarlyDataEvent& e) -> What { return EarlyDataSeen{e.outcome}; },
               [this](const AlertEvent& e) -> What {
                 return AlertSeen{e.direction, e.alert, e.fatal, protected_[std::to_underlying(e.direction)]};
               },
               [](const DataEvent& e) -> What { return Data{e.direction, e.level, 1, e.size}; },
               [](const CompletedEvent&) -> What { return Completed{}; },
               [](const FailedEvent& e) -> What { return Failed{*e.error}; },
           },
           event.what)});
}

bool Recording::take_room(const RecordEvent& record) {
  const std::size_t bytes = kept(record, record.record).size() + kept(record, record.content.value_or(Bytes())).size();
  // Behind one that was left out nobody could tell what the next begins with.
  if (records_left_out_ != 0 || records_ == max_records || record_bytes_ + bytes > max_record_bytes) return false;
  ++records_;
  record_bytes_ += bytes;
  return true;
}

Data* Recording::last_data() noexcept {
  for (Step& step : std::views::reverse(steps_))
    if (!std::holds_alternative<RecordSeen>(step.what)) return std::get_if<Data>(&step.what);
  return nullptr;
}

void Recording::learn_version(Bytes server_hello) {
  if (server_hello.size() < wire::handshake_header_size) return;
  if (const auto hello = wire::parse_server_hello(server_hello.subspan(wire::handshake_header_size)))
    version_ = hello->version();
}

Recording Recording::redacted() const {
  Recording out = *this;
  for (Step& step : out.steps_) {
    if (auto* secret = std::get_if<DerivedSecret>(&step.what)) secret->bytes.clear();
    if (auto* record = std::get_if<RecordSeen>(&step.what); record && record->type == ContentType::application_data)
      record->content.clear();
  }
  return out;
}

const AlertSeen* Recording::fatal_alert() const noexcept {
  for (const Step& step : steps_)
    if (const auto* alert = std::get_if<AlertSeen>(&step.what))
      if (alert->direction == Direction::received && alert->fatal) return alert;
  return nullptr;
}

const Message* Recording::message(HandshakeType type, Direction direction) const noexcept {
  for (const Step& step : steps_)
    if (const auto* found = std::get_if<Message>(&step.what))
      if (found->type == type && found->direction == direction) return found;
  return nullptr;
}

}  // namespace handfast::doctor
