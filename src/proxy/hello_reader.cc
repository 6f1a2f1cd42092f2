// HelloReader: from records to a ClientHello (RFC 8446, section 5.1).
#include "proxy/hello_reader.h"

#include <algorithm>
#include <utility>

#include "handshake/negotiate.h"
#include "record/record.h"
#include "wire/handshake.h"

namespace handfast::proxy {
namespace {

std::unexpected<Error> too_long(std::size_t length) {
  return fail(Error(Alert::decode_error, Reason::message_too_long)
                  .with("length", static_cast<std::int64_t>(length))
                  .with("limit", std::int64_t{HelloReader::max_received}));
}

/// The header of a record that may hold a part of a ClientHello. What an engine would take one for may differ in its
/// version (RFC 8446, appendix D.2), not in its type.
Result<record::Header> check_header(Bytes input) {
  const record::Header header = record::parse_header(input);
  if (header.type != ContentType::handshake || header.legacy_version >> 8 != 3)
    return fail(record::not_a_record(input));
  // Zero-length fragments of handshake messages are forbidden (section 5.1).
  if (header.length == 0 || header.length > record::max_plaintext)
    return fail(Error(Alert::decode_error, Reason::record_too_long).with("length", std::int64_t{header.length}));
  return header;
}

}  // namespace

Result<> HelloReader::take(Bytes bytes) {
  if (failure_) return fail(*failure_);
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  if (done()) return {};
  Result<> taken = take_records();
  if (taken && !done() && received_.size() > max_received) taken = too_long(received_.size());
  if (!taken) failure_ = taken.error();
  return taken;
}

Result<> HelloReader::take_records() {
  while (!done() && received_.size() - next_ >= record::header_size) {
    const Bytes rest = Bytes(received_).subspan(next_);
    const Result<record::Header> header = check_header(rest);
    if (!header) return fail(header.error());
    if (rest.size() < record::header_size + header->length) return {};
    const Bytes fragment = rest.subspan(record::header_size, header->length);
    message_.insert(message_.end(), fragment.begin(), fragment.end());
    next_ += record::header_size + fragment.size();

    const std::optional<wire::HandshakeHeader> message = wire::read_handshake_header(message_);
    if (!message) continue;
    if (message->type != HandshakeType::client_hello)
      return fail(Error(Alert::unexpected_message, Reason::unexpected_message)
                      .with("received", std::string(name(message->type)))
                      .with("expected", std::string(name(HandshakeType::client_hello))));
    const std::size_t size = wire::handshake_header_size + message->length;
    if (size > max_received) return too_long(size);
    if (message_.size() < size) continue;
    message_.resize(size);
    return finish();
  }
  return {};
}

Result<> HelloReader::finish() {
  Result<wire::ClientHello> hello = wire::parse_client_hello(Bytes(message_).subspan(wire::handshake_header_size));
  if (!hello) return fail(std::move(hello).error());
  Result<std::string> name = handshake::read_server_name(*hello);
  if (!name) return fail(std::move(name).error());
  hello_ = *hello;
  server_name_ = *std::move(name);
  return {};
}

bool HelloReader::offers(std::string_view application_protocol) const noexcept {
  if (!done() || !hello_->application_layer_protocol_negotiation) return false;
  return std::ranges::any_of(*hello_->application_layer_protocol_negotiation, [&](const wire::ProtocolName& protocol) {
    return as_text(protocol.name) == application_protocol;
  });
}

Buffer HelloReader::release() { return std::exchange(received_, Buffer()); }

}  // namespace handfast::proxy
