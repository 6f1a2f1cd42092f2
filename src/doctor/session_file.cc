#include "doctor/session_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "doctor/json.h"
#include "x509/certificate.h"
#include "x509/pem.h"

namespace handfast::doctor {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view schema = "handfast/session/1";
/// A session holds the peer's chain and little else.
constexpr std::size_t max_size = std::size_t{1} << 20;

std::string words_of(int error) { return std::strerror(error); }

std::unexpected<Error> unusable(std::string problem, std::string found, std::string remedy) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "--session")
                  .with("problem", std::move(problem))
                  .with("value", std::move(found))
                  .with("remedy", std::move(remedy)));
}

std::unexpected<Error> malformed(const std::string& path, std::string found) {
  return unusable(
      path + " holds no session that can be used", std::move(found),
      fmt::format("Name another file, or remove it: rm {}. A new session is saved there.", shell_word(path)));
}

class Descriptor {
 public:
  explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return descriptor_; }
  /// Whether all that was written has gone through.
  bool close() noexcept { return ::close(std::exchange(descriptor_, -1)) == 0; }

 private:
  int descriptor_;
};

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Puts a new file with mode 0600 in the place of the old one. Gives why it could not; empty: it did.
std::string replace(const std::string& path, std::string_view text) {
  std::string temporary = path + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return words_of(errno);
  const bool written = write_all(file.get(), text) && ::fsync(file.get()) == 0 && file.close() &&
                       ::rename(temporary.c_str(), path.c_str()) == 0;
  if (written) return {};
  const int error = errno;
  ::unlink(temporary.c_str());
  return words_of(error);
}

std::filesystem::path folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? std::filesystem::path(".") : folder;
}

struct Content {
  std::optional<SavedSession> session;
  std::optional<HandshakeCost> full_handshake;
};

/// Empty: it is one.
std::string read_cost(const Json& json, HandshakeCost& cost) {
  for (const auto& [name, number] : members(cost)) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_number_unsigned()) return fmt::format("full_handshake.{} is no number", name);
    *number = found->get<std::uint64_t>();
  }
  return {};
}

/// Gives what is wrong with it; empty: it was read.
std::string read(const Json& json, Content& out) {
  if (json.is_discarded() || !json.is_object()) return "it is no JSON object";
  const auto is_text = [&](const char* name) { return json.contains(name) && json[name].is_string(); };
  if (!is_text("schema")) return fmt::format("it has no schema; a session's is \"{}\"", schema);
  if (const auto& found = json["schema"].get_ref<const std::string&>(); found != schema)
    return fmt::format("its schema is \"{}\", and not \"{}\"", printable(found, 64), schema);
  if (!is_text("session")) return "it has no member \"session\"";
  Buffer bytes;
  if (!x509::decode_base64(json["session"].get_ref<const std::string&>(), bytes)) return "\"session\" is no base64";
  auto session = SavedSession::parse(bytes);
  base::wipe(bytes.data(), bytes.size());
  if (!session) return printable(session.error().message());
  out.session = std::move(*session);
  if (!json.contains("full_handshake") || json["full_handshake"].is_null()) return {};
  if (!json["full_handshake"].is_object()) return "\"full_handshake\" is no object";
  return read_cost(json["full_handshake"], out.full_handshake.emplace());
}

}  // namespace

Result<std::shared_ptr<SessionFile>> SessionFile::open(std::string path) {
  std::shared_ptr<SessionFile> out(new SessionFile(path));
  const std::filesystem::path folder = folder_of(path);
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return unusable(fmt::format("no file can be written in the folder of {}", path), words_of(errno),
                    "Name a file in a folder of your own.");
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0 && errno == ENOENT) {
    out->miss_ = Miss::no_file;
    return out;
  }
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return unusable(path + " can't be read", words_of(errno), "Name another file.");
  if (!S_ISREG(status.st_mode)) return malformed(path, "it is no plain file");
  if (static_cast<std::uint64_t>(status.st_size) > max_size) return malformed(path, "it is longer than 1 MiB");
  // Whoever can put a session there can be any server.
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return malformed(path, "it belongs to somebody else, whose session could be anybody's");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return malformed(path, "others may write to it, so that its session could be anybody's");
  out->exposed_ = (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::read(file.get(), text.data() + at, text.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unusable(path + " can't be read", words_of(errno), "Name another file.");
    if (count == 0) text.resize(at);
    at += static_cast<std::size_t>(count);
  }
  Content content;
  if (std::string problem = read(Json::parse(text, nullptr, false), content); !problem.empty())
    return malformed(path, std::move(problem));
  out->loaded_ = std::move(content.session);
  out->full_handshake_ = content.full_handshake;
  return out;
}

std::optional<SavedSession> SessionFile::find(const ClientSessionKey& key) noexcept {
  const std::lock_guard lock(mutex_);
  if (!loaded_ || offered_) return std::nullopt;
  const ClientSessionKey& ours = loaded_->key();
  miss_ = ours.server_name != key.server_name ? Miss::server_name
          : ours.port != key.port             ? Miss::port
          : ours.policy != key.policy         ? Miss::policy
                                              : Miss::none;
  if (miss_ != Miss::none) return std::nullopt;
  offered_ = true;
  return loaded_;
}

void SessionFile::put(const ClientSessionKey&, SavedSession session) noexcept {
  const std::lock_guard lock(mutex_);
  received_ = std::move(session);
}

void SessionFile::erase(const ClientSessionKey&, const SavedSession& session) noexcept {
  const std::lock_guard lock(mutex_);
  if (received_ && &received_->content() == &session.content()) received_.reset();
  if (loaded_ && &loaded_->content() == &session.content()) erased_ = true;
}

SessionFile::Miss SessionFile::miss() const noexcept {
  const std::lock_guard lock(mutex_);
  return miss_;
}
bool SessionFile::offered() const noexcept {
  const std::lock_guard lock(mutex_);
  return offered_;
}
std::optional<SavedSession> SessionFile::received() const noexcept {
  const std::lock_guard lock(mutex_);
  return received_;
}

SessionFile::Outcome SessionFile::save(const std::optional<HandshakeCost>& full_handshake) const {
  const std::lock_guard lock(mutex_);
  if (!received_) {
    if (!loaded_) return {Saved::nothing, {}};
    if (!erased_ && (!offered_ || !loaded_->single_use())) return {Saved::kept, {}};
    if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return {Saved::failed, words_of(errno)};
    return {Saved::removed, {}};
  }
  const std::optional<HandshakeCost>& cost = full_handshake ? full_handshake : full_handshake_;
  Buffer bytes = received_->serialize();
  const Json json = {{"schema", schema},
                     {"server_name", received_->key().server_name},
                     {"port", received_->key().port},
                     {"version", name(received_->version())},
                     {"expires", x509::time_text(received_->expires())},
                     {"max_early_data", received_->max_early_data()},
                     {"full_handshake", cost ? cost_json(*cost) : Json(nullptr)},
                     {"session", x509::encode_base64(bytes)}};
  base::wipe(bytes.data(), bytes.size());
  std::string problem = replace(path_, dump(json));
  return problem.empty() ? Outcome{Saved::written, {}} : Outcome{Saved::failed, std::move(problem)};
}

std::string_view name(SessionFile::Miss miss) noexcept {
  switch (miss) {
    case SessionFile::Miss::none: return "none";
    case SessionFile::Miss::no_file: return "no_file";
    case SessionFile::Miss::server_name: return "server_name";
    case SessionFile::Miss::port: return "port";
    case SessionFile::Miss::policy: return "policy";
  }
  return "none";
}

}  // namespace handfast::doctor
