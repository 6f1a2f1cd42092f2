// Parsing: what a certificate says, and that nothing malformed gets through.
#include "x509/certificate.h"

#include <algorithm>

#include "support/hex.h"
#include "x509/der_writer.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/pki.h"
#include "x509/public_key.h"

namespace handfast::x509::test {
namespace {

using der::Tag;

Buffer copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

std::string field_of(const Result<Certificate>& result) {
  if (result) return "(parsed)";
  EXPECT_EQ(result.error().reason(), Reason::bad_certificate);
  EXPECT_EQ(result.error().alert(), Alert::bad_certificate);
  const Fact::Value* field = result.error().find("field");
  return field == nullptr ? "(none)" : to_text(*field);
}

TEST(Certificate, SaysWhatItWasMadeToSay) {
  CertificateOptions options = leaf({"example.com", "*.example.com", "192.0.2.1", "2001:db8::1"});
  options.serial_number = {0x01, 0x23};
  Identity root = root_of(ca("Root"));
  Identity end = signed_by(root, options);
  const CertificateView& view = *end.certificate;
  EXPECT_EQ(view.version, 3u);
  EXPECT_EQ(handfast::test::to_hex(view.serial_number), "0123");
  EXPECT_EQ(name_text(view.subject), "CN=example.com");
  EXPECT_EQ(name_text(view.issuer), "CN=Root");
  EXPECT_EQ(view.not_before, before);
  EXPECT_EQ(view.not_after, after);
  EXPECT_EQ(view.public_key.type, KeyType::p256);
  EXPECT_EQ(view.public_key.bits, 256u);
  EXPECT_EQ(tls_names(view), (std::vector<std::string>{"example.com", "*.example.com", "192.0.2.1", "2001:db8::1"}));
  EXPECT_EQ(view.key_usage, KeyUsage::digitalSignature);
  EXPECT_TRUE(view.extended_key_usage);
  EXPECT_FALSE(view.is_ca());
  EXPECT_FALSE(view.self_issued());
  ASSERT_TRUE(root.certificate->subject_key_identifier);
  EXPECT_TRUE(std::ranges::equal(view.authority_key_id, *root.certificate->subject_key_identifier));
  EXPECT_TRUE(view.unknown_critical.empty());
  EXPECT_TRUE(matches(view, end.key));
  EXPECT_FALSE(matches(view, root.key));

  CertificateOptions limited = ca("Limited");
  limited.path_len = 300;
  Certificate certificate = root_of(limited).certificate;
  EXPECT_TRUE(certificate->is_ca());
  EXPECT_TRUE(certificate->self_issued());
  EXPECT_EQ(certificate->basic_constraints->path_len_constraint, 300u);
  EXPECT_EQ(certificate->key_usage, KeyUsage::keyCertSign | KeyUsage::cRLSign);
}

TEST(Certificate, IsSharedByItsCopies) {
  const Certificate first = root_of(ca("Root")).certificate;
  const Certificate second = first;  // NOLINT(performance-unnecessary-copy-initialization): it is what is tested
  EXPECT_EQ(first.der().data(), second.der().data());
  EXPECT_EQ(first, second);
  EXPECT_EQ(first, Certificate::parse(first.der()).value());
  EXPECT_NE(first, root_of(ca("Root")).certificate);
}

TEST(Certificate, KeysOfEveryKind) {
  struct Row {
    KeyType type;
    std::size_t bits;
  };
  for (auto [type, bits] : {Row{KeyType::rsa, 2048}, Row{KeyType::p256, 256}, Row{KeyType::p384, 384},
                            Row{KeyType::p521, 521}, Row{KeyType::ed25519, 256}, Row{KeyType::mldsa44, 8 * 1312},
                            Row{KeyType::mldsa65, 8 * 1952}, Row{KeyType::mldsa87, 8 * 2592}}) {
    if (!crypto::supports(type)) continue;
    Identity identity = root_of(leaf(), type);
    const SubjectPublicKeyInfo& info = identity.certificate->public_key;
    EXPECT_EQ(info.type, type);
    EXPECT_EQ(info.bits, bits);
    EXPECT_TRUE(import_key(info));
    for (Side side : {Side::client, Side::server}) {
      // TLS 1.3: what the key signs with, the certificate says it can; RSA never with PKCS #1 but for clients, ECDSA
      // with one hash only.
      for (SignatureScheme scheme : identity.key.schemes()) {
        const bool other_curve = crypto::is_curve(type) && scheme != identity.key.schemes().front();
        for (ProtocolVersion version : {ProtocolVersion::tls1_2, ProtocolVersion::tls1_3})
          EXPECT_EQ(fits(info, scheme, version, side), crypto::signs_handshakes(version, side, scheme) &&
                                                           (version == ProtocolVersion::tls1_2 || !other_curve))
              << name(scheme);
      }
      for (ProtocolVersion version : {ProtocolVersion::tls1_2, ProtocolVersion::tls1_3}) {
        EXPECT_FALSE(fits(info, SignatureScheme::rsa_pss_pss_sha256, version, side));
        EXPECT_FALSE(fits(info, SignatureScheme::ed448, version, side));
      }
      // The curve of an ECDSA scheme counts in TLS 1.3 only.
      const bool curve = crypto::is_curve(type);
      EXPECT_EQ(fits(info, SignatureScheme::ecdsa_secp521r1_sha512, ProtocolVersion::tls1_2, side), curve);
      EXPECT_EQ(fits(info, SignatureScheme::ecdsa_secp521r1_sha512, ProtocolVersion::tls1_3, side),
                type == KeyType::p521);
    }
  }
}

/// RFC 9881, section 4; without ML-DSA in libcrypto it is a key of a kind that is not known, and it is said what it
/// needs.
TEST(Certificate, KeysOfMlDsa) {
  const auto info_of = [](std::uint8_t arc, std::size_t size, Bytes parameters) {
    Buffer der;
    der::Writer w(der);
    const std::uint8_t id[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, arc};
    w.within(der::Tag::sequence, [&] {
      w.within(der::Tag::sequence, [&] { w.object_identifier(id), w.raw(parameters); });
      w.bit_string(Buffer(size, 1));
    });
    return der;
  };
  constexpr std::uint8_t null[] = {0x05, 0x00};
  for (const auto& [arc, type, size] : {std::tuple(std::uint8_t{17}, KeyType::mldsa44, std::size_t{1312}),
                                        std::tuple(std::uint8_t{18}, KeyType::mldsa65, std::size_t{1952}),
                                        std::tuple(std::uint8_t{19}, KeyType::mldsa87, std::size_t{2592})}) {
    SubjectPublicKeyInfo info;
    const Buffer good = info_of(arc, size, {});
    ASSERT_TRUE(parse_public_key(good, info));
    EXPECT_EQ(info.type == type, crypto::supports(type));
    EXPECT_EQ(info.type.has_value(), crypto::supports(type));
    EXPECT_EQ(import_key(info).has_value(), crypto::supports(type));
    EXPECT_EQ(needed_for(info.algorithm.oid).empty(), crypto::supports(type));
    for (const Buffer& bad :
         {info_of(arc, size - 1, {}), info_of(arc, size + 1, {}), info_of(arc, 0, {}), info_of(arc, size, null)}) {
      SubjectPublicKeyInfo other;
      EXPECT_FALSE(parse_public_key(bad, other));
    }
    EXPECT_EQ(signature_algorithm(info.algorithm),
              (crypto::SignatureAlgorithm{crypto::SignatureKind{static_cast<std::uint8_t>(
                                              std::to_underlying(crypto::SignatureKind::mldsa44) + arc - 17)},
                                          crypto::HashAlgorithm::sha512}));
  }
}

TEST(Certificate, CertificateVerify) {
  Identity end = root_of(leaf());
  crypto::SchemeAlgorithm wanted;
  ASSERT_TRUE(crypto::lookup(SignatureScheme::ecdsa_secp256r1_sha256, wanted));
  Bytes message = as_bytes("a transcript");
  Buffer signature = end.key.sign(wanted.algorithm, message).value();
  EXPECT_TRUE(verify_signature(end.certificate->public_key, ProtocolVersion::tls1_3, Side::server,
                               SignatureScheme::ecdsa_secp256r1_sha256, message, signature));
  Result<void> other = verify_signature(end.certificate->public_key, ProtocolVersion::tls1_3, Side::server,
                                        SignatureScheme::ecdsa_secp256r1_sha256, as_bytes("b"), signature);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().reason(), Reason::bad_signature);
  EXPECT_EQ(other.error().alert(), Alert::decrypt_error);
  for (SignatureScheme scheme : {SignatureScheme::ecdsa_secp384r1_sha384, SignatureScheme::rsa_pss_rsae_sha256,
                                 SignatureScheme::ecdsa_sha1, static_cast<SignatureScheme>(0x1234)}) {
    Result<void> wrong = verify_signature(end.certificate->public_key, ProtocolVersion::tls1_3, Side::server, scheme,
                                          message, signature);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().reason(), Reason::wrong_signature_scheme);
    EXPECT_EQ(wrong.error().alert(), Alert::illegal_parameter);
  }
}

