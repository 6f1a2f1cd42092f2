// Verdicts on names: the certificate is for another server, and for which.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "doctor/certificate_case.h"
#include "doctor/nearest_name.h"
#include "x509/certificate.h"
#include "x509/server_name.h"

namespace handfast::doctor {
namespace {

std::string names_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 8;
  if (names.empty()) return "no name at all";
  if (names.size() <= shown) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + shown, ", "), names.size() - shown);
}

NearestName nearest(const CertificateCase& c) {
  if (c.sent.empty()) return {};
  const auto leaf = x509::parse_certificate(c.sent.front());
  const auto wanted = x509::ServerName::parse(c.server_name);
  return leaf && wanted ? nearest_name(*leaf, *wanted) : NearestName{};
}

std::string entry_for(const std::string& name) {
  const auto parsed = x509::ServerName::parse(name);
  return fmt::format("{}:{}", parsed && parsed->is_ip() ? "IP" : "DNS", name);
}

Verdict mismatch(const CertificateCase& c) {
  Verdict v;
  v.fault = Fault::server;
  const std::vector<std::string> names = c.sent.empty() ? std::vector<std::string>() : summarize(c.sent.front()).names;
  const NearestName near = nearest(c);
  v.summary = fmt::format("The certificate of {} is for another name.", c.owner);
  v.found = names_of(names);
  if (!near.why_not.empty()) v.found += "; " + near.why_not;
  v.expected = c.server_name;
  const std::string other = near.can_be_asked_for ? near.name
                            : near.name.empty() && !names.empty() && names.front().find('*') == std::string::npos
                                ? names.front()
                                : std::string();
  // A certificate may hold anything as a name; what is to be typed is a host name and nothing else.
  const bool can_be_asked_for = x509::is_host_name(other) || (near.can_be_asked_for && x509::ServerName::parse(other));
  if (can_be_asked_for && other != c.server_name)
    v.advice.push_back(fmt::format("If you meant that name, ask for it: {} {} {}", c.command, c.name_flag, other));
  v.advice.push_back(
      fmt::format("{} server needs a certificate with {} in its subjectAltName (a common name does "
                  "not count).",
                  v.advice.empty() ? "The" : "Else the", entry_for(c.server_name)));
  return v;
}

Verdict no_names(const CertificateCase& c) {
  Verdict v;
  v.fault = Fault::server;
  v.summary = fmt::format("The certificate of {} holds no name that TLS may use.", c.owner);
  if (!c.sent.empty())
    v.found =
        fmt::format("subject {} and no host name or address in subjectAltName", summarize(c.sent.front()).subject);
  if (const NearestName near = nearest(c); !near.why_not.empty()) v.found += "; " + near.why_not;
  v.expected = fmt::format("{} in subjectAltName (RFC 9525: a common name does not count)", c.server_name);
  v.advice = {fmt::format("Issue the certificate anew, with subjectAltName = {}", entry_for(c.server_name))};
  return v;
}

}  // namespace

Verdict judge_name(const CertificateCase& c) {
  return c.error.reason() == Reason::name_mismatch ? mismatch(c) : no_names(c);
}

}  // namespace handfast::doctor
