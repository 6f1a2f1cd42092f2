#include "doctor/html/key_schedule.h"

#include <algorithm>
#include <span>

namespace handfast::doctor {
namespace {

/// One row of the picture: what goes in, the secret that comes of it, and what is derived from that. An input or a
/// stage that is told of itself has its name in `secret`.
struct Leaf {
  std::string_view secret;
  std::string_view label;  ///< how it is derived
};
struct Stage {
  std::string_view input;
  std::string_view fresh_input;  ///< likewise, where no session was resumed
  std::string_view how;
  std::string_view name;
  std::string_view secret;  ///< under which it is told; empty: it is not told
  std::string_view next;    ///< how it goes into the next stage
  std::span<const Leaf> leaves;
};

constexpr Leaf early_leaves[] = {{"client_early_traffic_secret", "\"c e traffic\""}};
constexpr Leaf handshake_leaves[] = {{"client_handshake_traffic_secret", "\"c hs traffic\""},
                                     {"server_handshake_traffic_secret", "\"s hs traffic\""}};
constexpr Leaf master_leaves[] = {{"client_application_traffic_secret_0", "\"c ap traffic\""},
                                  {"server_application_traffic_secret_0", "\"s ap traffic\""},
                                  {"resumption_master_secret", "\"res master\""}};
/// RFC 8446, section 7.1.
constexpr Stage tls13[] = {
    {"PSK", "zeros: no PSK", "HKDF-Extract", "Early Secret", {}, "\"derived\"", early_leaves},
    {"shared_secret", "shared_secret", "HKDF-Extract", "Handshake Secret", {}, "\"derived\"", handshake_leaves},
    {"zeros", "zeros", "HKDF-Extract", "Master Secret", {}, {}, master_leaves},
};

constexpr Leaf key_block_leaves[] = {{"client_write_key", "cut off it"},
                                     {"server_write_key", "cut off it"},
                                     {"client_write_IV", "cut off it"},
                                     {"server_write_IV", "cut off it"}};
/// Of a block cipher.
constexpr Leaf cbc_key_block_leaves[] = {{"client_write_MAC_key", "cut off it"},
                                         {"server_write_MAC_key", "cut off it"},
                                         {"client_write_key", "cut off it"},
                                         {"server_write_key", "cut off it"}};
constexpr Leaf verify_leaves[] = {{"verify_data", "\"client finished\", \"server finished\""}};
/// RFC 5246, sections 6.3, 7.4.9 and 8.1.
constexpr Stage tls12[] = {
    {"the session's", "pre_master_secret", "PRF", "master_secret", "master_secret", {}, verify_leaves},
    {"both randoms", "both randoms", "PRF, \"key expansion\"", "key_block", {}, {}, key_block_leaves},
};
constexpr Stage tls12_cbc[] = {
    tls12[0],
    {"both randoms", "both randoms", "PRF, \"key expansion\"", "key_block", {}, {}, cbc_key_block_leaves},
};

class Picture {
 public:
  Picture(Html& out, const Lit& lit) noexcept : out_(out), lit_(lit) {}

  void write(std::span<const Stage> stages) {
    const auto figure = out_.open("div", "schedule", {{"role", "group"}, {"aria-label", "The key schedule"}});
    // A stage has been passed where anything at it or below it is there.
    auto reached = stages.size();
    while (reached > 0 && !is_there(stages[reached - 1])) --reached;
    for (std::size_t i = 0; i < stages.size(); ++i) write(stages[i], i < reached);
  }

 private:
  bool is_there(std::string_view secret) const { return lit_.before.contains(secret) || lit_.now.contains(secret); }
  bool is_there(const Stage& stage) const {
    return is_there(stage.input) || is_there(stage.secret) ||
           std::ranges::any_of(stage.leaves, [&](const Leaf& leaf) { return is_there(leaf.secret); });
  }
  /// A stage that is not told of itself comes to be with the first that is derived from it.
  bool is_new(const Stage& stage) const {
    const auto any_of = [&](const std::set<std::string_view>& secrets) {
      return std::ranges::any_of(stage.leaves, [&](const Leaf& leaf) { return secrets.contains(leaf.secret); });
    };
    return any_of(lit_.now) && !any_of(lit_.before);
  }
  std::string_view state(std::string_view secret, std::string_view otherwise) const {
    if (lit_.now.contains(secret)) return "now";
    return lit_.before.contains(secret) ? "there" : otherwise;
  }
  void write(const Stage& stage, bool reached) {
    const auto row = out_.open("div", "stage", {{"data-next", stage.next}});
    const std::string_view passed = reached ? "there" : "ahead";
    std::string_view input = lit_.resumed ? stage.input : stage.fresh_input;
    // A session may be resumed without a key exchange (psk_ke).
    if (reached && input == "shared_secret" && !is_there(input)) input = "zeros";
    out_.add("span", "input " + std::string(state(input, passed)), input);
    out_.add("span", "how", stage.how);
    out_.add("span",
             "secret " + std::string(stage.secret.empty() && is_new(stage) ? "now" : state(stage.secret, passed)),
             stage.name);
    const auto list = out_.open("ul", "leaves");
    for (const Leaf& leaf : stage.leaves) {
      const auto item = out_.open("li", state(leaf.secret, "ahead"));
      out_.add("code", "", leaf.secret);
      out_.add("small", "", leaf.label);
    }
  }

  Html& out_;
  const Lit& lit_;
};

bool has_any_of(const Lit& lit, std::span<const Stage> stages) {
  return std::ranges::any_of(stages, [&](const Stage& stage) {
    return lit.now.contains(stage.secret) || lit.now.contains(stage.input) || lit.now.contains(stage.fresh_input) ||
           std::ranges::any_of(stage.leaves, [&](const Leaf& leaf) { return lit.now.contains(leaf.secret); });
  });
}

}  // namespace

void write_key_schedule(Html& out, const Lit& lit) {
  const auto is_there = [&](std::string_view secret) {
    return lit.before.contains(secret) || lit.now.contains(secret);
  };
  const bool cbc = is_there("client_write_MAC_key");
  for (const std::span<const Stage> stages :
       {std::span<const Stage>(tls13), cbc ? std::span<const Stage>(tls12_cbc) : std::span<const Stage>(tls12)})
    if (has_any_of(lit, stages)) return Picture(out, lit).write(stages);
}

}  // namespace handfast::doctor
