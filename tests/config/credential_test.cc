// Credentials and local keys: what is put together, and what does not fit.
#include <handfast/credential.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/pair.h"
#include "support/temporary_folder.h"
#include "x509/name.h"
#include "x509/pem.h"

namespace handfast::test {
namespace {

/// A key and a certificate for it, with the root that signed it, in DER and in PEM.
struct Material {
  explicit Material(crypto::KeyType type = crypto::KeyType::p256, std::vector<std::string> names = {"server.example"})
      : root(value(authority::make_ca(authority::ca_options("Config root", now - 86400, now + 86400),
                                      crypto::KeyType::p256, system_random()))),
        leaf(value(authority::make_identity(authority::leaf_options(std::move(names), now - 3600, now + 3600), type,
                                            {root.certificate, root.key}, system_random()))) {
    const Bytes leaf_der = leaf.certificate.der();
    const Bytes root_der = root.certificate.der();
    chain = {Buffer(leaf_der.begin(), leaf_der.end()), Buffer(root_der.begin(), root_der.end())};
    key_der = value(leaf.key.to_der());
    chain_pem = x509::encode_pem("CERTIFICATE", chain[0]) + x509::encode_pem("CERTIFICATE", chain[1]);
    key_pem = x509::encode_pem("PRIVATE KEY", key_der);
  }
  std::shared_ptr<const LocalKey> key() const { return value(LocalKey::from_der(key_der)); }

