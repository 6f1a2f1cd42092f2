#include "doctor/lab/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

#include "doctor/json.h"

namespace handfast::doctor::lab {
namespace {

using Json = nlohmann::ordered_json;

/// The longest name has 34 columns.
constexpr std::size_t indent = 36;

Json expectation_json(const Expectation& expected) {
  Json out = {{"code", word(expected.code)}, {"exit_code", std::to_underlying(expected.exit_code)}};
  if (const std::string_view code = reference(expected.code); !code.empty()) out["reference"] = code;
  if (expected.fault != Fault::unknown) out["fault"] = name(expected.fault);
  if (!expected.cure.empty()) out["cure"] = expected.cure;
  if (expected.besides) out["besides"] = name(*expected.besides);
  return out;
}

Json scenario_json(const Scenario& scenario) {
  Json out = {{"name", scenario.name},
              {"summary", scenario.summary},
              {"good", scenario.is_good()},
              {"needs_arguments", scenario.needs_arguments}};
  out["expected"] = expectation_json(scenario.expected);
  return out;
}

Json place_json(const Place& place) {
  Json out = scenario_json(*place.scenario);
  out["host"] = place.host;
  out["port"] = place.port;
  return out;
}

std::string typed_command(const Lab& lab, const Place& place) {
  std::string out = "handfast connect";
  for (const std::string& argument : lab.connect_arguments(place))
    out += ' ' + (argument.starts_with("--") ? argument : shell_word(argument));
  return out;
}

std::string status_text(const std::optional<int>& status) {
  return status ? fmt::format("{}", *status) : std::string("time-out");
}

Json status_json(const std::optional<int>& status) { return status ? Json(*status) : Json(nullptr); }

}  // namespace

std::string list_text(const std::vector<const Scenario*>& scenarios, const Style& style) {
  std::string out;
  for (const Scenario* scenario : scenarios)
    out += paragraph(style, std::string(scenario->name),
                     fmt::format("{} ({})", scenario->summary, word(scenario->expected.code)), indent);
  return out;
}

std::string list_json(const std::vector<const Scenario*>& scenarios) {
  Json list = Json::array();
  for (const Scenario* scenario : scenarios) list.push_back(scenario_json(*scenario));
  return dump({{"schema", "handfast/lab-list/1"}, {"scenarios", std::move(list)}});
}

std::string up_text(const Lab& lab, const Style& style) {
  std::string out = fmt::format("The authority that all of it leads to, for clients to trust: {}\n\n", lab.ca());
  for (const Place& place : lab.places()) {
    out += style.paint(Paint::bold, fmt::format("{}:{}", place.host, place.port)) + '\n';
    out += paragraph(style, "  it is", std::string(place.scenario->summary), 11);
    // Not wrapped, so that it can be copied.
    out += fmt::format("  type     {}\n", typed_command(lab, place));
  }
  return out + "\nCtrl-C ends it.\n";
}

std::string up_json(const Lab& lab) {
  Json list = Json::array();
  for (const Place& place : lab.places()) {
    Json one = place_json(place);
    one["arguments"] = lab.connect_arguments(place);
    list.push_back(std::move(one));
  }
  return dump({{"schema", "handfast/lab-up/1"}, {"ca", lab.ca()}, {"scenarios", std::move(list)}});
}

std::string trial_text(const std::vector<Trial>& trials, const Style& style) {
  std::string out;
  std::size_t failed = 0;
  for (const Trial& trial : trials) {
    const bool good = trial.complaints.empty();
    if (!good) ++failed;
    const std::string mark = style.paint(good ? Paint::green : Paint::red, good ? style.passed() : style.failed());
    out += mark + ' ' +
           paragraph(style, std::string(trial.place->scenario->name),
                     fmt::format("{} (exit code {})", trial.said.code, status_text(trial.said.exit_status)), indent);
    for (const std::string& complaint : trial.complaints) out += paragraph(style, "", complaint, 4);
    if (!good && !trial.said.summary.empty()) out += paragraph(style, "", "it said: " + trial.said.summary, 4);
  }
  return out + fmt::format("{} as they should be, {} not\n", trials.size() - failed, failed);
}

std::string trial_json(const std::vector<Trial>& trials) {
  Json list = Json::array();
  for (const Trial& trial : trials) {
    Json one = place_json(*trial.place);
    one["said"] = {{"exit_status", status_json(trial.said.exit_status)},
                   {"code", trial.said.code},
                   {"reference", trial.said.reference},
                   {"fault", trial.said.fault},
                   {"summary", trial.said.summary},
                   {"advice", trial.said.advice},
                   {"others", trial.said.others}};
    one["complaints"] = trial.complaints;
    list.push_back(std::move(one));
  }
  const auto passed = std::ranges::count_if(trials, [](const Trial& trial) { return trial.complaints.empty(); });
  return dump({{"schema", "handfast/lab-test/1"},
               {"passed", passed},
               {"failed", std::ssize(trials) - passed},
               {"scenarios", std::move(list)}});
}

std::string tool_text(const std::vector<ToolTrial>& trials, const Style& style) {
  std::string out;
  for (const ToolTrial& trial : trials) {
    const Scenario& scenario = *trial.place->scenario;
    out += style.paint(Paint::bold, std::string(scenario.name)) + '\n';
    out += paragraph(style, "  true",
                     fmt::format("{}{}", scenario.summary,
                                 scenario.needs_arguments ? " (only a client that is called so meets it)" : ""),
                     12);
    out += paragraph(style, "  it said", trial.line.empty() ? "nothing" : trial.line, 12);
    out += paragraph(style, "  status", status_text(trial.exit_status), 12);
  }
  return out;
}

std::string tool_json(const std::vector<std::string>& command, const std::vector<ToolTrial>& trials) {
  Json list = Json::array();
  for (const ToolTrial& trial : trials) {
    Json one = place_json(*trial.place);
    one["said"] = {{"exit_status", status_json(trial.exit_status)}, {"line", trial.line}};
    list.push_back(std::move(one));
  }
  return dump({{"schema", "handfast/lab-tool/1"}, {"command", command}, {"scenarios", std::move(list)}});
}

}  // namespace handfast::doctor::lab
