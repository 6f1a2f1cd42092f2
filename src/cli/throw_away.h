// A certificate for who has none yet.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <handfast/credential.h>
#include <handfast/error.h>

namespace handfast::cli {

/// For `names` and this machine's own, from an authority that is forgotten with the process; its certificate is written
/// to `ca_out`, where that is not empty. Fails with bad_config, evidence `option` "--ca-out", `problem`, where it can't
/// be, and where one of the names is none.
Result<std::shared_ptr<const Credential>> throw_away_credential(const std::string& ca_out,
                                                                std::vector<std::string> names = {});

}  // namespace handfast::cli