TEST(Certificate, EveryTruncationIsRefused) {
  for (KeyType type : {KeyType::p256, KeyType::rsa}) {
    Certificate certificate = root_of(leaf(), type).certificate;
    for (std::size_t size = 0; size < certificate.der().size(); ++size)
      EXPECT_FALSE(parse_certificate(certificate.der().first(size))) << size;
    Buffer longer = copy_of(certificate.der());
    longer.push_back(0);
    EXPECT_FALSE(parse_certificate(longer));
  }
}

/// Every octet replaced by every other one: for the sanitizers, and for what must not change its meaning unseen.
TEST(Certificate, EveryMutationIsSafe) {
  CertificateOptions options = leaf({"example.com", "192.0.2.1"});
  options.extensions = {{"2.5.29.30", false, {0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x82, 0x01, 'a'}},
                        {"2.5.29.32", false, {0x30, 0x06, 0x30, 0x04, 0x06, 0x02, 0x2a, 0x03}},
                        {"1.3.6.1.5.5.7.1.24", false, {0x30, 0x03, 0x02, 0x01, 0x05}}};
  Identity root = root_of(ca("Root"));
  Certificate certificate = signed_by(root, options).certificate;
  Buffer der = copy_of(certificate.der());
  std::size_t parsed = 0;
  for (std::uint8_t& octet : der) {
    std::uint8_t original = octet;
    for (unsigned value = 0; value < 256; ++value) {
      octet = static_cast<std::uint8_t>(value);
      Result<CertificateView> view = parse_certificate(der);
      if (!view) continue;
      ++parsed;
      (void)name_text(view->subject);
      (void)tls_names(*view);
    }
    octet = original;
  }
  EXPECT_GT(parsed, der.size());  // names, keys and signatures are free to be anything
}

