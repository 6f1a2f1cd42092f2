// Key shares: which groups there are, how long their shares are, and one key pair for each exchange.
#include "crypto/key_exchange.h"

#include <array>
#include <utility>

#include "crypto/diffie_hellman.h"

namespace handfast::crypto {

namespace {

/// A group whose initiator and responder do the same (RFC 8446, section 4.2.8.2).
struct Group {
  NamedGroup name;
  std::uint8_t private_size, share_size, secret_size;
  KeyType curve;  ///< of no meaning for x25519
};

constexpr std::array<Group, 4> groups = {{
    {NamedGroup::x25519, 32, 32, 32, KeyType::ed25519},
    {NamedGroup::secp256r1, 32, 65, 32, KeyType::p256},
    {NamedGroup::secp384r1, 48, 97, 48, KeyType::p384},
    {NamedGroup::secp521r1, 66, 133, 66, KeyType::p521},
}};

const Group* find(NamedGroup name) noexcept {
  for (const Group& group : groups)
    if (group.name == name) return &group;
  return nullptr;
}

bool generate_key(const Group& group, Random& random, MutableBytes key, MutableBytes share) {
  if (group.name == NamedGroup::x25519) {
    random.fill(key);
    return x25519_public(key, share);
  }
  return ecdh_draw(group.curve, random, key) && ecdh_public(group.curve, key, share);
}

bool compute_secret(const Group& group, Bytes key, Bytes share, Bytes peer_share, MutableBytes secret) noexcept {
  if (peer_share.size() != group.share_size) return false;
  if (group.name == NamedGroup::x25519) return x25519(key, share, peer_share, secret);
  return ecdh(group.curve, key, peer_share, secret);
}

std::unexpected<Error> internal_error() { return fail(Alert::internal_error, Reason::internal_error); }
std::unexpected<Error> bad_share() { return fail(Alert::illegal_parameter, Reason::bad_key_share); }

}  // namespace

struct KeyExchange::Private {
  const Group& group;
  base::Secret key{group.private_size};
  std::array<std::uint8_t, 133> share_bytes{};

  MutableBytes share() noexcept { return {share_bytes.data(), group.share_size}; }
};

bool supports(NamedGroup group) noexcept { return find(group) != nullptr; }

std::size_t share_size(NamedGroup group, Side) noexcept {
  const Group* found = find(group);
  return found != nullptr ? found->share_size : 0;
}

KeyExchange::KeyExchange(std::unique_ptr<Private> key) noexcept : private_(std::move(key)) {}
KeyExchange::KeyExchange(KeyExchange&&) noexcept = default;
KeyExchange& KeyExchange::operator=(KeyExchange&&) noexcept = default;
KeyExchange::~KeyExchange() = default;

Result<KeyExchange> KeyExchange::generate(NamedGroup group, Random& random) {
  const Group* found = find(group);
  if (found == nullptr) return internal_error();
  auto key = std::make_unique<Private>(*found);
  if (!generate_key(*found, random, key->key.writable(), key->share())) return internal_error();
  return KeyExchange(std::move(key));
}

NamedGroup KeyExchange::group() const noexcept { return private_->group.name; }

Bytes KeyExchange::share() const& noexcept { return private_->share(); }

Result<base::Secret> KeyExchange::agree(Bytes peer_share) const {
  base::Secret secret(private_->group.secret_size);
  if (!compute_secret(private_->group, private_->key.view(), share(), peer_share, secret.writable()))
    return bad_share();
  return secret;
}

Result<KeyExchangeResponse> respond(NamedGroup group, Bytes peer_share, Random& random) {
  const Group* found = find(group);
  if (found == nullptr) return internal_error();
  base::Secret key(found->private_size);
  KeyExchangeResponse response{.share = Buffer(found->share_size), .secret = base::Secret(found->secret_size)};
  const MutableBytes secret = response.secret.writable();
  if (group == NamedGroup::x25519 && peer_share.size() == found->share_size) {
    random.fill(key.writable());
    if (!x25519_respond(key.view(), peer_share, response.share, secret)) return bad_share();
    return response;
  }
  if (!generate_key(*found, random, key.writable(), response.share)) return internal_error();
  if (!compute_secret(*found, key.view(), response.share, peer_share, secret)) return bad_share();
  return response;
}

}  // namespace handfast::crypto
