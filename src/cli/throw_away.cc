#include "cli/throw_away.h"

#include <chrono>
#include <fstream>
#include <utility>

#include <handfast/clock.h>
#include <handfast/random.h>

#include "doctor/throwaway.h"

namespace handfast::cli {

Result<std::shared_ptr<const Credential>> throw_away_credential(const std::string& ca_out,
                                                                std::vector<std::string> names) {
  names.insert(names.begin(), {"localhost", "127.0.0.1", "::1"});
  auto authority = doctor::ThrowAwayAuthority::make(system_clock().now(), system_random());
  if (!authority) return fail(std::move(authority.error()));
  auto pair = authority->issue("localhost", std::move(names), std::chrono::hours(24 * 7));
  if (!pair) return fail(std::move(pair.error()));
  if (!ca_out.empty()) {
    std::ofstream file(ca_out, std::ios::binary);
    file << authority->certificate_pem();
    file.close();
    if (!file) {
      return fail(Error(Alert::internal_error, Reason::bad_config)
                      .with("option", "--ca-out")
                      .with("problem", ca_out + " can't be written"));
    }
  }
  return Credential::from_pem(pair->chain, pair->key);
}

}  // namespace handfast::cli
