// Rules as a configuration says them: read, and refused where they can't be meant.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "http/grammar.h"
#include "proxy/patterns.h"
#include "proxy/rules.h"
#include "x509/files.h"

namespace handfast::proxy {
namespace {

/// Which rule, for what is refused of it.
class Refuser {
 public:
  explicit Refuser(std::size_t number) noexcept : number_(number) {}
  std::string option(std::string_view key) const { return fmt::format("rule {}, {}", number_, key); }
  Error refused(std::string_view key, std::string problem, std::string value, std::string remedy) const {
    return Error(Alert::internal_error, Reason::bad_config)
        .with("option", option(key))
        .with("problem", std::move(problem))
        .with("value", std::move(value))
        .with("remedy", std::move(remedy));
  }

 private:
  std::size_t number_;
};

/// What frames a message, concerns the connection alone, or says whom it is for: a rule that changed it would have the
/// origin read another request than the one that was looked at.
bool is_structural(std::string_view name) noexcept {
  static constexpr std::string_view names[] = {
      "connection", "content-length",    "host",    "keep-alive", "proxy-connection",   "te",
      "trailer",    "transfer-encoding", "upgrade", "expect",     "proxy-authorization"};
  return std::ranges::any_of(names, [&](std::string_view one) { return http::same_name(one, name); });
}

/// "Name", "Name: value".
std::optional<RuleHeader> parse_line(std::string_view text) {
  const std::size_t colon = text.find(':');
  RuleHeader line{std::string(http::trim(text.substr(0, colon))), std::nullopt};
  if (colon != std::string_view::npos) line.value = std::string(http::trim(text.substr(colon + 1)));
  if (!http::is_token(line.name) || (line.value && !http::is_field_value(*line.value))) return std::nullopt;
  return line;
}

Result<RuleHeader> read_header(const Refuser& refuser, std::string_view key, const std::string& text) {
  std::optional<RuleHeader> line = parse_line(text);
  const bool sets = key.starts_with("set_");
  if (!line || line->value.has_value() != sets)
    return fail(
        refuser.refused(key, "it is no header", text, sets ? "Write \"Name: value\"." : "Write its name alone."));
  if (is_structural(line->name))
    return fail(refuser.refused(key, "this header says where the message ends or whom it is for", text,
                                "Leave it to the proxy."));
  return *std::move(line);
}

bool is_url(std::string_view text) noexcept {
  const bool is_absolute = text.starts_with("http://") || text.starts_with("https://");
  const std::string_view rest = is_absolute ? text.substr(text.find("//") + 2) : text;
  const auto is_fit = [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\'; };
  return !rest.empty() && std::ranges::all_of(text, is_fit) &&
         (is_absolute ? rest.front() != '/' : text.front() == '/' && !text.starts_with("//"));
}

/// For which requests it is.
Result<void> read_match(const Refuser& refuser, const RuleOptions& options, Rule& rule) {
  if (!options.hosts.empty()) {
    Result<x509::NameSet> hosts = parse_hosts(refuser.option("hosts"), options.hosts);
    if (!hosts) return fail(std::move(hosts.error()));
    rule.hosts = *std::move(hosts);
  }
  if (!options.path.empty() && !options.path.starts_with('/') && !options.path.starts_with('*'))
    return fail(refuser.refused("path", "it begins with neither \"/\" nor \"*\"", options.path, "Write \"/api/*\"."));
  if (options.path.find('?') != std::string::npos)
    return fail(refuser.refused("path", "the query does not belong to it", options.path,
                                "Leave out the \"?\" and what follows."));
  rule.path = options.path;
  for (const std::string& method : options.methods)
    if (!http::is_token(method)) return fail(refuser.refused("methods", "it is no method", method, "Write \"GET\"."));
  rule.methods = options.methods;
  if (options.header.empty()) return {};
  rule.header = parse_line(options.header);
  if (rule.header) return {};
  return fail(refuser.refused("header", "it is no header", options.header, "Write \"Name\" or \"Name: value\"."));
}

Result<void> check_file(const Refuser& refuser, const std::string& path) {
  std::error_code error;
  const Result<Buffer> content = x509::read_file(path, max_rule_body);
  if (content && std::filesystem::is_regular_file(path, error)) return {};
  const Fact::Value* why = content ? nullptr : content.error().find("error");
  return fail(refuser.refused("map_file", why ? handfast::to_text(*why) : "it is no plain file", path,
                              "Name a file that can be read."));
}

/// What it answers in the origin's place.
Result<void> read_answer(const Refuser& refuser, const RuleOptions& options, Rule& rule) {
  const int ways = (options.block ? 1 : 0) + (options.redirect.empty() ? 0 : 1) + (options.map_file.empty() ? 0 : 1);
  if (ways == 0) return {};
  if (ways > 1)
    return fail(
        refuser.refused("block", "it answers in more than one way", "", "Keep one of block, redirect and map_file."));
  if (options.block && (*options.block < 400 || *options.block > 599))
    return fail(refuser.refused("block", "it is no status that refuses", std::to_string(*options.block),
                                "Write one of 400 to 599."));
  if (!options.redirect.empty() && !is_url(options.redirect))
    return fail(refuser.refused("redirect", "it is neither a URL of http or https nor a path", options.redirect,
                                "Write \"https://example.com/\", or \"/elsewhere\"."));
  if (!options.map_file.empty())
    if (Result<void> checked = check_file(refuser, options.map_file); !checked) return checked;
  rule.answer = RuleAnswer{options.block, options.redirect, options.map_file};
  return {};
}

Result<void> read_headers(const Refuser& refuser, std::string_view key, const std::vector<std::string>& texts,
                          std::vector<RuleHeader>& out) {
  for (const std::string& text : texts) {
    Result<RuleHeader> line = read_header(refuser, key, text);
    if (!line) return fail(std::move(line.error()));
    out.push_back(*std::move(line));
  }
  return {};
}

Result<void> read_replacements(const Refuser& refuser, std::string_view key, const std::vector<Replacement>& list,
                               std::vector<Replacement>& out) {
  if (std::ranges::any_of(list, [](const Replacement& replacement) { return replacement.from.empty(); }))
    return fail(refuser.refused(key, "there is nothing to be replaced", "", "Say what is to be replaced."));
  out = list;
  return {};
}

Result<void> read_changes(const Refuser& refuser, const RuleOptions& o, RuleChanges& out) {
  if (auto done = read_headers(refuser, "set_request_header", o.set_request_header, out.request); !done) return done;
  if (auto done = read_headers(refuser, "remove_request_header", o.remove_request_header, out.request); !done)
    return done;
  if (auto done = read_headers(refuser, "set_response_header", o.set_response_header, out.response); !done) return done;
  if (auto done = read_headers(refuser, "remove_response_header", o.remove_response_header, out.response); !done)
    return done;
  if (auto done = read_replacements(refuser, "replace_in_request", o.replace_in_request, out.in_request); !done)
    return done;
  return read_replacements(refuser, "replace_in_response", o.replace_in_response, out.in_response);
}

}  // namespace

Result<Rule> read_rule(const RuleOptions& options, std::size_t number) {
  const Refuser refuser(number);
  Rule rule;
  if (auto done = read_match(refuser, options, rule); !done) return fail(std::move(done.error()));
  if (auto done = read_answer(refuser, options, rule); !done) return fail(std::move(done.error()));
  if (auto done = read_changes(refuser, options, rule.changes); !done) return fail(std::move(done.error()));
  const RuleChanges& changes = rule.changes;
  const bool changes_nothing =
      changes.request.empty() && changes.response.empty() && changes.in_request.empty() && changes.in_response.empty();
  if (!rule.answer && changes_nothing)
    return fail(refuser.refused("block", "the rule does nothing", "", "Say what it is to do, or remove it."));
  if (rule.answer && !changes_nothing)
    return fail(refuser.refused("block", "what is answered here is not changed as well", "", "Make two rules of it."));
  return rule;
}

}  // namespace handfast::proxy
