// Sessions that are resumed: the keys that seal them, where they are kept, and what keeps early data from being
// replayed.
//
// All of it is shared by configs (and outlives them: a reload keeps its sessions), and safe to use from any thread.
// What a session may be resumed under is decided by the config: see ServerSessions and ClientOptions::sessions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/clock.h>
#include <handfast/error.h>
#include <handfast/random.h>
#include <handfast/types.h>

namespace handfast {

// --- What came of it
// -----------------------------------------------------------------------------------------------------------------

/// What became of early data (RFC 8446, section 2.3), and why.
enum class EarlyData : std::uint8_t {
  disabled,                 ///< not asked for by our config
  accepted,                 ///< taken by the server
  offered,                  ///< by a client, and the server has not answered yet
  no_session_offered,       ///< there was no session to resume with it
  protocol_version,         ///< the session, or the connection, is of TLS 1.2
  unsupported_for_session,  ///< the session's ticket allows none
  peer_declined,            ///< the server said no without a reason that shows; the client did not offer any
  session_not_resumed,      ///< the session that it came with was not resumed
  hello_retry_request,      ///< a HelloRetryRequest ends it
  alpn_mismatch,            ///< another ALPN protocol than the session's
  ticket_age_skew,          ///< the ticket's age is off by more than the freshness window: a replay, or a wrong clock
  replayed,                 ///< the flight was taken before
  unsure,                   ///< the strike register is full, or can't know of the time before it began
};
std::string_view name(EarlyData) noexcept;  ///< "ticket_age_skew"

/// How a session was resumed.
enum class Resumption : std::uint8_t {
  none,          ///< a full handshake
  session_id,    ///< TLS 1.2, by a session ID (RFC 5246, section 7.3)
  ticket,        ///< TLS 1.2, by a ticket (RFC 5077)
  psk,           ///< TLS 1.3, by a pre-shared key of an earlier connection
  external_psk,  ///< TLS 1.3, no session at all: by a key that was agreed on elsewhere
};
std::string_view name(Resumption) noexcept;  ///< "session_id"

/// Why a session that was offered was not resumed.
enum class SessionRefusal : std::uint8_t {
  none,                    ///< it was
  unknown,                 ///< it does not open or is not known: another key, policy or host name, damaged, gone
  expired,                 ///< it is past its lifetime, or from the future
  version,                 ///< it is of another version
  cipher_suite,            ///< its suite, or its hash, is not the one that was chosen, or was not offered
  extended_master_secret,  ///< TLS 1.2: one side has it, the session has it not (RFC 7627, section 5.3)
  psk_mode,                ///< the client does not offer a mode that is spoken here (RFC 8446, section 4.2.9)
  peer_certificate,        ///< the peer's certificate has expired since, or was revoked, or is asked for and missing
  declined,                ///< the server went on in full, and does not say why
};
std::string_view name(SessionRefusal) noexcept;  ///< "peer_certificate"

// --- Tickets (RFC 8446, section 4.6.1; RFC 5077)
// ---------------------------------------------------------------------

/// A key that seals tickets, wiped when it goes. Times are in seconds since 1970.
struct TicketKey {
  std::array<std::uint8_t, 16> name{};  ///< stands in the ticket in the clear: which key it was
  std::array<std::uint8_t, 32> secret{};
  std::int64_t issues_from = 0;   ///< seals from then on
  std::int64_t issues_until = 0;  ///< and before that; afterwards it opens only
  std::int64_t opens_until = 0;   ///< and before that; afterwards it is good for nothing

  TicketKey() noexcept = default;
  TicketKey(const TicketKey&) noexcept = default;
  TicketKey& operator=(const TicketKey&) noexcept = default;
  ~TicketKey();
};

/// Ticket keys at one moment, immutable.
class TicketKeyRing {
 public:
  explicit TicketKeyRing(std::vector<TicketKey> keys) noexcept : keys_(std::move(keys)) {}
  const std::vector<TicketKey>& keys() const noexcept { return keys_; }
  /// The key that seals at `now`: of several the one that began last. Null: none does.
  const TicketKey* issuing(std::int64_t now) const noexcept;
  /// The key of that name, 16 bytes, if it opens at `now`; else null.
  const TicketKey* opening(Bytes name, std::int64_t now) const noexcept;

