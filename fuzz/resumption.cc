// A whole client or server that resumes a session of a connection before: the input is how it was kept and who is the
// target, settings, and a program (peers.h).
#include <handfast/session.h>

#include "peers.h"

namespace handfast::fuzz {
namespace {

/// Bits of the byte that an input begins with.
enum Mode : std::uint8_t {
  server_is_target = 1 << 0,
  by_id = 1 << 1,  ///< kept in a store, and no ticket
  early_data = 1 << 2,
  without_dhe = 1 << 3,  ///< psk_ke
  external = 1 << 4,     ///< a key from outside is offered as well
  another = 1 << 5,      ///< the second connection has settings of its own
  expired = 1 << 6,      ///< the session is too old
  alone = 1 << 7,        ///< no session at all, whatever the program sends
};

/// What outlives the first connection.
struct Kept {
  explicit Kept(std::uint8_t mode) : mode(mode) {
    if (mode & by_id)
      store = std::make_shared<MemorySessionStore>();
    else
      keys =
          std::make_shared<RotatingTicketKeys>(RotatingTicketKeys::Options{}, std::make_shared<test::SeededRandom>(3));
    const Buffer secret(32, 7);
    if (mode & external) key = test::value(PreSharedKey::imported(as_bytes("a key"), secret));
    clock->seconds -= (mode & expired) != 0 ? 3 * 3600 : 60;
    strikes = std::make_shared<StrikeRegister>(clock->now_milliseconds() - 1);
  }

  test::Pair connect(std::uint16_t settings) {
    ClientOptions client = client_options(settings);
    ServerOptions server = server_options(settings);
    client.clock = server.clock = clock;
    client.sessions.store = sessions;
    server.sessions.ticket_keys = keys;
    server.sessions.store = store;
    client.sessions.psk_ke = server.sessions.psk_ke = (mode & without_dhe) != 0;
    if (!tls12(settings)) {
      if (key) client.pre_shared_keys = server.pre_shared_keys = {key};
      client.sessions.early_data = (mode & early_data) != 0;
      server.sessions.max_early_data = (mode & early_data) != 0 ? 100 : 0;
      server.sessions.strike_register = strikes;
    }
    return test::Pair(std::move(client), std::move(server));
  }

  std::uint8_t mode;
  std::shared_ptr<test::FixedClock> clock = std::make_shared<test::FixedClock>();
  std::shared_ptr<ClientSessionStore> sessions = std::make_shared<MemoryClientSessionStore>();
  std::shared_ptr<TicketKeys> keys;
  std::shared_ptr<SessionStore> store;
  std::shared_ptr<StrikeRegister> strikes;
  PreSharedKey::Shared key;
};

}  // namespace
}  // namespace handfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  fuzz::Choices input(data, size);
  fuzz::Kept kept(input.byte());
  const std::uint16_t settings = input.number();
  if (!(kept.mode & fuzz::alone)) kept.connect(settings).pump();
  kept.clock->seconds = test::FixedClock().seconds;
  test::Pair pair = kept.connect((kept.mode & fuzz::another) ? input.number() : settings);
  if (kept.mode & fuzz::early_data) {
    const Bytes early = input.some();
    if (early.size() <= pair.client.connection.early_data_left() && !early.empty())
      test::value(pair.client.connection.send_early_data(early));
  }
  const bool server = (kept.mode & fuzz::server_is_target) != 0;
  fuzz::Run(server ? pair.server : pair.client, server ? pair.client : pair.server).run(input);
  return 0;
}
