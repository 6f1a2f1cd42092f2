// RuleSet and RulePlan: which rules fit a request, and what they do.
#include "proxy/rules.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "http/framing.h"
#include "http/grammar.h"
#include "http/static_files.h"
#include "proxy/patterns.h"
#include "x509/ascii.h"
#include "x509/files.h"

namespace handfast::proxy {
namespace {

bool is_identity(const http::Fields& fields) noexcept {
  return std::ranges::all_of(fields, [](const http::Field& field) {
    return !http::same_name(field.name, "content-encoding") ||
           x509::equal_without_case(http::trim(field.value), "identity");
  });
}

/// Whether its length, where it says one, is one that may be held.
bool is_short(const http::Fields& fields) noexcept {
  const std::string_view length = http::value_of(fields, "content-length");
  if (length.empty()) return true;
  const std::optional<std::uint64_t> bytes = http::parse_digits(http::trim(length));
  return bytes && *bytes <= max_rule_body;
}

/// As it was, where it would become too long.
std::string replaced(std::string body, const Replacement& replacement) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t next; (next = body.find(replacement.from, at)) != std::string::npos;) {
    out.append(body, at, next - at).append(replacement.to);
    at = next + replacement.from.size();
    if (out.size() > max_rewritten_body) return body;
  }
  if (at == 0) return body;
  return out.append(body, at);
}

http::Response file_response(const std::filesystem::path& path, std::string_view method) {
  if (method != "GET" && method != "HEAD") {
    http::Response refused = http::text_response(405, "A rule of the proxy has a file here, which is only to be read.");
    refused.fields.push_back({"Allow", "GET, HEAD"});
    return refused;
  }
  Result<Buffer> content = x509::read_file(path, max_rule_body);
  if (!content) return http::text_response(502, "A rule of the proxy has a file here that can't be read.");
  http::Response response;
  response.fields.push_back({"Content-Type", http::media_type(path)});
  response.fields.push_back({"Cache-Control", "no-store"});
  response.body = std::string(as_text(*content));
  return response;
}

bool fits(const Rule& rule, const RuleSet::Request& request, std::string_view normalized) {
  if (rule.hosts && !rule.hosts->contains(request.host)) return false;
  if (!rule.methods.empty() && std::ranges::find(rule.methods, request.method) == rule.methods.end()) return false;
  const std::string_view as_sent = request.path.substr(0, request.path.find('?'));
  // Whoever writes a path in another way does not get around the rule.
  if (!rule.path.empty() && !matches_glob(rule.path, as_sent) && !matches_glob(rule.path, normalized)) return false;
  if (!rule.header) return true;
  return std::ranges::any_of(request.fields, [&](const http::Field& field) {
    return http::same_name(field.name, rule.header->name) &&
           (!rule.header->value || matches_glob(*rule.header->value, field.value));
  });
}

}  // namespace

std::optional<http::Response> RulePlan::answer(std::string_view method) const {
  if (answer_ == nullptr) return std::nullopt;
  if (answer_->block) return http::text_response(*answer_->block, "A rule of the proxy has blocked this.");
  if (!answer_->file.empty()) return file_response(answer_->file, method);
  http::Response response = http::text_response(302, "A rule of the proxy leads elsewhere.");
  response.fields.push_back({"Location", answer_->redirect});
  return response;
}

bool RulePlan::wants_response_body() const noexcept {
  return std::ranges::any_of(changes_, [](const RuleChanges* changes) { return !changes->in_response.empty(); });
}

void RulePlan::change(http::RequestHead& head) const {
  for (const RuleChanges* changes : changes_)
    for (const RuleHeader& header : changes->request) {
      if (header.value)
        http::set(head.fields, header.name, *header.value);
      else
        http::remove(head.fields, header.name);
    }
  if (!wants_response_body()) return;
  http::set(head.fields, "Accept-Encoding", "identity");
  http::remove(head.fields, "Range");
  http::remove(head.fields, "If-Range");
}

void RulePlan::change(http::ResponseHead& head) const {
  if (rewrites_response(head))
    for (const char* name : {"ETag", "Accept-Ranges", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest"})
      http::remove(head.fields, name);
  for (const RuleChanges* changes : changes_)
    for (const RuleHeader& header : changes->response) {
      if (header.value)
        http::set(head.fields, header.name, *header.value);
      else
        http::remove(head.fields, header.name);
    }
}

bool RulePlan::rewrites_request(const http::RequestHead& head) const {
  return is_short(head.fields) && is_identity(head.fields) &&
         std::ranges::any_of(changes_, [](const RuleChanges* changes) { return !changes->in_request.empty(); });
}

bool RulePlan::rewrites_response(const http::ResponseHead& head) const {
  // Of a part (206) nobody knows what was cut off before it.
  return wants_response_body() && head.status != 206 && is_short(head.fields) && is_identity(head.fields);
}

std::string RulePlan::rewrite_request(std::string_view body) const {
  std::string out(body);
  for (const RuleChanges* changes : changes_)
    for (const Replacement& replacement : changes->in_request) out = replaced(std::move(out), replacement);
  return out;
}

std::string RulePlan::rewrite_response(std::string_view body) const {
  std::string out(body);
  for (const RuleChanges* changes : changes_)
    for (const Replacement& replacement : changes->in_response) out = replaced(std::move(out), replacement);
  return out;
}

Result<RuleSet> RuleSet::make(std::span<const RuleOptions> options) {
  RuleSet set;
  if (options.size() > max_rules)
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "rules")
                    .with("problem", "too many rules")
                    .with("value", std::to_string(options.size()))
                    .with("remedy", fmt::format("There may be {}.", max_rules)));
  for (std::size_t i = 0; i < options.size(); ++i) {
    Result<Rule> rule = read_rule(options[i], i + 1);
    if (!rule) return fail(std::move(rule.error()));
    set.rules_.push_back(*std::move(rule));
  }
  return set;
}

RulePlan RuleSet::plan(const Request& request) const {
  RulePlan plan;
  if (rules_.empty()) return plan;
  const std::string normalized = normalized_path(request.path.substr(0, request.path.find('?')));
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const Rule& rule = rules_[i];
    if (!fits(rule, request, normalized)) continue;
    if (plan.first_ == 0) plan.first_ = i + 1;
    if (rule.answer) {
      plan.answer_ = &*rule.answer;
      break;
    }
    plan.changes_.push_back(&rule.changes);
  }
  return plan;
}

bool RuleSet::blocks(const x509::ServerName& host) const noexcept {
  for (const Rule& rule : rules_) {
    if (!rule.answer || (rule.hosts && !rule.hosts->contains(host))) continue;
    const bool is_all = (rule.path.empty() || rule.path == "*") && rule.methods.empty() && !rule.header;
    // Some of its requests are answered otherwise.
    if (!rule.answer->block) return false;
    if (is_all) return true;
  }
  return false;
}

}  // namespace handfast::proxy
