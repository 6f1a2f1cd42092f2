#include "doctor/pin.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "x509/pem.h"

namespace handfast::doctor {

Result<TrustAnchors::Shared> pinned_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file)
    return fail(Error(Alert::internal_error, Reason::file_not_readable)
                    .with("path", path)
                    .with("error", std::string(std::strerror(errno))));
  auto blocks = x509::decode_pem(text);
  if (!blocks) return fail(std::move(blocks.error()).with("path", path));
  for (const x509::PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE") continue;
    const Bytes certificate(block.der);
    return TrustAnchors::pinned(std::span(&certificate, 1));
  }
  return fail(Error(Alert::internal_error, Reason::bad_pem).with("path", path).with("expected", "a CERTIFICATE"));
}

}  // namespace handfast::doctor
