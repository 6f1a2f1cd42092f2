// Products that put their own certificates into other people's connections.
#pragma once

#include <string_view>

namespace handfast::doctor {

/// The product that makes certificates under an issuer of that name, as far as the name tells; empty: none that is
/// known. A sign, no proof: anybody can make an authority of any name.
std::string_view interceptor(std::string_view issuer) noexcept;

}  // namespace handfast::doctor
