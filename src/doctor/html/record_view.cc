#include "doctor/html/record_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crypto/cipher_suite.h"
#include "doctor/dissect/field.h"
#include "doctor/html/anatomy.h"
#include "doctor/message.h"
#include "doctor/overload.h"
#include "doctor/style.h"
#include "record/record.h"

namespace handfast::doctor {
namespace {

constexpr std::size_t tag_size = crypto::aead_tag_size;
constexpr std::size_t explicit_nonce_size = 8;  ///< of TLS 1.2's AES-GCM

Field field(std::string name, std::size_t offset, std::size_t size, std::string value, std::string meaning) {
  return {std::move(name), offset, size, std::move(value), std::move(meaning), {}};
}

/// A record and what is around it.
struct View {
  const Recording& recording;
  const Carriage& carriage;
  std::size_t place;
  const RecordSeen& record = std::get<RecordSeen>(recording.steps()[place].what);
  const KeyChange* key = key_of(recording, place, record.direction);

  /// Under which keys that direction was then.
  static const KeyChange* key_of(const Recording& recording, std::size_t place, Direction direction) {
    for (std::size_t i = place; i-- > 0;)
      if (const auto* key = std::get_if<KeyChange>(&recording.steps()[i].what); key && key->direction == direction)
        return key;
    return nullptr;
  }
  /// A block cipher's.
  bool is_cbc() const {
    const crypto::SuiteParts* suite = key != nullptr ? crypto::find_suite(key->cipher_suite) : nullptr;
    return suite != nullptr && !suite->has_aead();
  }
  /// Not in TLS 1.0, where the last block of the record before is the next one's IV (RFC 2246, section 6.2.3.2).
  bool has_iv() const {
    constexpr auto tls1_0 = std::to_underlying(ProtocolVersion::tls1_0);
    return (record.bytes[1] << 8 | record.bytes[2]) != tls1_0;
  }
  bool is_tls13() const { return key == nullptr || key->secret.find("traffic") != std::string::npos; }
  /// What encryption adds to the content, where that is known: the tag, and in TLS 1.3 type and padding.
  std::size_t overhead() const { return record.size - record::header_size - record.content_size; }
  std::size_t padding() const { return is_tls13() && overhead() > tag_size ? overhead() - tag_size - 1 : 0; }
  bool is_whole() const { return record.bytes.size() == record.size; }