  static constexpr std::int64_t now = 1'800'000'000;
  authority::Identity root;
  authority::Identity leaf;
  std::vector<Buffer> chain;
  Buffer key_der;
  std::string chain_pem;
  std::string key_pem;
};

const Material& material() {
  static const Material one;
  return one;
}
/// RSA keys take their time.
const Material& rsa_material() {
  static const Material one(crypto::KeyType::rsa);
  return one;
}

template <typename T>
std::string reason_of(const Result<T>& result) {
  return result ? "made" : std::string(name(result.error().reason()));
}
template <typename T>
std::string evidence(const Result<T>& result, std::string_view name) {
  const Fact::Value* fact = result ? nullptr : result.error().find(name);
  return fact ? to_text(*fact) : "none";
}

TEST(Credential, HoldsChainAndKey) {
  const auto credential = value(Credential::make(material().chain, material().key()));
  EXPECT_EQ(credential->chain(), material().chain);
  EXPECT_EQ(credential->not_before(), Material::now - 3600);
  EXPECT_EQ(credential->not_after(), Material::now + 3600);
  EXPECT_EQ(credential->local_key(), credential->key().get());
  for (Side side : {Side::client, Side::server}) {
    ASSERT_EQ(credential->schemes(ProtocolVersion::tls1_3, side).size(), 1u);
    EXPECT_EQ(credential->schemes(ProtocolVersion::tls1_3, side)[0], SignatureScheme::ecdsa_secp256r1_sha256);
  }
}

TEST(Credential, RefusesWhatIsMissing) {
  const auto no_chain = Credential::make({}, material().key());
  EXPECT_EQ(reason_of(no_chain), "bad_config");
  EXPECT_EQ(evidence(no_chain, "option"), "credential");
  const auto no_key = Credential::make(material().chain, nullptr);
  EXPECT_EQ(reason_of(no_key), "bad_config");
  EXPECT_EQ(evidence(no_key, "option"), "credential");
}

TEST(Credential, RefusesWhatIsNoCertificate) {
  const auto credential = Credential::make({material().chain[0], Buffer{0x30, 0x00}}, material().key());
  EXPECT_EQ(reason_of(credential), "bad_certificate");
  EXPECT_EQ(evidence(credential, "index"), "1");
}

TEST(Credential, RefusesAKeyOfAnotherCertificate) {
  const auto other = Credential::make(material().chain, Material().key());
  EXPECT_EQ(reason_of(other), "key_does_not_match");
  EXPECT_NE(evidence(other, "subject"), "none");
  // The chain in the wrong order: the key is that of the last one.
  EXPECT_EQ(reason_of(Credential::make({material().chain[1], material().chain[0]}, material().key())),
            "key_does_not_match");
}

TEST(Credential, RefusesSchemesThatTheKeyLacks) {
  CredentialExtras extras;
  extras.signature_schemes = {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::ed25519};
  const auto credential = Credential::make(material().chain, material().key(), extras);
  EXPECT_EQ(reason_of(credential), "bad_config");
  EXPECT_EQ(evidence(credential, "option"), "signature_schemes");
}

TEST(Credential, RefusesTimestampsThatAreNoList) {
  for (const Buffer& bad : {Buffer{0}, Buffer{0, 0}, Buffer{0, 2, 0, 0}, Buffer{0, 3, 0, 2, 1}}) {
    CredentialExtras extras;
    extras.signed_certificate_timestamps = bad;
    const auto credential = Credential::make(material().chain, material().key(), extras);
    EXPECT_EQ(reason_of(credential), "bad_config");
    EXPECT_EQ(evidence(credential, "option"), "signed_certificate_timestamps");
  }
  CredentialExtras extras;
  extras.signed_certificate_timestamps = {0, 3, 0, 1, 7};
  EXPECT_EQ(reason_of(Credential::make(material().chain, material().key(), extras)), "made");
}

std::vector<SignatureScheme> schemes(const Credential& credential, ProtocolVersion version = ProtocolVersion::tls1_3) {
  const std::span<const SignatureScheme> of_server = credential.schemes(version, Side::server);
  return {of_server.begin(), of_server.end()};
}

TEST(Credential, SchemesAreThoseOfTheKeyThatTls13Knows) {
  using enum SignatureScheme;
  const auto of = [](const Material& made) { return schemes(*value(Credential::make(made.chain, made.key()))); };
  EXPECT_EQ(of(Material(crypto::KeyType::p384)), (std::vector{ecdsa_secp384r1_sha384}));
  EXPECT_EQ(of(Material(crypto::KeyType::p521)), (std::vector{ecdsa_secp521r1_sha512}));
  EXPECT_EQ(of(Material(crypto::KeyType::ed25519)), (std::vector{ed25519}));
  // No PKCS#1: that is for certificates only (RFC 8446, section 4.2.3).
  EXPECT_EQ(of(rsa_material()), (std::vector{rsa_pss_rsae_sha256, rsa_pss_rsae_sha384, rsa_pss_rsae_sha512}));
}

/// RFC 5246, section 7.4.1.4.1: there a scheme says nothing of the curve; the curve's own comes first all the same.
TEST(Credential, AnEcdsaKeySignsWithAnyHashInTls12) {
  using enum SignatureScheme;
  const Material made(crypto::KeyType::p384);
  const auto credential = value(Credential::make(made.chain, made.key()));
  EXPECT_EQ(credential->curve(), NamedGroup::secp384r1);
  EXPECT_EQ(schemes(*credential, ProtocolVersion::tls1_2),
            (std::vector{ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512, ecdsa_secp256r1_sha256}));
  CredentialExtras extras;
  extras.signature_schemes = {ecdsa_secp256r1_sha256};
  const auto narrow = value(Credential::make(made.chain, made.key(), extras));
  EXPECT_EQ(schemes(*narrow, ProtocolVersion::tls1_2), extras.signature_schemes);
  EXPECT_TRUE(schemes(*narrow).empty());
  EXPECT_EQ(value(Credential::make(rsa_material().chain, rsa_material().key()))->curve(), std::nullopt);
}

TEST(Credential, SchemesKeepTheOrderThatIsAskedFor) {
  using enum SignatureScheme;
  const Material& made = rsa_material();
  CredentialExtras extras;
  extras.signature_schemes = {rsa_pss_rsae_sha512, rsa_pss_rsae_sha256};
  EXPECT_EQ(schemes(*value(Credential::make(made.chain, made.key(), extras))), extras.signature_schemes);
}

/// What is for peers that can do no better is used where it is named, and behind all else.
TEST(Credential, SchemesThatHaveToBeNamed) {
  using enum SignatureScheme;
  const Material& made = rsa_material();
  CredentialExtras extras;
  extras.signature_schemes = {rsa_pkcs1_sha1, rsa_pkcs1_sha256_legacy, rsa_pkcs1_sha256, rsa_pss_rsae_sha256};
  const auto credential = value(Credential::make(made.chain, made.key(), extras));
  EXPECT_EQ(schemes(*credential), (std::vector{rsa_pss_rsae_sha256}));
  EXPECT_EQ(schemes(*credential, ProtocolVersion::tls1_2),
            (std::vector{rsa_pss_rsae_sha256, rsa_pkcs1_sha256, rsa_pkcs1_sha1}));
  EXPECT_TRUE(std::ranges::equal(credential->schemes(ProtocolVersion::tls1_3, Side::client),
                                 std::vector{rsa_pss_rsae_sha256, rsa_pkcs1_sha256_legacy}));
}

// A credential without one scheme of TLS 1.3 is no use to a config.
TEST(Credential, WithoutASchemeIsRefusedByTheConfig) {
  const Material& made = rsa_material();
  CredentialExtras extras;
  extras.signature_schemes = {SignatureScheme::rsa_pkcs1_sha256};
  const auto credential = value(Credential::make(made.chain, made.key(), extras));
  EXPECT_TRUE(schemes(*credential).empty());
  ServerOptions options = server_options();
  options.credentials = {credential};
  options.max_version = ProtocolVersion::tls1_2;
  EXPECT_TRUE(ServerConfig::make(options));
  options.max_version = ProtocolVersion::tls1_3;
  EXPECT_EQ(evidence(ServerConfig::make(options), "problem"),
            "none of them can serve TLS 1.3 with these cipher suites");
  options.min_version = ProtocolVersion::tls1_3;
  const auto config = ServerConfig::make(std::move(options));
  EXPECT_EQ(reason_of(config), "bad_config");
  EXPECT_EQ(evidence(config, "option"), "credentials");
}

TEST(Credential, MatchesItsNames) {
  const Material made(crypto::KeyType::p256, {"server.example", "*.wild.example", "192.0.2.1", "2001:db8::1"});
  const auto credential = value(Credential::make(made.chain, made.key()));
  for (const char* host : {"server.example", "SERVER.example", "a.wild.example", "192.0.2.1", "2001:db8::1"})
    EXPECT_TRUE(credential->matches(host)) << host;
  for (const char* host :
       {"", "other.example", "wild.example", "a.b.wild.example", "192.0.2.2", "server.example.org", "not a name", "."})
    EXPECT_FALSE(credential->matches(host)) << host;
}

TEST(Credential, IsIssuedByWhoeverStandsInItsChain) {
  const auto credential = value(Credential::make({material().chain[0]}, material().key()));
  const Bytes issuer = material().root.certificate->subject;
  const Bytes other = shared_authority().subject();
  EXPECT_TRUE(credential->issued_by(std::vector{other, issuer}));
  EXPECT_FALSE(credential->issued_by(std::vector{other}));
  EXPECT_FALSE(credential->issued_by({}));
  EXPECT_FALSE(credential->issued_by(std::vector{Bytes()}));
}

// --- PEM and files
// ------------------------------------------------------------------------------------------------------

TEST(Credential, FromPem) {
  EXPECT_EQ(value(Credential::from_pem(material().chain_pem, material().key_pem))->chain(), material().chain);
  // Both in one text, and blocks of other kinds beside them.
  const std::string all =
      material().key_pem + "a comment\n" + x509::encode_pem("DH PARAMETERS", Buffer{0x30, 0x00}) + material().chain_pem;
  EXPECT_EQ(value(Credential::from_pem(all, all))->chain(), material().chain);
}

TEST(Credential, WrongPem) {
  const auto no_certificate = Credential::from_pem(material().key_pem, material().key_pem);
  EXPECT_EQ(reason_of(no_certificate), "bad_pem");
  EXPECT_EQ(evidence(no_certificate, "expected"), "a CERTIFICATE");
  const auto no_key = Credential::from_pem(material().chain_pem, material().chain_pem);
  EXPECT_EQ(reason_of(no_key), "bad_pem");
  EXPECT_EQ(evidence(no_key, "expected"), "a PRIVATE KEY");
  EXPECT_EQ(reason_of(Credential::from_pem("", material().key_pem)), "bad_pem");
  EXPECT_EQ(reason_of(Credential::from_pem(material().chain_pem, "")), "bad_pem");
  const std::string cut = material().chain_pem.substr(0, material().chain_pem.size() - 10);
  EXPECT_EQ(reason_of(Credential::from_pem(cut, material().key_pem)), "bad_pem");
}

TEST(LocalKey, RefusesWhatIsNoKey) {
  EXPECT_EQ(reason_of(LocalKey::from_pem(x509::encode_pem("PRIVATE KEY", Buffer{0x30, 0x00}))), "bad_private_key");
  EXPECT_EQ(reason_of(LocalKey::from_der({})), "bad_private_key");
  Buffer trailing = material().key_der;
  trailing.push_back(0);
  EXPECT_EQ(reason_of(LocalKey::from_der(trailing)), "bad_private_key");
}

TEST(LocalKey, SaysHowToDecryptAnEncryptedKey) {
  const auto key = LocalKey::from_pem(x509::encode_pem("ENCRYPTED PRIVATE KEY", Buffer{0x30, 0x00}));
  EXPECT_EQ(reason_of(key), "bad_private_key");
  EXPECT_NE(evidence(key, "problem").find("openssl pkey"), std::string::npos);
}

TEST(LocalKey, TakesTheFirstOfSeveral) {
  const Material other;
  const auto key = value(LocalKey::from_pem(material().key_pem + other.key_pem));
  EXPECT_TRUE(std::ranges::equal(key->public_key(), material().key()->public_key()));
}

TEST(LocalKey, SignsWithItsSchemesOnly) {
  const auto key = material().key();
  EXPECT_TRUE(key->sign_now(SignatureScheme::ecdsa_secp256r1_sha256, as_bytes("message")));
  EXPECT_EQ(reason_of(key->sign_now(SignatureScheme::ed25519, as_bytes("message"))), "wrong_signature_scheme");
  int answers = 0;
  key->sign(SignatureScheme::ed25519, Buffer(3), [&](Result<Buffer> signature) { answers += !signature; });
  EXPECT_EQ(answers, 1);
}

TEST(Credential, FromFiles) {
  const TemporaryFolder files;
  const std::string chain = files.write("chain.pem", material().chain_pem);
  const std::string key = files.write("key.pem", material().key_pem);
  EXPECT_EQ(value(Credential::from_files(chain, key))->chain(), material().chain);
  const std::string both = files.write("both.pem", material().key_pem + material().chain_pem);
  EXPECT_EQ(value(Credential::from_files(both, both))->chain(), material().chain);
}

TEST(Credential, FilesThatAreNotThere) {
  const TemporaryFolder files;
  const std::string chain = files.write("chain.pem", material().chain_pem);
  const std::string missing = files.folder() / "missing.pem";
  for (const auto& [chain_path, key_path] : {std::pair{missing, chain}, {chain, missing}}) {
    const auto credential = Credential::from_files(chain_path, key_path);
    EXPECT_EQ(reason_of(credential), "file_not_readable");
    EXPECT_EQ(evidence(credential, "path"), missing);
    EXPECT_NE(evidence(credential, "error"), "none");
  }
  // A folder opens, but is no file.
  EXPECT_NE(reason_of(Credential::from_files(files.folder(), chain)), "made");
}

TEST(Credential, OfARawPublicKey) {
  for (crypto::KeyType type : {crypto::KeyType::p256, crypto::KeyType::p384, crypto::KeyType::p521,
                               crypto::KeyType::ed25519, crypto::KeyType::rsa}) {
    const auto key = LocalKey::of(value(crypto::SigningKey::generate(type)));
    const Buffer info = key->subject_public_key_info();
    const auto credential = value(Credential::raw_public_key(info, key));
    EXPECT_EQ(credential->certificate_type(), CertificateType::RawPublicKey);
    EXPECT_EQ(credential->raw_public_key(), info);
    EXPECT_TRUE(credential->chain().empty());
    EXPECT_EQ(credential->shown().size(), 1u);
    EXPECT_FALSE(credential->schemes(ProtocolVersion::tls1_3, Side::server).empty());
    EXPECT_EQ(credential->decrypts(), type == crypto::KeyType::rsa);
    EXPECT_EQ(credential->subject(), SpkiPin::of(info).text());
    EXPECT_TRUE(credential->matches("any.example"));
    EXPECT_TRUE(credential->staple(0).empty());
    EXPECT_LT(credential->not_before(), 0);
  }
}

/// The same bytes as in a certificate.
TEST(Credential, WritesTheKeyAsACertificateDoes) {
  for (const Material* each : {&material(), &rsa_material()})
    EXPECT_TRUE(std::ranges::equal(each->key()->subject_public_key_info(), each->leaf.certificate->public_key.der));
}

TEST(Credential, OfARawPublicKeyThatDoesNotFit) {
  const auto key = material().key();
  const Buffer info = key->subject_public_key_info();
  EXPECT_EQ(reason_of(Credential::raw_public_key(rsa_material().key()->subject_public_key_info(), key)),
            "key_does_not_match");
  Buffer cut(info.begin(), info.end() - 1);
  EXPECT_EQ(reason_of(Credential::raw_public_key(cut, key)), "bad_certificate");
  EXPECT_EQ(reason_of(Credential::raw_public_key({}, key)), "bad_certificate");
  EXPECT_EQ(reason_of(Credential::raw_public_key(info, nullptr)), "bad_config");
  CredentialExtras stapled;
  stapled.ocsp_response = {1};
  EXPECT_EQ(reason_of(Credential::raw_public_key(info, key, stapled)), "bad_config");
  CredentialExtras issued;
  issued.must_match_issuer = true;
  EXPECT_EQ(reason_of(Credential::raw_public_key(info, key, issued)), "bad_config");
  CredentialExtras other;
  other.signature_schemes = {SignatureScheme::ed25519};
  EXPECT_EQ(reason_of(Credential::raw_public_key(info, key, other)), "bad_config");
}

}  // namespace
}  // namespace handfast::test
