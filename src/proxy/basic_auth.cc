#include "proxy/basic_auth.h"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <handfast/bytes.h>
#include <handfast/random.h>

#include "base/secret.h"
#include "crypto/hash.h"
#include "x509/ascii.h"
#include "x509/files.h"
#include "x509/pem.h"

namespace handfast::proxy {
namespace {

constexpr std::size_t max_file = 16 << 20;
/// Of credentials with a hash that were right; past it they are forgotten, and hashed again.
constexpr std::size_t max_known = 10'000;

/// RFC 7617, section 2: "MUST NOT contain any control characters".
bool has_control_characters(std::string_view text) noexcept {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// What `hash` was made of? In constant time but for the hashing itself.
bool is_hash_of(const std::string& hash, const std::string& password) {
  const auto data = std::make_unique<crypt_data>();
  const char* again = crypt_rn(password.c_str(), hash.c_str(), data.get(), sizeof *data);
  const bool same = again != nullptr && base::equal_in_constant_time(as_bytes(again), as_bytes(hash));
  base::wipe(data.get(), sizeof *data);
  return same;
}

/// crypt's methods that are no longer good enough are refused with those that it doesn't know.
bool is_known_hash(const std::string& hash) {
  const auto data = std::make_unique<crypt_data>();
  const char* made = crypt_rn("", hash.c_str(), data.get(), sizeof *data);
  return crypt_checksalt(hash.c_str()) == CRYPT_SALT_OK && made != nullptr &&
         std::string_view(made).size() == hash.size();
}

using Code = crypto::Digest;

}  // namespace

struct BasicAuth::State {
  State() : key(new_key()) {}
  static crypto::Hmac new_key() {
    std::array<std::uint8_t, 32> secret{};
    system_random().fill(secret);
    return crypto::Hmac(crypto::HashAlgorithm::sha256, secret);
  }
  /// Of the same size whatever the password is, and of no use outside of this process. No user has a NUL in it.
  Code code_of(std::string_view user, std::string_view password) const noexcept {
    const std::array<std::uint8_t, 1> between{0};
    return key.code(as_bytes(user), Bytes(between), as_bytes(password));
  }
  bool is_known(const Code& code) const {
    const std::lock_guard lock(mutex);
    return known.contains(std::string(as_text(code.view())));
  }
  void know(const Code& code) const {
    const std::lock_guard lock(mutex);
    if (known.size() >= max_known) known.clear();
    known.insert(std::string(as_text(code.view())));
  }

  crypto::Hmac key;                                     ///< a secret of this process
  std::unordered_map<std::string, Code> codes;          ///< of those with a password
  std::unordered_map<std::string, std::string> hashes;  ///< of those with a hash
  std::string any_hash;                                 ///< is tried for nobody
  mutable std::mutex mutex;                             ///< of `known`
  mutable std::unordered_set<std::string> known;        ///< codes of credentials whose hash was right
};

BasicAuth::BasicAuth(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
BasicAuth::~BasicAuth() = default;

Result<std::shared_ptr<const BasicAuth>> BasicAuth::load(std::string_view option, const std::string& path) {
  auto read = x509::read_file(path, max_file);
  if (!read) return fail(std::move(read.error()));
  const base::SecretBuffer file(*std::move(read));
  const auto refused = [&](std::size_t line, const char* problem, const char* remedy) {
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", std::string(option))
                    .with("problem", problem)
                    .with("value", line == 0 ? path : fmt::format("{}, line {}", path, line))
                    .with("remedy", remedy));
  };

  auto state = std::make_unique<State>();
  std::string_view rest = as_text(file.view());
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || has_control_characters(line))
      return refused(number, "it is no user and password", "Write user:password, one a line.");
    const std::string user(line.substr(0, colon));
    const std::string_view password = line.substr(colon + 1);
    if (password.empty()) return refused(number, "the password is empty", "Write user:password, one a line.");
    if (state->codes.contains(user) || state->hashes.contains(user))
      return refused(number, "that user is there already", "Leave one of the two lines.");
    if (password.front() != '$') {
      state->codes.emplace(user, state->code_of(user, password));
      continue;
    }
    const std::string hash(password);
    if (!is_known_hash(hash))
      return refused(number, "a password that begins with $ is a hash, and this one is of no kind that is known here",
                     "Make one with: htpasswd -nB USER, or openssl passwd -6");
    state->any_hash = hash;
    state->hashes.emplace(user, hash);
  }
  if (state->codes.empty() && state->hashes.empty())
    return refused(0, "there is no user in it", "Write user:password, one a line.");
  return std::shared_ptr<const BasicAuth>(new BasicAuth(std::move(state)));
}

/// What a field says.
struct BasicAuth::Given {
  base::SecretBuffer plain;
  std::string_view user;  ///< views into `plain`
  std::string_view password;
};

std::optional<BasicAuth::Given> BasicAuth::parse(std::string_view field) {
  // "Basic" 1*SP token68 (RFC 9110, section 11.4), the scheme in any case.
  constexpr std::string_view scheme = "basic ";
  if (field.size() > max_field || field.size() < scheme.size()) return {};
  if (!x509::equal_without_case(field.substr(0, scheme.size()), scheme)) return {};
  field.remove_prefix(std::min(field.find_first_not_of(' ', scheme.size()), field.size()));
  Buffer bytes;
  bytes.reserve(max_field);
  const bool decoded = x509::decode_base64(field, bytes);
  base::SecretBuffer plain(std::move(bytes));
  const std::string_view pair = as_text(plain.view());
  const std::size_t colon = pair.find(':');
  if (!decoded || colon == std::string_view::npos || has_control_characters(pair)) return {};
  return Given{std::move(plain), pair.substr(0, colon), pair.substr(colon + 1)};
}

bool BasicAuth::takes_a_hash(const Given& given) const {
  return !state_->hashes.empty() && !state_->codes.contains(std::string(given.user)) &&
         !state_->is_known(state_->code_of(given.user, given.password));
}

bool BasicAuth::takes_a_hash(std::string_view field) const {
  const std::optional<Given> given = parse(field);
  return given && takes_a_hash(*given);
}

std::optional<std::string> BasicAuth::user_of(std::string_view field) const {
  const std::optional<Given> given = parse(field);
  if (!given) return {};
  std::string user(given->user);
  const Code code = state_->code_of(user, given->password);
  if (const auto found = state_->codes.find(user); found != state_->codes.end())
    return base::equal_in_constant_time(found->second.view(), code.view()) ? std::optional(user) : std::nullopt;
  if (state_->hashes.empty()) return {};
  if (!takes_a_hash(*given)) return user;
  const auto found = state_->hashes.find(user);
  std::string copy(given->password);
  const bool right = is_hash_of(found == state_->hashes.end() ? state_->any_hash : found->second, copy);
  base::wipe(copy.data(), copy.size());
  if (!right || found == state_->hashes.end()) return {};
  state_->know(code);
  return user;
}

std::string BasicAuth::challenge(std::string_view realm) {
  std::string quoted;
  for (const char c : realm) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) continue;
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("Basic realm=\"{}\", charset=\"UTF-8\"", quoted);
}

}  // namespace handfast::proxy
