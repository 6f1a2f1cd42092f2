// The bodies of handshake messages, taken apart: what stands behind the four bytes of header.
#pragma once

#include <handfast/types.h>

#include "doctor/dissect/dissector.h"

namespace handfast::doctor::dissection {

// Hellos, which every version has in one form (RFC 8446, sections 4.1.2 to 4.1.4).
void client_hello(Dissector&);
void server_hello(Dissector&);
/// Whether this ServerHello, without its header, is a HelloRetryRequest.
bool is_hello_retry_request(Bytes body);

// TLS 1.3 (RFC 8446, sections 4.3 to 4.6; RFC 8879).
void encrypted_extensions(Dissector&);
void certificate_request(Dissector&);
void certificate(Dissector&);
void compressed_certificate(Dissector&);
void new_session_ticket(Dissector&);
void key_update(Dissector&);

// What the versions share (RFC 8446, sections 4.4.3 and 4.4.4).
void certificate_verify(Dissector&);
void finished(Dissector&);
void empty_message(Dissector&);

/// A certificate in DER, by its length of three bytes.
void cert_data(Dissector&);
/// A raw public key in its place (RFC 7250, section 3), before TLS 1.3.
void raw_public_key(Dissector&);

// TLS 1.2 (RFC 5246, section 7.4; RFC 8422, section 5; RFC 5077, section 3.3).
namespace tls12 {
void certificate(Dissector&);
void server_key_exchange(Dissector&);
void certificate_request(Dissector&);
void client_key_exchange(Dissector&);
void new_session_ticket(Dissector&);
}  // namespace tls12

// What versions before 1.2 have otherwise: no numbers say how it was signed (RFC 4346, section 7.4).
namespace tls10 {
void server_key_exchange(Dissector&);
void certificate_request(Dissector&);
void certificate_verify(Dissector&);
}  // namespace tls10

}  // namespace handfast::doctor::dissection
