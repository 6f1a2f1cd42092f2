// OCSP responses: as they come, or with what is signed in them signed anew, so that what lies behind the signature is
// reached as well.
#include <algorithm>
#include <array>

#include "authority/signed.h"
#include "fuzz.h"
#include "identities.h"
#include "x509/der_writer.h"
#include "x509/ocsp.h"
#include "x509/oid.h"

namespace handfast::fuzz {
namespace {

namespace der = x509::der;
using der::Tag;

/// A successful response around that ResponseData, signed by the root, with those certificates beside it.
Buffer signed_response(Bytes response_data, Bytes certificates) {
  static const crypto::SigningKey key = test::value(crypto::SigningKey::from_der(Identities::key_der(1)));
  Buffer response;
  der::Writer w(response);
  const auto write_basic = [&] {
    test::value(authority::write_signed(w, response_data, key));
    if (certificates.empty()) return;
    w.within(der::context_constructed(0), [&] { w.element(Tag::sequence, certificates); });
  };
  w.within(Tag::sequence, [&] {
    w.enumerated(0);
    w.within(der::context_constructed(0), [&] {
      w.within(Tag::sequence, [&] {
        w.object_identifier(x509::oid::id_pkix_ocsp_basic);
        w.within(Tag::octet_string, [&] { w.within(Tag::sequence, write_basic); });
      });
    });
  });
  return response;
}

void ask(Bytes response) {
  static const x509::Certificate leaf = test::value(x509::Certificate::parse(identities().leaf));
  static const x509::Certificate root = test::value(x509::Certificate::parse(identities().root));
  const std::int64_t now = test::FixedClock().seconds;
  x509::Work work{.candidates = 0, .signatures = 100, .name_comparisons = 0};
  const Result<x509::RevocationAnswer> answer =
      x509::ask_ocsp(response, {*leaf, *root, nullptr, {}, nullptr, now}, nullptr, work);
  require(work.signatures + 2 * x509::max_responder_certificates + 1 >= 100);
  const Result<x509::OCSPResponse> parsed = x509::parse_ocsp_response(response);
  if (!answer) return;
  require(parsed.has_value());
  if (answer->status == x509::RevocationStatus::not_said) return;
  // Something was said: then one of the answers says it, and is current.
  require(parsed->basic.has_value());
  bool found = false;
  for (Bytes rest = parsed->basic->responses; const auto single = x509::read_single_response(rest);)
    found = found ||
            (single->status == answer->status && x509::is_current(*single, now) && single->cert_id.names(*leaf, *root));
  require(found);
}

}  // namespace
}  // namespace handfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  fuzz::Choices input(data, size);
  if (input.byte() % 2 == 0) {
    fuzz::ask(input.rest());
    return 0;
  }
  const Bytes response_data = input.many();
  fuzz::ask(fuzz::signed_response(response_data, input.rest()));
  return 0;
}
