// What an origin is told of the client that a request is from, which it can't see by itself.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

#include "http/fields.h"

namespace handfast::proxy {

/// Whom a request is from, and how it came.
struct ForwardedFor {
  boost::asio::ip::address client;
  std::string_view scheme;  ///< "https"
  std::string host;         ///< what the client has asked for, as Host has it; empty: it has not said
};

/// Says it in X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host, and in Forwarded (RFC 7239). What the client has
/// sent under these names, under any other X-Forwarded-..., and X-Real-IP is dropped: who is in front of us, and is
/// believed, is believed by the PROXY protocol.
void set_forwarded(http::Fields& fields, const ForwardedFor& from);

/// Removes a field that is ours to say, in any case, and with '_' or any other sign in place of '-': origins that hand
/// fields on as variables, as CGI does (RFC 3875, section 4.1.18), can't tell them apart.
void remove_ours(http::Fields& fields, std::string_view name);

}  // namespace handfast::proxy
