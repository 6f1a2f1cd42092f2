// ClientHellos as clients send them, in records cut as a test likes.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>

#include "base/writer.h"
#include "wire/client_hello.h"

namespace handfast::test {

struct Hello {
  std::string server_name = "shop.example";
  std::vector<std::string> protocols = {};
  std::size_t pad_to = 0;      ///< as wire::ClientHelloFields
  std::size_t record = 16384;  ///< bytes of the message in one record
  bool with_others = false;    ///< GREASE, and an ECH that nobody can open
};

/// The records.
inline std::string hello_bytes(const Hello& hello = {}) {
  const Buffer random(32, 0x11);
  const std::array suites{CipherSuite::TLS_AES_128_GCM_SHA256};
  const std::array versions{ProtocolVersion::tls1_3};
  const std::array groups{NamedGroup::x25519};
  const std::array schemes{SignatureScheme::ecdsa_secp256r1_sha256};
  const Buffer share(32, 0x22);
  const std::array shares{wire::KeyShareEntry{NamedGroup::x25519, share}};
  const Buffer sealed(223, 0x33);
  const std::array others{wire::Extension{static_cast<ExtensionType>(0xfe0d), sealed},
                          wire::Extension{static_cast<ExtensionType>(0x4a4a), {}}};
  wire::ClientHelloFields fields;
  fields.random = random;
  fields.cipher_suites = suites;
  fields.supported_versions = versions;
  fields.supported_groups = groups;
  fields.signature_algorithms = schemes;
  fields.key_share = shares;
  fields.server_name = hello.server_name;
  fields.application_layer_protocol_negotiation = hello.protocols;
  fields.pad_to = hello.pad_to;
  if (hello.with_others) fields.others = others;
  Buffer message;
  static_cast<void>(wire::write_client_hello(message, fields));
  Buffer records;
  base::Writer w(records);
  for (Bytes rest = message; !rest.empty();) {
    const Bytes fragment = rest.first(std::min(rest.size(), hello.record));
    rest = rest.subspan(fragment.size());
    w.u8(22);
    w.u16(0x0301);
    w.vector16(fragment);
  }
  return std::string(as_text(records));
}

}  // namespace handfast::test
