// The messages that TLS 1.2, 1.1 and 1.0 have in a form of their own, taken apart.
#include "doctor/dissect/extensions.h"
#include "doctor/dissect/messages.h"

namespace handfast::doctor::dissection {
namespace {

constexpr std::uint64_t named_curve_type = 3;

/// RFC 8422, section 5.4. Nothing in the message says that its key exchange is ECDHE, which is the one that is known
/// here; any other begins with the length of a number, and seldom as a named curve does.
void ecdh_params(Dissector& d) {
  d.structure("params", [](Dissector& params) {
    const std::uint64_t type = params.number("curve_type", 1, curve_type);
    if (type != named_curve_type) return params.unparsed("not the parameters of a named curve");
    params.number("named_curve", 2, named_group);
    params.opaque_vector("public", 1);
  });
}

void client_certificate_types(Dissector& d) {
  d.numbers("certificate_types", 1, "certificate_type", 1, client_certificate_type);
}

void authorities(Dissector& d) {
  d.opaque_vectors("certificate_authorities", 2, "DistinguishedName", 2, distinguished_name);
}

}  // namespace

namespace tls12 {

/// Nothing in the message says whether the two agreed on a raw public key (RFC 7250, section 3): behind the length
/// there stands the tag of a SEQUENCE then, and not another length, which would be of more than 3 MB.
void certificate(Dissector& d) {
  const Bytes body = d.peek();
  constexpr std::uint8_t sequence = 0x30;
  if (body.size() > 3 && body[3] == sequence) return raw_public_key(d);
  d.vector("certificate_list", 3, [](Dissector& list) {
    while (!list.empty()) cert_data(list);
  });
}

void server_key_exchange(Dissector& d) {
  ecdh_params(d);
  d.number("algorithm", 2, signature_scheme);
  d.opaque_vector("signature", 2);
}

void certificate_request(Dissector& d) {
  client_certificate_types(d);
  d.numbers("supported_signature_algorithms", 2, "signature_scheme", 2, signature_scheme);
  authorities(d);
}

/// RFC 8422, section 5.7, and RFC 5246, section 7.4.7.1: what the suite says, the length says as well.
void client_key_exchange(Dissector& d) {
  const Bytes body = d.peek();
  const bool of_rsa = body.size() >= 2 && (body[0] << 8 | body[1]) + 2u == body.size();
  if (of_rsa)
    d.opaque_vector("encrypted_pre_master_secret", 2);
  else
    d.opaque_vector("ecdh_Yc", 1);
}

void new_session_ticket(Dissector& d) {
  d.number("ticket_lifetime_hint", 4, seconds);
  d.opaque_vector("ticket", 2);
}

}  // namespace tls12

namespace tls10 {

void server_key_exchange(Dissector& d) {
  ecdh_params(d);
  d.opaque_vector("signature", 2);
}

void certificate_request(Dissector& d) {
  client_certificate_types(d);
  authorities(d);
}

void certificate_verify(Dissector& d) { d.opaque_vector("signature", 2); }

}  // namespace tls10

}  // namespace handfast::doctor::dissection
