// What is done with requests that were decrypted: rules on whom they are for and what they say.
//
// A rule says what it is for (host, path, method, a header: all of those that are given have to fit) and what it does.
// Rules are looked at in their order, each against the request as it came from the client; every one that fits does
// what it says, until one answers in the origin's place (block, redirect, map to file): that one's answer is given as
// it is, and what stands behind it is not looked at.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/error.h>
#include <handfast/http_server.h>

#include "http/fields.h"
#include "http/head.h"
#include "x509/name_set.h"
#include "x509/server_name.h"

namespace handfast::proxy {

/// A text for a text, everywhere in a body.
struct Replacement {
  std::string from;
  std::string to;
};

/// As a configuration says it. What is left empty is not asked for, or not done.
struct RuleOptions {
  // For which requests.
  std::vector<std::string> hosts{};    ///< "example.com", "*.example.com" (at any depth), addresses and blocks of them
  std::string path{};                  ///< "/api/*": "*" is any characters; the query does not belong to it
  std::vector<std::string> methods{};  ///< "GET"
  std::string header{};                ///< "Name", or "Name: value", where "*" is any characters
  // In the origin's place, at most one of:
  std::optional<unsigned> block{};  ///< a status, 400 to 599
  std::string redirect{};           ///< an absolute URL, or one that begins with "/"; with status 302
  std::string map_file{};           ///< a file, answered to GET and HEAD
  // Changes.
  std::vector<std::string> set_request_header{};  ///< "Name: value", in the place of all of that name
  std::vector<std::string> remove_request_header{};
  std::vector<std::string> set_response_header{};
  std::vector<std::string> remove_response_header{};
  std::vector<Replacement> replace_in_request{};
  std::vector<Replacement> replace_in_response{};
};

/// "Name: value", to be set; without a value: to be removed, or to be there at all.
struct RuleHeader {
  std::string name;
  std::optional<std::string> value;
};
struct RuleAnswer {
  std::optional<unsigned> block;
  std::string redirect;
  std::filesystem::path file;
};
struct RuleChanges {
  std::vector<RuleHeader> request;
  std::vector<RuleHeader> response;
  std::vector<Replacement> in_request;
  std::vector<Replacement> in_response;
};
/// A rule that was read.
struct Rule {
  std::optional<x509::NameSet> hosts;
  std::string path;
  std::vector<std::string> methods;
  std::optional<RuleHeader> header;
  std::optional<RuleAnswer> answer;
  RuleChanges changes;
};
/// Bodies that are rewritten, and files that are mapped: longer ones pass as they are, or are refused.
inline constexpr std::size_t max_rule_body = std::size_t{4} << 20;
/// What a body may become: a replacement that would make it longer is not made.
inline constexpr std::size_t max_rewritten_body = 4 * max_rule_body;
inline constexpr std::size_t max_rules = 1000;

/// Fails with bad_config, evidence `option` ("rule 2, path"; `number` counts from 1), `problem`, `value`, `remedy`: a
/// rule that does nothing, answers in two ways, or changes a header that frames a message or says whom it is for; a
/// pattern, header, status or URL that is none; a file that can't be read.
Result<Rule> read_rule(const RuleOptions& options, std::size_t number);

/// What the rules make of one request. Refers to the rules, and is no longer used than they are.
class RulePlan {
 public:
  /// Answers in the origin's place; nothing: it is asked.
  std::optional<http::Response> answer(std::string_view method) const;

  /// To the head that goes to the origin. Where a response may be rewritten, it is asked for whole and as it is:
  /// without Range, and with Accept-Encoding: identity.
  void change(http::RequestHead& head) const;
  /// To the head that goes to the client. Of a body that is rewritten no validator or digest stays that belongs to
  /// another one.
  void change(http::ResponseHead& head) const;

  /// Whether such a body is to be held back whole and handed to `rewrite`: a rule wants it, it is no longer than
  /// `max_rule_body`, as far as it says so, and it is not compressed.
  bool rewrites_request(const http::RequestHead& head) const;
  bool rewrites_response(const http::ResponseHead& head) const;
  std::string rewrite_request(std::string_view body) const;
  std::string rewrite_response(std::string_view body) const;

  /// No rule fits.
  bool empty() const noexcept { return changes_.empty() && answer_ == nullptr; }
  /// The first that does something, from 1, for the log; 0: none.
  std::size_t first() const noexcept { return first_; }

 private:
  friend class RuleSet;
  bool wants_response_body() const noexcept;
  std::vector<const RuleChanges*> changes_;
  const RuleAnswer* answer_ = nullptr;
  std::size_t first_ = 0;
};

class RuleSet {
 public:
  RuleSet() = default;
  /// Fails as `read_rule` does, and for more than `max_rules`.
  static Result<RuleSet> make(std::span<const RuleOptions> options);

  struct Request {
    const x509::ServerName& host;
    std::string_view method;
    std::string_view path;  ///< with its query
    const http::Fields& fields;
  };
  RulePlan plan(const Request& request) const;

  /// Whether a rule blocks all of that host, whatever is asked of it: then there is nothing to be let pass.
  bool blocks(const x509::ServerName& host) const noexcept;
  bool empty() const noexcept { return rules_.empty(); }

 private:
  std::vector<Rule> rules_;
};

}  // namespace handfast::proxy
