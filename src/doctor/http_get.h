// One HTTP/1.1 request over a Stream.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <handfast/stream.h>

namespace handfast::doctor {

struct HttpResponse {
  unsigned status = 0;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> headers;  ///< as they came
  std::string body;                                          ///< chunks put together
};

/// A body longer than this is not read to its end.
inline constexpr std::size_t max_response_body = 16 << 20;

/// Sends GET `path` to `host` with "Connection: close" and reads the answer. Fails as Stream does, at Stage::read with
/// an error of Beast where the answer is not HTTP or longer than `max_response_body`, and with timed_out where
/// something came after `timeout` and was still not the end.
Stream::Awaitable<HttpResponse> http_get(Stream& stream, std::string_view host, std::string_view path,
                                         std::chrono::milliseconds timeout);

}  // namespace handfast::doctor
