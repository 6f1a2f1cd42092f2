#include "doctor/probes/suites.h"

#include <algorithm>
#include <array>

namespace handfast::doctor {
namespace {

constexpr std::string_view cbc = "CBC", rsa = "no forward secrecy", rsa_cbc = "no forward secrecy, CBC",
                           dhe = "finite-field Diffie-Hellman", dhe_cbc = "finite-field Diffie-Hellman, CBC",
                           rc4 = "RC4, which is broken", des = "3DES, which is broken", ccm = "CCM, hardly used";

constexpr OtherSuite suites[] = {
    {CipherSuite{0xc0ac}, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", ccm},
    {CipherSuite{0xc0ad}, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", ccm},
    {CipherSuite{0xc023}, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", cbc},
    {CipherSuite{0xc024}, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", cbc},
    {CipherSuite{0xc009}, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", cbc},
    {CipherSuite{0xc00a}, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", cbc},
    {CipherSuite{0xc027}, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", cbc},
    {CipherSuite{0xc028}, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", cbc},
    {CipherSuite{0xc013}, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", cbc},
    {CipherSuite{0xc014}, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", cbc},
    {CipherSuite{0x009e}, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", dhe},
    {CipherSuite{0x009f}, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", dhe},
    {CipherSuite{0xccaa}, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", dhe},
    {CipherSuite{0x0067}, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", dhe_cbc},
    {CipherSuite{0x006b}, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", dhe_cbc},
    {CipherSuite{0x0033}, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", dhe_cbc},
    {CipherSuite{0x0039}, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", dhe_cbc},
    {CipherSuite{0x009c}, "TLS_RSA_WITH_AES_128_GCM_SHA256", rsa},
    {CipherSuite{0x009d}, "TLS_RSA_WITH_AES_256_GCM_SHA384", rsa},
    {CipherSuite{0x003c}, "TLS_RSA_WITH_AES_128_CBC_SHA256", rsa_cbc},
    {CipherSuite{0x003d}, "TLS_RSA_WITH_AES_256_CBC_SHA256", rsa_cbc},
    {CipherSuite{0x002f}, "TLS_RSA_WITH_AES_128_CBC_SHA", rsa_cbc},
    {CipherSuite{0x0035}, "TLS_RSA_WITH_AES_256_CBC_SHA", rsa_cbc},
    {CipherSuite{0x0041}, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", rsa_cbc},
    {CipherSuite{0xc008}, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", des},
    {CipherSuite{0xc012}, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", des},
    {CipherSuite{0x0016}, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", des},
    {CipherSuite{0x000a}, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", des},
    {CipherSuite{0xc007}, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", rc4},
    {CipherSuite{0xc011}, "TLS_ECDHE_RSA_WITH_RC4_128_SHA", rc4},
    {CipherSuite{0x0005}, "TLS_RSA_WITH_RC4_128_SHA", rc4},
    {CipherSuite{0x0004}, "TLS_RSA_WITH_RC4_128_MD5", rc4},
};

struct Group {
  NamedGroup group;
  std::string_view name;
};

// Beside x448 and X25519MLKEM768, which have names already: RFC 7919, RFC 7027 and RFC 8734, RFC 8422's older ones, and
// the other hybrids of draft-ietf-tls-ecdhe-mlkem.
constexpr Group named_groups[] = {
    {NamedGroup{19}, "secp192r1"},
    {NamedGroup{21}, "secp224r1"},
    {NamedGroup{22}, "secp256k1"},
    {NamedGroup{26}, "brainpoolP256r1"},
    {NamedGroup{27}, "brainpoolP384r1"},
    {NamedGroup{28}, "brainpoolP512r1"},
    {NamedGroup{256}, "ffdhe2048"},
    {NamedGroup{257}, "ffdhe3072"},
    {NamedGroup{258}, "ffdhe4096"},
    {NamedGroup{4587}, "SecP256r1MLKEM768"},
    {NamedGroup{4589}, "SecP384r1MLKEM1024"},
};

constexpr auto groups = [] {
  std::array<NamedGroup, std::size(named_groups) + 2> out{NamedGroup::X25519MLKEM768, NamedGroup::x448};
  for (std::size_t i = 0; i < std::size(named_groups); ++i) out[i + 2] = named_groups[i].group;
  return out;
}();

constexpr SignatureScheme schemes[] = {
    SignatureScheme::ed448,
    SignatureScheme::rsa_pss_pss_sha256,
    SignatureScheme::rsa_pss_pss_sha384,
    SignatureScheme::rsa_pss_pss_sha512,
    SignatureScheme::rsa_pkcs1_sha256,
    SignatureScheme::rsa_pkcs1_sha384,
    SignatureScheme::rsa_pkcs1_sha512,
    SignatureScheme::ecdsa_sha1,
    SignatureScheme::rsa_pkcs1_sha1,
};

const OtherSuite* find(CipherSuite suite) noexcept {
  const auto found = std::ranges::find(suites, suite, &OtherSuite::suite);
  return found == std::end(suites) ? nullptr : found;
}

}  // namespace

std::span<const OtherSuite> other_suites() noexcept { return suites; }

std::string suite_name(CipherSuite suite) {
  const OtherSuite* other = find(suite);
  return other != nullptr ? std::string(other->name) : name(suite);
}

std::string_view weakness(CipherSuite suite) noexcept {
  const OtherSuite* other = find(suite);
  return other != nullptr ? other->weakness : std::string_view();
}

std::span<const NamedGroup> other_groups() noexcept { return groups; }

std::string group_name(NamedGroup group) {
  const auto found = std::ranges::find(named_groups, group, &Group::group);
  return found == std::end(named_groups) ? name(group) : std::string(found->name);
}

std::span<const SignatureScheme> other_signature_schemes() noexcept { return schemes; }

}  // namespace handfast::doctor