  std::string contents() const {
    std::vector<std::string> names;
    for (const Carriage::Part& part : carriage.parts_of(place)) names.push_back(name_of(recording.steps()[part.step]));
    return fmt::format("{}", fmt::join(names, ", "));
  }
};

std::vector<Field> sealed_fields(const View& view) {
  std::vector<Field> out;
  const std::size_t begin = record::header_size;
  const std::size_t size = view.record.size - begin;
  const std::string suite = view.key != nullptr ? name(view.key->cipher_suite) : "keys that are not known here";
  const std::string meaning = fmt::format(
      "What the record holds, under {}. Without the key it can't be read, and nothing in it can be changed unnoticed.",
      suite);
  if (!view.record.opened || !view.is_whole()) {
    out.push_back(field("encrypted_record", begin, size, "", meaning));
    return out;
  }
  if (view.is_cbc()) {
    const std::size_t iv_size = view.has_iv() ? crypto::cipher_block_size : 0;
    if (view.has_iv())
      out.push_back(field("IV", begin, iv_size, "",
                          "What the first block is mixed with, random (RFC 5246, section "
                          "6.2.3.2)."));
    out.push_back(field("block-ciphered", begin + iv_size, size - iv_size, "",
                        meaning + " Content, MAC and padding; with encrypt-then-MAC the MAC stands behind what is "
                                  "encrypted (RFC 7366)."));
    return out;
  }
  const std::size_t nonce = !view.is_tls13() && view.overhead() > tag_size ? explicit_nonce_size : 0;
  if (nonce != 0)
    out.push_back(field("nonce_explicit", begin, nonce, "",
                        "The half of the nonce that is sent; the other half was derived with the keys (RFC 5288, "
                        "section 3)."));
  out.push_back(field("ciphertext", begin + nonce, size - nonce - tag_size, "", meaning));
  out.push_back(field("tag", begin + size - tag_size, tag_size, "",
                      "Proves that ciphertext and header are as the sender made them."));
  return out;
}

/// TLSPlaintext or TLSCiphertext.
Field record_field(const View& view) {
  Field out = dissect_record_header(Bytes(view.record.bytes).first(record::header_size));
  out.size = view.record.size;
  out.name = view.record.encrypted ? "TLSCiphertext" : "TLSPlaintext";
  if (!view.record.encrypted) {
    if (const std::size_t size = view.record.size - record::header_size; size != 0)
      out.children.push_back(field("fragment", record::header_size, size, view.contents(), ""));
    return out;
  }
  std::ranges::move(sealed_fields(view), std::back_inserter(out.children));
  return out;
}

/// What the record held, field by field; `bytes` become those of it.
Field inner_field(const View& view, Buffer& bytes) {
  const RecordSeen& record = view.record;
  bytes = record.content;
  Field out = field(view.is_tls13() ? "TLSInnerPlaintext" : "content", 0, record.content_size, "", "");
  for (const Carriage::Part& part : view.carriage.parts_of(view.place)) {
    const auto* message = std::get_if<Message>(&view.recording.steps()[part.step].what);
    const bool whole = message == nullptr || message->bytes.size() == part.size;
    out.children.push_back(field(name_of(view.recording.steps()[part.step]), part.offset, part.size,
                                 whole ? "" : fmt::format("a part of its {}", counted(message->bytes.size(), "byte")),
                                 ""));
  }
  // What was carried and never came to be a message, since the connection ended before.
  const std::size_t told = out.children.empty() ? 0 : out.children.back().offset + out.children.back().size;
  if (told < record.content_size) out.children.push_back(field("content", told, record.content_size - told, "", ""));
  if (!view.is_tls13() || !view.is_whole()) return out;
  bytes.push_back(std::to_underlying(record.type));
  out.children.push_back(field("type", record.content_size, 1, name(record.type),
                               "What the record really holds; the header only says application_data (RFC 8446, "
                               "section 5.2)."));
  out.size += 1;
  if (const std::size_t padding = view.padding(); padding != 0) {
    bytes.resize(bytes.size() + padding);
    out.children.push_back(field("zeros", out.size, padding, "", "Padding, which hides how long the content is."));
    out.size += padding;
  }
  return out;
}

void write_opening(Html& out, const View& view) {
  const auto paragraph = out.open("p", "opening");
  const std::optional<std::uint64_t> number = view.carriage.sequence_number(view.place);
  if (view.key == nullptr || !number) return out.text("It was not decrypted here.");
  out.text(view.record.direction == Direction::sent ? "Encrypted with the keys of " : "Decrypted with the keys of ");
  out.add("code", "", view.key->secret);
  out.text(fmt::format(". It is record {} under them: ", *number));
  if (view.is_tls13())
    out.text(
        "its nonce is the IV, XORed with that number; the header is authenticated with it (RFC 8446, section 5.2).");
  else
    out.text(
        "its nonce is made of the IV and that number; number, type, version and length are authenticated with it "
        "(RFC 5246, section 6.2.3.3).");
}

void write_inside(Html& out, const View& view) {
  write_opening(out, view);
  const RecordSeen& record = view.record;
  if (!record.opened) return;
  out.add("h4", "", view.record.direction == Direction::sent ? "Before it was encrypted" : "Decrypted");
  if (record.content.empty() && record.content_size != 0)
    return out.add(
        "p", "withheld",
        fmt::format("{} of application data, not shown: --keys shows them.", counted(record.content_size, "byte")));
  Buffer bytes;
  const Field inner = inner_field(view, bytes);
  write_anatomy(out, bytes, inner);
}

}  // namespace

std::string name_of(const Step& step) {
  return std::visit(
      Overload{
          [](const Message& message) { return title(message); },
          [](const AlertSeen&) { return std::string("Alert"); },
          [](const ChangeCipherSpec&) { return std::string("change_cipher_spec"); },
          [](const Data& data) { return std::string(data.level == Level::early ? "early data" : "application data"); },
          [](const auto&) { return std::string(); },
      },
      step.what);
}

void write_record(Html& out, const Recording& recording, const Carriage& carriage, std::size_t place) {
  const View view{recording, carriage, place};
  const RecordSeen& record = view.record;
  const auto fold = out.open("details", record.encrypted ? "record sealed" : "record");
  {
    const auto summary = out.open("summary");
    out.add("b", "", record.encrypted ? "Encrypted record" : "Record");
    const std::string contents = view.contents();
    out.text(fmt::format(", {}{}{}", counted(record.size, "byte"), contents.empty() ? "" : ": ", contents));
  }
  out.add("h4", "", "On the wire");
  write_anatomy(out, record.bytes, record_field(view));
  if (record.encrypted) write_inside(out, view);
}

}  // namespace handfast::doctor
