#include "exchange.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "encoding.h"
#include "failure.h"
#include "peer.h"
#include "settings.h"
#include "socket.h"

namespace handfast::bogo {
namespace {

void expect(bool holds, const std::string& otherwise) {
  if (!holds) throw Failure(otherwise);
}

template <typename Enum>
void expect_value(int wanted, Enum got, const std::string& what) {
  if (wanted != 0) expect(wanted == static_cast<int>(got), what + " is " + name(got));
}

void check_certificates(const Flags& flags, const ConnectionInfo& info) {
  if (!flags.expect_ocsp_response.empty())
    expect(info.ocsp_response == flags.expect_ocsp_response, "another OCSP response than expected");
  if (!flags.expect_signed_cert_timestamps.empty())
    expect(info.signed_certificate_timestamps == flags.expect_signed_cert_timestamps, "other SCTs than expected");
  if (flags.expect_verify_result)
    expect(info.peer_verified || info.peer_certificates.empty(), "the peer was not verified");
  if (!flags.expect_peer_cert_file.empty())
    expect(info.peer_certificates == certificates_from_pem(read_file(flags.expect_peer_cert_file)),
           "another peer certificate than expected");
  if (flags.expect_no_peer_cert)
    expect(info.peer_certificates.empty(), "a peer certificate");
  else if (!flags.server || (flags.require_any_client_certificate && !flags.verify_peer))
    expect(!info.peer_certificates.empty(), "no peer certificate");
}

void check_selected_credential(const Flags& flags, const Settings& settings, const ConnectionInfo& info) {
  if (!flags.expect_selected_credential) return;
  const auto found = std::ranges::find(settings.credentials, info.credential);
  const auto index = found - settings.credentials.begin();
  // The last one, and none at all, are -1 to the runner.
  const bool is_default = !info.credential || found >= settings.credentials.end() - 1;
  const int got = is_default ? -1 : static_cast<int>(index);
  expect(got == *flags.expect_selected_credential, "credential " + std::to_string(got) + " was used");
}

/// What TLS 1.2 negotiates and TLS 1.3 always has.
void check_of_tls12(const Flags& flags, const ConnectionInfo& info) {
  const bool always = info.version == ProtocolVersion::tls1_3;
  const bool secure_renegotiation = always || info.secure_renegotiation;
  if (flags.no_legacy_server_connect && !secure_renegotiation)
    throw Unimplemented("refusing servers without secure renegotiation");
  if (flags.expect_secure_renegotiation) expect(secure_renegotiation, "no secure renegotiation");
  if (flags.expect_no_secure_renegotiation) expect(!secure_renegotiation, "secure renegotiation");
  if (flags.expect_extended_master_secret) expect(always || info.extended_master_secret, "no extended master secret");
}

void check_handshake(const Flags& flags, const Settings& settings, const Connection& connection) {
  const ConnectionInfo& info = connection.info();
  const bool false_started = connection.handshaking();
  expect(!flags.handshake_never_done || false_started, "the handshake was done");
  expect(!flags.false_start || flags.implicit_handshake || false_started, "no False Start");
  check_of_tls12(flags, info);
  check_certificates(flags, info);
  check_selected_credential(flags, settings, info);
  expect_value(flags.expect_version, info.version, "the version");
  expect_value(flags.expect_curve_id, info.group, "the group");
  expect_value(flags.expect_peer_signature_algorithm, info.peer_signature_scheme, "the peer's signature scheme");
  expect_value(flags.expect_cipher, info.cipher_suite, "the cipher suite");
  const bool has_aes = supported_cipher_suites().front() != CipherSuite::TLS_CHACHA20_POLY1305_SHA256;
  expect_value(has_aes ? flags.expect_cipher_aes : flags.expect_cipher_no_aes, info.cipher_suite, "the cipher suite");
  if (flags.expect_hrr) expect(info.retried, "no HelloRetryRequest");
  if (flags.expect_no_hrr) expect(!info.retried, "a HelloRetryRequest");
  if (!flags.expect_server_name.empty())
    expect(info.server_name == flags.expect_server_name, "the server name is " + info.server_name);
  if (flags.expect_no_server_name) expect(info.server_name.empty(), "the server name is " + info.server_name);
  const std::string& protocol = flags.server ? flags.select_alpn : flags.expect_alpn;
  expect(info.application_protocol == protocol, "the ALPN protocol is " + info.application_protocol);
}

void send_exported_keys(Peer& peer, const Flags& flags) {
  Buffer keys(static_cast<std::size_t>(flags.export_keying_material));
  std::optional<Bytes> context;
  if (flags.use_export_context) context = as_bytes(flags.export_context);
  peer.check(peer.connection().export_keying_material(flags.export_label, context, keys));
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

}  // namespace

void exchange(const Flags& flags) {
  const Settings settings = make_settings(flags);
  Socket socket(flags.ipv6, flags.port);
  std::array<std::uint8_t, 8> id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(flags.shim_id >> 8 * i);
  socket.write(id);

  Peer peer(flags, settings, socket, settings.connect(flags));
  if (!flags.implicit_handshake) {
    peer.handshake();
    check_handshake(flags, settings, peer.connection());
    if (flags.handshake_twice) peer.finish_handshake();
  }

  if (flags.export_keying_material > 0) send_exported_keys(peer, flags);
  if (flags.export_traffic_secrets) send_traffic_secrets(peer, flags, *settings.secrets);
  if (flags.tls_unique) send_tls_unique(peer);
  if (flags.send_alert) {
    peer.handshake();
    peer.connection().abort(Alert::decompression_failure_RESERVED);
    peer.flush();
    return;
  }
  send_first_data(peer, flags);
  if (!flags.shim_shuts_down) echo(peer, flags);
  if (flags.implicit_handshake) check_handshake(flags, settings, peer.connection());
  if (flags.check_close_notify) shut_down(peer);
}

}  // namespace handfast::bogo