 private:
  std::vector<TicketKey> keys_;
};

class TicketSealer;

/// Where ticket keys come from. Whoever shares them between processes or hosts shares early data too: each process has
/// a StrikeRegister of its own, so that a flight may be taken once by each of them. Where that is too often, tickets
/// are kept in a store that all of them share (ServerSessions::stored_tickets), or there is no early data. Whoever
/// shares them between processes or hosts implements it, or feeds a SharedTicketKeys.
class TicketKeys {
 public:
  virtual ~TicketKeys() = default;
  /// The keys at `now`, in seconds since 1970. It is called in every handshake, from any thread, and returns at once: a
  /// source that has to wait for its keys gives the ones that it has. Null, and a ring without a key that fits, cost
  /// the resumption and nothing else: no ticket is issued, none is opened, and the handshake goes on in full.
  virtual std::shared_ptr<const TicketKeyRing> ring(std::int64_t now) noexcept = 0;
  /// The same where its keys do not leave it, else nullptr; always the same answer. Then there is no ring.
  virtual TicketSealer* sealer() noexcept { return nullptr; }
};

/// Ticket keys that do not leave where they are: in a security module, in a service, or under somebody else's format of
/// tickets. What a config says of ticket keys holds for them too: they seal what a store outside keeps, and early data
/// needs a strike register, of which each process that shares them has its own (see TicketKeys). Both calls come in
/// handshakes, on any of their threads, and return at once: whoever would have to wait gives nothing, or keeps sessions
/// in a SessionStore instead. An exception ends the process.
///
/// What a session may be resumed under stands in the state, and the engine holds it against the connection: no session
/// crosses a policy or a host name, whatever is opened. Beyond that the state is trusted, keys and peer's identity: it
/// comes back as it went in, and nobody else may be able to make a ticket that opens, or to see into one. The keys are
/// to be random, and to be replaced by time, as RotatingTicketKeys does it.
class TicketSealer : public TicketKeys {
 public:
  /// A ticket of that state, which is secret: whoever has it can read the session's connections, and make others. It
  /// opens until `expires`, in seconds since 1970: it is not renewed before. At most `Limits::ticket` bytes, and not
  /// 32, which is how long the IDs of a store are. Nothing, and whatever is not so: no ticket is issued, but an empty
  /// one in TLS 1.2, where it has been promised by then (RFC 5077, section 3.3). Called for each ticket, in TLS 1.3 up
  /// to `ServerSessions::tickets` times in a connection.
  virtual std::optional<Buffer> seal(Bytes state, std::int64_t expires) noexcept = 0;
  /// The state that was sealed; the engine wipes it, what else was decrypted the sealer does. A ticket is what anybody
  /// has sent, before anything is known of who that is, or what a store outside has given, of any length; a ClientHello
  /// has up to `Limits::psk_identities` of them. Nothing: the handshake goes on in full.
  virtual std::optional<Buffer> open(Bytes ticket) noexcept = 0;
  std::shared_ptr<const TicketKeyRing> ring(std::int64_t) noexcept final { return nullptr; }
  TicketSealer* sealer() noexcept final { return this; }
};

/// Random keys, made here and rotated by time. A key issues for `rotation`; the next one is made a whole rotation
/// before it issues, so that those who share the keys have it by then; an old one opens tickets for as long as they
/// live, then it is wiped.
class RotatingTicketKeys final : public TicketKeys {
 public:
  struct Options {
    std::int64_t rotation = 12 * 3600;         ///< seconds; at least 1, and a 256th of ticket_lifetime
    std::int64_t ticket_lifetime = 24 * 3600;  ///< seconds, at least that of the configs that use it
  };
  /// Null `random`: libcrypto's generator.
  explicit RotatingTicketKeys(Options options, std::shared_ptr<Random> random = nullptr);
  RotatingTicketKeys() : RotatingTicketKeys(Options{}) {}
  ~RotatingTicketKeys() override;
  /// Rotates where it is due, and wipes what is of no use any more: a process that makes no handshakes calls it from
  /// time to time, if that matters to it. While another thread does so, the others get the ring that there was.
  std::shared_ptr<const TicketKeyRing> ring(std::int64_t now) noexcept override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Keys that somebody else makes and hands in: for workers, processes and hosts that share them.
class SharedTicketKeys final : public TicketKeys {
 public:
  SharedTicketKeys();
  ~SharedTicketKeys() override;
  /// From now on these. Fails with bad_config (evidence `option` = "ticket_keys", `problem`), changing nothing, for a
  /// secret or name of zeros, a name that stands there twice, and times that are out of order.
  Result<void> set(std::vector<TicketKey> keys);
  /// The same for what `export_keys` has written. Fails with decode_error, decode_error too.
  Result<void> set(Bytes exported);
  std::shared_ptr<const TicketKeyRing> ring(std::int64_t now) noexcept override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The ring in bytes, to be carried to others over a channel that is safe: whoever has it opens every ticket.
Buffer export_keys(const TicketKeyRing& ring);

// --- Sessions of a server that are kept (RFC 5246, section 7.3; RFC 8446, section 2.2)
// --------------------------------

/// What becomes of a session that is looked up.
enum class SessionUse : std::uint8_t {
  keep,  ///< TLS 1.2: it stays
  take,  ///< TLS 1.3: it is removed, at once and for all who share the store, so that nobody gets it twice
};

class MemorySessionStore;

/// Keeps sessions by their ID. One that is not a MemorySessionStore is asked by a Need; what it holds was sealed with
/// the config's ticket keys, so that it is trusted with nothing: garbage, and what belongs to another policy, cost a
/// full handshake.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// Calls `done` once, at once or later, from any thread: with the session, or with nothing where there is none, or
  /// where the store could not be asked.
  virtual void find(Buffer id, SessionUse use, std::function<void(std::optional<Buffer>)> done) = 0;
  /// Keeps a session until `expires` (seconds since 1970), or drops it: nobody waits for it, so it returns at once.
  virtual void put(Bytes id, Bytes session, std::int64_t expires) noexcept = 0;
  /// Forgets it: its connection has failed (RFC 5246, section 7.2.2). Returns at once.
  virtual void erase(Bytes id) noexcept = 0;
  /// The same store where it is in this process and answers at once, else nullptr.
  virtual MemorySessionStore* local() noexcept { return nullptr; }
};

/// In this process, in memory that is bounded in entries and bytes: the ones used longest ago go first. Answers at
/// once. In shards, each with a lock of its own.
class MemorySessionStore final : public SessionStore {
 public:
  struct Options {
    std::size_t entries = 20'000;
    std::size_t bytes = std::size_t{32} << 20;  ///< of IDs and sessions, and an estimate of what holds them
    std::size_t shards = 16;                    ///< from 1 to `entries`; entries and bytes are shared out evenly
  };
  explicit MemorySessionStore(Options options);
  MemorySessionStore() : MemorySessionStore(Options{}) {}
  ~MemorySessionStore() override;

