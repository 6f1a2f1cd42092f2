// What the CRLs at hand say of a certificate (RFC 5280, section 6.3).
#pragma once

#include <handfast/revocation_lists.h>

#include "x509/checks.h"
#include "x509/revocation.h"

namespace handfast::x509 {

/// `good` where lists that are valid now and cover the certificate, for every reason, do not name it; `revoked` where
/// one that covers it does. Else `not_said`, and `problem` says what came closest.
///
/// A list is believed if it was signed with the issuer's key, or by one of its name (or, for an indirect CRL, of the
/// name that the certificate's cRLDistributionPoints has) who was certified by the issuer, or by whoever certified the
/// issuer, or is that one; the latter two must be below an anchor, by the signatures of CAs that are good themselves.
/// Who signs must be allowed to (cRLSign), good enough for the policy, and not be revoked itself, as far as lists say.
/// So the answer is as good as the issuer: it holds if the issuer proves to be on a valid path.
///
/// Of the lists by one key the newest counts; none by another key undoes what it revokes, since CAs of one name need
/// not know of each other's certificates. A delta CRL that is valid and fits a list updates it; one that does not may
/// still revoke. What a list has revoked for good stays revoked when the list is outdated; only what it does not name
/// is unknown then.
///
/// Fails with unknown_ca, path_too_complex, evidence `limit`, where no work is left: nobody is to get past a list by
/// making others tired.
Result<RevocationAnswer> ask_crls(const RevocationLists& lists, const RevocationQuestion& question, Work& work);

}  // namespace handfast::x509
