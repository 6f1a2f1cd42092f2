// Rows as a table for people, and as JSON for programs.
#pragma once

#include <cstdio>

#include "row.h"

namespace handfast::bench {

void print_table(std::FILE* out, const Rows& rows);
/// An array of objects and nothing else; README.md documents the keys.
void print_json(std::FILE* out, const Rows& rows);

}  // namespace handfast::bench
