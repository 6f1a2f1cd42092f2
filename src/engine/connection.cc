#include <handfast/connection.h>

#include "engine/impl.h"

namespace handfast {

Result<Connection> Connection::client(std::shared_ptr<const ClientConfig> config, ServerAddress server, Trace* trace) {
  Result<x509::ServerName> name = x509::ServerName::parse(server.name);
  if (!name) return fail(std::move(name.error()));
  return Connection(std::make_unique<Impl>(std::move(config), *name, server.port, trace));
}

Connection Connection::server(std::shared_ptr<const ServerConfig> config, Trace* trace) {
  return Connection(std::make_unique<Impl>(std::move(config), trace));
}

Connection::Connection(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

// Every call that may need memory is guarded: no exception crosses the engine.

Result<Received> Connection::receive(MutableBytes input) {
  return impl_->guarded([&] { return impl_->receive(input); });
}
Result<void> Connection::peer_closed() { return impl_->peer_closed(); }
Result<void> Connection::send(Bytes data) {
  return impl_->guarded([&] { return impl_->send(data); });
}
std::size_t Connection::early_data_left() const noexcept { return impl_->early_data_left(); }
Result<void> Connection::send_early_data(Bytes data) {
  return impl_->guarded([&] { return impl_->send_early_data(data); });
}
Result<void> Connection::resend_early_data() {
  return impl_->guarded([&] { return impl_->resend_early_data(); });
}
Result<void> Connection::export_early_keying_material(std::string_view label, Bytes context, MutableBytes out) const {
  return impl_->export_early_keying_material(label, context, out);
}
void Connection::close() {
  static_cast<void>(impl_->guarded([&]() -> Result<void> {
    impl_->close();
    return {};
  }));
}
void Connection::abort(Alert alert) { impl_->abort(alert); }
Result<void> Connection::update_keys(KeyUpdateRequest request) {
  return impl_->guarded([&] { return impl_->update_keys(request); });
}
Result<void> Connection::request_certificate(ClientAuth demand) {
  return impl_->guarded([&] { return impl_->request_certificate(demand); });
}
bool Connection::awaiting_certificate() const noexcept { return impl_->awaiting_certificate(); }
Bytes Connection::output() const noexcept { return impl_->output(); }
void Connection::drained(std::size_t count) noexcept { impl_->drained(count); }
const Need* Connection::need() const noexcept { return impl_->need(); }
Result<void> Connection::answer(std::uint64_t id, Answer answer) {
  return impl_->guarded([&] { return impl_->answer(id, std::move(answer)); });
}
bool Connection::handshaking() const noexcept { return impl_->handshaking(); }
bool Connection::can_send() const noexcept { return impl_->can_send(); }
bool Connection::received_close() const noexcept { return impl_->received_close(); }
const Error* Connection::error() const noexcept { return impl_->error(); }
Side Connection::side() const noexcept { return impl_->side(); }
const ConnectionInfo& Connection::info() const noexcept { return impl_->info(); }

Result<void> Connection::export_keying_material(std::string_view label, std::optional<Bytes> context,
                                                MutableBytes out) const {
  return impl_->export_keying_material(label, context, out);
}

Result<Buffer> Connection::channel_binding() const {
  // RFC 9266, section 2.
  Buffer binding(32);
  if (auto exported = export_keying_material("EXPORTER-Channel-Binding", Bytes(), binding); !exported)
    return fail(std::move(exported.error()));
  return binding;
}

Result<Buffer> Connection::tls_unique() const { return impl_->tls_unique(); }

}  // namespace handfast
