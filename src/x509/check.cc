// The names of checks and outcomes.
#include "x509/check.h"

namespace handfast::x509 {

std::string_view name(CheckKind kind) noexcept {
  switch (kind) {
    case CheckKind::critical_extensions: return "critical_extensions";
    case CheckKind::profile: return "strict profile";
    case CheckKind::key_strength: return "key_strength";
    case CheckKind::validity: return "validity";
    case CheckKind::basic_constraints: return "basic_constraints";
    case CheckKind::path_length: return "path_length";
    case CheckKind::key_usage: return "key_usage";
    case CheckKind::extended_key_usage: return "extended_key_usage";
    case CheckKind::name_constraints: return "name_constraints";
    case CheckKind::server_name: return "server_name";
    case CheckKind::signature: return "signature";
    case CheckKind::issuer: return "issuer";
    case CheckKind::pin: return "pin";
    case CheckKind::revocation: return "revocation";
  }
  return "unknown";
}

std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::passed: return "passed";
    case Outcome::failed: return "failed";
    case Outcome::not_made: return "not_made";
  }
  return "unknown";
}

}  // namespace handfast::x509
