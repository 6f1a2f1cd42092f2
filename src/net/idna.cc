#include "net/idna.h"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace handfast::net {
namespace {

/// More than 253 characters of four octets are no name in any form.
constexpr std::size_t max_size = 1024;

std::unexpected<Error> refused(std::string_view host, std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "server_name")
                  .with("problem", std::move(problem))
                  .with("value", std::string(host.substr(0, 300))));
}

}  // namespace

Result<std::string> to_a_labels(std::string_view host) {
  std::string name(host);
  if (std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return name;
  if (name.size() > max_size || name.find('\0') != std::string::npos) return refused(host, "not a host name");
  char* converted = nullptr;
  const int status = idn2_to_ascii_8z(name.c_str(), &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, decltype(&idn2_free)> owned(converted, idn2_free);
  if (status != IDN2_OK) return refused(host, std::string("not an internationalised name: ") + idn2_strerror(status));
  return std::string(owned.get());
}

}  // namespace handfast::net
