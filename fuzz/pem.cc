// PEM: blocks, and what is made of them: keys, certificates, anchors.
#include <handfast/credential.h>
#include <handfast/trust.h>

#include "fuzz.h"
#include "x509/pem.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  const std::string_view text = as_text(Bytes(data, size));
  if (const auto blocks = x509::decode_pem(text)) {
    for (const x509::PemBlock& block : *blocks) {
      const auto again = x509::decode_pem(x509::encode_pem(block.label, block.der));
      fuzz::require(again && again->size() == 1);
      fuzz::require(again->front().label == block.label && again->front().der == block.der);
    }
  }
  static_cast<void>(LocalKey::from_pem(text));
  static_cast<void>(TrustAnchors::from_pem(text));
  static_cast<void>(Credential::from_pem(text, text));
  return 0;
}
