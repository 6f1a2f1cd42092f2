#include "cli/verification_flags.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <utility>

#include <handfast/revocation_lists.h>

namespace handfast::cli {
namespace {

constexpr std::pair<const char*, RevocationPolicy> policies[] = {
    {"off", RevocationPolicy::off},
    {"staple", RevocationPolicy::staple},
    {"prefer", RevocationPolicy::prefer},
    {"require", RevocationPolicy::require},
};

RevocationPolicy policy_of(const std::string& name) {
  for (const auto& [known, policy] : policies)
    if (name == known) return policy;
  return RevocationPolicy::require;  // the parser lets no other word pass
}

void add_flags(CLI::App& command, VerificationFlags& flags) {
  const std::string& prefix = flags.prefix;
  command
      .add_option(prefix + "profile", flags.profile,
                  "How strictly certificates are read: compatible (as browsers do) or strict (RFC 5280 to the letter)")
      ->type_name("PROFILE")
      ->default_str("compatible")
      ->check(CLI::IsMember({"compatible", "strict"}).description(""));
  command
      .add_option(
          prefix + "revocation", flags.revocation,
          "off; staple: what the peer staples must be good; prefer: the CRLs too; require: every certificate, a pinned "
          "one too, must be proven good")
      ->type_name("POLICY")
      ->check(CLI::IsMember({"off", "staple", "prefer", "require"}).description(""));
  command.add_option(prefix + "crl", flags.lists, "Certificate revocation lists, PEM or DER")->type_name("FILE|DIR");
}

}  // namespace

void add_verification_flags(CLI::App& command, VerificationFlags& flags) { add_flags(command, flags); }
void add_client_verification_flags(CLI::App& command, VerificationFlags& flags) {
  flags.prefix = "--client-";
  add_flags(command, flags);
}

Result<VerificationOptions> verification_of(const VerificationFlags& flags, RevocationPolicy unless_said) {
  VerificationOptions options;
  options.profile = flags.profile == "strict" ? Profile::strict : Profile::compatible;
  options.revocation = flags.revocation ? policy_of(*flags.revocation) : unless_said;
  if (flags.lists.empty()) return options;
  if (!flags.revocation) options.revocation = RevocationPolicy::prefer;
  if (options.revocation < RevocationPolicy::prefer)
    return fail(
        Error(Alert::internal_error, Reason::bad_config)
            .with("option", flags.prefix + "crl")
            .with("problem", fmt::format("with {}revocation {} no list is looked at", flags.prefix, *flags.revocation))
            .with("value", flags.lists));
  auto lists = RevocationLists::from_path(flags.lists);
  if (!lists) return fail(std::move(lists.error()));
  options.revocation_lists = *std::move(lists);
  return options;
}

}  // namespace handfast::cli
