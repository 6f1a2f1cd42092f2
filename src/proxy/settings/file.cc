// Reads handfast.toml as a whole, and loads it.
#include "proxy/settings/file.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "doctor/style.h"
#include "doctor/verdict.h"
#include "proxy/settings/ways.h"

namespace handfast::proxy::settings {
namespace {

struct Kind {
  std::string_view key;
  Way (*read)(Table table, const Surroundings& around);
};
constexpr Kind kinds[] = {
    {"reverse", read_reverse},     {"passthrough", read_passthrough}, {"forward", read_forward},
    {"intercept", read_intercept}, {"tunnel", read_tunnel},
};

void read_run(Table& table, const Surroundings& around, RunOptions& run) {
  if (const auto workers = table.number("workers", 0, 1024)) run.workers = static_cast<std::size_t>(*workers);
  table.text("log", run.log);
  run.log = around.resolve(run.log);
  if (table.word("log_format", {"text", "json"}) == std::size_t{1}) run.log_format = LogFormat::json;
  table.seconds("drain_timeout", run.drain_timeout);
}

/// Two sockets at one address would share its connections out between them.
void find_doubles(std::vector<Way>& ways) {
  std::map<std::string, Way*> seen;
  for (Way& way : ways) {
    if (way.address.port == 0) continue;
    const auto [first, fresh] = seen.emplace(net::to_text(way.address), &way);
    if (!fresh)
      way.tables.front().error(way.tables.front().position(""), fmt::format("{} is listened at twice.", first->first),
                               fmt::format("Give one of the two another address; the other is in line {}.",
                                           first->second->tables.front().position("").line));
  }
}

/// The key that an Error is about: it may be called as an option of TLS is.
std::string key_of(const Error& error) {
  const auto* option = error.find("option");
  if (option == nullptr) return {};
  std::string key = handfast::to_text(*option);
  key.erase(0, key.find_first_not_of('-'));
  std::ranges::replace(key, '-', '_');
  if (key == "min_version" || key == "max_version") return "tls";
  if (key == "cipher_suites") return "suites";
  if (key == "application_protocols") return "alpn";
  return key;
}

/// Where a key stands that an Error of a listener is about.
Position place(const Way& way, const Error& error, const std::string& key) {
  const Table* table = &way.tables.front();
  const auto* number = error.find("table");
  const std::int64_t* which = number != nullptr ? std::get_if<std::int64_t>(number) : nullptr;
  if (which != nullptr && *which > 0 && static_cast<std::size_t>(*which) < way.tables.size())
    table = &way.tables[static_cast<std::size_t>(*which)];
  if (const auto* path = error.find("path"))
    for (const Table& each : way.tables)
      if (const auto position = each.position_of_path(handfast::to_text(*path))) return *position;
  for (const Table& each : way.tables)
    if (which == nullptr && each.has(key)) return each.position(key);
  return table->position(key);
}

/// What kept a service from being made, at the key that it is about.
Finding found(const Way& way, const Error& error) {
  const std::string key = key_of(error);
  Finding finding;
  finding.position = place(way, error, key);
  const doctor::Verdict verdict = doctor::judge_config(error);
  finding.code = verdict.reference;
  finding.cure = fmt::format("{}", fmt::join(verdict.advice, " "));
  const auto* problem = error.find("problem");
  finding.problem = error.reason() == Reason::bad_config && problem != nullptr && !key.empty()
                        ? fmt::format("{}: {}.", key, doctor::printable_utf8(handfast::to_text(*problem)))
                        : verdict.summary;
  if (!verdict.found.empty()) finding.problem += fmt::format(" It is: {}.", verdict.found);
  if (finding.cure.empty() && !verdict.expected.empty()) finding.cure = fmt::format("Expected: {}.", verdict.expected);
  return finding;
}

}  // namespace

Settings read(const std::string& path, Findings& findings) {
  Settings settings;
  settings.files.emplace_back(path);
  std::optional<Table> table = Table::open(path, findings);
  if (!table) return settings;
  Surroundings around{.folder = std::filesystem::path(path).parent_path(), .limits = {}};
  read_run(*table, around, settings.run);
  read_limits(*table, around.limits);
  for (const Kind& kind : kinds)
    for (Table& each : table->tables(kind.key)) settings.ways.push_back(kind.read(std::move(each), around));
  table->finish();
  std::ranges::stable_sort(settings.ways, {}, [](const Way& way) { return way.tables.front().position("").line; });
  if (settings.ways.empty() && !refuse(findings))
    table->error({}, "It says nothing of where to listen.", "Add a table such as [[reverse]], with from and to.");
  find_doubles(settings.ways);
  for (const Way& way : settings.ways) settings.files.insert(settings.files.end(), way.files.begin(), way.files.end());
  return settings;
}

Listeners load(const Settings& settings, Lasting& lasting, Findings& findings) {
  Listeners listeners;
  for (const Way& way : settings.ways) {
    Result<std::shared_ptr<const Service>> service = way.make(lasting);
    if (service)
      listeners.push_back({way.address, *std::move(service)});
    else
      findings.push_back(found(way, service.error()));
  }
  return listeners;
}

void check(const Settings& settings, Findings& findings) {
  Lasting lasting;
  for (const Way& way : settings.ways) {
    Result<> good;
    if (way.check)
      good = way.check();
    else if (auto service = way.make(lasting); !service)
      good = fail(std::move(service.error()));
    if (!good) findings.push_back(found(way, good.error()));
  }
}

Make make_from(std::string path) {
  return [path = std::move(path)](Lasting& lasting, Files& files) -> Result<Listeners> {
    Findings findings;
    Settings settings = read(path, findings);
    files = settings.files;
    Listeners listeners;
    if (!refuse(findings)) listeners = load(settings, lasting, findings);
    if (!refuse(findings)) return listeners;
    sort(findings);
    const auto error = std::ranges::find(findings, Finding::Kind::error, &Finding::kind);
    const auto others = std::ranges::count(findings, Finding::Kind::error, &Finding::kind) - 1;
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", path)
                    .with("problem", fmt::format("line {}: {}{}", error->position.line, error->problem,
                                                 others > 0 ? fmt::format(" And {} more.", others) : ""))
                    .with("remedy", error->cure + fmt::format(" All of them: handfast check {}", path)));
  };
}

}  // namespace handfast::proxy::settings
