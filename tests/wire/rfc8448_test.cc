// Every message of the RFC's traces: read, written again, cut, extended and damaged.
#include <gtest/gtest.h>

#include <map>

#include "support/vec.h"
#include "wire/certificate_verify.h"
#include "wire/client_hello.h"
#include "wire/messages.h"
#include "wire/server_hello.h"

namespace handfast::test {
namespace {

using Rfc8448 = VectorTest;

/// Where a hello may end because extensions are optional before TLS 1.3; 0 for other messages.
std::size_t end_without_extensions(const Sample& sample) {
  if (sample.type() == HandshakeType::client_hello)
    return sample.body().size() - 2 - wire::parse_client_hello(sample.body())->extensions.bytes().size();
  if (sample.type() == HandshakeType::server_hello)
    return sample.body().size() - 2 - wire::parse_server_hello(sample.body())->extensions.bytes().size();
  return 0;
}

TEST_F(Rfc8448, HasAllMessages) {
  std::map<HandshakeType, int> counts;
  for (const Sample& sample : rfc8448_messages()) ++counts[sample.type()];
  EXPECT_EQ(counts, (std::map<HandshakeType, int>{{HandshakeType::client_hello, 6},
                                                  {HandshakeType::server_hello, 6},
                                                  {HandshakeType::new_session_ticket, 1},
                                                  {HandshakeType::end_of_early_data, 1},
                                                  {HandshakeType::encrypted_extensions, 5},
                                                  {HandshakeType::certificate, 5},
                                                  {HandshakeType::certificate_request, 1},
                                                  {HandshakeType::certificate_verify, 5},
                                                  {HandshakeType::finished, 10}}));
}

TEST_F(Rfc8448, EveryMessageParsesAndIsWrittenAgain) {
  for (const Sample& sample : rfc8448_messages()) {
    SCOPED_TRACE(sample.name);
    std::optional<Error> error = parse_and_walk(sample.type(), sample.body());
    ASSERT_FALSE(error) << error->message();
    EXPECT_EQ(to_hex(rewrite(sample.type(), sample.body())), to_hex(sample.message));
  }
}

TEST_F(Rfc8448, EveryTruncationIsRefused) {
  for (const Sample& sample : rfc8448_messages()) {
    if (sample.type() == HandshakeType::finished) continue;  // any length is a value
    SCOPED_TRACE(sample.name);
    const std::size_t legal = end_without_extensions(sample);
    for (std::size_t size = 0; size < sample.body().size(); ++size) {
      if (size == legal && legal != 0) continue;
      Bytes cut = sample.body().first(size);
      EXPECT_TRUE(parse_and_walk(sample.type(), Buffer(cut.begin(), cut.end()))) << size;
    }
    if (legal != 0) {
      EXPECT_FALSE(parse_and_walk(sample.type(), sample.body().first(legal)));
    }
  }
}

TEST_F(Rfc8448, EveryExtraByteIsRefused) {
  for (const Sample& sample : rfc8448_messages()) {
    if (sample.type() == HandshakeType::finished) continue;
    for (const std::uint8_t byte : {std::uint8_t{0x00}, std::uint8_t{0xff}})
      EXPECT_TRUE(is_error(
          parse_and_walk(sample.type(), Buffer(sample.message.begin() + 4, sample.message.end()) + Bytes(&byte, 1)),
          Alert::decode_error, Reason::decode_error))
          << sample.name;
  }
}

TEST_F(Rfc8448, EveryDamagedByteGivesAValueOrAnError) {
  int values = 0;
  int errors = 0;
  for (const Sample& sample : rfc8448_messages()) {
    Buffer body(sample.body().begin(), sample.body().end());
    for (std::uint8_t& byte : body) {
      const std::uint8_t before = byte;
      for (const unsigned change : {0x01u, 0x02u, 0x04u, 0x08u, 0x10u, 0x20u, 0x40u, 0x80u, 0xffu, unsigned{before}}) {
        byte = static_cast<std::uint8_t>(before ^ change);
        ++(parse_and_walk(sample.type(), body) ? errors : values);
      }
      byte = before;
    }
  }
  EXPECT_GT(values, 10000);
  EXPECT_GT(errors, 4000);
}

TEST_F(Rfc8448, TheResumedHelloGetsItsBinder) {
  Buffer message = rfc8448_messages().back().message;
  const wire::OfferedPsks psks =
      wire::parse_client_hello(Bytes(message).subspan(4))->pre_shared_key.value_or(wire::OfferedPsks());
  ASSERT_EQ(psks.binders.size(), 1u);
  const Buffer binder = to_buffer(psks.binders.front().binder);
  const Bytes binders[] = {binder};
  EXPECT_EQ(wire::binders_size(binders), psks.binders_size());
  EXPECT_EQ(message.size() - wire::binders_size(binders), 477u) << "the ClientHello prefix of section 4";
  const Buffer recorded = message;
  std::fill(message.end() - 32, message.end(), std::uint8_t{0});
  wire::write_binders(message, binders);
  EXPECT_EQ(to_hex(message), to_hex(recorded));
}

TEST_F(Rfc8448, SignedContentIsWhatTheTracesSign) {
  int checked = 0;
  for (const VecBlock& block : read_vec("rfc8448/botan/transcripts.vec")) {
    for (const auto& [key, side] :
         {std::pair{"Server_MessageToSign", Side::server}, std::pair{"Client_MessageToSign", Side::client}}) {
      if (!block.has(key)) continue;
      const Buffer signed_bytes = block.hex(key);
      const wire::SignedContent content(side, Bytes(signed_bytes).last(32));
      EXPECT_EQ(to_hex(content.view()), to_hex(signed_bytes));
      ++checked;
    }
  }
  EXPECT_GE(checked, 3);
}

TEST(SignedContent, NamesTheSideThatSigns) {
  const Buffer hash(48, '7');
  const wire::SignedContent server(Side::server, hash);
  const wire::SignedContent client(Side::client, hash);
  const std::string spaces(64, ' ');
  const std::string end = std::string(1, '\0') + std::string(48, '7');
  EXPECT_EQ(as_text(server.view()), spaces + "TLS 1.3, server CertificateVerify" + end);
  EXPECT_EQ(as_text(client.view()), spaces + "TLS 1.3, client CertificateVerify" + end);
}

}  // namespace
}  // namespace handfast::test
