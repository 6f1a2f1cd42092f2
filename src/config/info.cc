// What ConnectionInfo can tell beyond its fields.
#include <handfast/info.h>

namespace handfast {

std::vector<Bytes> ConnectionInfo::verified_path() const {
  std::vector<Bytes> certificates;
  if (!peer_verified) return certificates;
  for (std::uint16_t place : path.places) certificates.emplace_back(peer_certificates.at(place));
  if (!path.anchor.empty()) certificates.push_back(path.anchor);
  return certificates;
}

std::optional<Identity> ConnectionInfo::peer_identity() const {
  if (!peer_verified || peer_certificates.empty()) return std::nullopt;
  Result<Identity> identity = identity_of(peer_certificates.front());
  if (!identity) return std::nullopt;  // it was parsed when it was verified
  return *std::move(identity);
}

}  // namespace handfast
