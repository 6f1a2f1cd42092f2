#include "flags.h"

#include <charconv>
#include <string_view>
#include <utility>
#include <variant>

#include "encoding.h"
#include "failure.h"
#include "flag_rows.h"

namespace handfast::bogo {
namespace {

template <typename Number>
Number to_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) throw Failure("not a number: " + std::string(text));
  return number;
}

Buffer to_bytes(std::string_view text) {
  auto bytes = from_base64(text);
  if (!bytes) throw Failure("not base64: " + std::string(text));
  return *std::move(bytes);
}

/// Carries one flag out on the flags of one connection, taking its value, where it has one, with `value()`.
template <typename TakeValue>
struct Apply {
  Flags& flags;
  TakeValue value;

  CredentialFlags& credential() { return flags.credentials.back(); }

  void operator()(Flag<bool> flag) { flags.*flag = true; }
  void operator()(Flag<int> flag) { flags.*flag = to_number<int>(value()); }
  void operator()(Flag<std::uint64_t> flag) { flags.*flag = to_number<std::uint64_t>(value()); }
  void operator()(Flag<std::string> flag) { flags.*flag = value(); }
  void operator()(Flag<Buffer> flag) { flags.*flag = to_bytes(value()); }
  void operator()(Flag<std::vector<int>> flag) { (flags.*flag).push_back(to_number<int>(value())); }
  void operator()(Flag<std::optional<int>> flag) { flags.*flag = to_number<int>(value()); }
  void operator()(Flag<std::optional<Buffer>> flag) { flags.*flag = to_bytes(value()); }
  void operator()(OfCredential<std::string> flag) { credential().*flag = value(); }
  void operator()(OfCredential<Buffer> flag) { credential().*flag = to_bytes(value()); }
  void operator()(OfCredential<bool> flag) { credential().*flag = true; }
  void operator()(OfCredential<std::vector<int>> flag) { (credential().*flag).push_back(to_number<int>(value())); }
  void operator()(Ignored ignored) {
    if (ignored == Ignored::with_value) value();
  }
  void operator()(Feature feature) { throw Unimplemented(std::string(name(feature))); }
  void operator()(Special special) {
    switch (special) {
      case Special::new_credential: flags.credentials.emplace_back(); return;
      case Special::new_raw_public_key: flags.credentials.emplace_back().is_raw_public_key = true; return;
      case Special::new_psk_credential: flags.credentials.emplace_back().is_psk = true; return;
      case Special::total_renegotiations:
        if (to_number<int>(value()) > 0) (*this)(Feature::renegotiation);
        return;
    }
  }
};

/// The flags that one of the prefixes which name a connection is for, and takes that prefix off; without one: all.
std::vector<Flags*> addressed(std::string& flag, CommandLine& flags) {
  constexpr std::pair<std::string_view, Flags CommandLine::*> prefixes[] = {
      {"-on-initial", &CommandLine::initial}, {"-on-resume", &CommandLine::resume}, {"-on-retry", &CommandLine::retry}};
  for (const auto& [prefix, which] : prefixes) {
    if (!flag.starts_with(prefix) || !std::string_view(flag).substr(prefix.size()).starts_with('-')) continue;
    flag.erase(0, prefix.size());
    return {&(flags.*which)};
  }
  return {&flags.initial, &flags.resume, &flags.retry};
}

}  // namespace

void parse(const std::vector<std::string>& arguments, CommandLine& flags) {
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    std::string flag = *argument;
    for (std::string_view prefix : {"-on-shim-", "-on-handshaker-"})
      if (flag.starts_with(prefix)) throw Unimplemented(std::string(name(Feature::split_handshakes)));
    const std::vector<Flags*> targets = addressed(flag, flags);

    const Target* target = find_flag(flag);
    if (!target) throw Unimplemented("the unknown flag " + flag);
    const std::string* taken = nullptr;
    const auto value = [&]() -> const std::string& {
      if (taken) return *taken;
      if (++argument == arguments.end()) throw Failure(flag + " needs a value");
      taken = &*argument;
      return *taken;
    };
    for (Flags* each : targets) std::visit(Apply<decltype(value)>{*each, value}, *target);
  }
}

}  // namespace handfast::bogo