/// A certificate of parts, unsigned: the parser does not look.
struct Parts {
  Buffer version = handfast::test::from_hex("a003020102");
  Buffer serial = handfast::test::from_hex("020101");
  Buffer inner = handfast::test::from_hex("300a06082a8648ce3d040302");
  Buffer outer = inner;
  Buffer extensions;  ///< the content of Extensions; with `wrapped` false, left out
  bool wrapped = true;
  Buffer trailing;  ///< at the end of the TBSCertificate

  Buffer der() const {
    static const Certificate model = root_of(ca("Model")).certificate;
    Buffer out;
    der::Writer w(out);
    w.within(Tag::sequence, [&] {
      w.within(Tag::sequence, [&] {
        w.raw(version), w.raw(serial), w.raw(inner), w.raw(model->issuer);
        w.element(Tag::sequence, model->validity);
        w.raw(model->subject), w.raw(model->public_key.der);
        if (wrapped) w.within(der::context_constructed(3), [&] { w.element(Tag::sequence, extensions); });
        w.raw(trailing);
      });
      w.raw(outer);
      w.bit_string(model->signature);
    });
    return out;
  }
  std::string field() const { return field_of(Certificate::parse(der())); }
};

Buffer extension(std::string_view oid, const char* value, const char* critical = "") {
  Buffer out;
  der::Writer w(out);
  w.within(Tag::sequence, [&] {
    EXPECT_TRUE(w.object_identifier(oid));
    w.raw(handfast::test::from_hex(critical));
    w.element(Tag::octet_string, handfast::test::from_hex(value));
  });
  return out;
}

TEST(Certificate, FieldsThatAreMalformed) {
  Parts good;
  good.extensions = extension("2.5.29.19", "3000");
  EXPECT_EQ(good.field(), "(parsed)");

  auto with = [&](auto change) {
    Parts parts = good;
    change(parts);
    return parts.field();
  };
  EXPECT_EQ(with([](Parts& p) { p.version = handfast::test::from_hex("a003020100"); }), "version");     // a DEFAULT
  EXPECT_EQ(with([](Parts& p) { p.version = handfast::test::from_hex("a003020103"); }), "version");     // v4
  EXPECT_EQ(with([](Parts& p) { p.version = handfast::test::from_hex("a003020101"); }), "extensions");  // v2 has none
  EXPECT_EQ(with([](Parts& p) { p.version.clear(); }), "extensions");                                   // v1
  EXPECT_EQ(with([](Parts& p) { p.version.clear(), p.wrapped = false; }), "(parsed)");
  EXPECT_EQ(with([](Parts& p) { p.serial = handfast::test::from_hex("02020001"); }), "serialNumber");
  EXPECT_EQ(with([](Parts& p) { p.inner = handfast::test::from_hex("300a06082a8648ce3d040303"); }), "signature");
  EXPECT_EQ(with([](Parts& p) { p.outer = handfast::test::from_hex("300a06082a8648ce3d040303"); }), "signature");
  EXPECT_EQ(with([](Parts& p) { p.outer = handfast::test::from_hex("300c06082a8648ce3d0403020500"); }), "signature");
  EXPECT_EQ(with([](Parts& p) { p.extensions.clear(); }), "extensions");
  EXPECT_EQ(with([](Parts& p) { p.trailing = {0x05, 0x00}; }), "tbsCertificate");
}

