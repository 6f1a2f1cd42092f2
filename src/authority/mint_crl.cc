#include "authority/mint_crl.h"

#include "authority/signed.h"
#include "x509/der_writer.h"
#include "x509/oid.h"

namespace handfast::authority {
namespace {

namespace der = x509::der;
namespace oid = x509::oid;
using der::Tag;

Result<void> write_revoked(der::Writer& w, const RevokedCertificate& revoked) {
  bool dated = true;
  Result<void> extended;
  w.within(Tag::sequence, [&] {
    w.element(Tag::integer, revoked.serial_number);
    dated = w.time(revoked.revocation_date);
    if (!revoked.reason && revoked.extensions.empty()) return;
    w.within(Tag::sequence, [&] {
      if (revoked.reason)
        write_extension(w, oid::reasonCode, false, [&] { w.enumerated(static_cast<std::uint8_t>(*revoked.reason)); });
      extended = write_raw_extensions(w, revoked.extensions);
    });
  });
  if (!dated) return fail(bad_option("revocation_date", "a date before 1950 or after 9999"));
  return extended;
}

}  // namespace

Result<Buffer> issue_crl(const CrlOptions& options, const Issuer& issuer) {
  Buffer entries;
  der::Writer list(entries);
  for (const RevokedCertificate& revoked : options.revoked)
    if (Result<void> written = write_revoked(list, revoked); !written) return fail(std::move(written.error()));
  Buffer extensions;
  der::Writer extension_list(extensions);
  if (options.authority_key_identifier)
    write_authority_key_identifier(extension_list, issuer.certificate->subject_key_identifier.value_or(Bytes{}));
  if (options.crl_number)
    write_extension(extension_list, oid::cRLNumber, false, [&] { extension_list.integer(*options.crl_number); });
  if (Result<void> written = write_raw_extensions(extension_list, options.extensions); !written)
    return fail(std::move(written.error()));

  Buffer tbs;
  der::Writer w(tbs);
  bool dated = true;
  w.within(Tag::sequence, [&] {
    w.integer(1);  // v2
    write_signature_algorithm(w, issuer.key.type());
    w.raw(issuer.certificate->subject);
    dated = w.time(options.this_update) && (!options.next_update || w.time(*options.next_update));
    if (!entries.empty()) w.element(Tag::sequence, entries);
    if (!extensions.empty()) w.within(der::context_constructed(0), [&] { w.element(Tag::sequence, extensions); });
  });
  if (!dated) return fail(bad_option("next_update", "a date before 1950 or after 9999"));

  Buffer crl;
  der::Writer whole(crl);
  Result<void> signed_by_issuer;
  whole.within(Tag::sequence, [&] { signed_by_issuer = write_signed(whole, tbs, issuer.key); });
  if (!signed_by_issuer) return fail(std::move(signed_by_issuer.error()));
  return crl;
}

}  // namespace handfast::authority
