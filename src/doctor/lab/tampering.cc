#include "doctor/lab/tampering.h"

#include <algorithm>
#include <utility>

#include "record/record.h"
#include "wire/handshake.h"
#include "wire/server_hello.h"

namespace handfast::doctor::lab {
namespace {

record::Protection protection_of(const schedule::TrafficSecret& secret, const crypto::SuiteParts& suite) {
  schedule::TrafficKeys keys = secret.keys(suite.aead());
  return {suite, std::move(keys.key), keys.iv, suite.record_limit};
}

}  // namespace

void Tamperer::on(const TraceEvent& event) {
  if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
    if (message->direction != Direction::sent || message->type != HandshakeType::server_hello) return;
    const auto hello = wire::parse_server_hello(message->bytes.subspan(wire::handshake_header_size));
    if (hello) suite_ = crypto::find_suite(hello->cipher_suite);
  }
  const auto* secret = std::get_if<SecretEvent>(&event.what);
  if (secret == nullptr || suite_ == nullptr || secret->name != "server_handshake_traffic_secret") return;
  const schedule::TrafficSecret keys(suite_->hash, base::Secret(secret->secret));
  reader_.emplace(protection_of(keys, *suite_));
  writer_.emplace(protection_of(keys, *suite_));
}

Result<Buffer> Tamperer::pass(Bytes output) {
  Buffer bytes(output.begin(), output.end());
  if (tampering_.is_none()) return bytes;
  base::OutputBuffer out;
  MutableBytes rest(bytes);
  while (rest.size() >= record::header_size) {
    const MutableBytes record = rest.first(record::header_size + record::parse_header(rest).length);
    rest = rest.subspan(record.size());
    if (auto passed = pass_record(record, out); !passed) return fail(std::move(passed.error()));
  }
  return Buffer(out.view().begin(), out.view().end());
}

Result<void> Tamperer::pass_record(MutableBytes record, base::OutputBuffer& out) {
  const ContentType type = record::parse_header(record).type;
  if (done_ || type == ContentType::change_cipher_spec || type == ContentType::alert) {
    out.append(record);
    return {};
  }
  const bool is_protected = type == ContentType::application_data;
  if (is_protected && tampering_.breaks_seal) {
    record.back() ^= 1;
    done_ = true;
  }
  // In TLS 1.2 what follows change_cipher_spec is out of reach: a record that no key is known for.
  if (!tampering_.change || (is_protected && !reader_)) {
    out.append(record);
    return {};
  }
  if (!is_protected) return pass_messages(record.subspan(record::header_size), out);
  auto opened = reader_->open(record, record::max_plaintext + reader_->inner_overhead());
  if (!opened) return fail(std::move(opened.error()));
  if (opened->type == ContentType::handshake) return pass_messages(opened->content, out);
  return writer_->seal(opened->type, opened->content, 0, out);
}

Result<void> Tamperer::pass_messages(Bytes fragment, base::OutputBuffer& out) {
  partial_.insert(partial_.end(), fragment.begin(), fragment.end());
  while (const auto header = wire::read_handshake_header(partial_)) {
    const auto size = static_cast<std::ptrdiff_t>(wire::handshake_header_size + header->length);
    if (std::ssize(partial_) < size) break;
    Buffer message(partial_.begin(), partial_.begin() + size);
    partial_.erase(partial_.begin(), partial_.begin() + size);
    for (const Buffer& changed : tampering_.change(header->type, std::move(message)))
      if (auto sent = send(changed, out); !sent) return sent;
    // From here on there are other keys.
    if (header->type == HandshakeType::finished) done_ = true;
  }
  return {};
}

Result<void> Tamperer::send(Bytes message, base::OutputBuffer& out) {
  if (writer_ && HandshakeType{message[0]} != HandshakeType::server_hello)
    return writer_->seal(ContentType::handshake, message, 0, out);
  record::write_plaintext(ContentType::handshake, 0x0303, message, out);
  return {};
}

}  // namespace handfast::doctor::lab
