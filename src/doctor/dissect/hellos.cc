// ClientHello, ServerHello and HelloRetryRequest, taken apart.
#include <algorithm>

#include "doctor/dissect/extensions.h"
#include "doctor/dissect/messages.h"
#include "wire/server_hello.h"

namespace handfast::doctor::dissection {
namespace {

constexpr std::size_t random_size = 32;
constexpr std::size_t random_at = 2;  ///< in the body of a ServerHello, behind legacy_version

/// RFC 8446, section 4.1.3: a server's random may be no random number, or end in eight bytes that are none.
std::string server_random(Bytes random) {
  if (std::ranges::equal(random, wire::hello_retry_request_random)) return "HelloRetryRequest";
  const Bytes end = random.last(wire::downgrade_to_tls1_2.size());
  if (std::ranges::equal(end, wire::downgrade_to_tls1_2)) return "DOWNGRD1";
  if (std::ranges::equal(end, wire::downgrade_to_tls1_1)) return "DOWNGRD0";
  return {};
}

}  // namespace

void client_hello(Dissector& d) {
  d.number("legacy_version", 2, version);
  d.opaque("random", random_size);
  d.opaque_vector("legacy_session_id", 1);
  d.numbers("cipher_suites", 2, "cipher_suite", 2, cipher_suite);
  d.numbers("legacy_compression_methods", 1, "compression_method", 1, compression_method);
  // Before TLS 1.3 it may end here (RFC 5246, section 7.4.1.2).
  if (!d.empty()) extensions(d, wire::MessageKind::client_hello);
}

bool is_hello_retry_request(Bytes body) {
  return body.size() >= random_at + random_size &&
         std::ranges::equal(body.subspan(random_at, random_size), wire::hello_retry_request_random);
}

void server_hello(Dissector& d) {
  const bool retry = is_hello_retry_request(d.peek());
  d.number("legacy_version", 2, version);
  d.opaque("random", random_size, server_random);
  d.opaque_vector("legacy_session_id_echo", 1);
  d.number("cipher_suite", 2, cipher_suite);
  d.number("legacy_compression_method", 1, compression_method);
  if (!d.empty()) extensions(d, retry ? wire::MessageKind::hello_retry_request : wire::MessageKind::server_hello);
}

}  // namespace handfast::doctor::dissection
