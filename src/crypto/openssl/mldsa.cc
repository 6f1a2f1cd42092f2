// ML-DSA by name: what is built with the headers of OpenSSL 3.0 has it as soon as the library that it runs with does.
#include "crypto/libcrypto/mldsa.h"

#include <array>

namespace handfast::crypto {

namespace {

struct Row {
  KeyType type;
  const char* name;
};
constexpr std::array rows = {Row{KeyType::mldsa44, "ML-DSA-44"}, Row{KeyType::mldsa65, "ML-DSA-65"},
                             Row{KeyType::mldsa87, "ML-DSA-87"}};

const char* name_of(KeyType type) noexcept {
  for (const Row& row : rows)
    if (row.type == type) return row.name;
  return "";
}

}  // namespace

bool has_mldsa() noexcept {
  static const bool has = [] {
    QuietErrors quiet;
    for (const Row& row : rows)
      if (!PkeyContext(EVP_PKEY_CTX_new_from_name(nullptr, row.name, nullptr))) return false;
    return true;
  }();
  return has;
}

std::optional<KeyType> mldsa_type(const EVP_PKEY* key) noexcept {
  for (const Row& row : rows)
    if (EVP_PKEY_is_a(key, row.name) == 1) return row.type;
  return {};
}

Pkey mldsa_public_key(KeyType type, Bytes encoded) noexcept {
  return Pkey(EVP_PKEY_new_raw_public_key_ex(nullptr, name_of(type), nullptr, encoded.data(), encoded.size()));
}

PkeyContext mldsa_generator(KeyType type) noexcept {
  return PkeyContext(EVP_PKEY_CTX_new_from_name(nullptr, name_of(type), nullptr));
}

}  // namespace handfast::crypto
