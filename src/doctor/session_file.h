// A client's session in a file, with what the full handshake took that it began with.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <handfast/error.h>
#include <handfast/session.h>

#include "base/descriptor.h"
#include "doctor/handshake_cost.h"

namespace handfast::doctor {

/// Keeps one session: the newest that a server gave. It is read once, in the beginning, and written by `save`. One of
/// TLS 1.3 leaves the file when it is given out: of several processes one gets it, whatever becomes of that one then.
///
/// The file is JSON (docs/json.md, "handfast/session/1") that only its owner may read: whoever else has it can read the
/// session's connections.
class SessionFile final : public ClientSessionStore {
 public:
  /// Why the session in the file was not given out.
  enum class Miss : std::uint8_t {
    none,           ///< it was, or nobody has asked
    no_file,        ///< there is none
    server_name,    ///< it is for another server name
    port,           ///< for another port
    policy,         ///< made under another policy
    taken,          ///< for one connection, and another process has got it
    not_removable,  ///< for one connection, and the file can't be removed
  };

  /// A file that is not there holds no session. Fails with bad_config, evidence `option` = "--session", `problem`,
  /// `value`, `remedy`: it can't be read or written, is no file but leads to one, holds something else than a session,
  /// or could have been written by somebody else.
  static Result<std::shared_ptr<SessionFile>> open(std::string path);

  std::optional<SavedSession> find(const ClientSessionKey& key) noexcept override;
  void put(const ClientSessionKey& key, SavedSession session) noexcept override;
  /// What the file holds is of no use any more.
  void erase(const ClientSessionKey& key, const SavedSession& session) noexcept override;

  const std::string& path() const noexcept { return path_; }
  /// Others than its owner may read it.
  bool exposed() const noexcept { return exposed_; }
  Miss miss() const noexcept;
  /// That which was in the file, whatever for.
  const std::optional<SavedSession>& loaded() const noexcept { return loaded_; }
  /// The session in the file was given out; whether it was offered then, only the ClientHello says.
  bool given() const noexcept;
  /// The newest session that the server gave.
  std::optional<SavedSession> received() const noexcept;
  /// What the full handshake took which the session in the file began with.
  const std::optional<HandshakeCost>& full_handshake() const noexcept { return full_handshake_; }

  /// What became of the file.
  enum class Saved : std::uint8_t {
    written,  ///< it holds the newest session
    kept,     ///< it holds the one that it held
    removed,  ///< its session was given out, for once, or has failed, and the server gave no other
    nothing,  ///< there was none, and the server gave none
    failed,   ///< it can't be written: `problem` says why
  };
  struct Outcome {
    Saved saved{};
    std::string problem;
  };
  /// Puts the newest session into the file: a new one of mode 0600 takes its place at once, or nothing changes.
  /// `full_handshake`: what the connection took, where it was one in full; else that of the file stays.
  Outcome save(const std::optional<HandshakeCost>& full_handshake) const;

 private:
  explicit SessionFile(std::string path) noexcept : path_(std::move(path)) {}
  Miss take() const noexcept;

  std::string path_;
  base::Descriptor file_;  ///< what was read: open, so that nothing else can have its number
  bool exposed_ = false;
  std::optional<SavedSession> loaded_;
  std::optional<HandshakeCost> full_handshake_;
  mutable std::mutex mutex_;
  Miss miss_ = Miss::none;
  bool given_ = false;
  bool erased_ = false;
  std::optional<SavedSession> received_;
};

/// "server_name"; of `none` "none".
std::string_view name(SessionFile::Miss miss) noexcept;

}  // namespace handfast::doctor
