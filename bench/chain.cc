// The certificates of a case, minted when the program starts.
#include "chain.h"

#include <string>

#include <handfast/clock.h>
#include <handfast/random.h>

#include "authority/mint.h"
#include "case.h"
#include "check.h"

namespace handfast::bench {
namespace {

constexpr std::int64_t day = 86'400;

Buffer copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

Chain make_chain(crypto::KeyType type) {
  Random& random = system_random();
  const std::int64_t now = system_clock().now();
  const authority::Identity root =
      value(authority::make_ca(authority::ca_options("Bench Root", now - day, now + 90 * day), type, random));
  const authority::Identity intermediate =
      value(authority::make_identity(authority::ca_options("Bench Intermediate", now - day, now + 60 * day), type,
                                     {root.certificate, root.key}, random));
  const authority::Identity leaf =
      value(authority::make_identity(authority::leaf_options({std::string(server_name)}, now - day, now + 30 * day),
                                     type, {intermediate.certificate, intermediate.key}, random));
  return {copy(root.certificate.der()), copy(intermediate.certificate.der()), copy(leaf.certificate.der()),
          value(leaf.key.to_der())};
}

}  // namespace handfast::bench
