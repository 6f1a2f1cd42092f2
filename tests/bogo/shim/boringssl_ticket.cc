#include "boringssl_ticket.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <handfast/random.h>

#include "base/copy.h"
#include "base/reader.h"
#include "base/writer.h"
#include "crypto/cbc.h"
#include "crypto/hash.h"
#include "failure.h"
#include "session/session.h"
#include "session/ticket.h"
#include "x509/der.h"
#include "x509/der_writer.h"

namespace handfast::bogo {
namespace {

namespace der = x509::der;

constexpr std::size_t part_size = 16;  // of the key, and of the block
constexpr std::size_t sealed_from = 2 * part_size;
constexpr std::size_t code_size = 32;
constexpr std::size_t binding_size = std::tuple_size_v<session::Binding>;

constexpr crypto::CbcAlgorithm cbc{crypto::BlockCipher::aes_128, crypto::HashAlgorithm::sha256};

/// The keys as crypto/ has them: HMAC's is as long as a digest there, and zeros at its end change nothing (RFC 2104,
/// section 2).
crypto::CbcKeys keys_of(Bytes key) {
  std::array<std::uint8_t, code_size> mac_key{};
  base::copy(key.subspan(part_size, part_size), mac_key);
  return {cbc, mac_key, key.subspan(2 * part_size)};
}

crypto::InitializationVector iv_of(Bytes ticket) {
  crypto::InitializationVector iv;
  base::copy(ticket.subspan(part_size, part_size), iv);
  return iv;
}

void pad(Buffer& content) {
  const std::size_t padding = part_size - content.size() % part_size;
  content.insert(content.end(), padding, static_cast<std::uint8_t>(padding));
}

/// False where it is not padded.
bool unpad(Buffer& content) {
  const std::size_t padding = content.back();
  if (padding == 0 || padding > part_size || padding > content.size()) return false;
  const auto from = content.end() - static_cast<std::ptrdiff_t>(padding);
  if (std::count(from, content.end(), content.back()) != static_cast<std::ptrdiff_t>(padding)) return false;
  content.erase(from, content.end());
  return true;
}

Buffer write_session(const session::Session& session, Bytes state) {
  Buffer suite, out;
  base::Writer(suite).u16(std::to_underlying(session.cipher_suite));
  der::Writer writer(out);
  writer.within(der::Tag::sequence, [&] {
    writer.integer(1);
    writer.integer(std::to_underlying(session.version));
    writer.element(der::Tag::octet_string, suite);
    writer.element(der::Tag::octet_string, state);
  });
  return out;
}

/// The state, with what stands in front of it.
std::optional<Buffer> read_session(Bytes content) {
  der::Reader outer(content);
  der::Reader fields = outer.enter(der::Tag::sequence);
  const std::uint32_t format = fields.small_integer();
  const std::uint32_t version = fields.small_integer();
  base::Reader suite(fields.take(der::Tag::octet_string));
  const CipherSuite cipher_suite{suite.u16()};
  const Bytes state = fields.take(der::Tag::octet_string);
  if (!outer.done() || !fields.done() || !suite.done() || format != 1 || version > 0xffff) return std::nullopt;
  if (state.size() < binding_size) return std::nullopt;

  Result<session::Session> session = session::decode(state.subspan(binding_size));
  if (!session) return std::nullopt;
  session->version = ProtocolVersion{static_cast<std::uint16_t>(version)};
  session->cipher_suite = cipher_suite;
  const Buffer encoded = session::encode(*session);
  Buffer changed(state.begin(), state.begin() + binding_size);
  changed.insert(changed.end(), encoded.begin(), encoded.end());
  return changed;
}

}  // namespace

BoringSslTickets::BoringSslTickets(Buffer key) : key_(std::move(key)) {
  if (key_.size() != key_size) throw Failure("a ticket key of another size than BoringSSL's");
}

std::optional<Buffer> BoringSslTickets::seal(Bytes state, std::int64_t) noexcept {
  const Result<session::Session> session = session::decode(state.subspan(binding_size));
  if (!session) return std::nullopt;
  Buffer content = write_session(*session, state);
  pad(content);

  Buffer ticket(sealed_from + content.size() + code_size);
  base::copy(Bytes(key_).first(part_size), ticket);
  system_random().fill(MutableBytes(ticket).subspan(part_size, part_size));
  crypto::CbcKeys keys = keys_of(key_);
  if (!keys.encrypt(iv_of(ticket), content)) return std::nullopt;
  const MutableBytes rest = base::copy(content, MutableBytes(ticket).subspan(sealed_from));
  const crypto::Digest code = keys.mac()->code(Bytes(ticket).first(ticket.size() - code_size));
  base::copy(code.view(), rest);
  return ticket;
}

std::optional<Buffer> BoringSslTickets::open(Bytes ticket) noexcept {
  if (ticket.size() <= sealed_from + code_size || ticket.size() % part_size != 0) return std::nullopt;
  if (!std::ranges::equal(ticket.first(part_size), Bytes(key_).first(part_size))) return std::nullopt;
  crypto::CbcKeys keys = keys_of(key_);
  const Bytes coded = ticket.first(ticket.size() - code_size);
  const crypto::Digest code = keys.mac()->code(coded);
  if (!std::ranges::equal(code.view(), ticket.last(code_size))) return std::nullopt;

  const Bytes sealed = coded.subspan(sealed_from);
  Buffer content(sealed.begin(), sealed.end());
  if (!keys.decrypt(iv_of(ticket), content) || !unpad(content)) return std::nullopt;
  return read_session(content);
}

}  // namespace handfast::bogo
