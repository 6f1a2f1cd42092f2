// A root and a leaf, the same in every run: Ed25519 keys that everybody knows, and signatures that are deterministic.
#pragma once

#include <memory>
#include <utility>

#include "authority/mint.h"
#include "engine/pair.h"
#include "support/hex.h"
#include "support/random.h"

namespace handfast::fuzz {

struct Identities {
  /// A PKCS#8 private key whose 32 bytes are all `byte`.
  static Buffer key_der(std::uint8_t byte) {
    Buffer der = test::from_hex("302e020100300506032b657004220420");
    der.insert(der.end(), 32, byte);
    return der;
  }

  Identities() {
    test::SeededRandom random;
    const std::int64_t now = test::FixedClock().seconds;
    const crypto::SigningKey root_key = test::value(crypto::SigningKey::from_der(key_der(1)));
    const crypto::SigningKey leaf_key = test::value(crypto::SigningKey::from_der(key_der(2)));
    const x509::Certificate root_certificate = test::value(
        authority::self_sign(authority::ca_options("Fuzzing root", now - 86400, now + 86400), root_key, random));
    const x509::Certificate leaf_certificate =
        test::value(authority::issue(authority::leaf_options({"server.example", "192.0.2.1"}, now - 3600, now + 3600),
                                     leaf_key, {root_certificate, root_key}, random));
    root.assign(root_certificate.der().begin(), root_certificate.der().end());
    leaf.assign(leaf_certificate.der().begin(), leaf_certificate.der().end());
    credential = test::value(Credential::make({leaf, root}, test::value(LocalKey::from_der(key_der(2)))));
    const Bytes anchor[] = {root};
    anchors = test::value(TrustAnchors::from_der(anchor));
  }

  Buffer root;
  Buffer leaf;
  std::shared_ptr<const Credential> credential;
  std::shared_ptr<const TrustAnchors> anchors;
};

inline const Identities& identities() {
  static const Identities made;
  return made;
}

}  // namespace handfast::fuzz
