// Tells a Trace of events, and costs one branch where there is none.
#pragma once

#include <utility>

#include <handfast/clock.h>
#include <handfast/trace.h>

namespace handfast::config {

class Tracer {
 public:
  /// `trace` may be null. All are the caller's and outlive the tracer.
  Tracer(Trace* trace, Side side, Clock& clock) noexcept : trace_(trace), clock_(clock), side_(side) {}

  explicit operator bool() const noexcept { return trace_ != nullptr; }
  /// Who listens, or nullptr.
  Trace* trace() const noexcept { return trace_; }
  /// `make` gives one of TraceEvent's events; it is called only where somebody listens.
  template <typename Make>
  void operator()(Make make) const {
    if (trace_) [[unlikely]]
      trace_->on({clock_.monotonic(), side_, make()});
  }

 private:
  Trace* trace_;
  Clock& clock_;
  Side side_;
};

}  // namespace handfast::config
