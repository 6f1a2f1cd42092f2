#include "http/open_tunnel.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/error.hpp>
#include <boost/system/errc.hpp>

#include "http/parser.h"
#include "net/plain_stream.h"

namespace handfast::http {
namespace {

/// 100 Continue and the like: the answer is still to come (RFC 9110, section 15.2).
bool is_interim(const ResponseHead& head) noexcept { return head.status / 100 == 1; }

/// Reads the answer's head, whichever pieces it comes in.
class AnswerReader {
 public:
  Parsed<> take(Bytes input) {
    while (!done() && !input.empty()) {
      const Parsed<BodyReader::Step> step = parser_->take(input);
      if (!step) return std::unexpected(step.error());
      input = input.subspan(step->taken);
      if (parser_->has_head() && is_interim(parser_->head())) parser_.emplace("CONNECT");
    }
    rest_.assign(input.begin(), input.end());
    return {};
  }
  bool done() const noexcept { return parser_->has_head(); }
  ResponseHead& head() noexcept { return parser_->head(); }
  Buffer& rest() noexcept { return rest_; }

 private:
  std::optional<ResponseParser> parser_{std::in_place, "CONNECT"};
  Buffer rest_;
};

}  // namespace

boost::asio::awaitable<NetResult<TunnelAnswer>> open_tunnel(boost::asio::ip::tcp::socket socket, net::HostPort target,
                                                            std::chrono::milliseconds patience) {
  net::PlainStream stream(std::move(socket));
  stream.set_write_timeout(patience);
  const std::string authority = net::to_text(target);
  const std::string request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", authority);
  const NetResult<> sent = co_await stream.write(as_bytes(request));
  if (!sent) co_return std::unexpected(sent.error());
  AnswerReader answer;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!answer.done()) {
    // A proxy that drips, or says 100 Continue for ever, does not extend it.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) co_return std::unexpected(NetError(Stage::read, boost::asio::error::timed_out));
    stream.set_read_timeout(left);
    const NetResult<Bytes> part = co_await stream.read();
    if (!part) co_return std::unexpected(part.error());
    if (part->empty()) co_return std::unexpected(NetError(Stage::read, boost::asio::error::eof));
    if (!answer.take(*part))
      co_return std::unexpected(NetError(Stage::read, make_error_code(boost::system::errc::bad_message)));
  }
  net::PlainStream::Released released = stream.release();
  Buffer received = std::move(answer.rest());
  received.insert(received.end(), released.received.begin(), released.received.end());
  co_return TunnelAnswer{std::move(answer.head()), std::move(released.socket), std::move(received)};
}

}  // namespace handfast::http