  /// The session at once: nothing where there is none, or it has expired at `now`.
  std::optional<Buffer> find_now(Bytes id, SessionUse use, std::int64_t now) noexcept;
  void find(Buffer id, SessionUse use, std::function<void(std::optional<Buffer>)> done) override;
  void put(Bytes id, Bytes session, std::int64_t expires) noexcept override;
  void erase(Bytes id) noexcept override;
  MemorySessionStore* local() noexcept override { return this; }
  std::size_t size() const noexcept;   ///< sessions
  std::size_t bytes() const noexcept;  ///< as `Options::bytes` counts them

 private:
  struct Shard;
  struct State;
  std::unique_ptr<State> state_;
};

// --- Sessions of a client
// --------------------------------------------------------------------------------------------

/// For what a client's session is good. All of it has to be equal.
struct ClientSessionKey {
  std::string server_name;
  std::uint16_t port = 0;
  /// A hash of the client's policy: ALPN, trust, verification, credentials (ClientConfig::session_policy).
  std::array<std::uint8_t, 32> policy{};
  friend bool operator==(const ClientSessionKey&, const ClientSessionKey&) = default;
};

namespace session {
struct ClientSession;
}

/// A session that a client may resume: immutable, shared. What is in it is secret.
class SavedSession {
 public:
  /// Sessions are made by connections, and by `parse`.
  explicit SavedSession(std::shared_ptr<const session::ClientSession> content) noexcept
      : content_(std::move(content)) {}

  ProtocolVersion version() const noexcept;
  /// For what it is good: a store gives it out for nothing else.
  const ClientSessionKey& key() const noexcept;
  /// When the server stops taking it, in seconds since 1970.
  std::int64_t expires() const noexcept;
  /// TLS 1.3: it is offered once (RFC 8446, appendix C.4), since whoever sees it twice knows that it is the same
  /// client.
  bool single_use() const noexcept;
  /// How many bytes of early data the server takes with it; 0: none.
  std::uint32_t max_early_data() const noexcept;
  /// The server says that it may be resumed under other names of its certificate (draft-ietf-tls-cross-sni-resumption).
  bool resumption_across_names() const noexcept;
  /// TLS 1.2: it is known to the server by a session ID, and not by a ticket.
  bool has_session_id() const noexcept;

  /// As bytes, for a file that nobody else can read: whoever has them can read the session's connections.
  Buffer serialize() const;
  /// Fails with decode_error, decode_error (evidence `message` = "session", `field`).
  static Result<SavedSession> parse(Bytes bytes);

  const session::ClientSession& content() const noexcept { return *content_; }

