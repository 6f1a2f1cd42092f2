// HelloReader: a ClientHello however it is cut, and nothing else.
#include "proxy/hello_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <handfast/connection.h>

#include "net/identity.h"

namespace handfast::test {
namespace {

using proxy::HelloReader;

/// As a client of ours sends it, one record.
Buffer client_hello(std::size_t protocols = 2) {
  ClientOptions options = client_options();
  options.application_protocols = {"h2", "http/1.1"};
  for (std::size_t i = 2; i < protocols; ++i)
    options.application_protocols.push_back(std::string(200, 'x') + std::to_string(i));
  auto config = make(std::move(options));
  auto connection = Connection::client(config, "Shop.Example");
  const Bytes output = connection->output();
  return {output.begin(), output.end()};
}

/// The messages of `records`, in records of at most `size` bytes.
Buffer split_records(const Buffer& records, std::size_t size) {
  Buffer message;
  for (std::size_t at = 0; at < records.size();) {
    const std::size_t length = static_cast<std::size_t>(records[at + 3] << 8 | records[at + 4]);
    message.insert(message.end(), records.begin() + static_cast<std::ptrdiff_t>(at + 5),
                   records.begin() + static_cast<std::ptrdiff_t>(at + 5 + length));
    at += 5 + length;
  }
  Buffer out;
  for (std::size_t at = 0; at < message.size(); at += size) {
    const std::size_t length = std::min(size, message.size() - at);
    out.insert(out.end(), {22, 3, 1, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)});
    out.insert(out.end(), message.begin() + static_cast<std::ptrdiff_t>(at),
               message.begin() + static_cast<std::ptrdiff_t>(at + length));
  }
  return out;
}

void expect_hello(const HelloReader& reader, const Buffer& sent) {
  ASSERT_TRUE(reader.done());
  EXPECT_EQ(reader.server_name(), "shop.example");
  EXPECT_TRUE(reader.offers("h2"));
  EXPECT_TRUE(reader.offers("http/1.1"));
  EXPECT_FALSE(reader.offers("http"));
  EXPECT_TRUE(std::ranges::equal(reader.received(), sent));
}

TEST(HelloReader, TakesItSplitAtEveryByte) {
  const Buffer hello = client_hello();
  for (std::size_t cut = 0; cut <= hello.size(); ++cut) {
    HelloReader reader;
    ASSERT_TRUE(reader.take(Bytes(hello).first(cut)));
    ASSERT_EQ(reader.done(), cut == hello.size()) << cut;
    ASSERT_TRUE(reader.take(Bytes(hello).subspan(cut)));
    expect_hello(reader, hello);
  }
}

TEST(HelloReader, TakesItInRecordsOfEverySize) {
  const Buffer hello = client_hello();
  for (std::size_t size = 1; size < hello.size(); ++size) {
    const Buffer split = split_records(hello, size);
    HelloReader whole;
    ASSERT_TRUE(whole.take(split)) << size;
    expect_hello(whole, split);
    HelloReader dripped;
    for (const std::uint8_t byte : split) ASSERT_TRUE(dripped.take({&byte, 1})) << size;
    expect_hello(dripped, split);
  }
}

TEST(HelloReader, TakesALargeOne) {
  const Buffer hello = client_hello(150);  // some 30 KB, more than a record holds
  const Buffer records = split_records(hello, 16384);
  HelloReader reader;
  ASSERT_TRUE(reader.take(records));
  EXPECT_TRUE(reader.done());
  EXPECT_GT(records.size(), 30'000U);
}

TEST(HelloReader, KeepsWhatComesBehindIt) {
  Buffer hello = client_hello();
  hello.insert(hello.end(), {1, 2, 3});
  HelloReader reader;
  ASSERT_TRUE(reader.take(hello));
  ASSERT_TRUE(reader.take(as_bytes("more")));
  hello.insert(hello.end(), {'m', 'o', 'r', 'e'});
  EXPECT_EQ(reader.release(), hello);
  EXPECT_EQ(reader.server_name(), "shop.example");
}

TEST(HelloReader, RefusesWhatIsTooLong) {
  // A message that promises more than the limit is refused at once,
  HelloReader promised;
  const Result<> first = promised.take(Buffer{22, 3, 1, 0, 4, 1, 1, 0, 0});
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().reason(), Reason::message_too_long);
  // and records that hold too little each when they come to it.
  Buffer long_hello = client_hello(150);
  Buffer split = split_records(long_hello, 1);
  ASSERT_GT(split.size(), HelloReader::max_received);
  HelloReader reader;
  Result<> taken;
  std::size_t count = 0;
  for (std::size_t at = 0; taken && at < split.size(); at += 100) {
    const std::size_t piece = std::min<std::size_t>(100, split.size() - at);
    taken = reader.take(Bytes(split).subspan(at, piece));
    count = at + piece;
  }
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().reason(), Reason::message_too_long);
  EXPECT_LE(count, HelloReader::max_received + 100);
  EXPECT_FALSE(reader.take(as_bytes("x")));
}

TEST(HelloReader, RefusesWhatIsNoClientHello) {
  const struct {
    Buffer bytes;
    Reason reason;
  } cases[] = {
      {{'G', 'E', 'T', ' ', '/', ' ', 'H'}, Reason::http_request},
      {{'C', 'O', 'N', 'N', 'E', 'C', 'T'}, Reason::http_proxy_request},
      {{0x80, 0x2e, 1, 3, 1}, Reason::not_tls},
      {{22, 2, 0, 0, 4}, Reason::not_tls},
      {{21, 3, 3, 0, 2, 2, 40}, Reason::not_tls},
      {{22, 3, 1, 0, 0}, Reason::record_too_long},
      {{22, 3, 1, 0x40, 1}, Reason::record_too_long},
      {{22, 3, 3, 0, 4, 2, 0, 0, 0}, Reason::unexpected_message},
      {{22, 3, 3, 0, 4, 1, 0, 0, 0}, Reason::decode_error},
  };
  for (const auto& each : cases) {
    HelloReader reader;
    const Result<> taken = reader.take(each.bytes);
    ASSERT_FALSE(taken) << int{each.bytes[0]};
    EXPECT_EQ(name(taken.error().reason()), name(each.reason));
    EXPECT_FALSE(reader.done());
  }
}

}  // namespace
}  // namespace handfast::test
