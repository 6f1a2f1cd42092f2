// What http::Server reads and writes: whole requests, and heads of responses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/http_server.h>

namespace handfast::http {

/// What a client asked; `Request` without its peer.
struct ParsedRequest {
  std::string method;
  std::string target;
  std::vector<Field> fields;
  std::string body;
  bool keep_alive;
};

/// Reads one request out of pieces.
class RequestReader {
 public:
  struct Limits {
    std::size_t header;
    std::size_t body;
  };
  explicit RequestReader(const Limits& limits);
  ~RequestReader();

  /// Takes what belongs to the request from the beginning of `input`.
  /// Fails with the status to answer with: see status_of (refusal.h).
  std::optional<unsigned> take(Buffer& input);
  bool started() const noexcept;
  bool done() const noexcept;
  /// Once, when it is done.
  ParsedRequest request();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The head of a response with `content_length` bytes of body, with Date, Server, Connection and Content-Length filled
/// in. Nothing for a response that none may be: a status outside of 200 to 599, a field that tells of the framing,
/// which is ours, or one with a line break, which would be read as the next field.
std::optional<std::string> write_head(const Response& response, std::uint64_t content_length, bool keep_alive);

}  // namespace handfast::http
