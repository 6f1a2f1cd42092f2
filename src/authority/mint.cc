#include "authority/mint.h"

#include <algorithm>
#include <utility>

#include "authority/signed.h"
#include "crypto/hash.h"
#include "x509/der_writer.h"
#include "x509/oid.h"
#include "x509/public_key.h"
#include "x509/server_name.h"

namespace handfast::authority {
namespace {

namespace der = x509::der;
namespace oid = x509::oid;
using der::Tag;

/// RFC 7093, section 2, method 1: 160 bits of SHA-256 over the key's bits.
Buffer key_identifier(Bytes public_key) {
  crypto::Digest digest = crypto::Hash::of(crypto::HashAlgorithm::sha256, public_key);
  Bytes first = digest.view().first(20);
  return {first.begin(), first.end()};
}

void write_attribute(der::Writer& w, Bytes type, const std::string& value) {
  if (value.empty()) return;
  w.within(Tag::set, [&] {
    w.within(Tag::sequence, [&] {
      w.object_identifier(type);
      w.text(Tag::utf8_string, value);
    });
  });
}

void write_subject(der::Writer& w, const CertificateOptions& options) {
  w.within(Tag::sequence, [&] {
    write_attribute(w, oid::organizationName, options.organization);
    write_attribute(w, oid::commonName, options.common_name);
  });
}

Result<void> write_subject_alt_name(der::Writer& w, const CertificateOptions& options) {
  Buffer names;
  der::Writer list(names);
  for (const std::string& text : options.names) {
    std::string_view host = text;
    if (host.starts_with("*.")) host.remove_prefix(2);
    Result<x509::ServerName> name = x509::ServerName::parse(host);
    if (!name) return fail(std::move(name.error()));
    if (!name->is_ip())
      list.text(der::context(2), text.substr(0, text.size() - host.size()) + name->text());
    else if (host.size() == text.size())
      list.element(der::context(7), name->ip());
    else
      return fail(bad_option("names", "a wildcard before an address: " + text));
  }
  // Critical where the subject is empty (RFC 5280, section 4.2.1.6).
  write_extension(w, oid::subjectAltName, options.common_name.empty() && options.organization.empty(),
                  [&] { w.element(Tag::sequence, names); });
  return {};
}

Result<void> write_extended_key_usage(der::Writer& w, const CertificateOptions& options) {
  bool written = true;
  write_extension(w, oid::extKeyUsage, false, [&] {
    w.within(Tag::sequence, [&] {
      for (const std::string& purpose : options.extended_key_usage) written = w.object_identifier(purpose) && written;
    });
  });
  if (!written) return fail(bad_option("extended_key_usage", "not an object identifier"));
  return {};
}

Result<void> write_extensions(der::Writer& w, const CertificateOptions& options, Bytes subject_key_id,
                              Bytes authority_key_id) {
  if (options.is_ca)
    write_extension(w, oid::basicConstraints, true, [&] {
      w.within(Tag::sequence, [&] {
        w.boolean(true);
        if (options.path_len) w.integer(*options.path_len);
      });
    });
  if (options.key_usage)
    write_extension(w, oid::keyUsage, true, [&] { w.named_bits(std::to_underlying(*options.key_usage)); });
  if (!options.extended_key_usage.empty())
    if (Result<void> written = write_extended_key_usage(w, options); !written) return written;
  if (!options.names.empty())
    if (Result<void> written = write_subject_alt_name(w, options); !written) return written;
  if (options.key_identifiers) {
    write_extension(w, oid::subjectKeyIdentifier, false, [&] { w.element(Tag::octet_string, subject_key_id); });
    write_authority_key_identifier(w, authority_key_id);
  }
  return write_raw_extensions(w, options.extensions);
}

/// Who signs, as far as a certificate tells of it.
struct Authority {
  Bytes name;    ///< the issuer, a whole Name
  Bytes key_id;  ///< for authorityKeyIdentifier, empty: left out
  const crypto::SigningKey& key;
};

Buffer serial_number(const CertificateOptions& options, Random& random) {
  if (!options.serial_number.empty()) return options.serial_number;
  Buffer serial(16);
  random.fill(serial);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40);  // positive, and of one length
  return serial;
}

Result<x509::Certificate> mint(const CertificateOptions& options, const crypto::SigningKey& subject_key,
                               const Authority& authority, Random& random) {
  Buffer tbs;
  der::Writer w(tbs);
  Result<void> extended;
  bool dated = true;
  w.within(Tag::sequence, [&] {
    w.within(der::context_constructed(0), [&] { w.integer(2); });  // v3
    w.element(Tag::integer, serial_number(options, random));
    write_signature_algorithm(w, authority.key.type());
    w.raw(authority.name);
    w.within(Tag::sequence, [&] { dated = w.time(options.not_before) && w.time(options.not_after); });
    write_subject(w, options);
    x509::write_public_key(w, subject_key);
    Buffer list;
    der::Writer extensions(list);
    extended = write_extensions(extensions, options, key_identifier(subject_key.public_key()), authority.key_id);
    if (!list.empty()) w.within(der::context_constructed(3), [&] { w.element(Tag::sequence, list); });
  });
  if (!extended) return fail(std::move(extended.error()));
  if (!dated) return fail(bad_option("not_after", "a date before 1950 or after 9999"));

  Buffer certificate;
  der::Writer whole(certificate);
  Result<void> written;
  whole.within(Tag::sequence, [&] { written = write_signed(whole, tbs, authority.key); });
  if (!written) return fail(std::move(written.error()));
  return x509::Certificate::parse(certificate);
}

}  // namespace

