// The probes, told: to people and to programs.
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "doctor/json.h"
#include "doctor/probes/probes.h"
#include "doctor/probes/suites.h"

namespace handfast::doctor {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name(Answer::Kind kind) noexcept {
  switch (kind) {
    case Answer::Kind::server_hello: return "server_hello";
    case Answer::Kind::hello_retry_request: return "hello_retry_request";
    case Answer::Kind::alert: return "alert";
    case Answer::Kind::other: return "other";
    case Answer::Kind::closed: return "closed";
    case Answer::Kind::reset: return "reset";
    case Answer::Kind::silent: return "silent";
    case Answer::Kind::unreachable: return "unreachable";
  }
  return {};
}

Json answer_json(const Answer& answer) {
  Json out = {{"kind", name(answer.kind)}};
  if (answer.goes_on()) {
    out["version"] = handfast::name(answer.version);
    out["cipher_suite"] = suite_name(answer.cipher_suite);
    out["group"] = std::to_underlying(answer.group) != 0 ? Json(group_name(answer.group)) : Json(nullptr);
  }
  if (answer.kind == Answer::Kind::alert) out["alert"] = handfast::name(answer.alert);
  if (answer.kind == Answer::Kind::other) out["first_bytes"] = hex(answer.first_bytes);
  return out;
}

}  // namespace

std::string probes_text(const Probing& probing, const Style& style) {
  constexpr std::size_t indent = 12;
  std::string out;
  for (std::size_t i = 0; i < probing.probes.size(); ++i) {
    const Probe& probe = probing.probes[i];
    out += paragraph(
        style, i == 0 ? "  probes" : "",
        fmt::format("{}. {} ({} bytes): {}", i + 1, describe(probe.change), probe.bytes_sent, outcome(probe)), indent);
  }
  for (const Change change : probing.left_out)
    out += paragraph(style, "", fmt::format("not made, at the limit of time and number: {}", describe(change)), indent);
  return out;
}

Json probes_json(const Probing& probing) {
  Json out = Json::array();
  for (std::size_t i = 0; i < probing.probes.size(); ++i) {
    const Probe& probe = probing.probes[i];
    out.push_back({{"number", i + 1},
                   {"change", name(probe.change)},
                   {"bytes_sent", probe.bytes_sent},
                   {"answer", is_handshake(probe.change) ? Json(nullptr) : answer_json(probe.answer)},
                   {"certificate", probe.certificate ? certificate_json(*probe.certificate) : Json(nullptr)},
                   {"outcome", outcome(probe)}});
  }
  for (const Change change : probing.left_out)
    out.push_back({{"number", nullptr},
                   {"change", name(change)},
                   {"bytes_sent", 0},
                   {"answer", nullptr},
                   {"outcome", "not made, at the limit of time and number"}});
  return out;
}

}  // namespace handfast::doctor
