// Name constraints (RFC 5280, section 4.2.1.10): which names the certificates below a CA may have.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "x509/certificate.h"
#include "x509/general_name.h"
#include "x509/name.h"

namespace handfast::x509 {

/// The content of the extension. Refused are: one without any subtree, a subtree with minimum or maximum, an address
/// whose mask is no prefix.
std::optional<NameConstraints> parse_name_constraints(Bytes value) noexcept;

/// Whether every subtree is written as section 4.2.1.10 has it: a host name as such, without a period before it or a
/// wildcard; a mailbox, a host, or a domain with a period before it, for e-mail; a host or such a domain for URIs.
bool are_well_written(const NameConstraints& constraints) noexcept;

/// Checks every name of a certificate (subject, subjectAltName, and emailAddress in the subject where there is no
/// subjectAltName) against the constraints of a CA above it. DNS, IP, directory and e-mail names and URIs are
/// processed; a name of another form that is constrained is a violation, for nobody here can tell.
/// Each comparison takes one off `budget`, of directory names what name_within() takes besides. Fails with
/// bad_certificate, name_constraint_violation (evidence `subject`, `name`, `constraint`) or, with the budget used up,
/// path_too_complex.
Result<void> check_name_constraints(const NameConstraints& constraints, const CertificateView& certificate,
                                    std::size_t& budget);

/// A base of such a subtree as people write it: "dns:example.com", "ip:192.0.2.0/24".
std::string subtree_text(const GeneralName& base);

/// For `permitted`, all that the name stands for must lie in the subtree: "*.example.com" lies in "example.com".
/// `unknown` too for a form that is not processed, a name that is malformed, or where `budget` (name_within()) is used
/// up.
Within wholly_within(const GeneralName& name, const GeneralName& subtree, std::size_t& budget) noexcept;
/// For `excluded`, any of it: "*.example.com" has a part in "www.example.com".
Within partly_within(const GeneralName& name, const GeneralName& subtree, std::size_t& budget) noexcept;

}  // namespace handfast::x509