TEST(Certificate, DoubleExtensionsAreRefused) {
  Parts parts;
  for (int i = 0; i < 2; ++i) {
    Buffer one = extension("1.3.6.1.4.1.99999.7", "0500");
    parts.extensions.insert(parts.extensions.end(), one.begin(), one.end());
  }
  EXPECT_EQ(parts.field(), "1.3.6.1.4.1.99999.7, twice");
}

TEST(Certificate, ExtensionsHaveALimit) {
  Parts parts;
  for (std::size_t i = 0; i < max_extensions; ++i) {
    Buffer one = extension("1.3.6.1.4.1.99999." + std::to_string(i), "0500");
    parts.extensions.insert(parts.extensions.end(), one.begin(), one.end());
  }
  EXPECT_EQ(parts.field(), "(parsed)");
  Buffer one = extension("1.3.6.1.4.1.99999.1000", "0500");
  parts.extensions.insert(parts.extensions.end(), one.begin(), one.end());
  EXPECT_EQ(parts.field(), "extensions");
}

TEST(Certificate, TlsFeaturesHaveALimit) {
  const auto field_with = [](std::size_t count) {
    Buffer value;
    der::Writer w(value);
    w.within(Tag::sequence, [&] {
      for (std::size_t i = 0; i < count; ++i) w.integer(static_cast<std::uint32_t>(i));
    });
    Parts parts;
    parts.extensions = extension("1.3.6.1.5.5.7.1.24", handfast::test::to_hex(value).c_str());
    return parts.field();
  };
  EXPECT_EQ(field_with(max_tls_features), "(parsed)");
  EXPECT_EQ(field_with(max_tls_features + 1), "tlsFeature");
}

TEST(Certificate, ExtensionsThatAreMalformed) {
  struct Row {
    const char* oid;
    const char* value;
    const char* field;
  };
  for (auto [oid, value, field] : {
           Row{"2.5.29.19", "30030101ff", "(parsed)"},
           Row{"2.5.29.19", "3003010100", "(parsed)"},  // an encoded DEFAULT, as many have it
           Row{"2.5.29.19", "300301017f", "basicConstraints"},
           Row{"2.5.29.19", "30060101ff0201ff", "basicConstraints"},
           Row{"2.5.29.19", "30030101ff00", "basicConstraints"},
           Row{"2.5.29.15", "03020780", "(parsed)"},
           Row{"2.5.29.15", "0402ffff", "keyUsage"},
           Row{"2.5.29.17", "3003820161", "(parsed)"},
           Row{"2.5.29.17", "3000", "subjectAltName"},
           Row{"2.5.29.17", "3003870161", "subjectAltName"},  // an address of one octet
           Row{"2.5.29.17", "30038201e4", "subjectAltName"},  // no IA5String
           Row{"2.5.29.17", "3003820100", "subjectAltName"},  // a NUL
           Row{"2.5.29.17", "3003a20161", "subjectAltName"},  // constructed
           Row{"2.5.29.17", "3003890161", "subjectAltName"},  // no such CHOICE
           Row{"2.5.29.37", "3000", "extKeyUsage"},
           Row{"2.5.29.37", "3003020101", "extKeyUsage"},
           Row{"2.5.29.14", "0401aa", "(parsed)"},
           Row{"2.5.29.14", "3000", "subjectKeyIdentifier"},
           Row{"2.5.29.35", "3000", "(parsed)"},
           Row{"2.5.29.35", "3003830161", "authorityKeyIdentifier"},
           Row{"2.5.29.32", "3000", "certificatePolicies"},
           Row{"1.3.6.1.5.5.7.1.1", "3000", "authorityInfoAccess"},
           Row{"1.3.6.1.5.5.7.1.1",
               "300930070602"
               "2a03"
               "820161",
               "(parsed)"},
           Row{"1.3.6.1.5.5.7.1.11", "3000", "subjectInfoAccess"},
           Row{"2.5.29.18", "3003820161", "(parsed)"},
           Row{"2.5.29.18", "3000", "issuerAltName"},
           Row{"2.5.29.30", "3000", "nameConstraints"},
           Row{"1.3.6.1.5.5.7.1.24", "0500", "tlsFeature"},
           Row{"1.3.6.1.5.5.7.1.24", "3000", "(parsed)"},
           Row{"1.3.6.1.5.5.7.1.24", "3005020300ffff", "(parsed)"},
           Row{"1.3.6.1.5.5.7.1.24", "30050203010000", "tlsFeature"},
       }) {
    Parts parts;
    parts.extensions = extension(oid, value);
    EXPECT_EQ(parts.field(), field) << oid << " " << value;
  }
}

