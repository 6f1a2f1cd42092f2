// x509-limbo's test cases, and what this verifier says of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/json.h"
#include "x509/pem.h"
#include "x509/verify.h"

namespace handfast::x509::limbo {

/// What became of one case.
struct Verdict {
  bool accepted = false;
  std::string why;  ///< where it was not
};

inline Verdict refused(const Error& error) { return {false, error.message()}; }

/// "2024-01-01T00:00:00+00:00", in UTC; a fraction of a second is cut off. Throws on anything else.
inline std::int64_t parse_time(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  bool utc = text.ends_with("+00:00") || text.ends_with("Z");
  int read = std::sscanf(text.c_str(), "%d-%u-%uT%d:%d:%d", &year, &month, &day, &hour, &minute, &second);
  if (read != 6 || !utc) throw std::invalid_argument("not a time in UTC: " + text);
  using namespace std::chrono;
  sys_days date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return (sys_seconds(date) + hours(hour) + minutes(minute) + seconds(second)).time_since_epoch().count();
}

inline std::vector<Buffer> ders_of(const test::Json& pems) {
  std::vector<Buffer> ders;
  for (const test::Json& pem : pems) {
    std::vector<PemBlock> blocks = decode_pem(pem.get<std::string>()).value();
    for (PemBlock& block : blocks) ders.push_back(std::move(block.der));
  }
  return ders;
}

inline Result<Purpose> purpose_of(const test::Json& testcase) {
  if (testcase.at("validation_kind") != "SERVER") return ClientAuth{};
  const test::Json& name = testcase.at("expected_peer_name");
  if (name.is_null()) return AnyServer{};
  Result<ServerName> parsed = ServerName::parse(name.at("value").get<std::string>());
  if (!parsed) return fail(std::move(parsed.error()));
  return ServerAuth{*std::move(parsed)};
}

inline Verdict run(const test::Json& testcase, Profile profile) {
  std::vector<Buffer> trusted = ders_of(testcase.at("trusted_certs"));
  std::vector<Buffer> sent = ders_of(testcase.at("untrusted_intermediates"));
  sent.insert(sent.begin(), ders_of(test::Json::array({testcase.at("peer_certificate")})).at(0));

  Result<TrustAnchors::Shared> anchors = TrustAnchors::from_der(std::vector<Bytes>(trusted.begin(), trusted.end()));
  if (!anchors) return refused(anchors.error());
  Result<std::vector<Certificate>> chain = parse_chain(std::vector<Bytes>(sent.begin(), sent.end()));
  if (!chain) return refused(chain.error());

  Result<Purpose> purpose = purpose_of(testcase);
  if (!purpose) return refused(purpose.error());
  const test::Json& time = testcase.at("validation_time");
  auto now = std::chrono::system_clock::now().time_since_epoch();
  VerifyRequest request{
      .chain = *chain,
      .purpose = *std::move(purpose),
      .anchors = **anchors,
      .now = time.is_null() ? std::chrono::floor<std::chrono::seconds>(now).count() : parse_time(time),
      .policy = {.profile = profile},
  };
  if (const test::Json& depth = testcase.at("max_chain_depth"); !depth.is_null())
    request.limits.intermediates = depth.get<std::size_t>();
  Result<VerifiedChain> verified = verify(request);
  return verified ? Verdict{true, {}} : refused(verified.error());
}

}  // namespace handfast::x509::limbo
