#include "doctor/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/style.h"
#include "x509/ascii.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/oid.h"

namespace handfast::doctor {
namespace {

/// Names past this many are not compared.
constexpr std::size_t max_names = 10'000;

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), x509::lower);
  return out;
}

/// How near a name is: the smaller, the nearer.
struct Candidate {
  std::size_t distance;
  NearestName nearest;
};

/// Whether a pattern would cover a name if each * stood for anything within a label, as people think it does.
bool would_cover(std::string_view pattern, std::string_view wanted) {
  if (pattern.empty()) return wanted.empty();
  if (pattern.front() != '*')
    return !wanted.empty() && pattern.front() == wanted.front() && would_cover(pattern.substr(1), wanted.substr(1));
  if (would_cover(pattern.substr(1), wanted)) return true;
  return !wanted.empty() && wanted.front() != '.' && would_cover(pattern, wanted.substr(1));
}

std::optional<Candidate> consider_wildcard(const std::string& pattern, const std::string& wanted) {
  const std::string parent = pattern.substr(std::min(pattern.find('.'), pattern.size() - 1) + 1);
  // RFC 9525, section 6.3: the * is the whole first label; and nobody may vouch for a whole top-level domain.
  const bool is_first_label = pattern.starts_with("*.") && parent.find('*') == std::string::npos;
  const bool counts = is_first_label && parent.find('.') != std::string::npos;
  if (!counts) {
    constexpr std::ptrdiff_t stars = 2;
    if (std::ranges::count(pattern, '*') > stars || !would_cover(pattern, wanted)) return {};
    return Candidate{
        0,
        {pattern,
         is_first_label
             ? fmt::format("{} covers nothing: behind the * have to stand two labels or more", pattern)
             : fmt::format("{} covers nothing: a * has to be the whole first label, and the only one", pattern),
         false}};
  }
  if (wanted == parent)
    return Candidate{
        0, {pattern, fmt::format("{} covers the names below {}, not {} itself", pattern, parent, parent), false}};
  if (wanted.ends_with('.' + parent))
    return Candidate{0,
                     {pattern, fmt::format("{} covers one label only: it does not cover {}", pattern, wanted), false}};
  return {};
}

std::optional<Candidate> consider_host(const std::string& name, const std::string& wanted) {
  if (name == wanted) return {};
  if (name.find('*') != std::string::npos) return consider_wildcard(name, wanted);
  if (wanted == "www." + name || name == "www." + wanted)
    return Candidate{0, {name, fmt::format("it is for {}, but not for {}", name, wanted), true}};
  const std::size_t distance = edit_distance(name, wanted);
  if (distance <= 2)
    return Candidate{
        distance,
        {name, fmt::format("{} and {} differ in {}", name, wanted, distance == 1 ? "one character" : "two characters"),
         true}};
  // A subdomain of the other, or two in one domain that has a name of its own.
  const auto parent = [](const std::string& host) {
    return host.substr(std::min(host.find('.'), host.size() - 1) + 1);
  };
  const bool below = name.ends_with('.' + wanted) || wanted.ends_with('.' + name);
  const bool beside = parent(name) == parent(wanted) && parent(name).find('.') != std::string::npos;
  if (below || beside)
    return Candidate{10 + distance, {name, fmt::format("{} is another name of the same domain", name), true}};
  return {};
}

std::optional<Candidate> consider_address(const std::string& address, const std::string& wanted) {
  const std::size_t distance = edit_distance(address, wanted);
  if (distance > 2) return {};
  return Candidate{distance, {address, fmt::format("it is for {}, but not for {}", address, wanted), true}};
}

std::optional<Candidate> consider(const x509::GeneralName& name, const x509::ServerName& wanted) {
  const std::string text = in_lower_case(printable(as_text(name.value)));
  if (name.type == x509::GeneralNameType::dNSName && wanted.is_ip())
    return text == wanted.text()
               ? std::optional(Candidate{
                     0,
                     {text, fmt::format("{} stands there as a host name; an address has to be an iPAddress", text),
                      false}})
               : std::nullopt;
  if (name.type == x509::GeneralNameType::iPAddress && wanted.is_ip())
    return consider_address(x509::ip_text(name.value), wanted.text());
  if (name.type == x509::GeneralNameType::dNSName) return consider_host(text, wanted.text());
  const std::string uri = "//" + wanted.text();
  if (name.type == x509::GeneralNameType::uniformResourceIdentifier && text.find(uri) != std::string::npos)
    return Candidate{1, {text, fmt::format("{} is a URI; a host name has to be a dNSName", text), false}};
  return {};
}

/// What people still rely on who made certificates twenty years ago.
std::optional<Candidate> consider_common_name(const x509::CertificateView& certificate,
                                              const x509::ServerName& wanted) {
  for (const std::string& value : x509::attribute_texts(certificate.subject, x509::oid::commonName))
    if (x509::equal_without_case(value, wanted.text()))
      return Candidate{
          0,
          {wanted.text(),
           fmt::format("{} is its common name, which does not count; it has to stand in subjectAltName", wanted.text()),
           false}};
  return {};
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t k = 1; k <= b.size(); ++k) {
      const std::size_t changed = diagonal + (a[i - 1] == b[k - 1] ? 0 : 1);
      diagonal = std::exchange(row[k], std::min({changed, row[k] + 1, row[k - 1] + 1}));
    }
  }
  return row.back();
}

NearestName nearest_name(const x509::CertificateView& certificate, const x509::ServerName& wanted) {
  std::optional<Candidate> best = consider_common_name(certificate, wanted);
  Bytes rest = certificate.subject_alt_name.value_or(Bytes{});
  std::size_t count = 0;
  for (x509::GeneralName name; count < max_names && !rest.empty() && x509::read_general_name(rest, name); ++count)
    if (auto candidate = consider(name, wanted); candidate && (!best || candidate->distance < best->distance))
      best = std::move(candidate);
  if (best) return best->nearest;
  return {.name = {}, .why_not = rest.empty() ? "" : fmt::format("the first {} of its names were compared", count)};
}

}  // namespace handfast::doctor
