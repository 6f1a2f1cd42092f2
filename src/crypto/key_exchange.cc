// Key shares: which groups there are, what they are made of, and one key pair for each exchange.
#include "crypto/key_exchange.h"

#include <array>
#include <utility>

#include "crypto/diffie_hellman.h"
#include "crypto/ml_kem/ml_kem.h"

namespace handfast::crypto {

namespace {

/// ECDHE, whose initiator and responder do the same (RFC 8446, section 4.2.8.2).
struct Curve {
  NamedGroup name;
  std::uint8_t private_size, share_size, secret_size;
  KeyType type;  ///< of no meaning for x25519
};
constexpr Curve x25519_curve{NamedGroup::x25519, 32, 32, 32, KeyType::ed25519};
constexpr Curve p256{NamedGroup::secp256r1, 32, 65, 32, KeyType::p256};
constexpr Curve p384{NamedGroup::secp384r1, 48, 97, 48, KeyType::p384};
constexpr Curve p521{NamedGroup::secp521r1, 66, 133, 66, KeyType::p521};

constexpr ml_kem::ParameterSet kem_768 = ml_kem::ParameterSet::ml_kem_768;
constexpr ml_kem::ParameterSet kem_1024 = ml_kem::ParameterSet::ml_kem_1024;

/// A curve, a KEM, or both, whose shares and secrets stand one behind the other (draft-ietf-tls-ecdhe-mlkem, section
/// 3).
struct Group {
  NamedGroup name;
  const Curve* curve;  ///< may be null
  std::optional<ml_kem::ParameterSet> kem{};
  bool kem_first = false;

  std::size_t curve_share_size() const noexcept { return curve ? curve->share_size : 0; }
  std::size_t curve_secret_size() const noexcept { return curve ? curve->secret_size : 0; }
  std::size_t secret_size() const noexcept { return curve_secret_size() + (kem ? ml_kem::shared_secret_size : 0); }
  std::size_t share_size(Side side) const noexcept {
    if (!kem) return curve_share_size();
    return curve_share_size() +
           (side == Side::client ? ml_kem::encapsulation_key_size(*kem) : ml_kem::ciphertext_size(*kem));
  }
};

constexpr Group groups[] = {
    {NamedGroup::x25519, &x25519_curve},
    {NamedGroup::X25519MLKEM768, &x25519_curve, kem_768, true},
    {NamedGroup::secp256r1, &p256},
    {NamedGroup::secp384r1, &p384},
    {NamedGroup::secp521r1, &p521},
    {NamedGroup::SecP256r1MLKEM768, &p256, kem_768},
    {NamedGroup::SecP384r1MLKEM1024, &p384, kem_1024},
    {NamedGroup::MLKEM768, nullptr, kem_768},
    {NamedGroup::MLKEM1024, nullptr, kem_1024},
};

const Group* find(NamedGroup name) noexcept {
  for (const Group& group : groups)
    if (group.name == name) return &group;
  return nullptr;
}

/// The two parts of a share or a secret, either of which may be empty.
template <typename Span>
struct Parts {
  Span curve;
  Span kem;

  Parts(const Group& group, Span whole, std::size_t curve_size)
      : curve(group.kem_first ? whole.last(curve_size) : whole.first(curve_size)),
        kem(group.kem_first ? whole.first(whole.size() - curve_size) : whole.subspan(curve_size)) {}
};
template <typename Span>
Parts<Span> parts_of_share(const Group& group, Span share) {
  return {group, share, group.curve_share_size()};
}
Parts<MutableBytes> parts_of_secret(const Group& group, base::Secret& secret) {
  return {group, secret.writable(), group.curve_secret_size()};
}

bool generate_key(const Curve& curve, Random& random, MutableBytes key, MutableBytes share) {
  if (curve.name == NamedGroup::x25519) {
    random.fill(key);
    return x25519_public(key, share);
  }
  return ecdh_draw(curve.type, random, key) && ecdh_public(curve.type, key, share);
}

bool compute_secret(const Curve& curve, Bytes key, Bytes share, Bytes peer_share, MutableBytes secret) noexcept {
  if (curve.name == NamedGroup::x25519) return x25519(key, share, peer_share, secret);
  return ecdh(curve.type, key, peer_share, secret);
}

std::unexpected<Error> internal_error() { return fail(Alert::internal_error, Reason::internal_error); }
std::unexpected<Error> bad_share() { return fail(Alert::illegal_parameter, Reason::bad_key_share); }

Result<void> respond(const Curve& curve, Bytes peer_share, Random& random, MutableBytes share, MutableBytes secret) {
  base::Secret key(curve.private_size);
  if (curve.name == NamedGroup::x25519) {
    random.fill(key.writable());
    if (!x25519_respond(key.view(), peer_share, share, secret)) return bad_share();
    return {};
  }
  if (!generate_key(curve, random, key.writable(), share)) return internal_error();
  if (!compute_secret(curve, key.view(), share, peer_share, secret)) return bad_share();
  return {};
}

Result<void> respond(ml_kem::ParameterSet kem, Bytes peer_share, Random& random, MutableBytes share,
                     MutableBytes secret) {
  base::Secret message(ml_kem::message_size);
  random.fill(message.writable());
  if (!ml_kem::encapsulate(kem, peer_share, message.view(), share, secret)) return bad_share();
  return {};
}

}  // namespace

/// The curve's key pair is kept whole. Of ML-KEM the seed alone is, and the hash of what comes of it.
struct KeyExchange::Private {
  explicit Private(const Group& of) noexcept : group(of) {}

