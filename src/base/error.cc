#include <handfast/error.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace handfast {

Error&& Error::with(std::string_view name, Fact::Value value) && {
  if (!evidence_) evidence_ = std::make_shared<std::vector<Fact>>();
  evidence_->push_back({name, std::move(value)});
  return std::move(*this);
}

const std::vector<Fact>& Error::evidence() const noexcept {
  static const std::vector<Fact> none;
  return evidence_ ? *evidence_ : none;
}

const Fact::Value* Error::find(std::string_view name) const noexcept {
  for (const Fact& fact : evidence())
    if (fact.name == name) return &fact.value;
  return nullptr;
}

std::string Error::message() const {
  std::string text(describe(reason_));
  const char* separator = " (";
  for (const Fact& fact : evidence()) {
    text += fmt::format("{}{}: {}", separator, fact.name, to_text(fact.value));
    separator = "; ";
  }
  if (!evidence().empty()) text += ')';
  return text;
}

std::string to_text(const Fact::Value& value) {
  struct Visitor {
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const std::vector<std::string>& list) const {
      return fmt::format("{}", fmt::join(list, ", "));
    }
    std::string operator()(const Buffer& bytes) const { return fmt::format("{:02x}", fmt::join(bytes, "")); }
  };
  return std::visit(Visitor{}, value);
}

}  // namespace handfast
