// What is allowed and weak.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/settings/table.h"
#include "proxy/tls_files.h"

namespace handfast::proxy::settings {

/// A host name or address that leads nowhere else.
bool is_this_machine(std::string_view host);

/// Whoever connects may say whom a connection is from.
void find_open_senders(Table& table, const std::vector<std::string>& accept_proxy);
/// A key that others on this machine can read, a certificate that runs out within thirty days.
void find_weak_credential(Table& table, const CredentialFiles& files);
/// Targets that are spoken to in the clear and are not this machine; `keys` in `table`.
void find_clear_targets(Table& table, std::string_view key, const std::vector<std::string>& targets);
/// Entries of `allow` that let clients reach this machine itself.
void find_open_access(Table& table, const std::vector<std::string>& allow);
/// Versions that were withdrawn (RFC 8996), in a range as config::parse_versions takes it; one that it does not take is
/// an error, told where it is read.
void find_withdrawn_versions(Table& table, const std::string& versions);
/// What can be sent again by whoever sees it on its way.
void find_early_data(Table& table, std::int64_t bytes);

}  // namespace handfast::proxy::settings
