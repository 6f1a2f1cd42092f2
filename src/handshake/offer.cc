#include "handshake/offer.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "base/contains.h"
#include "handshake/client_sessions.h"
#include "handshake/decision.h"
#include "handshake/resume.h"
#include "handshake/tls13.h"
#include "handshake/version.h"
#include "session/client_session.h"
#include "session/psk.h"

namespace handfast::handshake {
namespace {

wire::Grease make_grease(Random& random) {
  std::array<std::uint8_t, 7> seed;
  random.fill(seed);
  wire::Grease grease;
  grease.cipher_suite = wire::grease_value(seed[0]);
  grease.supported_group = grease.key_share = wire::grease_value(seed[1]);
  grease.supported_version = wire::grease_value(seed[2]);
  grease.signature_algorithm = wire::grease_value(seed[3]);
  grease.application_protocol = wire::grease_value(seed[4]);
  grease.first_extension = wire::grease_value(seed[5]);
  // Two extensions may not have the same type.
  grease.last_extension = wire::grease_value(static_cast<std::uint8_t>(seed[5] + 1 + seed[6] % 15));
  return grease;
}

/// Fisher and Yates. The bias of a remainder of 32 random bits is below 2^-26.
std::vector<ExtensionType> permuted_order(Random& random) {
  const auto fixed = wire::default_extension_order();
  std::vector<ExtensionType> order(fixed.begin(), fixed.end());
  for (std::size_t left = order.size(); left > 1; --left) {
    std::array<std::uint8_t, 4> seed;
    random.fill(seed);
    base::Reader reader(seed);
    std::swap(order[left - 1], order[reader.u32() % left]);
  }
  return order;
}

/// RFC 7250, section 4.1: whoever has X.509 alone says nothing.
std::span<const CertificateType> said(const std::vector<CertificateType>& types) {
  if (types.size() == 1 && types.front() == CertificateType::X509) return {};
  return types;
}

bool has_block_cipher(const ClientOptions& options) {
  return std::ranges::any_of(options.cipher_suites,
                             [](CipherSuite suite) { return !crypto::find_suite(suite)->has_aead(); });
}

/// Of what is offered before TLS 1.3, what tells the server which session it is (RFC 5246, section 7.4.1.2; RFC 5077,
/// section 3.4): its ID, or one that is made up, by whose echo a ticket is seen to be taken.
void set_session_id(ClientEngine& engine, Offer& offer) {
  const ClientOptions& options = engine.options();
  const bool tls12 = offer.session && offer.session->version() < ProtocolVersion::tls1_3;
  if (tls12 && offer.session->has_session_id()) {
    offer.legacy_session_id = offer.session->content().session_id;
  } else if (tls12 || (options.middlebox_compatibility && speaks(options, ProtocolVersion::tls1_3))) {
    offer.legacy_session_id.resize(32);
    engine.random().fill(offer.legacy_session_id);
  }
}

/// The ticket that is offered; empty: one is asked for (RFC 5077, section 3.2).
Bytes tls12_ticket(const Offer& offer) {
  if (!offer.session || offer.session->version() == ProtocolVersion::tls1_3) return {};
  return offer.session->content().ticket;
}

/// Section 4.2.11.1: in milliseconds, modulo 2^32. Never more than the true age: both times are rounded down, so their
/// difference may be one more than it, and on a short way some servers (GnuTLS) see the client ahead of themselves and
/// take no early data.
std::uint32_t obfuscated_ticket_age(const session::Session& session, std::int64_t now) {
  const std::int64_t age = std::max<std::int64_t>(now - session.issued - 1, 0);
  return static_cast<std::uint32_t>(age) + session.ticket_age_add;
}

/// The session's key, and those from outside for the suites that are offered.
std::vector<ClientPsk> make_psks(ClientEngine& engine, const std::optional<SavedSession>& saved) {
  const CommonOptions& options = engine.common();
  std::vector<ClientPsk> psks;
  if (saved && saved->version() == ProtocolVersion::tls1_3) {
    const session::Session& session = saved->content().session;
    const crypto::HashAlgorithm hash = crypto::find_suite(session.cipher_suite)->hash;
    ClientPsk psk(schedule::EarlySecret::of(hash, session.secret));
    psk.identity = saved->content().ticket;
    psk.obfuscated_ticket_age = obfuscated_ticket_age(session, options.clock->now_milliseconds());
    psk.kind = schedule::PskKind::resumption;
    psks.push_back(std::move(psk));
  }
  const auto offered = [&](crypto::HashAlgorithm hash) {
    return std::ranges::any_of(options.cipher_suites, [&](CipherSuite suite) {
      const crypto::SuiteParts& parts = *crypto::find_suite(suite);
      return parts.version == ProtocolVersion::tls1_3 && parts.hash == hash;
    });
  };
  for (const PreSharedKey::Shared& key : options.pre_shared_keys)
    for (const PreSharedKey::Parts& parts : key->parts()) {
      if (!offered(parts.hash)) continue;
      ClientPsk psk(schedule::EarlySecret::extracted(parts.hash, parts.early_secret));
      psk.identity = parts.identity;
      psk.kind = parts.imported ? schedule::PskKind::imported : schedule::PskKind::external;
      psk.external = key.get();
      psks.push_back(std::move(psk));
    }
  return psks;
}

/// Section 4.2.11.2: each binder is over this hello without the binders, behind what came before it.
void put_binders(const Offer& offer, bool retried, MutableBytes message, std::span<const Bytes> placeholders) {
  const Bytes truncated = message.first(message.size() - wire::binders_size(placeholders));
  std::vector<crypto::Digest> codes;
  std::vector<Bytes> binders;
  codes.reserve(offer.psks.size());
  for (const ClientPsk& psk : offer.psks) {
    const crypto::Digest hello_hash =
        retried ? offer.transcript.digest_with(truncated) : crypto::Hash::of(psk.early_secret.hash(), truncated);
    codes.push_back(psk.early_secret.binder(psk.kind, hello_hash.view()));
    binders.push_back(codes.back().view());
  }
  wire::write_binders(message, binders);
}

/// Section 4.2.10: the session's keys protect what comes behind the hello.
Result<void> open_early_data(ClientEngine& engine, Offer& offer, Bytes message) {
  const session::Session& session = offer.session->content().session;
  const crypto::SuiteParts& suite = *crypto::find_suite(session.cipher_suite);
  const crypto::Digest hello_hash = crypto::Hash::of(suite.hash, message);
  const schedule::TrafficSecret early = derive_early_keys(engine, offer.psks.front().early_secret, hello_hash);
  send_change_cipher_spec(engine, offer);
  if (auto installed = engine.install(Direction::sent, Level::early, suite, early, "client_early_traffic_secret");
      !installed)
    return installed;
  engine.transport().open_early_data(Direction::sent, session.max_early_data, session.application_protocol);
  return {};
}

/// A key of its own, or the one that is a part of what is offered already: making one costs a client as much as the
/// rest of its first flight.
Result<void> add_share(ClientEngine& engine, Offer& offer, NamedGroup group) {
  for (const crypto::KeyExchange& share : offer.shares)
    if (std::optional<crypto::KeyExchange> part = share.part(group)) {
      offer.shares.push_back(std::move(*part));
      return {};
    }
  Result<crypto::KeyExchange> share = crypto::KeyExchange::generate(group, engine.random());
  if (!share) return fail(std::move(share.error()));
  offer.shares.push_back(std::move(*share));
  return {};
}

}  // namespace

Result<Offer> make_offer(ClientEngine& engine) {
  const ClientOptions& options = engine.options();
  Offer offer;
  engine.random().fill(offer.random);
  engine.set_client_random(offer.random);
  offer.session = choose_session(engine);
  set_session_id(engine, offer);
  offer.psks = make_psks(engine, offer.session);
  decide_early_data(engine, consider_early_data(engine, offer.session));
  offer.early_data = engine.info().early_data == EarlyData::offered;
  for (NamedGroup group : options.key_shares)
    if (auto added = add_share(engine, offer, group); !added) return fail(std::move(added.error()));
  if (options.grease) offer.grease = make_grease(engine.random());
  if (options.permute_extensions) offer.order = permuted_order(engine.random());
  return offer;
}

Result<void> send_client_hello(ClientEngine& engine, Offer& offer) {
  const ClientOptions& options = engine.options();
  const x509::ServerName& server = engine.server_name();
  const bool tls12 = options.min_version < ProtocolVersion::tls1_3;  // or below
  const bool tls13 = speaks(options, ProtocolVersion::tls1_3);

  std::vector<Buffer> key_exchanges;
  std::vector<wire::KeyShareEntry> shares;
  key_exchanges.reserve(offer.shares.size());
  shares.reserve(offer.shares.size());
  for (crypto::KeyExchange& share : offer.shares) {
    key_exchanges.push_back(share.share());
    shares.push_back({share.group(), key_exchanges.back()});
  }
  std::vector<wire::Extension> others;
  if (options.verification.revocation != RevocationPolicy::off)
    others.push_back({ExtensionType::status_request, wire::ocsp_status_request});
  if (options.request_signed_certificate_timestamps)
    others.push_back({ExtensionType::signed_certificate_timestamp, {}});
  if (options.post_handshake_auth && tls13) others.push_back({ExtensionType::post_handshake_auth, {}});
  Buffer trust_anchors;
  if (options.trust_anchors && tls13) {
    trust_anchors = wire::trust_anchor_list(*options.trust_anchors);
    others.push_back({ExtensionType::trust_anchors, trust_anchors});
  }
  std::vector<wire::PskKeyExchangeMode> modes;
  if (tls13 && (options.sessions.store || !offer.psks.empty())) modes.push_back(wire::PskKeyExchangeMode::psk_dhe_ke);
  if (!modes.empty() && options.sessions.psk_ke) modes.push_back(wire::PskKeyExchangeMode::psk_ke);
  std::vector<wire::PskIdentity> identities;
  std::vector<Bytes> placeholders;
  constexpr std::array<std::uint8_t, 48> zeros{};
  for (const ClientPsk& psk : offer.psks) {
    identities.push_back({psk.identity, psk.obfuscated_ticket_age});
    placeholders.push_back(Bytes(zeros).first(crypto::digest_size(psk.early_secret.hash())));
  }
  if (offer.early_data) others.push_back({ExtensionType::early_data, {}});
  if (tls12 && options.sessions.store && options.sessions.tls12_tickets)
    others.push_back({ExtensionType::session_ticket, tls12_ticket(offer)});
  if (tls12) {
    others.push_back({ExtensionType::extended_master_secret, {}});
    if (has_block_cipher(options)) others.push_back({ExtensionType::encrypt_then_mac, {}});
    others.push_back({ExtensionType::renegotiation_info, wire::first_handshake});
    others.push_back({ExtensionType::ec_point_formats, wire::uncompressed_points});
  }
  std::vector<CipherSuite> cipher_suites = options.cipher_suites;
  if (options.fallback_scsv) cipher_suites.push_back(CipherSuite::TLS_FALLBACK_SCSV);

  wire::ClientHelloFields fields;
  fields.legacy_version = legacy_version(options);
  fields.random = offer.random;
  fields.legacy_session_id = offer.legacy_session_id;
  fields.cipher_suites = cipher_suites;
  // RFC 6066, section 3: literal addresses are not permitted in server_name.
  if (!server.is_ip()) fields.server_name = server.text();
  // What a client of TLS 1.2 at most would send says nothing more than legacy_version does.
  if (tls13) fields.supported_versions = versions(options);
  fields.supported_groups = options.groups;
  // RFC 5246, section 7.4.1.4.1: it is not sent where no version is offered that has it.
  if (options.max_version >= ProtocolVersion::tls1_2) {
    fields.signature_algorithms = options.signature_schemes;
    fields.signature_algorithms_cert = options.certificate_schemes;
  }
  if (tls13) fields.key_share = shares;
  fields.application_layer_protocol_negotiation = options.application_protocols;
  fields.cookie = offer.cookie;
  fields.record_size_limit = options.record_size_limit.value_or(0);
  fields.certificate_authorities = options.server_ca_names;
  fields.client_certificate_type = said(options.client_certificate_types);
  fields.server_certificate_type = said(options.peer_certificate_types);
  fields.others = others;
  fields.psk_key_exchange_modes = modes;
  fields.psk_identities = identities;
  fields.psk_binders = placeholders;
  fields.grease = offer.grease;
  if (!offer.order.empty()) fields.order = offer.order;

  Buffer message;
  Result<wire::ExtensionSet> offered = wire::write_client_hello(message, fields);
  if (!offered) return fail(std::move(offered.error()));
  offer.extensions = *offered;
  if (!offer.psks.empty()) put_binders(offer, engine.info().retried, message, placeholders);
  offer.transcript.add(message);
  engine.send(Level::initial, message);
  return offer.early_data ? open_early_data(engine, offer, message) : Result<void>();
}

void send_change_cipher_spec(ClientEngine& engine, Offer& offer) {
  if (!engine.options().middlebox_compatibility || std::exchange(offer.sent_change_cipher_spec, true)) return;
  engine.transport().send_change_cipher_spec();
}

Result<const crypto::SuiteParts*> accept_cipher_suite(ClientEngine& engine, CipherSuite suite) {
  const crypto::SuiteParts* parts = crypto::find_suite(suite, engine.info().version);
  if (!base::contains(engine.common().cipher_suites, suite) || !parts)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_cipher_suite_selected).with("selected", name(suite)));
  engine.info().cipher_suite = suite;
  return parts;
}