CertificateOptions leaf_options(std::vector<std::string> names, std::int64_t not_before, std::int64_t not_after) {
  CertificateOptions options;
  if (!names.empty()) options.common_name = names.front().substr(0, 64);  // ub-common-name
  options.names = std::move(names);
  options.not_before = not_before;
  options.not_after = not_after;
  options.key_usage = x509::KeyUsage::digitalSignature;
  options.extended_key_usage = {server_auth, client_auth};
  return options;
}

CertificateOptions ca_options(std::string common_name, std::int64_t not_before, std::int64_t not_after) {
  CertificateOptions options;
  options.common_name = std::move(common_name);
  options.not_before = not_before;
  options.not_after = not_after;
  options.is_ca = true;
  options.key_usage = x509::KeyUsage::keyCertSign | x509::KeyUsage::cRLSign;
  return options;
}

Result<x509::Certificate> issue(const CertificateOptions& options, const crypto::SigningKey& subject_key,
                                const Issuer& issuer, Random& random) {
  const x509::CertificateView& view = *issuer.certificate;
  return mint(options, subject_key, {view.subject, view.subject_key_identifier.value_or(Bytes{}), issuer.key}, random);
}

Result<x509::Certificate> self_sign(const CertificateOptions& options, const crypto::SigningKey& key, Random& random) {
  Buffer name;
  der::Writer w(name);
  write_subject(w, options);
  return mint(options, key, {name, {}, key}, random);
}

Result<Identity> make_ca(const CertificateOptions& options, crypto::KeyType type, Random& random) {
  Result<crypto::SigningKey> key = crypto::SigningKey::generate(type);
  if (!key) return fail(std::move(key.error()));
  Result<x509::Certificate> certificate = self_sign(options, *key, random);
  if (!certificate) return fail(std::move(certificate.error()));
  return Identity{*std::move(certificate), *std::move(key)};
}

Result<Identity> make_identity(const CertificateOptions& options, crypto::KeyType type, const Issuer& issuer,
                               Random& random) {
  Result<crypto::SigningKey> key = crypto::SigningKey::generate(type);
  if (!key) return fail(std::move(key.error()));
  Result<x509::Certificate> certificate = issue(options, *key, issuer, random);
  if (!certificate) return fail(std::move(certificate.error()));
  return Identity{*std::move(certificate), *std::move(key)};
}

}  // namespace handfast::authority
