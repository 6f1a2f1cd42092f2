// The file that a page goes to.
#pragma once

#include <string>

#include <handfast/error.h>

#include "doctor/recording.h"
#include "doctor/verdict.h"

namespace handfast::doctor {

/// Whether a page can be written there, as far as it is known before it is made. Fails with bad_config, evidence
/// `option` = "--html", `problem`, `remedy`.
Result<void> check_page_file(const std::string& path);
/// Writes it wholly or not at all; one with secrets for its owner's eyes alone. Gives why it could not, in words;
/// empty: it did.
std::string write_page_file(const std::string& path, const std::string& page, Secrets secrets);
/// The verdict on a connection that was well, but for its page.
Verdict judge_page(const std::string& path, const std::string& problem);

}  // namespace handfast::doctor