Result<void> accept_application_protocol(ClientEngine& engine, Bytes protocol) {
  const ClientOptions& options = engine.options();
  std::string selected(as_text(protocol));
  if (!base::contains(options.application_protocols, selected) && !options.allow_unoffered_application_protocol)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_application_protocol)
                    .with("selected", std::move(selected))
                    .with("offered", options.application_protocols));
  engine.info().application_protocol = std::move(selected);
  return {};
}

Result<void> accept_certificate_types(ClientEngine& engine, std::optional<CertificateType> server,
                                      std::optional<CertificateType> client) {
  const ClientOptions& options = engine.options();
  const auto check = [](ExtensionType extension, CertificateType selected,
                        const std::vector<CertificateType>& offered) -> Result<void> {
    if (base::contains(offered, selected)) return {};
    return fail(Error(Alert::unsupported_certificate, Reason::wrong_certificate_type)
                    .with("extension", name(extension))
                    .with("selected", name(selected))
                    .with("offered", names(offered)));
  };
  const bool is_full = engine.info().resumption == Resumption::none;
  if (server || is_full) {
    const CertificateType shown = server.value_or(CertificateType::X509);
    if (auto good = check(ExtensionType::server_certificate_type, shown, options.peer_certificate_types); !good)
      return good;
    if (is_full) engine.info().server_certificate_type = shown;
  }
  // Of a session it stays what was shown then, but where we may be asked anew (RFC 8446, section 4.6.2).
  if (client || engine.info().post_handshake_auth)
    engine.info().client_certificate_type = client.value_or(CertificateType::X509);
  if (!client) return {};
  return check(ExtensionType::client_certificate_type, *client, options.client_certificate_types);
}

Result<void> accept_record_size_limit(ClientEngine& engine, std::uint16_t limit) {
  // RFC 8449, section 4: at most 2^14, in TLS 1.3 one more for the type.
  const std::uint16_t most = wire::max_record_size_limit(engine.info().version);
  if (limit > most)
    return fail(Error(Alert::illegal_parameter, Reason::bad_extension)
                    .with("extension", name(ExtensionType::record_size_limit))
                    .with("limit", static_cast<std::int64_t>(most)));
  engine.transport().limit_records(Direction::sent, limit);
  // It was offered, or the answer would have been refused; without an answer the server knows of no limit.
  engine.transport().limit_records(Direction::received, *engine.options().record_size_limit);
  return {};
}

}  // namespace handfast::handshake
