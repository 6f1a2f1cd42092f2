// What certificates say, for programs (docs/json.md).
#include <nlohmann/json.hpp>

#include "doctor/inspect.h"
#include "doctor/json.h"

namespace handfast::doctor {
namespace {

using Json = nlohmann::ordered_json;

Json details_json(const CertificateDetails& details) {
  Json out = certificate_json(details.summary);
  if (!details.summary.problem.empty()) return out;
  out["version"] = details.version;
  out["signature_algorithm"] = details.signature_algorithm;
  out["alternative_names"] = details.alternative_names;
  out["self_signed"] = details.is_self_signed;
  out["path_length"] = details.path_length ? Json(*details.path_length) : Json(nullptr);
  out["key_usage"] = details.key_usage ? Json(*details.key_usage) : Json(nullptr);
  out["extended_key_usage"] = details.extended_key_usage;
  out["name_constraints"] = details.name_constraints ? Json{{"permitted", details.name_constraints->permitted},
                                                            {"excluded", details.name_constraints->excluded}}
                                                     : Json(nullptr);
  out["subject_key_id"] = details.subject_key_id;
  out["authority_key_id"] = details.authority_key_id;
  out["ocsp"] = details.locations.ocsp;
  out["ca_issuers"] = details.locations.ca_issuers;
  out["crl"] = details.locations.crl;
  out["policies"] = details.policies;
  out["signed_certificate_timestamps"] = details.timestamps;
  out["must_staple"] = details.must_staple;
  out["critical"] = details.critical;
  out["other_extensions"] = details.other_extensions;
  out["pin"] = details.pin;
  Json remarks = Json::array();
  for (const Remark& remark : details.remarks) remarks.push_back({{"code", remark.code}, {"text", remark.text}});
  out["remarks"] = std::move(remarks);
  return out;
}

Json item_json(const InspectedItem& item) {
  Json out = {{"kind", name(item.content)}, {"label", item.label}};
  if (item.certificate) {
    out.update(details_json(*item.certificate));
    out["issuers"] = item.issuers;
    return out;
  }
  out.update(facts_json(item.facts));
  if (item.content == Content::private_key) out["belongs_to"] = item.belongs_to;
  if (!item.problem.empty()) out["problem"] = item.problem;
  return out;
}

}  // namespace

std::string inspection_json(const Inspection& inspection, const InspectionSource& source) {
  Json out = {{"schema", "handfast/cert-inspect/1"}};
  out["file"] = source.server ? Json(nullptr) : Json(printable_utf8(source.file));
  out["server"] = source.server ? target_json(*source.server) : Json(nullptr);
  Json items = Json::array();
  for (const InspectedItem& item : inspection.items) items.push_back(item_json(item));
  out["items"] = std::move(items);
  out["order"] = name(inspection.order);
  out["chain"] = inspection.chain;
  out["verdict"] = source.verdict ? verdict_json(*source.verdict) : Json(nullptr);
  return dump(out);
}

}  // namespace handfast::doctor