  Bytes point() const noexcept { return {point_bytes.data(), group.curve_share_size()}; }

  const Group& group;
  base::Secret key{group.curve ? group.curve->private_size : std::size_t{0}};
  std::array<std::uint8_t, 133> point_bytes{};
  base::Secret seed{group.kem ? ml_kem::seed_size : 0};
  std::array<std::uint8_t, ml_kem::key_hash_size> key_hash{};
  Buffer encapsulation_key;  ///< until it is given away

  void expand_seed() {
    encapsulation_key.reserve(group.share_size(Side::client));  // the curve's point goes with it
    encapsulation_key.resize(ml_kem::encapsulation_key_size(*group.kem));
    ml_kem::generate(*group.kem, seed.view(), encapsulation_key, key_hash);
  }
};

bool supports(NamedGroup group) noexcept { return find(group) != nullptr; }

bool is_post_quantum(NamedGroup group) noexcept {
  const Group* found = find(group);
  return found != nullptr && found->kem.has_value();
}

std::size_t share_size(NamedGroup group, Side side) noexcept {
  const Group* found = find(group);
  return found != nullptr ? found->share_size(side) : 0;
}

KeyExchange::KeyExchange(std::unique_ptr<Private> key) noexcept : private_(std::move(key)) {}
KeyExchange::KeyExchange(KeyExchange&&) noexcept = default;
KeyExchange& KeyExchange::operator=(KeyExchange&&) noexcept = default;
KeyExchange::~KeyExchange() = default;

Result<KeyExchange> KeyExchange::generate(NamedGroup group, Random& random) {
  const Group* found = find(group);
  if (found == nullptr) return internal_error();
  auto made = std::make_unique<Private>(*found);
  const MutableBytes point = MutableBytes(made->point_bytes).first(found->curve_share_size());
  if (found->curve && !generate_key(*found->curve, random, made->key.writable(), point)) return internal_error();
  if (found->kem) {
    random.fill(made->seed.writable());
    made->expand_seed();
  }
  return KeyExchange(std::move(made));
}

NamedGroup KeyExchange::group() const noexcept { return private_->group.name; }

Buffer KeyExchange::share() {
  const Group& group = private_->group;
  if (!group.kem) return Buffer(private_->point().begin(), private_->point().end());
  if (private_->encapsulation_key.empty()) private_->expand_seed();
  Buffer share = std::exchange(private_->encapsulation_key, {});
  share.insert(group.kem_first ? share.end() : share.begin(), private_->point().begin(), private_->point().end());
  return share;
}

std::optional<KeyExchange> KeyExchange::part(NamedGroup group) const {
  if (!private_->group.kem || !private_->group.curve || private_->group.curve->name != group) return std::nullopt;
  auto part = std::make_unique<Private>(*find(group));
  part->key = private_->key.clone();
  part->point_bytes = private_->point_bytes;
  return KeyExchange(std::move(part));
}

Result<base::Secret> KeyExchange::agree(Bytes peer_share) const {
  const Group& group = private_->group;
  if (peer_share.size() != group.share_size(Side::server)) return bad_share();
  const Parts<Bytes> theirs = parts_of_share(group, peer_share);
  base::Secret secret(group.secret_size());
  const Parts<MutableBytes> parts = parts_of_secret(group, secret);
  if (group.curve && !compute_secret(*group.curve, private_->key.view(), private_->point(), theirs.curve, parts.curve))
    return bad_share();
  if (group.kem && !ml_kem::decapsulate(*group.kem, private_->seed.view(), private_->key_hash, theirs.kem, parts.kem))
    return bad_share();
  return secret;
}

Result<KeyExchangeResponse> respond(NamedGroup group, Bytes peer_share, Random& random) {
  const Group* found = find(group);
  if (found == nullptr) return internal_error();
  if (peer_share.size() != found->share_size(Side::client)) return bad_share();
  KeyExchangeResponse response{.share = Buffer(found->share_size(Side::server)),
                               .secret = base::Secret(found->secret_size())};
  const Parts<Bytes> theirs = parts_of_share(*found, peer_share);
  const Parts<MutableBytes> share = parts_of_share(*found, MutableBytes(response.share));
  const Parts<MutableBytes> secret = parts_of_secret(*found, response.secret);
  // An encapsulation key that is none is seen before the curve costs anything.
  if (found->kem)
    if (auto done = respond(*found->kem, theirs.kem, random, share.kem, secret.kem); !done)
      return fail(std::move(done.error()));
  if (found->curve)
    if (auto done = respond(*found->curve, theirs.curve, random, share.curve, secret.curve); !done)
      return fail(std::move(done.error()));
  return response;
}

}  // namespace handfast::crypto
