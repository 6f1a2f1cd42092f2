// The catalogue for programs (docs/json.md).
#include <nlohmann/json.hpp>

#include "doctor/catalogue/explanation.h"
#include "doctor/catalogue/prose.h"
#include "doctor/json.h"

namespace handfast::doctor {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* schema = "handfast/explain/1";

/// Paragraphs, and what is to be copied as it is.
Json blocks_json(std::string_view text) {
  Json out = Json::array();
  for (const Block& block : blocks(text)) out.push_back({{block.is_verbatim ? "copy" : "text", block.text}});
  return out;
}

Json name_json(const Entry& entry) { return {{"code", entry.code}, {"word", entry.word}, {"title", entry.title}}; }

}  // namespace

Json entry_json(const Entry& entry) {
  Json out = name_json(entry);
  out["meaning"] = blocks_json(entry.meaning);
  out["fault"] = blocks_json(entry.fault);
  out["check"] = blocks_json(entry.check);
  out["cures"] = Json::array();
  for (const Cure& cure : entry.cures) out["cures"].push_back({{"where", cure.where}, {"how", blocks_json(cure.text)}});
  out["aliases"] = Json::array();
  for (const Alias& alias : entry.aliases) out["aliases"].push_back({{"program", alias.program}, {"text", alias.text}});
  out["rfc"] = entry.rfc;
  return out;
}

std::string answer_json(std::string_view what, std::span<const Match> matches) {
  Json out = {{"schema", schema}, {"what", what}, {"matches", Json::array()}, {"nearest", Json::array()}};
  for (const Match& match : matches) {
    Json one = {{"matched_by", name(match.by)}, {"matched", match.text}};
    one["program"] = match.program.empty() ? Json() : Json(match.program);
    one.update(entry_json(*match.entry));
    out["matches"].push_back(std::move(one));
  }
  if (matches.empty())
    for (const Entry* entry : nearest_entries(what)) out["nearest"].push_back(name_json(*entry));
  return dump(out);
}

std::string list_json() {
  Json out = {{"schema", schema}, {"entries", Json::array()}};
  for (const Entry& entry : catalogue()) out["entries"].push_back(entry_json(entry));
  return dump(out);
}

}  // namespace handfast::doctor
