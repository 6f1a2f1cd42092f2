// Which of a certificate's names comes closest to the one that was asked for, and why it does not cover it.
#pragma once

#include <string>

#include "x509/certificate.h"
#include "x509/server_name.h"

namespace handfast::doctor {

struct NearestName {
  std::string name;               ///< safe to be shown; empty: none comes near
  std::string why_not;            ///< "*.example.com covers one label, a.b.example.com has two before example.com"
  bool can_be_asked_for = false;  ///< it is a host name, and so a server may be asked for it
};

/// For a certificate that does not match `wanted`.
NearestName nearest_name(const x509::CertificateView& certificate, const x509::ServerName& wanted);

/// How many characters have to be changed, added or taken away to make one of the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace handfast::doctor
