#include "doctor/probes/suites.h"

#include <algorithm>
#include <utility>

#include "doctor/dissect/numbers.h"

namespace handfast::doctor {
namespace {

constexpr std::string_view cbc = "CBC", rsa = "no forward secrecy", rsa_cbc = "no forward secrecy, CBC",
                           dhe = "finite-field Diffie-Hellman", dhe_cbc = "finite-field Diffie-Hellman, CBC",
                           rc4 = "RC4, which is broken", des = "3DES, which is broken", ccm = "CCM, hardly used";

constexpr OtherSuite suites[] = {
    {CipherSuite{0xc0ac}, ccm},     {CipherSuite{0xc0ad}, ccm},     {CipherSuite{0xc023}, cbc},
    {CipherSuite{0xc024}, cbc},     {CipherSuite{0xc009}, cbc},     {CipherSuite{0xc00a}, cbc},
    {CipherSuite{0xc027}, cbc},     {CipherSuite{0xc028}, cbc},     {CipherSuite{0xc013}, cbc},
    {CipherSuite{0xc014}, cbc},     {CipherSuite{0x009e}, dhe},     {CipherSuite{0x009f}, dhe},
    {CipherSuite{0xccaa}, dhe},     {CipherSuite{0x0067}, dhe_cbc}, {CipherSuite{0x006b}, dhe_cbc},
    {CipherSuite{0x0033}, dhe_cbc}, {CipherSuite{0x0039}, dhe_cbc}, {CipherSuite{0x009c}, rsa},
    {CipherSuite{0x009d}, rsa},     {CipherSuite{0x003c}, rsa_cbc}, {CipherSuite{0x003d}, rsa_cbc},
    {CipherSuite{0x002f}, rsa_cbc}, {CipherSuite{0x0035}, rsa_cbc}, {CipherSuite{0x0041}, rsa_cbc},
    {CipherSuite{0xc008}, des},     {CipherSuite{0xc012}, des},     {CipherSuite{0x0016}, des},
    {CipherSuite{0x000a}, des},     {CipherSuite{0xc007}, rc4},     {CipherSuite{0xc011}, rc4},
    {CipherSuite{0x0005}, rc4},     {CipherSuite{0x0004}, rc4},
};

// RFC 7748's, RFC 8422's older curves, RFC 7027's, RFC 7919's.
constexpr NamedGroup groups[] = {NamedGroup::x448, NamedGroup{19}, NamedGroup{21},  NamedGroup{22},  NamedGroup{26},
                                 NamedGroup{27},   NamedGroup{28}, NamedGroup{256}, NamedGroup{257}, NamedGroup{258}};

constexpr SignatureScheme schemes[] = {
    SignatureScheme::ed448,
    SignatureScheme::rsa_pss_pss_sha256,
    SignatureScheme::rsa_pss_pss_sha384,
    SignatureScheme::rsa_pss_pss_sha512,
    SignatureScheme::mldsa44,
    SignatureScheme::mldsa65,
    SignatureScheme::mldsa87,
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

std::string suite_name(CipherSuite suite) { return dissection::cipher_suite(std::to_underlying(suite)); }

std::string_view weakness(CipherSuite suite) noexcept {
  const OtherSuite* other = find(suite);
  return other != nullptr ? other->weakness : std::string_view();
}

std::span<const NamedGroup> other_groups() noexcept { return groups; }

std::string group_name(NamedGroup group) { return dissection::named_group(std::to_underlying(group)); }

std::span<const SignatureScheme> other_signature_schemes() noexcept { return schemes; }

}  // namespace handfast::doctor
