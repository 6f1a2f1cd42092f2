#include "doctor/lab/trial.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include "base/contains.h"
#include "doctor/lab/tools.h"
#include "doctor/process.h"
#include "doctor/style.h"

namespace handfast::doctor::lab {
namespace {

/// The program that runs this code: what is tried is the one that people run.
constexpr const char* own_program = "/proc/self/exe";
/// Under sanitizers, on a busy machine.
constexpr std::chrono::seconds own_patience{60};

/// Calls `work` with each number below `count`, from at most `jobs` threads.
void for_each_at_once(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min<std::size_t>(jobs, count); ++i)
    threads.emplace_back([&] {
      for (std::size_t at = next++; at < count; at = next++) work(at);
    });
}

/// A text of a JSON object; empty where there is none of that name.
std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Said read_report(const std::string& output) {
  Said said;
  // Before it there may be what a sanitizer has to say.
  const std::size_t start = output.find('{');
  const auto report = nlohmann::json::parse(start == std::string::npos ? "" : output.substr(start), nullptr, false);
  if (!report.is_object() || !report.contains("verdict")) {
    said.summary = "no report: " + printable(output, 200);
    return said;
  }
  const nlohmann::json& verdict = report["verdict"];
  said.code = text_of(verdict, "code");
  said.reference = text_of(verdict, "reference");
  said.fault = text_of(verdict, "fault");
  said.summary = text_of(verdict, "summary");
  for (const auto& advice : verdict.value("advice", nlohmann::json::array()))
    if (advice.is_string()) said.advice.push_back(advice.get<std::string>());
  for (const auto& other : verdict.value("others", nlohmann::json::array()))
    said.others.push_back(text_of(other, "code"));
  return said;
}

Said connect(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {own_program, "connect", "--json"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto child = Child::start(command);
  if (!child) return {};
  const std::optional<int> status = child->wait(own_patience);
  Said said = read_report(child->output());
  said.exit_status = status;
  return said;
}

}  // namespace

std::vector<std::string> complaints(const Expectation& expected, const Said& said) {
  std::vector<std::string> out;
  const auto expect = [&out](std::string_view what, const std::string& wanted, const std::string& found) {
    if (wanted != found)
      out.push_back(fmt::format("{}: {} instead of {}", what, found.empty() ? "none" : found, wanted));
  };
  expect("code", word(expected.code), said.code);
  if (!said.reference.empty()) expect("short code", std::string(reference(expected.code)), said.reference);
  expect("exit status", std::to_string(std::to_underlying(expected.exit_code)),
         said.exit_status ? std::to_string(*said.exit_status) : "");
  if (expected.fault != Fault::unknown) expect("fault", std::string(name(expected.fault)), said.fault);
  const bool cured = expected.cure.empty() || std::ranges::any_of(said.advice, [&](const std::string& advice) {
                       return advice.find(expected.cure) != std::string::npos;
                     });
  if (!cured) out.push_back(fmt::format("cure: nothing of \"{}\"", expected.cure));
  if (expected.besides && !base::contains(said.others, name(*expected.besides)))
    out.push_back(fmt::format("besides: nothing of {}", name(*expected.besides)));
  return out;
}

std::vector<Trial> try_connect(const Lab& lab, unsigned jobs) {
  std::vector<Trial> out(lab.places().size());
  for_each_at_once(out.size(), jobs, [&](std::size_t at) {
    const Place& place = lab.places()[at];
    Said said = connect(lab.connect_arguments(place));
    std::vector<std::string> wrong = complaints(place.scenario->expected, said);
    out[at] = {&place, std::move(said), std::move(wrong)};
  });
  return out;
}

std::vector<ToolTrial> try_tool(const Lab& lab, const std::vector<std::string>& command, unsigned jobs) {
  std::vector<ToolTrial> out(lab.places().size());
  for_each_at_once(out.size(), jobs, [&](std::size_t at) {
    const Place& place = lab.places()[at];
    ToolTrial& trial = out[at];
    trial.place = &place;
    auto child = Child::start(command_at(lab, place, command));
    if (!child) {
      trial.line = "it can't be started";
      return;
    }
    trial.exit_status = child->wait(patience_for(command.front()));
    trial.line = telling_line(command.front(), child->output());
  });
  return out;
}

}  // namespace handfast::doctor::lab
