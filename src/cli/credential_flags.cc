#include "cli/credential_flags.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace handfast::cli {

void add_credential_flags(CLI::App& command, CredentialFlags& flags, const std::string& words) {
  auto* certificate =
      command
          .add_option("--cert", flags.certificates, words + "; a chain, leaf first, several times for several names")
          ->type_name("FILE")
          ->allow_extra_args(false);
  command.add_option("--key", flags.keys, "Its private key, if it is not in the same file; as often as --cert")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->needs(certificate);
}

Result<std::vector<proxy::CredentialFiles>> credentials_of(const CredentialFlags& flags) {
  if (!flags.keys.empty() && flags.keys.size() != flags.certificates.size())
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "--key")
                    .with("problem", fmt::format("{} for {} --cert: give each its own, in the same order",
                                                 flags.keys.size(), flags.certificates.size())));
  std::vector<proxy::CredentialFiles> files;
  for (std::size_t i = 0; i < flags.certificates.size(); ++i)
    files.push_back({flags.certificates[i], flags.keys.empty() ? "" : flags.keys[i]});
  return files;
}

void add_access_flags(CLI::App& command, proxy::AccessOptions& access) {
  command
      .add_option("--allow", access.allow,
                  "Go there, and nowhere else: example.com, *.example.com (all below it), 192.0.2.0/24, "
                  "[2001:db8::]/32, each with :PORT or :FIRST-LAST if need be, *:443; several times for several. "
                  "Addresses of special use (loopback, private, ...) need one that names them as addresses")
      ->type_name("TARGET")
      ->allow_extra_args(false);
  command.add_option("--deny", access.deny, "Don't go there, whatever --allow says; written as that")
      ->type_name("TARGET")
      ->allow_extra_args(false);
}

}  // namespace handfast::cli
