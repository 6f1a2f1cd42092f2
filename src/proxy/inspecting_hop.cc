#include "proxy/inspecting_hop.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "http/target.h"
#include "net/address.h"
#include "net/endpoint.h"
#include "proxy/request_line.h"
#include "proxy/rewrite_filter.h"
#include "proxy/target.h"

namespace handfast::proxy {
namespace {

/// Connections of our own that one client's connection remembers.
constexpr std::size_t most_own = 8;

double milliseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

std::string url_of(const Asked& asked, const std::string& target) {
  const bool is_default = asked.port == (asked.scheme == "https" ? 443 : 80);
  const http::Authority authority{asked.host, is_default ? std::nullopt : std::optional<std::uint16_t>(asked.port)};
  return fmt::format("{}://{}{}", asked.scheme, http::to_text(authority), target);
}

}  // namespace

InspectingHop::~InspectingHop() {
  if (!pool_scope_.empty()) worker_.pool().forget(pool_scope_);
}

Hop::Decision InspectingHop::request(http::RequestHead& head) {
  now_ = Now();
  // Whatever a client tells a proxy of itself is no origin's to know (RFC 9110, section 11.7.1).
  http::remove(head.fields, "Proxy-Authorization");
  if (shared_.har) {
    now_.request_body = std::make_unique<HarBody>(shared_.har_body);
    now_.response_body = std::make_unique<HarBody>(shared_.har_body);
    now_.request_fields = head.fields;
  }
  Whom who = whom(head);
  if (Decision* decision = std::get_if<Decision>(&who)) {
    if (const auto* answer = std::get_if<http::Response>(decision)) note_answer(*answer);
    return std::move(*decision);
  }
  now_.asked = std::get<Asked>(std::move(who));
  const Asked& asked = *now_.asked;
  if (shared_.har) now_.url = url_of(asked, head.target);
  now_.plan = shared_.rules.plan({asked.host, head.method, head.target, head.fields});
  if (std::optional<http::Response> answer = now_.plan.answer(head.method)) {
    note_answer(*answer);
    return *std::move(answer);
  }
  now_.rewrites_request = now_.plan.rewrites_request(head);
  now_.plan.change(head);
  if (shared_.har) now_.request_fields = head.fields;
  if (asked.pool.scope != shared_scope) pool_scope_ = asked.pool.scope;
  return Forward{net::to_text({asked.host.text(), asked.port}), asked.pool};
}

void InspectingHop::response(const http::RequestHead&, http::ResponseHead& head) {
  now_.rewrites_response = now_.plan.rewrites_response(head);
  now_.plan.change(head);
  if (!shared_.har) return;
  now_.reason = head.reason;
  now_.response_fields = head.fields;
}

std::unique_ptr<BodyFilter> InspectingHop::request_filter() {
  if (!now_.rewrites_request) return nullptr;
  return std::make_unique<RewriteFilter>(now_.plan, &RulePlan::rewrite_request, now_.request_body.get());
}

std::unique_ptr<BodyFilter> InspectingHop::response_filter() {
  if (!now_.rewrites_response) return nullptr;
  return std::make_unique<RewriteFilter>(now_.plan, &RulePlan::rewrite_response, now_.response_body.get());
}

void InspectingHop::request_content(Bytes content) {
  if (now_.request_body && !now_.rewrites_request) now_.request_body->add(content);
}

void InspectingHop::response_content(Bytes content) {
  if (now_.response_body && !now_.rewrites_response) now_.response_body->add(content);
}

InspectingHop::Whom InspectingHop::refuse(std::string reason) {
  note_problem(std::move(reason));
  return Decision(forbidden());
}

void InspectingHop::note_answer(const http::Response& answer) {
  if (!shared_.har) return;
  now_.response_fields = answer.fields;
  now_.response_body->add(as_bytes(answer.body));
}

OwnConnections::Entry& InspectingHop::own() {
  if (own_.size() == most_own) own_.pop_front();
  return own_.emplace_back();
}

void InspectingHop::note_server(const boost::asio::ip::tcp::endpoint& server) {
  if (shared_.har) server_address_ = net::to_text(server.address());
}

void InspectingHop::done(const ExchangeRecord& record) {
  ExchangeRecord told = record;
  if (!now_.problem.empty()) {
    told.error.reset();
    told.problem = now_.problem;
  }
  RequestSeen seen{"intercept", guest_.peer};
  if (now_.asked) seen.scheme = now_.asked->scheme;
  seen.rule = now_.plan.first();
  log_request(worker_.log(), seen, told);
  if (shared_.har && now_.asked) save(record);
  now_ = Now();
}

void InspectingHop::save(const ExchangeRecord& record) {
  using std::chrono::system_clock;
  HarEntry entry;
  const auto ago = std::chrono::steady_clock::now() - record.began;
  entry.started =
      std::chrono::duration_cast<std::chrono::milliseconds>((system_clock::now() - ago).time_since_epoch()).count();
  const double total = milliseconds(record.duration);
  double wait = milliseconds(record.until_answer);
  if (record.until_answer.count() == 0) wait = total;
  if (now_.times) {
    entry.timings.ssl = now_.times->tls.count() > 0 ? milliseconds(now_.times->tls) : -1;
    entry.timings.connect = milliseconds(now_.times->connect + now_.times->tls);
  }
  entry.timings.wait = wait;
  entry.timings.receive = std::max(total - wait, 0.0);
  entry.method = record.method;
  entry.url = now_.url;
  entry.http_version = fmt::format("HTTP/1.{}", record.minor_version);
  entry.request_fields = std::move(now_.request_fields);
  entry.request_body = now_.request_body.get();
  entry.status = record.status;
  entry.reason = std::move(now_.reason);
  entry.response_fields = std::move(now_.response_fields);
  entry.response_body = now_.response_body.get();
  if (!record.answered_here) entry.server_address = server_address_;
  entry.connection = guest_.id;
  entry.comment = comment();
  if (const std::optional<std::string> problem = shared_.har->append(entry, shared_.har_size)) {
    LogLine line = worker_.log().line("har");
    line.add("file", shared_.har->path()).add("error", "an entry can't be written, and is lost: " + *problem);
    worker_.log().write(std::move(line));
  }
}

}  // namespace handfast::proxy
