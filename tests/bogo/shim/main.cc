// bogo-shim: a TLS client or server that does as BoringSSL's test runner asks (ssl/test/PORTING.md of BoringSSL).
//
// It is a TCP client in both cases; the exit code is 0 for success, 89 for what is not implemented, 1 otherwise, with
// BoringSSL's name of the error on stderr.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "exchange.h"
#include "failure.h"
#include "flags.h"
#include "sessions.h"

namespace handfast::bogo {
namespace {

constexpr int unimplemented = 89;

/// Leaves the reason beside the transcript that the runner keeps of this test (its option -transcript-dir), since it
/// drops what a test printed that is not implemented.
void note(const std::vector<std::string>& arguments, const std::string& reason) {
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i)
    if (arguments[i] == "-write-settings") std::ofstream(arguments[i + 1] + "unimplemented") << reason << '\n';
}

int run(const std::vector<std::string>& arguments) {
  CommandLine flags;
  parse(arguments, flags);
  if (flags.initial.is_handshaker_supported) {
    std::puts("No");
    return 0;
  }
  Sessions sessions(flags);
  for (int i = 0; i <= flags.initial.resume_count; ++i) {
    const Flags& now = i == 0 ? flags.initial : flags.resume;
    sessions.begin(now);
    exchange(now, flags.retry, sessions);
    sessions.end(now);
  }
  return 0;
}

int main(const std::vector<std::string>& arguments) {
  try {
    return run(arguments);
  } catch (const Unimplemented& reason) {
    note(arguments, reason.what());
    return unimplemented;
  } catch (const Failure& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
  }
}

}  // namespace
}  // namespace handfast::bogo

int main(int argc, char** argv) {
  const int code = handfast::bogo::main(std::vector<std::string>(argv + 1, argv + argc));
  // What follows, a sanitizer says, and the runner takes it for a failure whatever the test is about.
  std::fputs("--- DONE ---\n", stderr);
  return code;
}
