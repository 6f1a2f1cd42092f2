// What outlives a connection, so that the next one can resume it: the time, a client's session, a server's keys, store
// and strike register.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <handfast/clock.h>
#include <handfast/config.h>
#include <handfast/session.h>

#include "flags.h"

namespace handfast::bogo {

/// The machine's time as it was in the beginning: it stands still but for what -resumption-delay adds to it, and so the
/// ages of tickets are what the runner wants them to be, to the millisecond: with the one that a client rounds down.
class StandingClock final : public Clock {
 public:
  StandingClock();
  std::int64_t now() override { return milliseconds_ / 1000; }
  std::int64_t now_milliseconds() override { return milliseconds_; }
  std::uint64_t monotonic() override;
  void advance(std::int64_t seconds) noexcept { milliseconds_ += seconds * 1000 + 1; }

 private:
  std::int64_t milliseconds_;
};

/// Offers the last session that the connection before was given, whatever that was made for: the runner says when one
/// is to be offered. Which config may resume it, is the engine's to judge.
class LastSession final : public ClientSessionStore {
 public:
  std::optional<SavedSession> find(const ClientSessionKey& key) noexcept override;
  void put(const ClientSessionKey& key, SavedSession session) noexcept override;
  /// Nothing: the runner says what becomes of a session.
  void erase(const ClientSessionKey&, const SavedSession&) noexcept override {}
  /// What this connection was given last.
  const std::optional<SavedSession>& received() const noexcept { return received_; }
  /// Another connection begins; it offers what was received. False where that is nothing.
  bool next();

 private:
  std::optional<SavedSession> offered_;
  std::optional<SavedSession> received_;
};

/// A store that is not known to answer at once, so that the connection has to ask for every session.
class LateStore final : public SessionStore {
 public:
  void find(Buffer id, SessionUse use, std::function<void(std::optional<Buffer>)> done) override;
  void put(Bytes id, Bytes session, std::int64_t expires) noexcept override;
  void erase(Bytes id) noexcept override;
  std::size_t size() const noexcept { return sessions_.size(); }

 private:
  std::map<Buffer, Buffer> sessions_;
};

class Sessions {
 public:
  explicit Sessions(const CommandLine& flags);
  /// The next connection, with these flags. Throws Failure where a client has no session to resume.
  void begin(const Flags& flags);
  /// It is over.
  void end(const Flags& flags) { clock_->advance(flags.resumption_delay); }
  /// Whether this is not the first connection.
  bool resuming() const noexcept { return connections_ > 1; }

  const std::shared_ptr<StandingClock>& clock() const noexcept { return clock_; }
  ClientSessions client(const Flags& flags) const;
  ServerSessions server(const Flags& flags) const;
  /// What a client was given in this connection.
  const std::optional<SavedSession>& received() const noexcept { return client_->received(); }
  /// How many sessions a server keeps.
  std::size_t kept() const noexcept { return memory_->size() + late_->size(); }
  /// The protocols that the server selects on any of the connections. All of them have the whole list, since what
  /// configs differ in keeps sessions apart; which one it comes to, the client's offer says.
  const std::vector<std::string>& selected_protocols() const noexcept { return selected_protocols_; }

 private:
  void set_ticket_keys(const Flags& flags);
  /// Those, or somebody outside who seals.
  std::shared_ptr<TicketKeys> ticket_keys(const Flags& flags) const;

  std::shared_ptr<StandingClock> clock_ = std::make_shared<StandingClock>();
  std::shared_ptr<LastSession> client_ = std::make_shared<LastSession>();
  std::shared_ptr<MemorySessionStore> memory_ = std::make_shared<MemorySessionStore>();
  std::shared_ptr<LateStore> late_ = std::make_shared<LateStore>();
  std::shared_ptr<SharedTicketKeys> ticket_keys_ = std::make_shared<SharedTicketKeys>();
  std::shared_ptr<StrikeRegister> strike_register_;
  std::vector<std::string> selected_protocols_;
  int connections_ = 0;
};

}  // namespace handfast::bogo
