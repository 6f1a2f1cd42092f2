#include "doctor/html/carriage.h"

#include <algorithm>
#include <utility>

namespace handfast::doctor {
namespace {

/// The places of the records of that type and direction that were opened.
std::vector<std::size_t> opened(const Recording& recording, Direction direction, ContentType type) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < recording.steps().size(); ++i) {
    const auto* record = std::get_if<RecordSeen>(&recording.steps()[i].what);
    if (record != nullptr && record->direction == direction && record->type == type && record->opened &&
        record->content_size != 0)
      out.push_back(i);
  }
  return out;
}

const RecordSeen& record_at(const Recording& recording, std::size_t place) {
  return std::get<RecordSeen>(recording.steps()[place].what);
}

}  // namespace

Carriage::Carriage(const Recording& recording)
    : records_(recording.steps().size()), parts_(recording.steps().size()), numbers_(recording.steps().size()) {
  number(recording);
  for (const Direction direction : {Direction::sent, Direction::received}) {
    match_messages(recording, direction);
    match_one_each<AlertSeen>(recording, direction, ContentType::alert);
    match_one_each<ChangeCipherSpec>(recording, direction, ContentType::change_cipher_spec);
    match_data(recording, direction);
  }
}

void Carriage::carry(std::size_t record, std::size_t step, std::size_t offset, std::size_t size) {
  records_[step].push_back(record);
  parts_[record].push_back({step, offset, size});
}

void Carriage::number(const Recording& recording) {
  std::uint64_t next[2] = {};
  for (std::size_t i = 0; i < recording.steps().size(); ++i) {
    const Step& step = recording.steps()[i];
    if (const auto* key = std::get_if<KeyChange>(&step.what)) next[std::to_underlying(key->direction)] = 0;
    const auto* record = std::get_if<RecordSeen>(&step.what);
    if (record != nullptr && record->encrypted && record->opened)
      numbers_[i] = next[std::to_underlying(record->direction)]++;
  }
}

/// Messages in a row are one stream of bytes, and so are the contents of their records (RFC 8446, section 5.1).
void Carriage::match_messages(const Recording& recording, Direction direction) {
  const std::vector<std::size_t> records = opened(recording, direction, ContentType::handshake);
  auto record = records.begin();
  std::size_t used = 0;  // of the record's content
  for (std::size_t i = 0; i < recording.steps().size(); ++i) {
    const auto* message = std::get_if<Message>(&recording.steps()[i].what);
    if (message == nullptr || message->direction != direction) continue;
    for (std::size_t left = message->bytes.size(); left != 0 && record != records.end();) {
      const std::size_t size = record_at(recording, *record).content_size;
      const std::size_t part = std::min(left, size - used);
      carry(*record, i, used, part);
      left -= part;
      used += part;
      if (used != size) continue;
      ++record;
      used = 0;
    }
  }
}

template <typename Carried>
void Carriage::match_one_each(const Recording& recording, Direction direction, ContentType type) {
  const std::vector<std::size_t> records = opened(recording, direction, type);
  auto record = records.begin();
  for (std::size_t i = 0; i < recording.steps().size() && record != records.end(); ++i) {
    const auto* carried = std::get_if<Carried>(&recording.steps()[i].what);
    if (carried == nullptr || carried->direction != direction) continue;
    carry(*record, i, 0, record_at(recording, *record).content_size);
    ++record;
  }
}

void Carriage::match_data(const Recording& recording, Direction direction) {
  const std::vector<std::size_t> records = opened(recording, direction, ContentType::application_data);
  auto record = records.begin();
  for (std::size_t i = 0; i < recording.steps().size(); ++i) {
    const auto* data = std::get_if<Data>(&recording.steps()[i].what);
    if (data == nullptr || data->direction != direction) continue;
    for (std::size_t left = data->records; left != 0 && record != records.end(); --left, ++record)
      carry(*record, i, 0, record_at(recording, *record).content_size);
  }
}

}  // namespace handfast::doctor
