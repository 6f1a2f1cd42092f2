#include "x509/access.h"

#include <utility>

#include "x509/cert_id.h"
#include "x509/der.h"
#include "x509/der_writer.h"
#include "x509/general_name.h"
#include "x509/oid.h"

namespace handfast::x509 {
namespace {

using der::Tag;

std::vector<std::string_view> urls(const CertificateView& certificate, Bytes method) {
  std::vector<std::string_view> found;
  der::Reader descriptions(certificate.authority_info_access.value_or(Bytes{}));
  while (!descriptions.empty()) {
    der::Reader description = descriptions.enter(Tag::sequence);
    const bool wanted = oid::equal(description.object_identifier(), method);
    Bytes location = description.peek();
    GeneralName name;
    if (wanted && read_general_name(location, name) && name.type == GeneralNameType::uniformResourceIdentifier)
      found.push_back(as_text(name.value));
  }
  return found;
}

}  // namespace

bool has_tls_feature(const CertificateView& certificate, ExtensionType feature) noexcept {
  der::Reader features(certificate.tls_feature.value_or(Bytes{}));
  while (!features.empty())
    if (features.small_integer() == std::to_underlying(feature)) return true;
  return false;
}

bool requires_staple(const CertificateView& certificate) noexcept {
  return has_tls_feature(certificate, ExtensionType::status_request);
}

std::vector<std::string_view> ocsp_urls(const CertificateView& certificate) {
  return urls(certificate, oid::id_ad_ocsp);
}

std::vector<std::string_view> ca_issuers_urls(const CertificateView& certificate) {
  return urls(certificate, oid::id_ad_caIssuers);
}

Buffer write_ocsp_request(const CertificateView& certificate, const CertificateView& issuer) {
  Buffer request;
  der::Writer w(request);
  w.within(Tag::sequence, [&] {      // OCSPRequest
    w.within(Tag::sequence, [&] {    // tbsRequest
      w.within(Tag::sequence, [&] {  // requestList
        w.within(Tag::sequence, [&] { write_cert_id(w, crypto::HashAlgorithm::sha1, certificate, issuer); });
      });
    });
  });
  return request;
}

}  // namespace handfast::x509
