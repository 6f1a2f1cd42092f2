// What a connection exports: keying material and channel bindings.
#include <string>
#include <utility>
#include <variant>

#include "base/contains.h"
#include "engine/impl.h"

namespace handfast {
namespace {

std::unexpected<Error> refuse_export(std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "export_keying_material")
                  .with("problem", std::move(problem)));
}

Result<void> check_export(std::string_view label, Bytes context, MutableBytes out) {
  // What HKDF gives at most (RFC 5869, section 2.3); the PRF of TLS 1.2 has no end, and is not asked for more.
  const std::size_t most = 255 * crypto::digest_size(crypto::HashAlgorithm::sha256);
  if (label.size() <= 249 && out.size() <= most && context.size() <= 0xffff) return {};
  return refuse_export("a label has at most 249 bytes, a context 65535, the output " + std::to_string(most));
}

}  // namespace

Result<void> Connection::Impl::export_keying_material(std::string_view label, std::optional<Bytes> context,
                                                      MutableBytes out) const {
  if (auto checked = check_export(label, context.value_or(Bytes()), out); !checked) return checked;
  if (const auto* tls13 = std::get_if<schedule::ExporterSecret>(&exporter_)) {
    tls13->derive(label, context.value_or(Bytes()), out);
  } else if (const auto* tls12 = std::get_if<schedule::tls12::Exporter>(&exporter_)) {
    // RFC 5705, section 4: with the labels of TLS itself it would give away what they derive.
    constexpr std::string_view own[] = {"client finished", "server finished", "master secret", "key expansion",
                                        "extended master secret"};
    if (base::contains(own, label)) return refuse_export("the label is one of TLS itself");
    tls12->derive(label, context, out);
  } else {
    // A connection of TLS 1.2 may stand without one.
    return fail(Alert::internal_error, may_send_ && !error_ ? Reason::no_extended_master_secret : Reason::closed);
  }
  return {};
}

Result<Buffer> Connection::Impl::tls_unique() const {
  if (!tls_unique_) return fail(Alert::internal_error, Reason::closed);
  // RFC 7627, section 6.2: two connections that resume one session may have the same.
  if (info_.resumption != Resumption::none && !info_.extended_master_secret)
    return fail(Alert::internal_error, Reason::no_extended_master_secret);
  return Buffer(tls_unique_->begin(), tls_unique_->end());
}

Result<void> Connection::Impl::export_early_keying_material(std::string_view label, Bytes context,
                                                            MutableBytes out) const {
  if (!early_ || early_->exporter.empty()) return fail(Alert::internal_error, Reason::closed);
  if (auto checked = check_export(label, context, out); !checked) return checked;
  early_->exporter.derive(label, context, out);
  return {};
}

}  // namespace handfast
