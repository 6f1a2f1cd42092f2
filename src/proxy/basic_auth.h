// Basic authentication (RFC 7617) by names and passwords from a file.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <handfast/error.h>

namespace handfast::proxy {

class BasicAuth {
 public:
  /// The credentials of a field are at most so long; longer ones are wrong.
  static constexpr std::size_t max_field = 2048;

  /// One `user:password` a line; empty lines and those that begin with # are nobody's. A password that begins with $ is
  /// a hash as crypt(5) writes them (bcrypt, yescrypt, sha512crypt: `htpasswd -B`, `openssl passwd -6`), any other is
  /// the password itself. Fails with file_not_readable, and bad_config, evidence `option`, `problem`, `value` (the path
  /// and the line, never what stands in it), `remedy`: a line that is none, a user who is there twice, a hash of a kind
  /// that is not known here, nobody at all.
  static Result<std::shared_ptr<const BasicAuth>> load(std::string_view option, const std::string& path);
  ~BasicAuth();

  /// Whether the value of an Authorization or Proxy-Authorization field is of one of them: the user, or nothing.
  /// Thread-safe. How long it takes tells nothing of a password, nor, where all have hashes or none has, whether there
  /// is such a user. A hash takes what it takes, some 50 ms or a second; credentials that were right are known again.
  std::optional<std::string> user_of(std::string_view field) const;
  /// Whether `user_of` would have to make a hash of that: whoever serves others meanwhile has it done elsewhere, since
  /// anybody may send wrong passwords, any number of them.
  bool takes_a_hash(std::string_view field) const;

  /// The value of WWW-Authenticate or Proxy-Authenticate.
  static std::string challenge(std::string_view realm);

 private:
  struct State;
  struct Given;
  static std::optional<Given> parse(std::string_view field);
  bool takes_a_hash(const Given& given) const;
  explicit BasicAuth(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace handfast::proxy
