// An entry of the catalogue as it is shown: on a terminal, as JSON, as a page of docs/errors.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <string_view>

#include "doctor/catalogue/catalogue.h"
#include "doctor/catalogue/explain.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// The whole of an entry, for people.
std::string explanation_text(const Entry& entry, const Style& style);
/// The answer to `what`: the other matches by name and the best one in full; or that there is none, and what comes
/// near.
std::string answer_text(std::string_view what, std::span<const Match> matches, const Style& style);
/// Every code with its word and its title, by family.
std::string list_text(const Style& style);

nlohmann::ordered_json entry_json(const Entry& entry);
/// Schema "handfast/explain/1".
std::string answer_json(std::string_view what, std::span<const Match> matches);
/// The same with all entries instead of matches.
std::string list_json();

/// docs/errors/HF0213.md
std::string page_markdown(const Entry& entry);
/// docs/errors/README.md
std::string index_markdown();

}  // namespace handfast::doctor
