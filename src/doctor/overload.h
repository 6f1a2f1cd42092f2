// One visitor of a variant out of a lambda for each of its kinds.
#pragma once

namespace handfast::doctor {

template <typename... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};

}  // namespace handfast::doctor
