// Leg: whichever it is, it is asked.
#include "proxy/leg.h"

namespace handfast::proxy {

Awaitable<NetResult<Bytes>> Leg::read() {
  return std::visit([](auto& stream) { return stream.read(); }, stream_);
}
Awaitable<NetResult<>> Leg::write(Bytes data) {
  return std::visit([data](auto& stream) { return stream.write(data); }, stream_);
}
Awaitable<NetResult<>> Leg::close_write() {
  return std::visit([](auto& stream) { return stream.close_write(); }, stream_);
}
Awaitable<NetResult<>> Leg::shutdown() {
  return std::visit([](auto& stream) { return stream.shutdown(); }, stream_);
}

void Leg::leave() noexcept {
  if (auto* tls = std::get_if<Stream>(&stream_))
    tls->leave();
  else
    std::get<net::PlainStream>(stream_).close();
}

void Leg::break_off() noexcept {
  if (auto* plain = std::get_if<net::PlainStream>(&stream_))
    plain->reset();
  else
    std::get<Stream>(stream_).close();
}

void Leg::stop_reading() noexcept {
  std::visit([](auto& stream) { stream.stop_reading(); }, stream_);
}

void Leg::set_read_timeout(std::chrono::milliseconds patience) noexcept {
  std::visit([patience](auto& stream) { stream.set_read_timeout(patience); }, stream_);
}
void Leg::set_write_timeout(std::chrono::milliseconds patience) noexcept {
  std::visit([patience](auto& stream) { stream.set_write_timeout(patience); }, stream_);
}

const boost::asio::ip::tcp::endpoint& Leg::remote_endpoint() const noexcept {
  return std::visit([](const auto& stream) -> const auto& { return stream.remote_endpoint(); }, stream_);
}
std::uint64_t Leg::bytes_received() const noexcept {
  return std::visit([](const auto& stream) { return stream.bytes_received(); }, stream_);
}
std::uint64_t Leg::bytes_sent() const noexcept {
  return std::visit([](const auto& stream) { return stream.bytes_sent(); }, stream_);
}
void Leg::release_input() noexcept {
  std::visit([](auto& stream) { stream.release_input(); }, stream_);
}
bool Leg::quiet() noexcept {
  return std::visit([](auto& stream) { return stream.quiet(); }, stream_);
}

RestingLeg& RestingLeg::operator=(RestingLeg&& other) noexcept {
  if (this != &other) {
    leg_.leave();
    leg_ = std::move(other.leg_);
  }
  return *this;
}

}  // namespace handfast::proxy