TEST(Certificate, CriticalAndNotProcessed) {
  struct Row {
    const char* oid;
    const char* value;
    bool unknown;
  };
  for (auto [oid, value, unknown] : {
           Row{"2.5.29.15", "03020780", false},    // keyUsage
           Row{"2.5.29.17", "3003820161", false},  // subjectAltName
           Row{"2.5.29.19", "3000", false},        // basicConstraints
           Row{"2.5.29.36", "3003800100", false},  // policyConstraints
           Row{"2.5.29.54", "020100", false},      // inhibitAnyPolicy
           Row{"2.5.29.9", "3000", true},          // subjectDirectoryAttributes
           Row{"2.5.29.14", "0401aa", true},       // subjectKeyIdentifier
           Row{"2.5.29.18", "3003820161", true},   // issuerAltName
           Row{"2.5.29.35", "3000", true},         // authorityKeyIdentifier
           Row{"2.5.29.46", "3000", true},         // freshestCRL
           Row{"1.3.6.1.5.5.7.1.1", "3009300706022a03820161", true},
           Row{"1.3.6.1.5.5.7.1.11", "3009300706022a03820161", true},
           Row{"1.3.6.1.4.1.11129.2.4.3", "0500", true},  // a precertificate's poison
           Row{"1.2.3", "3000", true},
       }) {
    Parts parts;
    parts.extensions = extension(oid, value, "0101ff");
    Result<Certificate> certificate = Certificate::parse(parts.der());
    ASSERT_TRUE(certificate) << oid;
    EXPECT_EQ(oid_text((*certificate)->unknown_critical), unknown ? oid : "");
  }
}

TEST(Certificate, RsaExponentsThatMakeNoKey) {
  Certificate rsa = root_of(leaf(), KeyType::rsa).certificate;
  Buffer der = copy_of(rsa->public_key.der);
  ASSERT_EQ(Bytes(der).last(3).front(), 1);  // 65537, at the end
  SubjectPublicKeyInfo info;
  ASSERT_TRUE(parse_public_key(der, info));
  EXPECT_EQ(info.type, KeyType::rsa);
  der.back() = 0;  // even
  ASSERT_TRUE(parse_public_key(der, info = {}));
  EXPECT_EQ(info.type, std::nullopt);
}

TEST(Certificate, RsaPss) {
  // RSASSA-PSS-params with SHA-256 and with SHA-384 (RFC 4055, section 3.1), and what is not accepted.
  struct Row {
    const char* parameters;
    std::optional<crypto::HashAlgorithm> hash;
  };
  using crypto::HashAlgorithm;
  const Row rows[] = {
      {"3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120",
       HashAlgorithm::sha256},
      {"3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130",
       HashAlgorithm::sha384},
      {"3030a00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201a203020120",
       HashAlgorithm::sha256},
      // Another hash for the mask, a short salt, all defaults (SHA-1), nothing.
      {"3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020120",
       {}},
      {"3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020114",
       {}},
      {"3000", {}},
      {"", {}},
  };
  Buffer oid = handfast::test::from_hex("2a864886f70d01010a");
  for (const Row& row : rows) {
    Buffer parameters = handfast::test::from_hex(row.parameters);
    std::optional<crypto::SignatureAlgorithm> algorithm = signature_algorithm({{}, oid, parameters});
    ASSERT_EQ(algorithm.has_value(), row.hash.has_value()) << row.parameters;
    if (!algorithm) continue;
    EXPECT_EQ(algorithm->kind, crypto::SignatureKind::rsa_pss);
    EXPECT_EQ(algorithm->hash, *row.hash);
  }
}

}  // namespace
}  // namespace handfast::x509::test
