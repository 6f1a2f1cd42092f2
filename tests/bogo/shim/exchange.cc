#include "exchange.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "checks.h"
#include "failure.h"
#include "peer.h"
#include "settings.h"
#include "socket.h"

namespace handfast::bogo {
namespace {

void send_exported_keys(Peer& peer, const Flags& flags) {
  Buffer keys(static_cast<std::size_t>(flags.export_keying_material));
  std::optional<Bytes> context;
  if (flags.use_export_context) context = as_bytes(flags.export_context);
  Result<void> exported = peer.connection().export_keying_material(flags.export_label, context, keys);
  expect(exported || !peer.connection().handshaking(), ":HANDSHAKE_NOT_COMPLETE:");
  peer.check(exported);
  peer.write(keys);
}

void send_tls_unique(Peer& peer) {
  const Result<Buffer> binding = peer.connection().tls_unique();
  expect(binding.has_value(), "failed to get tls-unique");
  peer.write(*binding);
}

void send_traffic_secrets(Peer& peer, const Flags& flags, const TrafficSecrets& secrets) {
  const Buffer& read = flags.server ? secrets.client : secrets.server;
  const Buffer& write = flags.server ? secrets.server : secrets.client;
  const auto size = static_cast<std::uint16_t>(read.size());
  Buffer message = {static_cast<std::uint8_t>(size & 0xff), static_cast<std::uint8_t>(size >> 8)};
  message.insert(message.end(), read.begin(), read.end());
  message.insert(message.end(), write.begin(), write.end());
  peer.write(message);
}

void send_exports(Peer& peer, const Flags& flags, const TrafficSecrets& secrets) {
  if (flags.export_keying_material > 0) send_exported_keys(peer, flags);
  if (flags.export_traffic_secrets) send_traffic_secrets(peer, flags, secrets);
  if (flags.tls_unique) send_tls_unique(peer);
}

void send_first_data(Peer& peer, const Flags& flags) {
  if (flags.write_different_record_sizes) {
    constexpr std::size_t sizes[] = {0, 1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769};
    for (std::size_t size : sizes) peer.write(Buffer(size, 0x42));
  } else if (flags.read_with_unfinished_write) {
    peer.begin_write(as_bytes(flags.shim_initial_write));
  } else if (flags.shim_writes_first) {
    for (int i = 0; i < flags.repeat_shim_initial_write; ++i) peer.write(as_bytes(flags.shim_initial_write));
  }
}

/// Sends back what comes, each byte inverted, until the runner has closed.
void echo(Peer& peer, const Flags& flags) {
  const auto read_size = static_cast<std::size_t>(flags.read_size);
  while (true) {
    if (flags.key_update_before_read) {
      peer.check(peer.connection().update_keys(KeyUpdateRequest::update_not_requested));
      peer.flush();
    }
    const std::optional<Bytes> data = peer.read();
    if (!data) return;
    if (flags.use_exporter_between_reads) {
      std::array<std::uint8_t, 1> key{};
      peer.check(peer.connection().export_keying_material("", {}, key));
    }
    peer.finish_write();
    if (flags.key_update) peer.check(peer.connection().update_keys(KeyUpdateRequest::update_not_requested));
    Buffer answer(data->begin(), data->end());
    for (std::uint8_t& byte : answer) byte ^= 0xff;
    for (Bytes rest = answer; !rest.empty(); rest = rest.subspan(std::min(read_size, rest.size())))
      peer.write(rest.first(std::min(read_size, rest.size())));
  }
}

/// Closes, or has closed by now, and waits for the runner to do the same.
void shut_down(Peer& peer) {
  peer.connection().close();
  peer.flush();
  while (peer.read()) throw Failure(":APPLICATION_DATA_ON_SHUTDOWN:");
  expect(!peer.truncated(), "Unexpected SSL_shutdown result: -1 != 1");  // what the runner looks for
}

void send_alert(Peer& peer) {
  peer.handshake();
  peer.connection().abort(Alert::decompression_failure_RESERVED);
  peer.flush();
}

/// A client that offers early data has not waited for the server, and may go on so until some message has come.
void begin_early(Peer& peer, const Flags& flags, const Recorder& trace) {
  if (flags.server) return;
  check_early_offer(flags, peer.connection().info());
  if (flags.early_write_after_message != 0)
    peer.receive_message(trace, static_cast<HandshakeType>(flags.early_write_after_message));
}

}  // namespace

void exchange(const Flags& flags, const Flags& retry, Sessions& sessions) {
  const Settings settings = make_settings(flags, sessions);
  Socket socket(flags.ipv6, flags.port);
  std::array<std::uint8_t, 8> id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(flags.shim_id >> 8 * i);
  socket.write(id);

  Peer peer(flags, retry, settings, socket, settings.connect(flags));
  const auto check = [&](const Flags& now) { check_handshake(now, settings, sessions, peer.connection()); };
  if (!flags.implicit_handshake) peer.handshake();
  const bool early = peer.in_early_data();
  if (early)
    begin_early(peer, flags, *settings.trace);
  else if (!flags.implicit_handshake)
    check(flags);
  if (flags.handshake_twice) peer.finish_handshake();

  send_exports(peer, flags, *settings.secrets);
  if (flags.send_alert) return send_alert(peer);
  send_first_data(peer, flags);

  const Flags* now = &flags;
  if (peer.has_offered_early_data()) {
    peer.finish_handshake();
    peer.finish_write();
    // BoringSSL's callers take what comes of a rejection for another connection, and send nothing again.
    if (peer.early_data_rejected()) {
      expect(flags.expect_reject_early_data, "early data: " + std::string(name(peer.connection().info().early_data)));
      now = &retry;
    }
    check(*now);
    if (now == &retry) {
      send_exports(peer, retry, *settings.secrets);
      send_first_data(peer, retry);
    }
  }

  if (!now->shim_shuts_down && !now->write_different_record_sizes) echo(peer, *now);
  if (flags.implicit_handshake || early) check(*now);
  check_tickets(*now, sessions, peer.connection().info());
  if (now->check_close_notify) shut_down(peer);
  check_messages(*now, settings);
}

}  // namespace handfast::bogo
