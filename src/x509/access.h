// Where a certificate says that more is to be had, and how an OCSP responder is asked for it; fetching is for others.
#pragma once

#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/types.h>

#include "x509/certificate.h"

namespace handfast::x509 {

/// Whether the certificate has that TLS feature, a TLS extension by its number (RFC 7633, section 4).
bool has_tls_feature(const CertificateView& certificate, ExtensionType feature) noexcept;
/// Whether a server with that certificate has to staple an OCSP response (RFC 7633: the feature status_request).
bool requires_staple(const CertificateView& certificate) noexcept;

/// The URLs of authorityInfoAccess (RFC 5280, section 4.2.2.1), in its order: of OCSP responders, and of the issuer's
/// own certificate. Whatever scheme they have; views into the certificate.
std::vector<std::string_view> ocsp_urls(const CertificateView& certificate);
std::vector<std::string_view> ca_issuers_urls(const CertificateView& certificate);

/// An OCSPRequest in DER (RFC 6960, section 4.1.1) for that one certificate, as responders for many want it: not
/// signed, without a nonce, the issuer named by SHA-1 (RFC 5019, section 2.1.1).
Buffer write_ocsp_request(const CertificateView& certificate, const CertificateView& issuer);

}  // namespace handfast::x509
