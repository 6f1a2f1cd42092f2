// Names and words of NetError.
#include <handfast/net_error.h>

#include <fmt/format.h>
#include <boost/asio/error.hpp>

namespace handfast {

std::string_view name(Stage stage) noexcept {
  switch (stage) {
    case Stage::resolve: return "resolve";
    case Stage::connect: return "connect";
    case Stage::listen: return "listen";
    case Stage::accept: return "accept";
    case Stage::handshake: return "handshake";
    case Stage::read: return "read";
    case Stage::write: return "write";
    case Stage::shutdown: return "shutdown";
  }
  return "?";
}

boost::system::error_code NetError::transport() const noexcept {
  const auto* code = std::get_if<boost::system::error_code>(&why_);
  return code ? *code : boost::system::error_code();
}

bool NetError::timed_out() const noexcept { return transport() == boost::asio::error::timed_out; }

std::string NetError::message() const {
  return fmt::format("{}: {}", name(stage_), tls() ? tls()->message() : transport().message());
}

}  // namespace handfast
