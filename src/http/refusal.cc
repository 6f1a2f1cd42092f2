#include "http/refusal.h"

#include <utility>

namespace handfast::http {
namespace {

struct Row {
  std::string_view name;
  std::string_view words;
  unsigned status = 400;
};

constexpr Row row(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::bare_lf: return {"bare_lf", "a line ends with LF alone"};
    case Refusal::bare_cr: return {"bare_cr", "a CR without LF"};
    case Refusal::control_character: return {"control_character", "a control character"};
    case Refusal::too_many_empty_lines: return {"too_many_empty_lines", "empty lines in front of the request"};
    case Refusal::request_line_too_long: return {"request_line_too_long", "the first line is too long", 414};
    case Refusal::field_line_too_long: return {"field_line_too_long", "a field is too long", 431};
    case Refusal::head_too_large: return {"head_too_large", "the head is too large", 431};
    case Refusal::too_many_fields: return {"too_many_fields", "too many fields", 431};
    case Refusal::bad_request_line: return {"bad_request_line", "the first line is none of HTTP/1.1"};
    case Refusal::bad_method: return {"bad_method", "the method is no token"};
    case Refusal::bad_target: return {"bad_target", "the request's target is none"};
    case Refusal::bad_status_line: return {"bad_status_line", "the first line is none of HTTP/1.1"};
    case Refusal::unsupported_version: return {"unsupported_version", "a version that is not spoken here", 505};
    case Refusal::obs_fold: return {"obs_fold", "a field that goes on in the next line"};
    case Refusal::space_before_colon: return {"space_before_colon", "a space in front of the colon"};
    case Refusal::bad_field_name: return {"bad_field_name", "the name of a field is no token"};
    case Refusal::bad_field: return {"bad_field", "a field without a colon"};
    case Refusal::bad_connection: return {"bad_connection", "Connection is no list of tokens"};
    case Refusal::missing_host: return {"missing_host", "no Host"};
    case Refusal::several_hosts: return {"several_hosts", "more than one Host"};
    case Refusal::bad_host: return {"bad_host", "Host names no host"};
    case Refusal::bad_content_length: return {"bad_content_length", "Content-Length is no number"};
    case Refusal::differing_content_lengths: return {"differing_content_lengths", "several lengths that differ"};
    case Refusal::length_and_chunked: return {"length_and_chunked", "both Content-Length and Transfer-Encoding"};
    case Refusal::bad_transfer_encoding: return {"bad_transfer_encoding", "Transfer-Encoding is not `chunked`"};
    case Refusal::unknown_transfer_encoding: return {"unknown_transfer_encoding", "an unknown transfer coding", 501};
    case Refusal::content_in_connect: return {"content_in_connect", "a CONNECT with content"};
    case Refusal::bad_chunk_size: return {"bad_chunk_size", "the size of a chunk is none"};
    case Refusal::bad_chunk_extension:
      return {"bad_chunk_extension", "what stands behind a chunk's size is no extension"};
    case Refusal::chunk_extensions_too_long: return {"chunk_extensions_too_long", "too many extensions of chunks", 413};
    case Refusal::chunk_without_end: return {"chunk_without_end", "no CRLF behind a chunk's data"};
    case Refusal::trailers_too_large: return {"trailers_too_large", "the trailers are too large", 431};
    case Refusal::body_too_large: return {"body_too_large", "the content is too large", 413};
    case Refusal::truncated: return {"truncated", "the message has no end"};
  }
  std::unreachable();
}

}  // namespace

std::string_view name(Refusal refusal) noexcept { return row(refusal).name; }
std::string_view describe(Refusal refusal) noexcept { return row(refusal).words; }
unsigned status_of(Refusal refusal) noexcept { return row(refusal).status; }

}  // namespace handfast::http
