#include "doctor/html/key_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/algorithm.h"
#include "crypto/cipher_suite.h"
#include "doctor/html/key_schedule.h"
#include "doctor/html/purposes.h"
#include "doctor/style.h"

namespace handfast::doctor {
namespace {

Side sender(const Recording& recording, Direction direction) {
  return (direction == Direction::sent) == (recording.side() == Side::client) ? Side::client : Side::server;
}

void write_secret(Html& out, const DerivedSecret& secret) {
  const auto item = out.open("li");
  out.add("code", "name", secret.name);
  out.text(fmt::format(" {}", counted(secret.size, "byte")));
  if (!secret.bytes.empty())
    out.add("code", "value", fmt::format("{:02x}", fmt::join(secret.bytes, " ")));
  else
    out.add("span", "withheld", "not shown: --keys shows them");
  if (const std::string_view what = purpose(std::string_view(secret.name)); !what.empty()) out.add("p", "why", what);
}

/// The secrets that were cut from one output.
void write_derivation(Html& out, const std::string& derivation, const std::vector<const DerivedSecret*>& secrets) {
  const auto item = out.open("div", "derivation");
  out.add("code", "formula", "= " + derivation);
  const auto list = out.open("ul");
  for (const DerivedSecret* secret : secrets) write_secret(out, *secret);
}

void write_key_change(Html& out, const Recording& recording, const KeyChange& key) {
  const Side side = sender(recording, key.direction);
  const auto paragraph = out.open("p", side == Side::client ? "change client" : "change server");
  out.text(fmt::format("From here on the {} sends under ", name(side)));
  out.add("code", "", key.secret);
  out.text(fmt::format(", with {}.", name(key.cipher_suite)));
  const crypto::SuiteParts* parts = crypto::find_suite(key.cipher_suite);
  if (parts == nullptr || parts->version != ProtocolVersion::tls1_3) return;
  out.add("code", "formula",
          fmt::format("key = HKDF-Expand-Label({}, \"key\", \"\", {})", key.secret, crypto::key_size(parts->aead())));
  out.add("code", "formula", fmt::format("iv = HKDF-Expand-Label({}, \"iv\", \"\", 12)", key.secret));
}

Lit lit_at(const Recording& recording, std::size_t begin, std::size_t end) {
  Lit lit;
  for (std::size_t i = 0; i < end; ++i) {
    const Step& step = recording.steps()[i];
    if (const auto* secret = std::get_if<DerivedSecret>(&step.what)) {
      (i < begin ? lit.before : lit.now).insert(secret->name);
      if (secret->derivation == "the session's" || secret->name == "client_early_traffic_secret") lit.resumed = true;
    }
    if (const auto* seen = std::get_if<SessionSeen>(&step.what)) lit.resumed = seen->how != Resumption::none;
  }
  return lit;
}

}  // namespace

bool is_of_keys(const Step& step) {
  return std::holds_alternative<DerivedSecret>(step.what) || std::holds_alternative<KeyChange>(step.what);
}

void write_keys(Html& out, const Recording& recording, std::size_t begin, std::size_t end) {
  const auto card = out.open("section", "card keys");
  const std::vector<Step>& steps = recording.steps();
  const Lit lit = lit_at(recording, begin, end);
  out.add("h3", "",
          lit.now.empty()                                            ? "New keys hold"
          : lit.now.size() == 1 && *lit.now.begin() == "verify_data" ? "What Finished has to say"
                                                                     : "Both sides make keys");
  if (!lit.now.empty()) write_key_schedule(out, lit);
  for (std::size_t i = begin; i < end;) {
    if (const auto* key = std::get_if<KeyChange>(&steps[i].what)) write_key_change(out, recording, *key);
    const auto* first = std::get_if<DerivedSecret>(&steps[i].what);
    if (first == nullptr) {
      ++i;
      continue;
    }
    std::vector<const DerivedSecret*> run;
    for (; i < end; ++i) {
      const auto* secret = std::get_if<DerivedSecret>(&steps[i].what);
      if (secret == nullptr || secret->derivation != first->derivation) break;
      run.push_back(secret);
    }
    write_derivation(out, first->derivation, run);
  }
}

}  // namespace handfast::doctor
