// What a server asks of its client's certificate with oid_filters (RFC 8446, section 4.2.5).
#include <gtest/gtest.h>

#include <memory>

#include "engine/needs.h"
#include "engine/pair.h"
#include "engine/tampering.h"
#include "wire/certificate.h"

namespace handfast::test {
namespace {

const Buffer key_usage{0x06, 0x03, 0x55, 0x1d, 0x0f};
const Buffer extended_key_usage{0x06, 0x03, 0x55, 0x1d, 0x25};
const Buffer digital_signature{0x03, 0x02, 0x07, 0x80};
const Buffer key_encipherment{0x03, 0x02, 0x05, 0x20};
const Buffer signature_and_encipherment{0x03, 0x02, 0x05, 0xa0};
const Buffer client_auth{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02};
const Buffer email_protection{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04};

std::shared_ptr<const Credential> with_usage(std::string name, x509::KeyUsage usage) {
  authority::CertificateOptions options = shared_authority().leaf({std::move(name)});
  options.key_usage = usage;
  return shared_authority().credential(options);
}
const std::shared_ptr<const Credential>& signing() {
  static const auto credential = with_usage("signs.example", x509::KeyUsage::digitalSignature);
  return credential;
}
const std::shared_ptr<const Credential>& both() {
  static const auto credential =
      with_usage("both.example", x509::KeyUsage::digitalSignature | x509::KeyUsage::keyEncipherment);
  return credential;
}

TEST(OidFilters, HeldAgainstACertificate) {
  EXPECT_TRUE(signing()->meets_filter(key_usage, digital_signature));
  EXPECT_TRUE(signing()->meets_filter(key_usage, {})) << "that it is there";
  EXPECT_FALSE(signing()->meets_filter(key_usage, key_encipherment));
  EXPECT_FALSE(signing()->meets_filter(key_usage, signature_and_encipherment));
  EXPECT_TRUE(both()->meets_filter(key_usage, signature_and_encipherment));
  EXPECT_TRUE(both()->meets_filter(key_usage, digital_signature)) << "it may have more";
  EXPECT_TRUE(signing()->meets_filter(extended_key_usage, client_auth));
  EXPECT_FALSE(signing()->meets_filter(extended_key_usage, email_protection));

  authority::CertificateOptions bare = shared_authority().leaf({"bare.example"});
  bare.key_usage.reset();
  bare.extended_key_usage.clear();
  const auto credential = shared_authority().credential(bare);
  EXPECT_FALSE(credential->meets_filter(key_usage, digital_signature));
  EXPECT_FALSE(credential->meets_filter(extended_key_usage, client_auth));
  EXPECT_FALSE(credential->meets_filter(extended_key_usage, {}));
}

TEST(OidFilters, OfExtensionsThatAreNotRecognised) {
  EXPECT_TRUE(signing()->meets_filter(Buffer{0x06, 0x03, 0x55, 0x1d, 0x11}, Buffer{1, 2, 3}));
}

TEST(OidFilters, ThatAreNoDer) {
  EXPECT_FALSE(signing()->meets_filter({}, digital_signature));
  EXPECT_FALSE(signing()->meets_filter(Buffer{0x06, 0x03, 0x55, 0x1d}, digital_signature));
  for (const Buffer& values :
       {Buffer{0x03}, Buffer{0x03, 0x02, 0x07}, Buffer{0x04, 0x01, 0x80}, Buffer{0x03, 0x02, 0x07, 0x80, 0}})
    EXPECT_FALSE(signing()->meets_filter(key_usage, values));
  for (const Buffer& values : {Buffer{0x30, 0x0a, 0x06}, Buffer{0x30, 0x02, 0x05, 0x00}, Buffer{0x30, 0x00, 0x00}})
    EXPECT_FALSE(signing()->meets_filter(extended_key_usage, values));
}

/// A client that has got a request with that filter after the handshake, and answered it as far as it can by itself.
std::unique_ptr<Middleman> asked(ClientOptions client, const Buffer& oid, const Buffer& values) {
  client.post_handshake_auth = true;
  ServerOptions server = server_options();
  server.post_handshake_auth = true;
  server.client_trust = shared_authority().anchors();
  auto put_filter = change(HandshakeType::certificate_request, [oid, values](Buffer& message) {
    Buffer filters;
    base::Writer w(filters);
    {
      auto list = w.length16();
      w.vector8(oid);
      w.vector16(values);
    }
    add_extension(message, ExtensionType::oid_filters, filters);
  });
  auto middleman = std::make_unique<Middleman>(std::move(client), std::move(server), std::move(put_filter));
  middleman->run();
  value(middleman->pair().server.connection.request_certificate());
  middleman->run();
  return middleman;
}

/// The leaf that the client shows; empty: none.
Buffer shown(std::vector<std::shared_ptr<const Credential>> credentials, const Buffer& oid, const Buffer& values) {
  ClientOptions client = client_options();
  client.credentials = std::move(credentials);
  const auto middleman = asked(std::move(client), oid, values);
  for (const auto& [side, piece] : middleman->seen) {
    if (side != Side::client || piece.type != ContentType::handshake) continue;
    if (piece.message() != HandshakeType::certificate) continue;
    const auto list = value(wire::parse_certificate(Bytes(piece.bytes).subspan(4))).certificate_list;
    if (list.empty()) return {};
    const Bytes leaf = list.front().cert_data;
    return {leaf.begin(), leaf.end()};
  }
  throw std::runtime_error("no answer: " + reason(middleman->client()));
}

TEST(OidFilters, DecideWhichCertificateIsShown) {
  EXPECT_EQ(shown({signing(), both()}, key_usage, digital_signature), signing()->chain().front());
  EXPECT_EQ(shown({signing(), both()}, key_usage, key_encipherment), both()->chain().front());
  EXPECT_EQ(shown({signing(), both()}, extended_key_usage, client_auth), signing()->chain().front());
  EXPECT_TRUE(shown({signing(), both()}, extended_key_usage, email_protection).empty());
  EXPECT_TRUE(shown({signing()}, key_usage, key_encipherment).empty());
}

TEST(OidFilters, AreToldToAChooser) {
  ClientOptions client = client_options();
  client.credential_chooser = std::make_shared<FarChooser>();
  const auto middleman = asked(std::move(client), key_usage, digital_signature);
  const Need* need = middleman->pair().client.connection.need();
  ASSERT_TRUE(need);
  const auto& filters = std::get<CredentialRequest>(need->request).offer.oid_filters;
  ASSERT_EQ(filters.size(), 1u);
  EXPECT_EQ(filters[0].oid, key_usage);
  EXPECT_EQ(filters[0].values, digital_signature);
}

}  // namespace
}  // namespace handfast::test
