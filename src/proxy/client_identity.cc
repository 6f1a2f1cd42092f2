#include "proxy/client_identity.h"

#include <string>
#include <utility>

#include "proxy/forwarded.h"
#include "x509/pem.h"

namespace handfast::proxy {
namespace {

/// A byte sequence of structured fields (RFC 8941, section 3.3.5).
std::string byte_sequence(Bytes der) { return ':' + x509::encode_base64(der) + ':'; }

}  // namespace

void set_client_identity(http::Fields& fields, const ConnectionInfo& info, PassIdentity pass) {
  remove_ours(fields, "Client-Cert");
  remove_ours(fields, "Client-Cert-Chain");
  if (pass == PassIdentity::no || !info.peer_verified || info.peer_certificates.empty()) return;
  fields.push_back({"Client-Cert", byte_sequence(info.peer_certificates.front())});
  // RFC 9440, section 2.3: in the order of the handshake, the leaf not among them.
  std::string chain;
  for (std::size_t i = 1; i < info.peer_certificates.size(); ++i)
    chain += (chain.empty() ? "" : ", ") + byte_sequence(info.peer_certificates[i]);
  if (!chain.empty()) fields.push_back({"Client-Cert-Chain", std::move(chain)});
}

}  // namespace handfast::proxy
