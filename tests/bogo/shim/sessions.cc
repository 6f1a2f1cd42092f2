#include "sessions.h"

#include <algorithm>
#include <utility>

#include "boringssl_ticket.h"
#include "failure.h"

namespace handfast::bogo {
namespace {

constexpr std::int64_t day = 24 * 3600;
/// As BoringSSL has it.
constexpr std::uint32_t max_early_data = 14336;
constexpr std::int64_t ticket_age_skew = 60'001;  // BoringSSL's, and what StandingClock goes on by

/// The key of that number. The runner has no use for a good one.
TicketKey ticket_key(std::uint8_t number, std::int64_t issues_from, std::int64_t issues_until) {
  TicketKey key;
  key.name.fill(number);
  key.secret.fill(number);
  key.issues_from = issues_from;
  key.issues_until = issues_until;
  key.opens_until = issues_until + 8 * day;
  return key;
}

struct NoTickets final : TicketSealer {
  std::optional<Buffer> seal(Bytes, std::int64_t) noexcept override { return std::nullopt; }
  std::optional<Buffer> open(Bytes) noexcept override { return std::nullopt; }
};

}  // namespace

StandingClock::StandingClock() : milliseconds_(system_clock().now() * 1000) {}

std::uint64_t StandingClock::monotonic() { return system_clock().monotonic(); }

std::optional<SavedSession> LastSession::find(const ClientSessionKey&) noexcept {
  return std::exchange(offered_, std::nullopt);
}

void LastSession::put(const ClientSessionKey&, SavedSession session) noexcept { received_ = std::move(session); }

bool LastSession::next() {
  offered_ = std::exchange(received_, std::nullopt);
  return offered_.has_value();
}

void LateStore::find(Buffer id, SessionUse use, std::function<void(std::optional<Buffer>)> done) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return done(std::nullopt);
  Buffer session = found->second;
  if (use == SessionUse::take) sessions_.erase(found);
  done(std::move(session));
}

void LateStore::put(Bytes id, Bytes session, std::int64_t) noexcept {
  sessions_[Buffer(id.begin(), id.end())] = Buffer(session.begin(), session.end());
}

void LateStore::erase(Bytes id) noexcept { sessions_.erase(Buffer(id.begin(), id.end())); }

Sessions::Sessions(const CommandLine& flags) {
  const std::int64_t began = clock_->now_milliseconds() - day * 1000;
  strike_register_ = std::make_shared<StrikeRegister>(StrikeRegister::Options{.freshness = ticket_age_skew}, began);
  for (const Flags* each : {&flags.initial, &flags.resume})
    if (!each->select_alpn.empty() &&
        std::ranges::find(selected_protocols_, each->select_alpn) == selected_protocols_.end())
      selected_protocols_.push_back(each->select_alpn);
}

void Sessions::begin(const Flags& flags) {
  ++connections_;
  if (!client_->next() && resuming() && !flags.server) throw Failure("No session to offer.");
  set_ticket_keys(flags);
}

void Sessions::set_ticket_keys(const Flags& flags) {
  const std::int64_t now = clock_->now();
  std::vector<TicketKey> keys;
  if (flags.skip_ticket) {
    keys.push_back(ticket_key(1, now - 2 * day, now - day));
  } else if (flags.renew_ticket && resuming()) {
    // A ticket is renewed when its key issues no more.
    keys.push_back(ticket_key(1, now - 2 * day, now));
    keys.push_back(ticket_key(2, now, now + day));
  } else {
    keys.push_back(ticket_key(1, now - 2 * day, now + day));
  }
  if (!ticket_keys_->set(std::move(keys))) throw Failure("no ticket keys");
}

std::shared_ptr<TicketKeys> Sessions::ticket_keys(const Flags& flags) const {
  if (!flags.ticket_key.empty()) return std::make_shared<BoringSslTickets>(flags.ticket_key);
  if (!flags.use_ticket_aead_callback) return ticket_keys_;
  if (flags.skip_ticket) return std::make_shared<NoTickets>();
  return std::make_shared<BoringSslTickets>(Buffer(BoringSslTickets::key_size, 1));
}

ClientSessions Sessions::client(const Flags& flags) const {
  ClientSessions sessions;
  sessions.store = client_;
  sessions.tls12_tickets = !flags.no_ticket;
  sessions.early_data = flags.enable_early_data;
  sessions.reverify = flags.reverify_on_resume;
  return sessions;
}

ServerSessions Sessions::server(const Flags& flags) const {
  ServerSessions sessions;
  if (flags.no_ticket)
    sessions.tickets = 0;
  else
    sessions.ticket_keys = ticket_keys(flags);
  sessions.store = memory_;
  if (flags.async && sessions.ticket_keys) sessions.store = late_;
  if (flags.enable_early_data) sessions.max_early_data = max_early_data;
  sessions.strike_register = strike_register_;
  sessions.across_names = flags.resumption_across_names_enabled;
  return sessions;
}

}  // namespace handfast::bogo
