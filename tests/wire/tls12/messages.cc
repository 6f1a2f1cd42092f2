#include "wire/tls12/messages.h"

#include <stdexcept>

#include "wire/empty.h"
#include "wire/tls12/certificate.h"
#include "wire/tls12/certificate_request.h"
#include "wire/tls12/certificate_status.h"
#include "wire/tls12/client_key_exchange.h"
#include "wire/tls12/new_session_ticket.h"
#include "wire/tls12/server_hello.h"
#include "wire/tls12/server_key_exchange.h"
#include "wire/walker.h"

namespace handfast::test::tls12 {
namespace {

using namespace wire::tls12;

Error unexpected_message() { return Error(Alert::unexpected_message, Reason::unexpected_message); }

std::optional<Error> walk_server_hello(Bytes body) {
  const Result<wire::ServerHello> hello = wire::parse_server_hello(body);
  if (std::optional<Error> error = walk(hello)) return error;
  if (hello->kind() != wire::MessageKind::server_hello_tls1_2) return unexpected_message();
  return walk(parse_server_hello_extensions(hello->extensions));
}

Result<> rewrite_server_hello(Buffer& out, Bytes body) {
  const wire::ServerHello hello = wire::parse_server_hello(body).value();
  return write_server_hello(out, hello, parse_server_hello_extensions(hello.extensions).value());
}

Result<> rewrite_certificate(Buffer& out, Bytes body) {
  const Certificate message = parse_certificate(body).value();
  std::vector<Buffer> chain;
  for (const ASN1Cert& certificate : message.certificate_list) chain.push_back(to_buffer(certificate.data));
  return write_certificate(out, chain);
}

Result<> rewrite_certificate_request(Buffer& out, Bytes body) {
  const CertificateRequest message = parse_certificate_request(body, ProtocolVersion::tls1_2).value();
  const std::vector<ClientCertificateType> types = to_vector(message.certificate_types);
  const std::vector<SignatureScheme> schemes = to_vector(message.supported_signature_algorithms);
  const std::vector<Buffer> authorities = to_buffers(message.certificate_authorities);
  return write_certificate_request(out, {types, schemes, authorities}, ProtocolVersion::tls1_2);
}

}  // namespace

std::optional<Error> parse_and_walk(HandshakeType type, Bytes body) {
  switch (type) {
    case HandshakeType::hello_request:
    case HandshakeType::server_hello_done:
      if (Result<> parsed = wire::parse_empty(type, body); !parsed) return parsed.error();
      return std::nullopt;
    case HandshakeType::server_hello: return walk_server_hello(body);
    case HandshakeType::new_session_ticket: return walk(parse_new_session_ticket(body));
    case HandshakeType::certificate: return walk(parse_certificate(body));
    case HandshakeType::server_key_exchange: return walk(parse_server_key_exchange(body, ProtocolVersion::tls1_2));
    case HandshakeType::certificate_request: return walk(parse_certificate_request(body, ProtocolVersion::tls1_2));
    case HandshakeType::client_key_exchange: return walk(parse_client_key_exchange(body));
    case HandshakeType::certificate_status: return walk(parse_certificate_status(body));
    default: return unexpected_message();
  }
}

Buffer rewrite(HandshakeType type, Bytes body) {
  Buffer out;
  Result<> written;
  switch (type) {
    case HandshakeType::hello_request:
    case HandshakeType::server_hello_done: wire::write_empty(out, type); break;
    case HandshakeType::server_hello: written = rewrite_server_hello(out, body); break;
    case HandshakeType::new_session_ticket:
      written = write_new_session_ticket(out, parse_new_session_ticket(body).value());
      break;
    case HandshakeType::certificate: written = rewrite_certificate(out, body); break;
    case HandshakeType::server_key_exchange:
      written = write_server_key_exchange(out, parse_server_key_exchange(body, ProtocolVersion::tls1_2).value(),
                                          ProtocolVersion::tls1_2);
      break;
    case HandshakeType::certificate_request: written = rewrite_certificate_request(out, body); break;
    case HandshakeType::client_key_exchange:
      written = write_client_key_exchange(out, parse_client_key_exchange(body).value());
      break;
    case HandshakeType::certificate_status:
      written = write_certificate_status(out, parse_certificate_status(body).value());
      break;
    default: break;
  }
  if (!written) throw std::logic_error("a message that is not written");
  return out;
}

}  // namespace handfast::test::tls12
