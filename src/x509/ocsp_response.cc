#include "x509/ocsp_response.h"

#include <string>
#include <utility>

#include "x509/der.h"
#include "x509/extensions.h"
#include "x509/name.h"
#include "x509/oid.h"
#include "x509/public_key.h"

namespace handfast::x509 {
namespace {

using der::Tag;

std::unexpected<Error> malformed(std::string_view field) {
  return fail(bad_ocsp_response("malformed: " + std::string(field)));
}

/// Extensions, under the tag [1]: the OID of the first critical one, or empty. Marks `fields` as failed where they are
/// not well-formed.
Bytes read_critical_extension(der::Reader& fields) noexcept {
  if (!fields.next_is(der::context_constructed(1))) return {};
  der::Reader wrapped = fields.enter(der::context_constructed(1));
  ExtensionReader reader(wrapped.take(Tag::sequence));
  const bool read = reader.read([](const Extension&) { return ExtensionResult::unprocessed; });
  if (!wrapped.done() || !read) fields.fail();
  return reader.unknown_critical();
}

/// CertStatus: a CHOICE of good [0] NULL, revoked [1] RevokedInfo, unknown [2] UnknownInfo, which is NULL.
void read_status(der::Reader& fields, SingleResponse& out) noexcept {
  if (fields.next_is(der::context_constructed(1))) {
    out.status = RevocationStatus::revoked;
    der::Reader info = fields.enter(der::context_constructed(1));
    out.revocation_time = info.generalized_time();
    if (info.next_is(der::context_constructed(0))) {
      der::Reader reason = info.enter(der::context_constructed(0));
      out.revocation_reason = parse_crl_reason(reason.take(Tag::enumerated));
      if (!reason.done() || !out.revocation_reason) info.fail();
    }
    if (!info.done()) fields.fail();
    return;
  }
  const bool good = fields.next_is(der::context(0));
  out.status = good ? RevocationStatus::good : RevocationStatus::unknown;
  if (!fields.take(der::context(good ? 0 : 2)).empty()) fields.fail();
}

/// `critical` is the OID of a critical extension, or empty.
std::optional<SingleResponse> read_single_response(Bytes& rest, Bytes& critical) noexcept {
  der::Reader reader(rest);
  der::Reader fields = reader.enter(Tag::sequence);
  SingleResponse out;
  out.cert_id = read_cert_id(fields);
  read_status(fields, out);
  out.this_update = fields.generalized_time();
  if (fields.next_is(der::context_constructed(0))) {
    der::Reader wrapped = fields.enter(der::context_constructed(0));
    out.next_update = wrapped.generalized_time();
    if (!wrapped.done()) fields.fail();
  }
  critical = read_critical_extension(fields);
  if (!fields.done()) return {};
  rest = reader.peek();
  return out;
}

/// ResponderID: a CHOICE of byName [1] Name and byKey [2] KeyHash.
bool read_responder_id(der::Reader& data, BasicOCSPResponse& out) noexcept {
  const bool by_name = data.next_is(der::context_constructed(1));
  der::Reader id = data.enter(der::context_constructed(by_name ? 1 : 2));
  if (by_name) {
    out.responder_name = id.element(Tag::sequence).whole;
    return id.done() && is_name(out.responder_name);
  }
  out.responder_key_hash = id.take(Tag::octet_string);
  return id.done() && !out.responder_key_hash.empty();
}

std::unexpected<Error> unknown_critical(Bytes oid) {
  return fail(bad_ocsp_response("it has a critical extension that is not known: " + extension_name(oid)));
}

Result<void> parse_response_data(der::Reader data, BasicOCSPResponse& out) {
  if (data.next_is(der::context_constructed(0))) {
    // v1 is the DEFAULT, which DER leaves out; responders that write it are let pass.
    der::Reader version = data.enter(der::context_constructed(0));
    if (version.small_integer() != 0 || !version.done()) return malformed("version");
  }
  if (!read_responder_id(data, out)) return malformed("responderID");
  out.produced_at = data.generalized_time();
  if (!data.ok()) return malformed("producedAt");
  out.responses = data.take(Tag::sequence);
  std::size_t count = 0;
  for (Bytes rest = out.responses, critical; !rest.empty(); ++count) {
    if (count == max_single_responses) return malformed("responses, too many");
    if (!read_single_response(rest, critical)) return malformed("responses");
    if (!critical.empty()) return unknown_critical(critical);
  }
  const Bytes critical = read_critical_extension(data);
  if (!data.done()) return malformed("responseExtensions");
  if (!critical.empty()) return unknown_critical(critical);
  return {};
}

Result<BasicOCSPResponse> parse_basic(Bytes der) {
  BasicOCSPResponse out;
  der::Reader reader(der);
  der::Reader fields = reader.enter(Tag::sequence);
  const der::Element data = fields.element(Tag::sequence);
  out.tbs = data.whole;
  if (!parse_algorithm(fields.element(Tag::sequence).whole, out.signature_algorithm))
    return malformed("signatureAlgorithm");
  out.signature = fields.octets_in_bit_string();
  if (fields.next_is(der::context_constructed(0))) {
    der::Reader wrapped = fields.enter(der::context_constructed(0));
    out.certificates = wrapped.take(Tag::sequence);
    der::Reader certificates(out.certificates);
    std::size_t count = 0;
    for (; !certificates.empty(); ++count) certificates.element(Tag::sequence);
    if (!wrapped.done() || !certificates.done()) return malformed("certs");
    if (count > max_responder_certificates) return malformed("certs, too many");
  }
  if (!fields.done() || !reader.done()) return malformed("BasicOCSPResponse");
  if (Result<void> parsed = parse_response_data(der::Reader(data.content), out); !parsed)
    return fail(std::move(parsed.error()));
  return out;
}

}  // namespace

std::string_view name(OCSPResponseStatus status) noexcept {
  switch (status) {
    case OCSPResponseStatus::successful: return "successful";
    case OCSPResponseStatus::malformedRequest: return "malformedRequest";
    case OCSPResponseStatus::internalError: return "internalError";
    case OCSPResponseStatus::tryLater: return "tryLater";
    case OCSPResponseStatus::sigRequired: return "sigRequired";
    case OCSPResponseStatus::unauthorized: return "unauthorized";
  }
  return "unknown";
}

Error bad_ocsp_response(std::string problem) {
  return Error(Alert::bad_certificate_status_response, Reason::bad_ocsp_response).with("problem", std::move(problem));
}

Result<OCSPResponse> parse_ocsp_response(Bytes der) {
  der::Reader reader(der);
  der::Reader fields = reader.enter(Tag::sequence);
  const Bytes status = fields.take(Tag::enumerated);
  if (status.size() != 1 || status[0] > 6 || status[0] == 4) return malformed("responseStatus");
  OCSPResponse out{static_cast<OCSPResponseStatus>(status[0]), {}};
  if (out.status != OCSPResponseStatus::successful) {
    // "The responseBytes field is not set" (RFC 6960, section 4.2.1).
    if (!fields.done() || !reader.done()) return malformed("OCSPResponse");
    return out;
  }
  der::Reader wrapped = fields.enter(der::context_constructed(0));
  der::Reader bytes = wrapped.enter(Tag::sequence);
  const Bytes type = bytes.object_identifier();
  const Bytes response = bytes.take(Tag::octet_string);
  if (!bytes.done() || !wrapped.done() || !fields.done() || !reader.done()) return malformed("responseBytes");
  if (!oid::equal(type, oid::id_pkix_ocsp_basic))
    return fail(bad_ocsp_response("its type is not id-pkix-ocsp-basic: " + oid_text(type)));
  Result<BasicOCSPResponse> basic = parse_basic(response);
  if (!basic) return fail(std::move(basic.error()));
  out.basic = *basic;
  return out;
}

std::optional<SingleResponse> read_single_response(Bytes& rest) noexcept {
  Bytes critical;
  return read_single_response(rest, critical);
}

}  // namespace handfast::x509
