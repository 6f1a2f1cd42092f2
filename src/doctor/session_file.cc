#include "doctor/session_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/replace_file.h"
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

constexpr std::string_view name_another = "Name another file; it need not be there yet.";

/// It is none of ours: nobody is told to remove it.
std::unexpected<Error> foreign(const std::string& path, std::string found) {
  return unusable(path + " is no file of a session", std::move(found), std::string(name_another));
}

/// It was ours.
std::unexpected<Error> damaged(const std::string& path, std::string found) {
  return unusable(
      path + " holds no session that can be used", std::move(found),
      fmt::format("Name another file, or remove it: rm {}. A new session is saved there.", shell_word(path)));
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

bool is_text(const Json& json, const char* name) { return json.contains(name) && json[name].is_string(); }

/// Gives by what it is seen to be none of ours; empty: it is one.
std::string why_foreign(const Json& json) {
  if (json.is_discarded() || !json.is_object()) return "it is no JSON object";
  if (!is_text(json, "schema")) return fmt::format("it has no schema; a session's is \"{}\"", schema);
  if (const auto& found = json["schema"].get_ref<const std::string&>(); found != schema)
    return fmt::format("its schema is \"{}\", and not \"{}\"", printable(found, 64), schema);
  return {};
}

/// Gives what is wrong with one of ours; empty: it was read.
std::string read(const Json& json, Content& out) {
  if (!is_text(json, "session")) return "it has no member \"session\"";
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
  // What is removed has to be the file itself.
  base::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (file.get() < 0 && errno == ENOENT) {
    out->miss_ = Miss::no_file;
    return out;
  }
  if (file.get() < 0 && errno == ELOOP)
    return unusable(path + " is a symbolic link", "a session of TLS 1.3 has to leave its file when it is offered",
                    fmt::format("Name the file that it leads to, as readlink -f {} tells.", shell_word(path)));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return unusable(path + " can't be read", words_of(errno), std::string(name_another));
  if (!S_ISREG(status.st_mode)) return foreign(path, "it is no plain file");
  if (static_cast<std::uint64_t>(status.st_size) > max_size) return foreign(path, "it is longer than 1 MiB");
  // Whoever can put a session there can be any server.
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return unusable(path + " belongs to somebody else", "its session could be anybody's", std::string(name_another));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return unusable(
        path + " may be written to by others", "its session could be anybody's",
        fmt::format("Name another file; or, if nobody else has written to it: chmod go-w {}", shell_word(path)));
  out->exposed_ = (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::read(file.get(), text.data() + at, text.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unusable(path + " can't be read", words_of(errno), std::string(name_another));
    if (count == 0) text.resize(at);
    at += static_cast<std::size_t>(count);
  }
  const Json json = Json::parse(text, nullptr, false);
  if (std::string problem = why_foreign(json); !problem.empty()) return foreign(path, std::move(problem));
  Content content;
  if (std::string problem = read(json, content); !problem.empty()) return damaged(path, std::move(problem));
  out->file_ = std::move(file);
  out->loaded_ = std::move(content.session);
  out->full_handshake_ = content.full_handshake;
  return out;
}

std::optional<SavedSession> SessionFile::find(const ClientSessionKey& key) noexcept {
  const std::lock_guard lock(mutex_);
  if (!loaded_ || given_) return std::nullopt;
  const ClientSessionKey& ours = loaded_->key();
  miss_ = ours.server_name != key.server_name ? Miss::server_name
          : ours.port != key.port             ? Miss::port
          : ours.policy != key.policy         ? Miss::policy
                                              : Miss::none;
  if (miss_ == Miss::none && loaded_->single_use()) miss_ = take();
  if (miss_ != Miss::none) return std::nullopt;
  given_ = true;
  return loaded_;
}

/// Whoever removes the file has its session.
SessionFile::Miss SessionFile::take() const noexcept {
  // Of those who have read this very file one looks and removes at a time: else one could remove what another, who was
  // faster, has saved there since.
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return Miss::taken;
  struct stat ours{}, there{};
  if (::fstat(file_.get(), &ours) != 0) return Miss::not_removable;
  if (::lstat(path_.c_str(), &there) != 0) return errno == ENOENT ? Miss::taken : Miss::not_removable;
  if (ours.st_dev != there.st_dev || ours.st_ino != there.st_ino) return Miss::taken;
  if (::unlink(path_.c_str()) == 0) return Miss::none;
  return errno == ENOENT ? Miss::taken : Miss::not_removable;
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
bool SessionFile::given() const noexcept {
  const std::lock_guard lock(mutex_);
  return given_;
}
std::optional<SavedSession> SessionFile::received() const noexcept {
  const std::lock_guard lock(mutex_);
  return received_;
}

SessionFile::Outcome SessionFile::save(const std::optional<HandshakeCost>& full_handshake) const {
  const std::lock_guard lock(mutex_);
  if (!received_) {
    if (!loaded_ || miss_ == Miss::taken) return {Saved::nothing, {}};
    const bool used_up = given_ && loaded_->single_use();  // then the file has gone already
    if (!erased_ || used_up) return {used_up ? Saved::removed : Saved::kept, {}};
    return {take() == Miss::none ? Saved::removed : Saved::kept, {}};
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
  std::string problem = base::replace_file(path_, dump(json), base::FileAccess::owner);
  return problem.empty() ? Outcome{Saved::written, {}} : Outcome{Saved::failed, std::move(problem)};
}

std::string_view name(SessionFile::Miss miss) noexcept {
  switch (miss) {
    case SessionFile::Miss::none: return "none";
    case SessionFile::Miss::no_file: return "no_file";
    case SessionFile::Miss::server_name: return "server_name";
    case SessionFile::Miss::port: return "port";
    case SessionFile::Miss::policy: return "policy";
    case SessionFile::Miss::taken: return "taken";
    case SessionFile::Miss::not_removable: return "not_removable";
  }
  return "none";
}

}  // namespace handfast::doctor
