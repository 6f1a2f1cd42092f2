// How public keys are pinned in writing.
#include <algorithm>
#include <optional>

#include <handfast/trust.h>

#include "base/copy.h"
#include "crypto/hash.h"
#include "x509/ascii.h"
#include "x509/pem.h"

namespace handfast {
namespace {

std::unexpected<Error> refused(std::string_view text, const char* problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "pin")
                  .with("problem", problem)
                  .with("value", std::string(text.substr(0, 100))));
}

/// Of the 32 octets of a SHA-256, with padding.
constexpr std::size_t base64_size = 44;

/// Two digits an octet; a colon may stand between octets. Anything else gives nothing.
std::optional<Buffer> decode_hex(std::string_view text) {
  Buffer out;
  while (!text.empty()) {
    if (!out.empty() && text.front() == ':') text.remove_prefix(1);
    if (text.size() < 2) return {};
    const std::optional<unsigned> high = x509::hex_digit(text[0]);
    const std::optional<unsigned> low = x509::hex_digit(text[1]);
    if (!high || !low) return {};
    out.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
    text.remove_prefix(2);
  }
  return out;
}

bool skip(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

Result<SpkiPin> SpkiPin::parse(std::string_view text) {
  std::string_view digest = text;
  std::optional<Buffer> decoded;
  if (skip(digest, "sha256/")) {
    // curl writes "sha256//". A slash is a digit of base64 as well, so the length tells.
    if (digest.size() > base64_size) skip(digest, "/");
    if (Buffer octets; x509::decode_base64(digest, octets)) decoded = std::move(octets);
  } else {
    skip(digest, "sha256:");
    decoded = decode_hex(digest);
  }
  SpkiPin pin;
  if (!decoded || decoded->size() != pin.sha256.size())
    return refused(text, "a key is pinned as sha256/BASE64 or as 64 hexadecimal digits");
  std::ranges::copy(*decoded, pin.sha256.begin());
  return pin;
}

SpkiPin SpkiPin::of(Bytes subject_public_key_info) {
  const crypto::Digest digest = crypto::Hash::of(crypto::HashAlgorithm::sha256, subject_public_key_info);
  SpkiPin pin;
  base::copy(digest.view(), pin.sha256);
  return pin;
}

std::string SpkiPin::text() const { return "sha256/" + x509::encode_base64(sha256); }

}  // namespace handfast
