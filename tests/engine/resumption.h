// Connections that follow one another, between a client and a server that keep their sessions.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <handfast/session.h>

#include "engine/needs.h"
#include "engine/pair.h"
#include "session/client_session.h"

namespace handfast::test {

/// The options of both sides, which tests change between connections. What keeps sessions stays the same; each
/// connection has configs that were made for it.
struct Resumer {
  std::shared_ptr<FixedClock> clock = std::make_shared<FixedClock>();
  ClientOptions client = client_options();
  ServerOptions server = server_options();

  Resumer() {
    client.clock = server.clock = clock;
    client.sessions.store = std::make_shared<MemoryClientSessionStore>();
    server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  }

  void allow_early_data(std::uint32_t limit = 1000) {
    client.sessions.early_data = true;
    server.sessions.max_early_data = limit;
    server.sessions.strike_register = std::make_shared<StrikeRegister>(clock->now_milliseconds() - 1);
  }

  /// A connection whose ClientHello stands in the client's output.
  Pair begin(std::string_view name = "server.example", Trace* client_trace = nullptr, Trace* server_trace = nullptr) {
    return Pair(client, server, name, client_trace, server_trace);
  }
  /// One that has come to its end, tickets included; stores that are elsewhere answer at once.
  Pair connect(std::string_view name = "server.example", Trace* client_trace = nullptr, Trace* server_trace = nullptr) {
    Pair pair = begin(name, client_trace, server_trace);
    pump_and_answer(pair);
    return pair;
  }
};

/// A client's store that gives out the newest session whatever it is good for, as often as it is asked.
class HeldSession final : public ClientSessionStore {
 public:
  std::optional<SavedSession> find(const ClientSessionKey&) noexcept override { return held; }
  void put(const ClientSessionKey&, SavedSession session) noexcept override {
    if (!fixed) held = std::move(session);
    ++puts;
  }
  void erase(const ClientSessionKey&, const SavedSession&) noexcept override { ++erased; }
  const Buffer& ticket() const { return held->content().ticket; }
  const Buffer& session_id() const { return held->content().session_id; }

  std::optional<SavedSession> held;
  bool fixed = false;  ///< what comes is not kept any more
  int puts = 0;
  int erased = 0;
};

/// The same session, changed by `change`, which gets a session::ClientSession.
template <typename Change>
SavedSession changed(const SavedSession& saved, Change change) {
  const session::ClientSession& from = saved.content();
  auto copy = std::make_shared<session::ClientSession>();
  copy->session = from.session.clone();
  copy->ticket = from.ticket;
  copy->session_id = from.session_id;
  copy->key = from.key;
  copy->resumption_across_names = from.resumption_across_names;
  change(*copy);
  return SavedSession(std::move(copy));
}
inline SavedSession with_ticket(const SavedSession& saved, Buffer ticket) {
  return changed(saved, [&](session::ClientSession& session) { session.ticket = std::move(ticket); });
}

/// A store in another process.
class FarStore final : public SessionStore {
 public:
  void find(Buffer id, SessionUse use, std::function<void(std::optional<Buffer>)> done) override {
    ++asked;
    const auto found = sessions.find(id);
    std::optional<Buffer> session;
    if (found != sessions.end()) session = found->second;
    if (session && use == SessionUse::take) sessions.erase(found);
    done(std::move(session));
  }
  void put(Bytes id, Bytes session, std::int64_t) noexcept override {
    sessions[Buffer(id.begin(), id.end())].assign(session.begin(), session.end());
  }
  void erase(Bytes id) noexcept override { sessions.erase(Buffer(id.begin(), id.end())); }

