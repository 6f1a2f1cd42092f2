// Mints the certificates of the tests in net/ and http/.
#include "net/identity.h"

#include <ctime>
#include <stdexcept>

#include "authority/mint.h"
#include "x509/pem.h"

namespace handfast::test {
namespace {

template <typename T>
T value(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}

Buffer copy(Bytes bytes) { return Buffer(bytes.begin(), bytes.end()); }

authority::Identity mint_ca(std::string common_name) {
  const std::int64_t now = std::time(nullptr);
  const auto options = authority::ca_options(std::move(common_name), now - 3600, now + 86400);
  return value(authority::make_ca(options, crypto::KeyType::p256, system_random()));
}

std::shared_ptr<const TrustAnchors> trust_in(const authority::Identity& ca) {
  const Bytes anchors[] = {ca.certificate.der()};
  return value(TrustAnchors::from_der(anchors));
}

struct Made {
  authority::Identity ca;
  authority::Identity leaf;
};

Made mint() {
  authority::Identity ca = mint_ca("Handfast test CA");
  const std::int64_t now = std::time(nullptr);
  const auto options = authority::leaf_options({host, "127.0.0.1", "::1"}, now - 3600, now + 86400);
  const authority::Issuer issuer{ca.certificate, ca.key};
  authority::Identity leaf = value(authority::make_identity(options, crypto::KeyType::p256, issuer, system_random()));
  return {std::move(ca), std::move(leaf)};
}

const Made& made() {
  static const Made once = mint();
  return once;
}

std::vector<Buffer> chain() { return {copy(made().leaf.certificate.der())}; }

}  // namespace

std::shared_ptr<const TrustAnchors> trust() {
  static const std::shared_ptr<const TrustAnchors> once = trust_in(made().ca);
  return once;
}

std::shared_ptr<const TrustAnchors> trust_in_others() { return trust_in(mint_ca("Another CA")); }

std::shared_ptr<const Credential> credential_with(std::shared_ptr<const PrivateKey> key) {
  return value(Credential::make(chain(), std::move(key)));
}

std::shared_ptr<const Credential> credential() {
  static const std::shared_ptr<const Credential> once =
      credential_with(value(LocalKey::from_der(value(made().leaf.key.to_der()))));
  return once;
}

ClientOptions client_options() {
  ClientOptions options;
  options.trust = trust();
  return options;
}

ServerOptions server_options() {
  ServerOptions options;
  options.credentials = {credential()};
  return options;
}

std::shared_ptr<const ClientConfig> make(ClientOptions options) {
  return value(ClientConfig::make(std::move(options)));
}
std::shared_ptr<const ServerConfig> make(ServerOptions options) {
  return value(ServerConfig::make(std::move(options)));
}

PemFiles pem_files() {
  return {x509::encode_pem("CERTIFICATE", made().ca.certificate.der()),
          x509::encode_pem("CERTIFICATE", chain().front()),
          x509::encode_pem("PRIVATE KEY", value(made().leaf.key.to_der()))};
}

}  // namespace handfast::test
