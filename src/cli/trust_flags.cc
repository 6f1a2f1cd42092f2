#include "cli/trust_flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <utility>

#include "cli/host_names.h"
#include "cli/tls_flags.h"
#include "config/tls_words.h"
#include "doctor/certificate_file.h"

namespace handfast::cli {
namespace {

using Shared = TrustAnchors::Shared;

/// Whatever is written as a key is one, or a mistake; a file of such a name is ./NAME.
bool is_key(const std::string& pin) {
  return pin.starts_with("sha256/") || pin.starts_with("sha256:") || SpkiPin::parse(pin).has_value();
}

/// Every certificate of a file or directory.
Result<Shared> pinned(const std::string& path) {
  auto certificates = doctor::read_certificates(path);
  if (!certificates) return fail(std::move(certificates.error()));
  auto pins = TrustAnchors::pinned(std::vector<Bytes>(certificates->begin(), certificates->end()));
  if (!pins) return fail(std::move(pins.error()).with("path", path));
  return pins;
}

/// "NAME[,NAME...]=FILE|DIR".
Result<Shared> scoped(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos)
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "--ca-for")
                    .with("problem", "write it as NAME=FILE")
                    .with("value", text));
  auto names = config::parse_list("--ca-for", std::string_view(text).substr(0, equals));
  if (!names) return fail(std::move(names.error()));
  for (std::string& name : *names) {
    auto labels = with_a_labels("--ca-for", name);
    if (!labels) return fail(std::move(labels.error()));
    name = *std::move(labels);
  }
  auto authorities = TrustAnchors::from_path(text.substr(equals + 1));
  if (!authorities) return fail(std::move(authorities.error()));
  auto narrowed = (*authorities)->only_for(*names);
  if (!narrowed) return fail(of_flag("--ca-for", narrowed.error()));
  return narrowed;
}

Result<std::vector<Shared>> authorities_of(const TrustFlags& flags) {
  std::vector<Result<Shared>> sets;
  sets.reserve(flags.authorities.size() + flags.scoped_authorities.size() + 1);
  for (const std::string& path : flags.authorities) sets.push_back(TrustAnchors::from_path(path));
  for (const std::string& text : flags.scoped_authorities) sets.push_back(scoped(text));
  const bool certificates_alone = !flags.pins.empty() && std::ranges::none_of(flags.pins, is_key);
  if (flags.system || (sets.empty() && !certificates_alone)) sets.push_back(TrustAnchors::system());
  std::vector<Shared> out;
  for (Result<Shared>& set : sets) {
    if (!set) return fail(std::move(set.error()));
    out.push_back(*std::move(set));
  }
  return out;
}

Result<std::vector<SpkiPin>> keys_of(const TrustFlags& flags) {
  std::vector<SpkiPin> out;
  for (const std::string& pin : flags.pins) {
    if (!is_key(pin)) continue;
    Result<SpkiPin> key = SpkiPin::parse(pin);
    if (!key) return fail(std::move(key.error()));
    out.push_back(*key);
  }
  return out;
}

}  // namespace

void add_trust_flags(CLI::App& command, TrustFlags& flags) {
  command.add_option("--ca", flags.authorities, "Trust these authorities, instead of the system's (repeatable)")
      ->type_name("FILE|DIR")
      ->take_all();
  command
      .add_option("--ca-for", flags.scoped_authorities,
                  "Trust these authorities for those servers only: host.example, .example (all below), 192.0.2.0/24")
      ->type_name("NAME,...=FILE|DIR")
      ->take_all();
  command.add_flag("--system-ca", flags.system, "Trust the system's authorities beside those of --ca and --pin");
  command
      .add_option(
          "--pin", flags.pins,
          "Trust the very certificates in FILE, by whatever name, and no authority unless one is named. Or, with "
          "a key: trust the authorities only for chains that hold it. Of several pins any one is enough")
      ->type_name("FILE|DIR|sha256/BASE64")
      ->take_all();
}

Result<Shared> trust_of(const TrustFlags& flags) {
  auto keys = keys_of(flags);
  if (!keys) return fail(std::move(keys.error()));
  auto sets = authorities_of(flags);
  if (!sets) return fail(std::move(sets.error()));
  if (!keys->empty())
    for (Shared& set : *sets) set = set->only_with_keys(*keys).value();
  for (const std::string& pin : flags.pins) {
    if (is_key(pin)) continue;
    auto certificates = pinned(pin);
    if (!certificates) return fail(std::move(certificates.error()));
    sets->push_back(*std::move(certificates));
  }
  return TrustAnchors::combine(*sets);
}

}  // namespace handfast::cli