  std::map<Buffer, Buffer> sessions;
  int asked = 0;
};

/// Good for a day longer than others. Its signatures have one size, so that answers can be compared.
inline const std::shared_ptr<const Credential>& lasting_credential() {
  static const auto credential = [] {
    authority::CertificateOptions options = shared_authority().leaf({"server.example"});
    options.not_after += 86400;
    return shared_authority().credential(options, crypto::KeyType::ed25519);
  }();
  return credential;
}

/// What a connection told of sessions.
struct SessionTrace final : Trace {
  void on(const TraceEvent& event) override {
    if (const auto* resumption = std::get_if<ResumptionEvent>(&event.what)) events.push_back(*resumption);
    if (const auto* early = std::get_if<EarlyDataEvent>(&event.what)) early_data.push_back(early->outcome);
  }
  bool says(SessionRefusal refusal) const {
    return std::ranges::any_of(events, [&](const ResumptionEvent& event) { return event.refusal == refusal; });
  }
  std::string text() const {
    std::string all;
    for (const ResumptionEvent& event : events) all += std::string(name(event.refusal)) + " ";
    return all;
  }
  std::vector<ResumptionEvent> events;
  std::vector<EarlyData> early_data;
};

/// In what a session is carried from one connection to the next.
enum class Carrier : std::uint8_t {
  psk_ticket,  ///< TLS 1.3, in the ticket
  psk_stored,  ///< TLS 1.3, in a store of the process
  psk_far,     ///< TLS 1.3, in one elsewhere
  tls12_ticket,
  tls12_id,
  tls12_far,
};
inline constexpr Carrier all_carriers[] = {Carrier::psk_ticket,   Carrier::psk_stored, Carrier::psk_far,
                                           Carrier::tls12_ticket, Carrier::tls12_id,   Carrier::tls12_far};
/// Those of sessions that are sealed with ticket keys; the others know one process.
inline constexpr Carrier sealed_carriers[] = {Carrier::psk_ticket, Carrier::psk_far, Carrier::tls12_ticket,
                                              Carrier::tls12_far};
inline constexpr Carrier psk_carriers[] = {Carrier::psk_ticket, Carrier::psk_stored, Carrier::psk_far};
/// Those where the client knows its session by a ticket of any length, and not by a session ID.
inline constexpr Carrier ticket_carriers[] = {Carrier::psk_ticket, Carrier::psk_stored, Carrier::psk_far,
                                              Carrier::tls12_ticket};
inline std::string carrier_name(const testing::TestParamInfo<Carrier>& info) {
  constexpr const char* names[] = {"PskTicket", "PskStored", "PskFar", "Tls12Ticket", "Tls12Id", "Tls12Far"};
  return names[static_cast<std::size_t>(info.param)];
}
inline bool is_tls12(Carrier carrier) { return carrier >= Carrier::tls12_ticket; }
inline bool is_far(Carrier carrier) { return carrier == Carrier::psk_far || carrier == Carrier::tls12_far; }
inline Resumption resumption_of(Carrier carrier) {
  if (!is_tls12(carrier)) return Resumption::psk;
  return carrier == Carrier::tls12_ticket ? Resumption::ticket : Resumption::session_id;
}

inline Resumer resumer_for(Carrier carrier) {
  Resumer resumer;
  ServerSessions& sessions = resumer.server.sessions;
  if (is_tls12(carrier)) resumer.client.max_version = ProtocolVersion::tls1_2;
  if (is_far(carrier)) {
    sessions.store = std::make_shared<FarStore>();
  } else if (carrier == Carrier::psk_stored || carrier == Carrier::tls12_id) {
    sessions.store = std::make_shared<MemorySessionStore>();
    sessions.ticket_keys = nullptr;
  }
  sessions.stored_tickets = carrier == Carrier::psk_far;
  if (is_tls12(carrier)) resumer.client.sessions.tls12_tickets = carrier == Carrier::tls12_ticket;
  return resumer;
}

inline std::shared_ptr<HeldSession> hold(Resumer& resumer) {
  auto held = std::make_shared<HeldSession>();
  resumer.client.sessions.store = held;
  return held;
}

/// Both sides came to an end, and did, or did not, resume.
inline testing::AssertionResult ended_with(const Pair& pair, Resumption expected) {
  const Connection& client = pair.client.connection;
  const Connection& server = pair.server.connection;
  if (!pair.connected())
    return testing::AssertionFailure() << "client: " << reason(client) << ", server: " << reason(server)
                                       << (client.handshaking() ? ", client waits" : "")
                                       << (server.handshaking() ? ", server waits" : "");
  if (client.info().resumption == expected && server.info().resumption == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "client: " << name(client.info().resumption)
                                     << ", server: " << name(server.info().resumption);
}
inline testing::AssertionResult full(const Pair& pair) { return ended_with(pair, Resumption::none); }

/// Data goes both ways, and exports agree.
inline void expect_usable(Pair& pair) {
  pair.client.received.clear();
  pair.server.received.clear();
  value(pair.client.connection.send(as_bytes("ping")));
  value(pair.server.connection.send(as_bytes("pong")));
  pair.pump();
  EXPECT_EQ(as_text(pair.server.received), "ping");
  EXPECT_EQ(as_text(pair.client.received), "pong");
  Buffer ours(32), theirs(32);
  value(pair.client.connection.export_keying_material("EXPORTER-test", as_bytes("context"), ours));
  value(pair.server.connection.export_keying_material("EXPORTER-test", as_bytes("context"), theirs));
  EXPECT_EQ(ours, theirs);
  if (pair.client.connection.info().version != ProtocolVersion::tls1_2) return;
  EXPECT_EQ(value(pair.client.connection.tls_unique()), value(pair.server.connection.tls_unique()));
}

}  // namespace handfast::test
