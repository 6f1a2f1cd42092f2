// Messages of TLS 1.2 that others collected, Botan's vectors and rustls's seeds for fuzzers: read, written again, cut,
// extended and damaged.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <vector>

#include "wire/botan.h"
#include "wire/handshake.h"
#include "wire/server_hello.h"
#include "wire/tls12/messages.h"

namespace handfast::test {
namespace {

using Tls12Corpus = VectorTest;

/// The messages of whole records that parse.
std::vector<Sample> rustls_samples() {
  std::vector<Sample> samples;
  for (const auto& each : std::filesystem::directory_iterator(vectors() / "tls-messages/rustls-fuzz-corpus/message")) {
    const Buffer bytes = read_bytes(std::filesystem::relative(each.path(), vectors()));
    base::Reader r(bytes);
    const ContentType type{r.u8()};
    r.u16();
    const Bytes fragment = r.vector16();
    if (!r.ok() || type != ContentType::handshake) continue;
    const std::optional<wire::HandshakeHeader> header = wire::read_handshake_header(fragment);
    if (!header || header->length + wire::handshake_header_size != fragment.size()) continue;
    if (tls12::parse_and_walk(header->type, fragment.subspan(4))) continue;
    samples.push_back({each.path().filename().string() + " " + name(header->type), to_buffer(fragment)});
  }
  return samples;
}

/// Where a ServerHello may end, because extensions are optional; its size where it has none.
std::size_t end_of_head(const Sample& sample) {
  const Bytes block = wire::parse_server_hello(sample.body())->extensions.bytes();
  return block.empty() ? sample.body().size() : sample.body().size() - 2 - block.size();
}

TEST_F(Tls12Corpus, HasMessages) {
  std::map<HandshakeType, int> counts;
  for (const Sample& sample : rustls_samples()) ++counts[sample.type()];
  EXPECT_EQ(counts, (std::map<HandshakeType, int>{{HandshakeType::server_hello, 44},
                                                  {HandshakeType::new_session_ticket, 26},
                                                  {HandshakeType::certificate, 22},
                                                  {HandshakeType::server_key_exchange, 42},
                                                  {HandshakeType::certificate_request, 1},
                                                  {HandshakeType::server_hello_done, 1},
                                                  {HandshakeType::client_key_exchange, 14}}));
}

TEST_F(Tls12Corpus, EveryMessageIsWrittenAgain) {
  for (const Sample& sample : rustls_samples()) {
    SCOPED_TRACE(sample.name);
    const Buffer written = tls12::rewrite(sample.type(), sample.body());
    if (sample.type() != HandshakeType::server_hello) {
      EXPECT_EQ(to_hex(written), to_hex(sample.message));
      continue;
    }
    // Others have another order of extensions, and some that are passed over.
    EXPECT_LE(written.size(), sample.message.size());
    ASSERT_FALSE(tls12::parse_and_walk(sample.type(), Bytes(written).subspan(4)));
    EXPECT_EQ(to_hex(tls12::rewrite(sample.type(), Bytes(written).subspan(4))), to_hex(written));
  }
}

TEST_F(Tls12Corpus, EveryTruncationIsRefused) {
  for (const Sample& sample : rustls_samples()) {
    SCOPED_TRACE(sample.name);
    const std::size_t legal = sample.type() == HandshakeType::server_hello ? end_of_head(sample) : sample.body().size();
    for (std::size_t size = 0; size < sample.body().size(); ++size)
      EXPECT_EQ(tls12::parse_and_walk(sample.type(), to_buffer(sample.body().first(size))).has_value(), size != legal)
          << size;
  }
}

TEST_F(Tls12Corpus, EveryExtraByteIsRefused) {
  for (const Sample& sample : rustls_samples())
    for (const std::uint8_t byte : {std::uint8_t{0x00}, std::uint8_t{0xff}})
      EXPECT_TRUE(is_error(tls12::parse_and_walk(sample.type(), to_buffer(sample.body()) + Bytes(&byte, 1)),
                           Alert::decode_error, Reason::decode_error))
          << sample.name;
}

TEST_F(Tls12Corpus, EveryDamagedByteGivesAValueOrAnError) {
  int values = 0;
  int errors = 0;
  for (const Sample& sample : rustls_samples()) {
    Buffer body = to_buffer(sample.body());
    for (std::uint8_t& byte : body) {
      const std::uint8_t before = byte;
      for (const unsigned change : {0x01u, 0x80u, 0xffu, unsigned{before}}) {
        byte = static_cast<std::uint8_t>(before ^ change);
        ++(tls12::parse_and_walk(sample.type(), body) ? errors : values);
      }
      byte = before;
    }
  }
  EXPECT_GT(values, 300000);
  EXPECT_GT(errors, 3000);
}

TEST_F(Tls12Corpus, Botan) {
  const auto message = [](HandshakeType type) {
    return [type](Bytes body) { return tls12::parse_and_walk(type, body); };
  };
  EXPECT_EQ(check_botan("tls/server_hello.vec", message(HandshakeType::server_hello)), 6);
  EXPECT_EQ(check_botan("tls/hello_request.vec", message(HandshakeType::hello_request)), 2);
  EXPECT_EQ(check_botan("tls/cert_status.vec", message(HandshakeType::certificate_status)), 5);
}

}  // namespace
}  // namespace handfast::test
