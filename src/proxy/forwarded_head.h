// What a proxy does to the heads of messages that it forwards.
#pragma once

#include <string>
#include <string_view>

#include "http/head.h"

namespace handfast::proxy {

/// What a client's head asks of its own connection, and not of the origin.
struct ClientAsks {
  bool keep_alive = false;
  bool interim_responses = false;  ///< they are known in HTTP/1.1 alone
  bool head_only = false;          ///< HEAD
  std::string upgrade{};           ///< protocols that it would change to, a list; empty: none
};

/// Takes out of the head what is for us, and makes it what Hop::request says of it: no hop-by-hop fields, origin form,
/// Host as the target says. An upgrade to another form of HTTP or to TLS is not passed on: what would be spoken then is
/// HTTP still, past everything that looks at requests here.
ClientAsks take_for_us(http::RequestHead& head, const http::Framing& framing);

/// Says how the message goes on.
void frame_request(http::RequestHead& head, const http::Framing& framing);
/// Asks for the upgrade; a hop-by-hop field of ours.
void ask_for_upgrade(http::RequestHead& head, const std::string& protocols);

/// How a response goes to the client.
struct ResponseForm {
  bool chunked = false;
  bool until_close = false;  ///< to a client of HTTP/1.0, which knows no chunks
};
/// Takes out of the head what was for us, and says how it goes on.
ResponseForm frame_response(http::ResponseHead& head, const http::Framing& framing, unsigned client_minor_version,
                            bool filtered);
/// Connection, as that client understands it.
void say_whether_kept(http::ResponseHead& head, unsigned client_minor_version, bool keep_alive);

/// Via (RFC 9110, section 7.6.3): in which version of HTTP/1 the message came, and that it came through us.
void add_via(http::Fields& fields, unsigned minor_version);

/// Whether the field offers, or uses, a scheme that authenticates the connection and not the request: Negotiate
/// (RFC 4559, section 6) and NTLM.
bool authenticates_connection(const http::Fields& fields, std::string_view field);

/// Whether doing it twice is the same as once (RFC 9110, section 9.2.2), and whether it changes nothing
/// (section 9.2.1).
bool is_idempotent(const std::string& method) noexcept;
bool is_safe(const std::string& method) noexcept;

}  // namespace handfast::proxy
