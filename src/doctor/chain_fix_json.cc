// The chain that a server should send, for programs (docs/json.md).
#include <nlohmann/json.hpp>

#include "doctor/chain_fix.h"
#include "doctor/json.h"
#include "x509/name.h"

namespace handfast::doctor {
namespace {

using Json = nlohmann::ordered_json;

Json found_json(const FoundCertificate& found) {
  Json out = certificate_json(summarize(found.certificate.der()));
  out["file"] = found.file;
  out["named"] = found.was_named;
  return out;
}

}  // namespace

std::string chain_json(const ChainSources& sources, const FixedChain& fixed, const std::string& written_to) {
  Json out = {{"schema", "handfast/cert-chain-fix/1"}, {"verdict", verdict_json(judge_chain(sources, fixed))}};
  const auto list = [&](const std::vector<std::size_t>& which) {
    Json items = Json::array();
    for (const std::size_t i : which) items.push_back(found_json(sources.certificates[i]));
    return items;
  };
  out["chain"] = list(fixed.chain);
  out["left_out"] = list(fixed.left_out);
  out["root"] = fixed.root.empty() ? Json(nullptr) : Json(fixed.root);
  out["missing"] = fixed.missing.empty() ? Json(nullptr) : Json(fixed.missing);
  out["missing_at"] = fixed.missing_at;
  out["changed"] = !fixed.was_in_order;
  out["verified"] = fixed.is_verified ? Json(true) : fixed.refused ? Json(false) : Json(nullptr);
  out["written_to"] = written_to.empty() ? Json(nullptr) : Json(written_to);
  out["pem"] = chain_pem(sources, fixed);
  return dump(out);
}

}  // namespace handfast::doctor
