#include "proxy/rewrite_filter.h"

namespace handfast::proxy {

void RewriteFilter::put(Bytes content, Buffer& out) {
  out.insert(out.end(), content.begin(), content.end());
  if (kept_ != nullptr) kept_->add(content);
}

void RewriteFilter::pass(Bytes content, Buffer& out) {
  if (too_long_) return put(content, out);
  held_ += as_text(content);
  if (held_.size() <= max_rule_body) return;
  too_long_ = true;
  put(as_bytes(held_), out);
  std::string().swap(held_);
}

void RewriteFilter::end(Buffer& out) {
  if (too_long_) return;
  const std::string rewritten = (plan_.*rewrite_)(held_);
  put(as_bytes(rewritten), out);
}

}  // namespace handfast::proxy
