#include <handfast/credential.h>
#include <handfast/need.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <handfast/trust.h>

#include "base/contains.h"
#include "base/reader.h"
#include "base/secret.h"
#include "crypto/cipher_suite.h"
#include "crypto/signature.h"
#include "wire/extension.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/name.h"
#include "x509/ocsp.h"
#include "x509/ocsp_response.h"
#include "x509/oid.h"
#include "x509/pem.h"
#include "x509/public_key.h"
#include "x509/server_name.h"

namespace handfast {
namespace {

constexpr std::size_t max_pem_file = std::size_t{1} << 20;

Error bad_config(std::string_view option, std::string problem) {
  return Error(Alert::internal_error, Reason::bad_config)
      .with("option", std::string(option))
      .with("problem", std::move(problem));
}

/// A text that may hold a private key: wiped when it goes, and read into its place at once, so that no copy stays
/// behind.
struct SecretText {
  std::string text;
  SecretText() = default;
  SecretText(SecretText&&) noexcept = default;
  SecretText& operator=(SecretText&&) noexcept = default;
  ~SecretText() { base::wipe(text.data(), text.size()); }
};

Result<SecretText> read_file(const std::string& path) {
  auto unreadable = [&](std::string why) {
    return fail(
        Error(Alert::internal_error, Reason::file_not_readable).with("path", path).with("error", std::move(why)));
  };
  // Not by its size: a key may come through a pipe.
  SecretText file;
  file.text.resize(max_pem_file + 1);
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return unreadable(std::error_code(errno, std::generic_category()).message());
  stream.read(file.text.data(), static_cast<std::streamsize>(file.text.size()));
  if (stream.bad()) return unreadable("it can not be read; is it a directory?");
  if (stream.gcount() > static_cast<std::streamsize>(max_pem_file))
    return unreadable("it is larger than any certificate chain or key");
  file.text.resize(static_cast<std::size_t>(stream.gcount()));
  return file;
}

/// Whether one of the OBJECT IDENTIFIERs is that one, by its content.
bool has_purpose(Bytes extended_key_usage, Bytes purpose) noexcept {
  x509::der::Reader purposes(extended_key_usage);
  while (!purposes.empty())
    if (x509::oid::equal(purposes.object_identifier(), purpose)) return !purpose.empty();
  return false;
}

/// RFC 6962, section 3.3: a SignedCertificateTimestampList with at least one, and none of them empty.
bool is_timestamp_list(Bytes list) {
  base::Reader r(list);
  wire::List<wire::Opaque16>::read_some(r, r.vector16());
  return r.done();
}

/// What comes first: whatever signs in both versions, then what does in TLS 1.2 alone, then what is for peers that can
/// do no better.
int rank(SignatureScheme scheme) noexcept {
  if (crypto::by_name_only(scheme)) return 2;
  return crypto::signs_handshakes(ProtocolVersion::tls1_3, Side::server, scheme) ? 0 : 1;
}

/// Until when the response may be sent for that leaf. Who signed it, and for which issuer, is not looked at: the chain
/// may lack the issuer.
std::int64_t end_of_staple(Bytes response, const x509::CertificateView& leaf) {
  std::optional<std::int64_t> end;
  const Result<x509::OCSPResponse> parsed = x509::parse_ocsp_response(response);
  for (Bytes rest = parsed && parsed->basic ? parsed->basic->responses : Bytes();
       const auto single = x509::read_single_response(rest);)
    if (std::ranges::equal(single->cert_id.serial_number, leaf.serial_number))
      end = std::max(end.value_or(0), x509::end_of(*single));
  return end.value_or(std::numeric_limits<std::int64_t>::max());
}

/// What holds of every key and what it signs with.
Result<void> check_key(const PrivateKey& key, const x509::SubjectPublicKeyInfo& info, const CredentialExtras& extras,
                       const std::string& subject) {
  if (!std::ranges::equal(info.subject_public_key, key.public_key()))
    return fail(Error(Alert::internal_error, Reason::key_does_not_match).with("subject", subject));
  for (SignatureScheme scheme : extras.signature_schemes)
    if (!base::contains(key.schemes(), scheme))
      return fail(bad_config("signature_schemes", fmt::format("the key does not sign with {}", name(scheme))));
  return {};
}

}  // namespace

/// The certificates of the chain, parsed once; none where there is a raw public key.
struct Credential::Parsed {
  std::vector<x509::CertificateView> certificates;
};

struct LocalKey::Impl {
  crypto::SigningKey key;
};

LocalKey::LocalKey(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
LocalKey::~LocalKey() = default;

Result<std::shared_ptr<const LocalKey>> LocalKey::from_der(Bytes der) {
  Result<crypto::SigningKey> key = crypto::SigningKey::from_der(der);
  if (key) return of(*std::move(key));
  const std::string_view needed = x509::needed_for_private_key(der);
  return fail(needed.empty() ? std::move(key.error()) : std::move(key.error()).with("problem", std::string(needed)));
}

std::shared_ptr<const LocalKey> LocalKey::of(crypto::SigningKey key) {
  return std::shared_ptr<const LocalKey>(new LocalKey(std::make_unique<Impl>(std::move(key))));
}

Result<std::shared_ptr<const LocalKey>> LocalKey::from_pem(std::string_view pem) {
  Result<std::vector<x509::PemBlock>> blocks = x509::decode_pem(pem);
  if (!blocks) return fail(std::move(blocks.error()));
  Result<std::shared_ptr<const LocalKey>> key =
      fail(Error(Alert::internal_error, Reason::bad_pem).with("expected", "a PRIVATE KEY"));
  for (x509::PemBlock& block : *blocks) {
    if (block.label == "ENCRYPTED PRIVATE KEY")
      return fail(Error(Alert::internal_error, Reason::bad_private_key)
                      .with("problem", "it is encrypted; decrypt it first: openssl pkey -in FILE -out FILE"));
    if (block.label == "PRIVATE KEY" || block.label == "EC PRIVATE KEY" || block.label == "RSA PRIVATE KEY") {
      key = from_der(block.der);
      break;
    }
  }
  return key;
}

std::span<const SignatureScheme> LocalKey::schemes() const { return impl_->key.schemes(); }
Bytes LocalKey::public_key() const { return impl_->key.public_key(); }

Buffer LocalKey::subject_public_key_info() const {
  Buffer out;
  x509::der::Writer writer(out);
  x509::write_public_key(writer, impl_->key);
  return out;
}

Result<Buffer> LocalKey::sign_now(SignatureScheme scheme, Bytes message) const {
  crypto::SchemeAlgorithm parts{};
  if (!base::contains(schemes(), scheme) || !crypto::lookup(scheme, parts))
    return fail(Alert::internal_error, Reason::wrong_signature_scheme);
  return impl_->key.sign(parts.algorithm, message);
}

void LocalKey::sign(SignatureScheme scheme, Buffer message, SignHandler done) const { done(sign_now(scheme, message)); }

bool LocalKey::decrypts() const { return impl_->key.decrypts(); }
std::optional<Buffer> LocalKey::decrypt_now(Bytes ciphertext) const { return impl_->key.decrypt(ciphertext); }
void LocalKey::decrypt(Buffer ciphertext, DecryptHandler done) const { done(decrypt_now(ciphertext)); }

void PrivateKey::decrypt(Buffer, DecryptHandler done) const { done(std::nullopt); }

DecryptAnswer::~DecryptAnswer() {
  if (block) base::wipe(block->data(), block->size());
}

Result<std::shared_ptr<const Credential>> Credential::make(std::vector<Buffer> chain,
                                                           std::shared_ptr<const PrivateKey> key,
                                                           CredentialExtras extras) {
  if (chain.empty()) return fail(bad_config("credential", "its certificate chain is empty"));
  if (!key) return fail(bad_config("credential", "it has no private key"));
  Parsed parsed;
  for (const Buffer& der : chain) {
    Result<x509::CertificateView> certificate = x509::parse_certificate(der);
    if (!certificate)
      return fail(std::move(certificate.error()).with("index", static_cast<std::int64_t>(parsed.certificates.size())));
    parsed.certificates.push_back(*certificate);
  }
  const x509::CertificateView& leaf = parsed.certificates.front();
  if (auto checked = check_key(*key, leaf.public_key, extras, x509::name_text(leaf.subject)); !checked)
    return fail(std::move(checked.error()));
  if (extras.trust_anchor_id.size() > 255) return fail(bad_config("trust_anchor_id", "it is longer than 255 bytes"));
  if (!extras.signed_certificate_timestamps.empty() && !is_timestamp_list(extras.signed_certificate_timestamps))
    return fail(bad_config("signed_certificate_timestamps", "it is no SignedCertificateTimestampList"));

  std::shared_ptr<Credential> credential(new Credential);
  const auto& usage = leaf.key_usage;
  const bool may_decrypt = !usage || contains(*usage, x509::KeyUsage::keyEncipherment);
  credential->not_before_ = leaf.not_before;
  credential->not_after_ = leaf.not_after;
  credential->staple_end_ = end_of_staple(extras.ocsp_response, leaf);
  credential->take_key(leaf.public_key, std::move(key), std::move(extras));
  credential->decrypts_ = credential->decrypts_ && may_decrypt;
  // Moving the chain moves no certificate's bytes: the views stay valid.
  credential->chain_ = std::move(chain);
  credential->parsed_ = std::make_shared<const Parsed>(std::move(parsed));
  return credential;
}

Result<std::shared_ptr<const Credential>> Credential::raw_public_key(Buffer subject_public_key_info,
                                                                     std::shared_ptr<const PrivateKey> key,
                                                                     CredentialExtras extras) {
  if (!key) return fail(bad_config("credential", "it has no private key"));
  if (!extras.ocsp_response.empty() || !extras.signed_certificate_timestamps.empty() || extras.must_match_issuer ||
      !extras.trust_anchor_id.empty())
    return fail(bad_config("credential",
                           "a raw public key has no issuer, and so neither a staple, nor timestamps, nor an anchor"));
  x509::SubjectPublicKeyInfo info;
  if (!x509::parse_public_key(subject_public_key_info, info))
    return fail(Error(Alert::internal_error, Reason::bad_certificate).with("field", "subjectPublicKeyInfo"));
  if (auto checked = check_key(*key, info, extras, SpkiPin::of(subject_public_key_info).text()); !checked)
    return fail(std::move(checked.error()));
  std::shared_ptr<Credential> credential(new Credential);
  credential->not_before_ = std::numeric_limits<std::int64_t>::min();
  credential->not_after_ = std::numeric_limits<std::int64_t>::max();
  credential->parsed_ = std::make_shared<const Parsed>();
  credential->take_key(info, std::move(key), std::move(extras));
  credential->raw_public_key_ = std::move(subject_public_key_info);
  return credential;
}

void Credential::take_key(const x509::SubjectPublicKeyInfo& info, std::shared_ptr<const PrivateKey> key,
                          CredentialExtras extras) {
  std::vector<SignatureScheme> wanted = extras.signature_schemes;
  const auto fitting = [&](ProtocolVersion version, Side signer) {
    std::vector<SignatureScheme> schemes;
    for (SignatureScheme scheme : wanted)
      if (x509::fits(info, scheme, version, signer)) schemes.push_back(scheme);
    return schemes;
  };
  // Who speaks a version that has no better ones has named it.
  const bool named = !wanted.empty();
  if (!named) wanted.assign(key->schemes().begin(), key->schemes().end());
  older_schemes_ = fitting(ProtocolVersion::tls1_1, Side::server);
  if (!named) std::erase_if(wanted, crypto::by_name_only);
  std::ranges::stable_sort(wanted, {}, rank);
  tls12_schemes_ = fitting(ProtocolVersion::tls1_2, Side::server);
  server_schemes_ = fitting(ProtocolVersion::tls1_3, Side::server);
  client_schemes_ = fitting(ProtocolVersion::tls1_3, Side::client);
  // An ECDSA key's own hash comes before the others, which it has in TLS 1.2 alone.
  std::ranges::stable_partition(tls12_schemes_,
                                [&](SignatureScheme scheme) { return base::contains(server_schemes_, scheme); });
  if (info.type) curve_ = crypto::curve_of(*info.type);
  decrypts_ = key->decrypts() && info.type == crypto::KeyType::rsa;
  local_key_ = dynamic_cast<const LocalKey*>(key.get());
  key_ = std::move(key);
  extras_ = std::move(extras);
}

Result<std::shared_ptr<const Credential>> Credential::from_pem(std::string_view chain, std::string_view key,
                                                               CredentialExtras extras) {
  Result<std::vector<x509::PemBlock>> blocks = x509::decode_pem(chain);
  if (!blocks) return fail(std::move(blocks.error()));
  std::vector<Buffer> certificates;
  for (x509::PemBlock& block : *blocks)
    if (block.label == "CERTIFICATE") certificates.push_back(std::move(block.der));
  if (certificates.empty())
    return fail(Error(Alert::internal_error, Reason::bad_pem).with("expected", "a CERTIFICATE"));
  Result<std::shared_ptr<const LocalKey>> private_key = LocalKey::from_pem(key);
  if (!private_key) return fail(std::move(private_key.error()));
  return make(std::move(certificates), std::move(*private_key), std::move(extras));
}

Result<std::shared_ptr<const Credential>> Credential::from_files(const std::string& chain_path,
                                                                 const std::string& key_path, CredentialExtras extras) {
  Result<SecretText> chain = read_file(chain_path);
  if (!chain) return fail(std::move(chain.error()));
  Result<SecretText> key = read_file(key_path);
  if (!key) return fail(std::move(key.error()));
  Result<std::shared_ptr<const Credential>> credential = from_pem(chain->text, key->text, std::move(extras));
  if (!credential) {
    const Reason reason = credential.error().reason();
    const bool of_key =
        reason == Reason::bad_private_key || (reason == Reason::bad_pem && credential.error().find("expected") &&
                                              to_text(*credential.error().find("expected")) == "a PRIVATE KEY");
    return fail(std::move(credential.error()).with("path", of_key ? key_path : chain_path));
  }
  return credential;
}

Bytes Credential::staple(std::int64_t now) const noexcept {
  return now <= staple_end_ ? Bytes(extras_.ocsp_response) : Bytes();
}

bool Credential::matches(std::string_view host) const {
  if (certificate_type() == CertificateType::RawPublicKey) return true;
  Result<x509::ServerName> name = x509::ServerName::parse(host);
  return name && x509::matches(parsed_->certificates.front(), *name);
}

bool Credential::issued_by(std::span<const Bytes> names) const noexcept {
  return std::ranges::any_of(parsed_->certificates, [&](const x509::CertificateView& certificate) {
    return std::ranges::any_of(names, [&](Bytes name) { return x509::equal_names(certificate.issuer, name); });
  });
}

bool Credential::meets_filter(Bytes oid, Bytes values) const noexcept {
  x509::der::Reader filter(oid);
  const Bytes extension = filter.object_identifier();
  if (!filter.done()) return false;
  if (certificate_type() == CertificateType::RawPublicKey)  // it has none of the extensions
    return !x509::oid::equal(extension, x509::oid::keyUsage) && !x509::oid::equal(extension, x509::oid::extKeyUsage);
  const x509::CertificateView& leaf = parsed_->certificates.front();
  x509::der::Reader wanted(values);
  if (x509::oid::equal(extension, x509::oid::keyUsage)) {
    if (!leaf.key_usage || values.empty()) return leaf.key_usage.has_value();
    const std::uint16_t bits = wanted.named_bits();
    return wanted.done() && (bits & ~std::to_underlying(*leaf.key_usage)) == 0;
  }
  if (x509::oid::equal(extension, x509::oid::extKeyUsage)) {
    if (!leaf.extended_key_usage || values.empty()) return leaf.extended_key_usage.has_value();
    x509::der::Reader purposes = wanted.enter(x509::der::Tag::sequence);
    while (!purposes.empty())
      if (!has_purpose(*leaf.extended_key_usage, purposes.object_identifier())) return false;
    return purposes.done() && wanted.done();
  }
  return true;
}

bool Credential::signed_with(std::span<const SignatureScheme> accepted) const noexcept {
  return std::ranges::all_of(parsed_->certificates, [&](const x509::CertificateView& certificate) {
    if (certificate.self_issued()) return true;
    const auto algorithm = x509::signature_algorithm(certificate.signature_algorithm);
    return algorithm && crypto::accepts(accepted, *algorithm);
  });
}

std::string Credential::subject() const {
  if (certificate_type() == CertificateType::RawPublicKey) return SpkiPin::of(raw_public_key_).text();
  return x509::name_text(parsed_->certificates.front().subject);
}

}  // namespace handfast