 private:
  std::shared_ptr<const session::ClientSession> content_;
};

/// Where a client keeps its sessions. Both calls return at once and come from any thread.
class ClientSessionStore {
 public:
  virtual ~ClientSessionStore() = default;
  /// The newest session for that key, or nothing; one that is single_use is removed.
  virtual std::optional<SavedSession> find(const ClientSessionKey& key) noexcept = 0;
  /// Forgets that session, where it is still there: a connection of it has failed (RFC 5246, section 7.2.2), or it is
  /// of no use any more.
  virtual void erase(const ClientSessionKey& key, const SavedSession& session) noexcept = 0;
  /// Keeps a session for that key, or drops it.
  virtual void put(const ClientSessionKey& key, SavedSession session) noexcept = 0;
};

/// In memory, bounded: the servers used longest ago go first.
class MemoryClientSessionStore final : public ClientSessionStore {
 public:
  struct Options {
    std::size_t servers = 1000;
    std::size_t per_server = 4;  ///< tickets of TLS 1.3; of TLS 1.2 one
    /// A session with its ticket and the server's certificates; a larger one is not kept.
    std::size_t session_bytes = 32768;
  };
  explicit MemoryClientSessionStore(Options options);
  MemoryClientSessionStore() : MemoryClientSessionStore(Options{}) {}
  ~MemoryClientSessionStore() override;
  std::optional<SavedSession> find(const ClientSessionKey& key) noexcept override;
  void put(const ClientSessionKey& key, SavedSession session) noexcept override;
  void erase(const ClientSessionKey& key, const SavedSession& session) noexcept override;
  std::size_t size() const noexcept;  ///< sessions, of all servers

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// --- Early data: nothing is taken twice (RFC 8446, section 8)
// ---------------------------------------------------------

/// Remembers which flights of early data were taken, so that none is taken twice in this process; another process with
/// the same ticket keys does not know of them. One object for all workers and configs: a reload hands it on. Memory is
/// bounded; when it is full, or unsure, it says so, and the handshake goes on without early data.
class StrikeRegister {
 public:
  struct Options {
    /// How far the client's account of the ticket's age may be off, either way, in milliseconds.
    std::int64_t freshness = 10'000;
    /// Remembered at most, each while it is or may be fresh, half of them ahead of their time; 28 to 32 bytes each.
    std::size_t flights = 1 << 18;
  };
  enum class Verdict : std::uint8_t {
    first,     ///< never seen, and it would have been seen; said once of a flight, whatever the clock does
    stale,     ///< outside of the freshness window
    replayed,  ///< seen before
    unsure,    ///< it is full, or was when the flight may have come before; or that was before this register began, or
               ///< was forgotten before the clock went back
  };
  /// `began`: milliseconds since 1970. Flights of older tickets may have been taken by a register that is no more (a
  /// restart with kept keys): unsure for twice the freshness. What that one refused as ahead of its time is not known.
  StrikeRegister(Options options, std::int64_t began);
  explicit StrikeRegister(std::int64_t began) : StrikeRegister(Options{}, began) {}
  ~StrikeRegister();

  /// `flight`: what nobody else can make, 32 bytes or more: the binder. `issued`: when the ticket was; `arrives`: when
  /// by the client's account the flight arrives; `now`. All in milliseconds since 1970.
  Verdict strike(Bytes flight, std::int64_t issued, std::int64_t arrives, std::int64_t now) noexcept;
  std::int64_t freshness() const noexcept;
  std::size_t size() const noexcept;  ///< flights remembered

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// --- Keys that were agreed on elsewhere (RFC 8446, section 4.2.11; RFC 9258)
// ------------------------------------------

/// A pre-shared key from outside, for TLS 1.3. Immutable, wiped when it goes.
class PreSharedKey {
 public:
  /// The hash that an external key is used with: SHA-256 unless something else was agreed on (RFC 8446,
  /// section 4.2.11).
  enum class Hash : std::uint8_t { sha256, sha384 };
  using Shared = std::shared_ptr<const PreSharedKey>;

  /// Used as it is. Fails with bad_config (evidence `option` = "psk", `problem`) for an identity that is empty or past
  /// 65535 bytes, and a key that has less than 16 or more than 1024 bytes.
  static Result<Shared> external(Bytes identity, Bytes key, Hash hash = Hash::sha256);
  /// Imported (RFC 9258): for each suite's hash a key and an identity of its own, so that one external key serves them
  /// all. `hash`: that which the key was agreed on for; `context`: what else it is bound to, for both sides the same.
  /// Fails as above, and for an identity and a context that are longer than 65527 bytes together.
  static Result<Shared> imported(Bytes identity, Bytes key, Bytes context = {}, Hash hash = Hash::sha256);

  ~PreSharedKey();
  PreSharedKey(const PreSharedKey&) = delete;
  PreSharedKey& operator=(const PreSharedKey&) = delete;

  /// As it was given: with `imported`, what is on the wire is another.
  const Buffer& identity() const noexcept { return identity_; }

  struct Parts;  ///< session/'s
  const std::vector<Parts>& parts() const noexcept { return parts_; }

 private:
  PreSharedKey() = default;
  Buffer identity_;
  std::vector<Parts> parts_;
};

}  // namespace handfast
