// How much one client, and all of them together, may ask of us.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace handfast::proxy {

/// Past any of these the connection is closed, and the log says why. 0 is no limit, but for the sizes.
struct Limits {
  std::size_t connections = 20'000;                     ///< at a time, of the whole process
  std::size_t per_address = 1'000;                      ///< at a time, of one client's address, as `counted_as`
  std::chrono::milliseconds handshake_timeout{10'000};  ///< from the first byte that is waited for to the last Finished
  std::chrono::milliseconds header_timeout{10'000};     ///< from the first byte of a header to its last
  std::size_t header_bytes = 65'536;                    ///< of one message of HTTP
  std::chrono::milliseconds idle_timeout{60'000};       ///< between two requests, and in a body without a byte
  std::chrono::milliseconds tunnel_timeout{std::chrono::hours(1)};  ///< in a tunnel, without a byte either way
  std::chrono::milliseconds connect_timeout{5'000};                 ///< towards all addresses of an origin
  std::chrono::milliseconds response_timeout{60'000};  ///< from the end of a request to the origin's answer
  std::uint64_t minimum_rate = 256;                    ///< bytes a second of a body, in each `rate_grace` of waiting
  std::chrono::milliseconds rate_grace{10'000};
};

/// A time as people write it, in seconds: 0, or from a millisecond, below which it would be 0, to thirty days. Nothing:
/// it is none of these.
std::optional<std::chrono::milliseconds> parse_seconds(double seconds) noexcept;
inline constexpr std::string_view expected_seconds = "0, or at least 0.001 and at most thirty days";

/// Of one header, at least: less takes no request.
inline constexpr std::size_t least_header_bytes = 1024;

/// As whom an address counts: whoever has one of IPv6 has its /64 (RFC 7421, section 2; RFC 8981 has hosts change
/// within it), and an IPv4 address is one however it is written.
boost::asio::ip::address counted_as(const boost::asio::ip::address& address);

/// Counts the connections of a process. Thread-safe.
class Admission {
 public:
  Admission();
  ~Admission();

  enum class Verdict : std::uint8_t { admitted, too_many, too_many_of_address };

  /// A connection's place, given back when it goes.
  class Place {
   public:
    Place() noexcept = default;
    Place(Place&&) noexcept = default;
    Place& operator=(Place&& other) noexcept;
    ~Place();
    /// It is that address's, as the PROXY protocol says: counted there from now on, or too_many_of_address.
    Verdict count_as(const boost::asio::ip::address& address, const Limits& limits);

   private:
    friend Admission;
    Place(std::shared_ptr<Admission> of, boost::asio::ip::address address) noexcept
        : admission_(std::move(of)), address_(address) {}
    std::shared_ptr<Admission> admission_;
    boost::asio::ip::address address_;
  };
  struct Admitted {
    Verdict verdict;
    Place place;
  };
  /// Under the limits of the listener that it came to.
  static Admitted admit(const std::shared_ptr<Admission>& admission, const boost::asio::ip::address& address,
                        const Limits& limits);

  std::size_t connections() const noexcept;

 private:
  bool enter(const boost::asio::ip::address& counted, const Limits& limits);
  void leave(const boost::asio::ip::address& counted) noexcept;
  struct State;
  std::unique_ptr<State> state_;
};

std::string_view name(Admission::Verdict) noexcept;  ///< "too many connections of this address"

}  // namespace handfast::proxy
