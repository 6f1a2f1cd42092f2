#include "doctor/dissect/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include <handfast/types.h>

#include "wire/grease.h"
#include "x509/certificate.h"

namespace handfast::doctor::dissection {
namespace {

struct Row {
  std::uint16_t number;
  std::string_view name;
};

template <std::size_t count>
const Row* find(const Row (&table)[count], std::uint64_t number) {
  const Row* row = std::ranges::find(table, number, &Row::number);
  return row == std::end(table) ? nullptr : row;
}

/// The name of a number of one byte.
template <std::size_t count>
std::string name8(const Row (&table)[count], std::uint64_t number) {
  const Row* row = find(table, number);
  return row != nullptr ? std::string(row->name) : fmt::format("0x{:02x}", number);
}

/// The name of a number of two bytes.
template <std::size_t count>
std::string name16(const Row (&table)[count], std::uint64_t number) {
  const Row* row = find(table, number);
  return row != nullptr ? std::string(row->name) : fmt::format("0x{:04x}", number);
}

/// The same for what the engine speaks, which has its names, and for what it does not, which has them in `table`.
template <typename Enum, std::size_t count>
std::string name_or(const Row (&table)[count], std::uint64_t number) {
  const auto value = static_cast<std::uint16_t>(number);
  if (wire::is_grease(value)) return "GREASE";
  const Row* row = find(table, number);
  return row != nullptr ? std::string(row->name) : name(Enum{value});
}

// The registries of IANA, "Transport Layer Security (TLS) Parameters". What <handfast/types.h> has is not repeated.

constexpr Row cipher_suites[] = {
    {0x0000, "TLS_NULL_WITH_NULL_NULL"},
    {0x0004, "TLS_RSA_WITH_RC4_128_MD5"},
    {0x0005, "TLS_RSA_WITH_RC4_128_SHA"},
    {0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x000d, "TLS_DH_DSS_WITH_3DES_EDE_CBC_SHA"},
    {0x0010, "TLS_DH_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0013, "TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA"},
    {0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    {0x0030, "TLS_DH_DSS_WITH_AES_128_CBC_SHA"},
    {0x0031, "TLS_DH_RSA_WITH_AES_128_CBC_SHA"},
    {0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA"},
    {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
    {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    {0x0036, "TLS_DH_DSS_WITH_AES_256_CBC_SHA"},
    {0x0037, "TLS_DH_RSA_WITH_AES_256_CBC_SHA"},
    {0x0038, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA"},
    {0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"},
    {0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"},
    {0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
    {0x003e, "TLS_DH_DSS_WITH_AES_128_CBC_SHA256"},
    {0x003f, "TLS_DH_RSA_WITH_AES_128_CBC_SHA256"},
    {0x0040, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256"},
    {0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0042, "TLS_DH_DSS_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0043, "TLS_DH_RSA_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0044, "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0045, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0x0068, "TLS_DH_DSS_WITH_AES_256_CBC_SHA256"},
    {0x0069, "TLS_DH_RSA_WITH_AES_256_CBC_SHA256"},
    {0x006a, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256"},
    {0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"},
    {0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0085, "TLS_DH_DSS_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0086, "TLS_DH_RSA_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0087, "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA"},
    {0x0088, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA"},
    {0x008c, "TLS_PSK_WITH_AES_128_CBC_SHA"},
    {0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA"},
    {0x0096, "TLS_RSA_WITH_SEED_CBC_SHA"},
    {0x0097, "TLS_DH_DSS_WITH_SEED_CBC_SHA"},
    {0x0098, "TLS_DH_RSA_WITH_SEED_CBC_SHA"},
    {0x0099, "TLS_DHE_DSS_WITH_SEED_CBC_SHA"},
    {0x009a, "TLS_DHE_RSA_WITH_SEED_CBC_SHA"},
    {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0x00a0, "TLS_DH_RSA_WITH_AES_128_GCM_SHA256"},
    {0x00a1, "TLS_DH_RSA_WITH_AES_256_GCM_SHA384"},
    {0x00a2, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256"},
    {0x00a3, "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384"},
    {0x00a4, "TLS_DH_DSS_WITH_AES_128_GCM_SHA256"},
    {0x00a5, "TLS_DH_DSS_WITH_AES_256_GCM_SHA384"},
    {0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256"},
    {0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384"},
    {0x1304, "TLS_AES_128_CCM_SHA256"},
    {0x1305, "TLS_AES_128_CCM_8_SHA256"},
    {0xc002, "TLS_ECDH_ECDSA_WITH_RC4_128_SHA"},
    {0xc003, "TLS_ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc004, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc005, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"},
    {0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc00c, "TLS_ECDH_RSA_WITH_RC4_128_SHA"},
    {0xc00d, "TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc00e, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA"},
    {0xc00f, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA"},
    {0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA"},
    {0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xc025, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xc026, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    {0xc029, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA256"},
    {0xc02a, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA384"},
    {0xc02d, "TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02e, "TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc032, "TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384"},
    {0xc09c, "TLS_RSA_WITH_AES_128_CCM"},
    {0xc09d, "TLS_RSA_WITH_AES_256_CCM"},
    {0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM"},
    {0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM"},
    {0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8"},
    {0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8"},
    {0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8"},
    {0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8"},
    {0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"},
    {0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"},
    {0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"},
    {0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"},
    {0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
};

constexpr Row groups[] = {
    {1, "sect163k1"},
    {2, "sect163r1"},
    {3, "sect163r2"},
    {4, "sect193r1"},
    {5, "sect193r2"},
    {6, "sect233k1"},
    {7, "sect233r1"},
    {8, "sect239k1"},
    {9, "sect283k1"},
    {10, "sect283r1"},
    {11, "sect409k1"},
    {12, "sect409r1"},
    {13, "sect571k1"},
    {14, "sect571r1"},
    {15, "secp160k1"},
    {16, "secp160r1"},
    {17, "secp160r2"},
    {18, "secp192k1"},
    {19, "secp192r1"},
    {20, "secp224k1"},
    {21, "secp224r1"},
    {22, "secp256k1"},
    {26, "brainpoolP256r1"},
    {27, "brainpoolP384r1"},
    {28, "brainpoolP512r1"},
    {31, "brainpoolP256r1tls13"},
    {32, "brainpoolP384r1tls13"},
    {33, "brainpoolP512r1tls13"},
    {256, "ffdhe2048"},
    {257, "ffdhe3072"},
    {258, "ffdhe4096"},
    {259, "ffdhe6144"},
    {260, "ffdhe8192"},
    {512, "MLKEM512"},
    {25497, "X25519Kyber768Draft00"},
};

constexpr Row schemes[] = {
    {0x081a, "ecdsa_brainpoolP256r1tls13_sha256"},
    {0x081b, "ecdsa_brainpoolP384r1tls13_sha384"},
    {0x081c, "ecdsa_brainpoolP512r1tls13_sha512"},
};

constexpr Row extension_types[] = {
    {2, "client_certificate_url"},   {3, "trusted_ca_keys"},          {4, "truncated_hmac"},
    {17, "status_request_v2"},       {24, "token_binding"},           {25, "cached_info"},
    {34, "delegated_credential"},    {54, "connection_id"},           {13172, "next_protocol_negotiation"},
    {17513, "application_settings"}, {17613, "application_settings"}, {0xfd00, "ech_outer_extensions"},
};

// Small numbers that have no type of their own.
constexpr Row alert_levels[] = {{1, "warning"}, {2, "fatal"}};
constexpr Row certificate_compressions[] = {{1, "zlib"}, {2, "brotli"}, {3, "zstd"}};
constexpr Row certificate_types[] = {{0, "X509"}, {1, "OpenPGP"}, {2, "RawPublicKey"}};
constexpr Row client_certificate_types[] = {{1, "rsa_sign"},         {2, "dss_sign"},    {3, "rsa_fixed_dh"},
                                            {4, "dss_fixed_dh"},     {64, "ecdsa_sign"}, {65, "rsa_fixed_ecdh"},
                                            {66, "ecdsa_fixed_ecdh"}};
constexpr Row compression_methods[] = {{0, "null"}, {1, "DEFLATE"}};
constexpr Row curve_types[] = {{1, "explicit_prime"}, {2, "explicit_char2"}, {3, "named_curve"}};
constexpr Row ech_client_hello_types[] = {{0, "outer"}, {1, "inner"}};
constexpr Row hpke_aeads[] = {{1, "AES-128-GCM"}, {2, "AES-256-GCM"}, {3, "ChaCha20Poly1305"}};
constexpr Row hpke_kdfs[] = {{1, "HKDF-SHA256"}, {2, "HKDF-SHA384"}, {3, "HKDF-SHA512"}};
constexpr Row key_update_requests[] = {{0, "update_not_requested"}, {1, "update_requested"}};
constexpr Row max_fragment_lengths[] = {{1, "2^9"}, {2, "2^10"}, {3, "2^11"}, {4, "2^12"}};
constexpr Row point_formats[] = {
    {0, "uncompressed"}, {1, "ansiX962_compressed_prime"}, {2, "ansiX962_compressed_char2"}};
constexpr Row psk_modes[] = {{0, "psk_ke"}, {1, "psk_dhe_ke"}};
constexpr Row server_name_types[] = {{0, "host_name"}};
constexpr Row status_types[] = {{1, "ocsp"}, {2, "ocsp_multi"}};

}  // namespace

std::string alert_description(std::uint64_t n) { return name(Alert{static_cast<std::uint8_t>(n)}); }
std::string alert_level(std::uint64_t n) { return name8(alert_levels, n); }
std::string certificate_compression(std::uint64_t n) { return name16(certificate_compressions, n); }
std::string certificate_type(std::uint64_t n) { return name8(certificate_types, n); }
std::string cipher_suite(std::uint64_t n) { return name_or<CipherSuite>(cipher_suites, n); }
std::string client_certificate_type(std::uint64_t n) { return name8(client_certificate_types, n); }
std::string compression_method(std::uint64_t n) { return name8(compression_methods, n); }
std::string content_type(std::uint64_t n) { return name(ContentType{static_cast<std::uint8_t>(n)}); }
std::string curve_type(std::uint64_t n) { return name8(curve_types, n); }
std::string ech_client_hello_type(std::uint64_t n) { return name8(ech_client_hello_types, n); }
std::string extension_type(std::uint64_t n) { return name_or<ExtensionType>(extension_types, n); }
std::string handshake_type(std::uint64_t n) { return name(HandshakeType{static_cast<std::uint8_t>(n)}); }
std::string hpke_aead(std::uint64_t n) { return name16(hpke_aeads, n); }
std::string hpke_kdf(std::uint64_t n) { return name16(hpke_kdfs, n); }
std::string key_update_request(std::uint64_t n) { return name8(key_update_requests, n); }
std::string max_fragment_length(std::uint64_t n) { return name8(max_fragment_lengths, n); }
std::string named_group(std::uint64_t n) { return name_or<NamedGroup>(groups, n); }
std::string point_format(std::uint64_t n) { return name8(point_formats, n); }
std::string psk_key_exchange_mode(std::uint64_t n) {
  // RFC 8701, section 2: here GREASE is one byte.
  return (n & 0x1f) == 0x0b ? "GREASE" : name8(psk_modes, n);
}
std::string server_name_type(std::uint64_t n) { return name8(server_name_types, n); }
std::string signature_scheme(std::uint64_t n) {
  std::string text = name_or<SignatureScheme>(schemes, n);
  // TLS 1.2 has a hash and a signature in these two bytes (RFC 5246, section 7.4.1.4.1).
  constexpr std::string_view hashes[] = {"none", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"};
  constexpr std::string_view signatures[] = {"anonymous", "rsa", "dsa", "ecdsa"};
  if (text.starts_with("0x") && n >> 8 < std::size(hashes) && (n & 0xff) < std::size(signatures))
    return fmt::format("{} with {}", signatures[n & 0xff], hashes[n >> 8]);
  return text;
}
std::string status_type(std::uint64_t n) { return name8(status_types, n); }
std::string version(std::uint64_t n) {
  const auto value = static_cast<std::uint16_t>(n);
  return wire::is_grease(value) ? "GREASE" : name(ProtocolVersion{value});
}

std::string byte_count(std::uint64_t n) { return n == 1 ? "1 byte" : fmt::format("{} bytes", n); }
std::string decimal(std::uint64_t n) { return fmt::format("{}", n); }
std::string hexadecimal(std::uint64_t n) { return fmt::format("0x{:x}", n); }
std::string seconds(std::uint64_t n) { return fmt::format("{} s", n); }
std::string timestamp(std::uint64_t milliseconds) {
  constexpr std::uint64_t year_10000 = 253'402'300'800'000;  // past it a date has no four digits
  if (milliseconds >= year_10000) return hexadecimal(milliseconds);
  return x509::time_text(static_cast<std::int64_t>(milliseconds / 1000));
}

}  // namespace handfast::doctor::dissection
