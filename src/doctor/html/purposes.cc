#include "doctor/html/purposes.h"

#include <algorithm>
#include <iterator>

namespace handfast::doctor {

std::string_view purpose(const Message& message, Side side) {
  const bool client = side == Side::client;
  const bool tls13 = message.version == ProtocolVersion::tls1_3;
  switch (message.type) {
    case HandshakeType::client_hello:
      return "The client says what it is able to do, and whom it wants to talk to. It lets the server choose: "
             "versions, "
             "cipher suites, groups and signatures stand here in the order in which it likes them best.";
    case HandshakeType::server_hello:
      if (message.hello_retry_request)
        return "The server can't go on with what it was sent, mostly because there is no key share of a group that it "
               "wants, and asks for another ClientHello. It says so in a ServerHello with a random of its own kind "
               "(RFC "
               "8446, section 4.1.4).";
      return tls13 ? "The server has chosen. With its key share both sides can make the same secret, and all that "
                     "follows "
                     "is encrypted."
                   : "The server has chosen: the version, the cipher suite, and which extensions hold.";
    case HandshakeType::encrypted_extensions:
      return "The server's answers to those extensions that are not needed to make keys, and so nobody's business (RFC "
             "8446, section 4.3.1).";
    case HandshakeType::certificate_request:
      return "The server wants to know who the client is, and says which signatures, and maybe which authorities, it "
             "would take.";
    case HandshakeType::certificate:
      return client ? "Who the client is, signed by an authority; or an empty list, where it has nothing to show."
                    : "Who the server is: its certificate, signed by an authority, and those of the authorities "
                      "between it "
                      "and a root that the client has already.";
    case HandshakeType::certificate_verify:
      return "The proof that this side has the private key of the certificate: a signature over the whole handshake so "
             "far, so that nobody can show another's certificate and nobody has changed a byte on the way.";
    case HandshakeType::finished:
      return "A code over the whole handshake, made with a secret of it: whoever has changed anything on the way, or "
             "does "
             "not have the secret, can't make it.";
    case HandshakeType::new_session_ticket:
      return "What the client may show next time instead of doing all of this again. Only the server can read what is "
             "in "
             "the ticket.";
    case HandshakeType::end_of_early_data:
      return "The last of what is under the keys of early data (RFC 8446, section 4.5).";
    case HandshakeType::key_update:
      return "From the next record on this side uses new keys, made from those before (RFC 8446, section 4.6.3).";
    case HandshakeType::server_key_exchange:
      return "The server's half of the key exchange, signed with the key of its certificate together with both "
             "randoms, so "
             "that it is the server's and of this handshake.";
    case HandshakeType::client_key_exchange:
      return "The client's half of the key exchange: now both sides can make the same secret.";
    case HandshakeType::server_hello_done: return "The server has said all that it has to say for now.";
    case HandshakeType::hello_request: return "The server would like to negotiate anew. That is never done here.";
    case HandshakeType::certificate_status:
      return "What the authority's OCSP responder says of the certificate, brought by the server so that the client "
             "need "
             "not ask (RFC 6066, section 8).";
    default: return {};
  }
}

std::string_view purpose(std::string_view secret) {
  struct Row {
    std::string_view secret, purpose;
  };
  constexpr std::string_view exchanged =
      "Each side makes it of its own private key and the other's public one; whoever only listens can't.";
  constexpr Row rows[] = {
      {"shared_secret", exchanged},
      {"client_early_traffic_secret",
       "Protects early data. It is made of the session's key alone, and so early data has no forward secrecy."},
      {"client_handshake_traffic_secret", "Protects what the client still has to say in the handshake."},
      {"server_handshake_traffic_secret",
       "Protects what the server still has to say in the handshake, its certificate among it."},
      {"client_application_traffic_secret_0", "Protects what the client sends once the handshake is done."},
      {"server_application_traffic_secret_0", "Protects what the server sends once the handshake is done."},
      {"resumption_master_secret", "The keys of sessions that the server gives tickets for are made of it."},
      {"pre_master_secret", exchanged},
      {"master_secret", "All keys of the connection are made of it, and of those that resume it."},
      {"client_write_key", "Encrypts what the client sends."},
      {"server_write_key", "Encrypts what the server sends."},
      {"client_write_IV", "The part of the client's nonces that is never sent."},
      {"server_write_IV", "The part of the server's nonces that is never sent."},
      {"verify_data",
       "What Finished holds: it proves that both sides have seen the same handshake and have the secret."},
  };
  const auto* row = std::ranges::find(rows, secret, &Row::secret);
  return row == std::end(rows) ? std::string_view() : row->purpose;
}

}  // namespace handfast::doctor
