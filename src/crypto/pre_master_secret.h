// The premaster secret of RSA key exchange (RFC 5246, section 7.4.7.1).
#pragma once

#include <cstddef>

#include <handfast/bytes.h>
#include <handfast/types.h>

#include "base/secret.h"

namespace handfast::crypto {

inline constexpr std::size_t pre_master_secret_size = 48;

/// Takes the premaster secret out of a block that an RSA key has decrypted (RFC 8017, section 7.2.2): `offered` and 46
/// bytes, where `offered` is the version of the ClientHello. Whatever else stands there, `instead`, which is as long,
/// is given, in the same time: who could tell the two apart would decrypt what others have sent (Bleichenbacher, 1998).
base::Secret unpad_pre_master_secret(Bytes block, ProtocolVersion offered, const base::Secret& instead) noexcept;

}  // namespace handfast::crypto
