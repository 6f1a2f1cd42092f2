// Other programs that look at TLS servers: how each is told where to look, and which line of its words says most.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/lab/lab.h"

namespace handfast::doctor::lab {

/// The command for one place. What stands in braces is filled in: {url}, {host}, {port}, {address}, {ca}, {cert},
/// {key}. Where nothing does, programs that are known (curl, openssl, gnutls-cli, sslscan, testssl.sh) get arguments,
/// with which they verify names and chains as far as they can; others get HOST:PORT.
std::vector<std::string> command_at(const Lab& lab, const Place& place, const std::vector<std::string>& command);

/// How long it may take.
std::chrono::milliseconds patience_for(std::string_view program);

/// One line, safe to be shown; empty where there was no output.
std::string telling_line(std::string_view program, std::string_view output);

}  // namespace handfast::doctor::lab
