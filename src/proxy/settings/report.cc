// Findings as text and as JSON.
#include "proxy/settings/report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "doctor/json.h"

namespace handfast::proxy::settings {
namespace {

using doctor::Paint;
using Json = nlohmann::ordered_json;

std::string place(const std::string& path, Position position) {
  if (position.line == 0) return path;
  return fmt::format("{}:{}:{}", path, position.line, position.column);
}

std::size_t count(const Findings& findings, Finding::Kind kind) {
  return static_cast<std::size_t>(std::ranges::count(findings, kind, &Finding::kind));
}

std::string summary(const std::string& path, const Settings& settings, const Findings& findings,
                    const doctor::Style& style) {
  const std::size_t errors = count(findings, Finding::Kind::error);
  const std::size_t weaknesses = count(findings, Finding::Kind::weakness);
  const std::string beside =
      weaknesses == 0 ? ""
                      : fmt::format(", {}", weaknesses == 1 ? "1 weakness" : fmt::format("{} weaknesses", weaknesses));
  if (errors > 0)
    return fmt::format("{} {} is refused: {}{}.\n", style.paint(Paint::red, style.failed()), path,
                       doctor::counted(errors, "error"), beside);
  return fmt::format("{} {} can be run: {}{}.\n", style.paint(Paint::green, style.passed()), path,
                     doctor::counted(settings.ways.size(), "listener"), beside);
}

}  // namespace

std::string report_text(const std::string& path, const Settings& settings, const Findings& findings,
                        const doctor::Style& style) {
  std::string out;
  for (const Finding& each : findings) {
    const bool error = each.kind == Finding::Kind::error;
    out += fmt::format("{}: {}{}\n", style.paint(Paint::bold, place(path, each.position)),
                       error ? style.paint(Paint::red, "error") : style.paint(Paint::yellow, "weakness"),
                       each.code.empty() ? "" : fmt::format(" [{}]", each.code));
    for (const std::string& text : {each.problem, each.cure})
      for (const std::string& line : doctor::wrap(text, style.width - 4)) out += fmt::format("    {}\n", line);
  }
  if (!out.empty()) out += '\n';
  return out + summary(path, settings, findings, style);
}

std::string report_json(const std::string& path, const Settings& settings, const Findings& findings) {
  Json all = Json::array();
  for (const Finding& each : findings) {
    Json one = {{"kind", each.kind == Finding::Kind::error ? "error" : "weakness"}};
    one["line"] = each.position.line == 0 ? Json(nullptr) : Json(each.position.line);
    one["column"] = each.position.line == 0 ? Json(nullptr) : Json(each.position.column);
    one["problem"] = each.problem;
    one["cure"] = each.cure.empty() ? Json(nullptr) : Json(each.cure);
    one["code"] = each.code.empty() ? Json(nullptr) : Json(each.code);
    all.push_back(std::move(one));
  }
  Json listeners = Json::array();
  for (const Way& way : settings.ways)
    listeners.push_back({{"kind", way.kind}, {"address", net::to_text(way.address)}});
  return doctor::dump({{"schema", "handfast/check/1"},
                       {"file", path},
                       {"good", !refuse(findings)},
                       {"listeners", std::move(listeners)},
                       {"findings", std::move(all)}});
}

}  // namespace handfast::proxy::settings
