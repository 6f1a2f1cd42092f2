// What clients say of the lab's servers: our own `connect`, held against what is true, and other programs beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor/lab/lab.h"

namespace handfast::doctor::lab {

/// What `handfast connect` said, in a process of its own.
struct Said {
  std::optional<int> exit_status;  ///< nothing: it did not end in time, or was killed
  std::string code;
  std::string reference;
  std::string fault;
  std::string summary;
  std::vector<std::string> advice;
  std::vector<std::string> others;  ///< the codes of what else is wrong
};

struct Trial {
  const Place* place;
  Said said;
  std::vector<std::string> complaints;  ///< how it is not what was expected; empty: it is
};

/// In the order of the lab's places; at most `jobs` at a time.
std::vector<Trial> try_connect(const Lab& lab, unsigned jobs);

/// How what was said is not as expected. A code of its own short name is asked for only where there is one in it.
std::vector<std::string> complaints(const Expectation& expected, const Said& said);

/// What another program did.
struct ToolTrial {
  const Place* place;
  std::optional<int> exit_status;  ///< nothing: it did not end in time, or was killed
  std::string line;                ///< of its output, the one that says most
};

/// `command` at each place, with what it needs (doctor/lab/tools.h).
std::vector<ToolTrial> try_tool(const Lab& lab, const std::vector<std::string>& command, unsigned jobs);

}  // namespace handfast::doctor::lab
