#include "authority/mint_ocsp.h"

#include <utility>

#include "authority/signed.h"
#include "crypto/hash.h"
#include "x509/cert_id.h"
#include "x509/der_writer.h"
#include "x509/oid.h"

namespace handfast::authority {
namespace {

namespace der = x509::der;
namespace oid = x509::oid;
using der::Tag;
using x509::RevocationStatus;

/// Nothing where there are none.
Result<void> write_extensions(der::Writer& w, const std::vector<RawExtension>& extensions) {
  Result<void> written;
  if (extensions.empty()) return written;
  w.within(der::context_constructed(1),
           [&] { w.within(Tag::sequence, [&] { written = write_raw_extensions(w, extensions); }); });
  return written;
}

/// False for a date that can't be written.
bool write_status(der::Writer& w, const OcspAnswer& answer) {
  bool dated = true;
  if (answer.status == RevocationStatus::revoked)
    w.within(der::context_constructed(1), [&] {
      dated = w.generalized_time(answer.revoked_at);
      if (answer.reason)
        w.within(der::context_constructed(0), [&] { w.enumerated(std::to_underlying(*answer.reason)); });
    });
  else
    w.element(der::context(answer.status == RevocationStatus::good ? 0 : 2), {});
  return dated;
}

Result<void> write_answer(der::Writer& w, const OcspAnswer& answer) {
  if (answer.status == RevocationStatus::not_said) return fail(bad_option("status", "an answer that says nothing"));
  Result<void> extended;
  bool dated = true;
  w.within(Tag::sequence, [&] {
    x509::write_cert_id(w, answer.hash, *answer.certificate, *answer.issuer);
    dated = write_status(w, answer) && w.generalized_time(answer.this_update);
    if (answer.next_update)
      w.within(der::context_constructed(0), [&] { dated = w.generalized_time(*answer.next_update) && dated; });
    extended = write_extensions(w, answer.extensions);
  });
  if (!dated) return fail(bad_option("this_update", "a date before 1950 or after 9999"));
  return extended;
}

void write_responder_id(der::Writer& w, ResponderID id, const x509::CertificateView& responder) {
  if (id == ResponderID::by_name) return w.element(der::context_constructed(1), responder.subject);
  const crypto::Digest hash = crypto::Hash::of(crypto::HashAlgorithm::sha1, responder.public_key.subject_public_key);
  w.within(der::context_constructed(2), [&] { w.element(Tag::octet_string, hash.view()); });
}

Result<void> write_response_data(der::Writer& w, const OcspOptions& options, const x509::CertificateView& responder) {
  Result<void> written;
  bool dated = true;
  w.within(Tag::sequence, [&] {
    write_responder_id(w, options.responder_id, responder);
    dated = w.generalized_time(options.produced_at);
    w.within(Tag::sequence, [&] {
      for (const OcspAnswer& answer : options.answers)
        if (written) written = write_answer(w, answer);
    });
    if (written) written = write_extensions(w, options.extensions);
  });
  if (!dated) return fail(bad_option("produced_at", "a date before 1950 or after 9999"));
  return written;
}

}  // namespace

Result<Buffer> mint_ocsp_response(const OcspOptions& options, const Issuer& responder) {
  Buffer tbs;
  der::Writer data(tbs);
  Result<void> written = write_response_data(data, options, *responder.certificate);
  if (!written) return fail(std::move(written.error()));

  Buffer response;
  der::Writer w(response);
  const auto write_basic = [&] {
    written = write_signed(w, tbs, responder.key);
    if (options.certificates.empty()) return;
    w.within(der::context_constructed(0), [&] {
      w.within(Tag::sequence, [&] {
        for (const x509::Certificate& certificate : options.certificates) w.raw(certificate.der());
      });
    });
  };
  w.within(Tag::sequence, [&] {
    w.enumerated(std::to_underlying(x509::OCSPResponseStatus::successful));
    w.within(der::context_constructed(0), [&] {
      w.within(Tag::sequence, [&] {
        w.object_identifier(oid::id_pkix_ocsp_basic);
        w.within(Tag::octet_string, [&] { w.within(Tag::sequence, write_basic); });
      });
    });
  });
  if (!written) return fail(std::move(written.error()));
  return response;
}

Buffer mint_ocsp_refusal(x509::OCSPResponseStatus status) {
  Buffer response;
  der::Writer w(response);
  w.within(Tag::sequence, [&] { w.enumerated(std::to_underlying(status)); });
  return response;
}

}  // namespace handfast::authority
