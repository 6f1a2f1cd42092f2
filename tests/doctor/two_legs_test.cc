#include "doctor/two_legs.h"

#include <gtest/gtest.h>

#include <functional>
#include <regex>
#include <sstream>

#include "doctor/overload.h"
#include "doctor/script.h"

namespace handfast::doctor {
namespace {

using test::Script;
using test::whole_handshake;

constexpr std::uint64_t millisecond = 1'000'000;

Direction other(Direction direction) { return direction == Direction::sent ? Direction::received : Direction::sent; }

/// What the other side of a client's connection records, so much later; `change` may look at each message on its way.
Recording seen_by_origin(
    const Recording& client, std::uint64_t later, const std::function<void(Buffer&)>& change = [](Buffer&) {}) {
  Recording origin;
  for (const Step& step : client.steps()) {
    const std::uint64_t at = client.began() + step.at + later;
    const auto add = [&](auto event) { origin.on({at, Side::server, std::move(event)}); };
    std::visit(Overload{[&](const Message& message) {
                          Buffer bytes = message.bytes;
                          change(bytes);
                          add(MessageEvent{other(message.direction), message.type, message.hello_retry_request,
                                           message.level, bytes});
                        },
                        [&](const Data& data) { add(DataEvent{other(data.direction), data.level, data.size}); },
                        [&](const Completed&) { add(CompletedEvent{}); }, [](const auto&) {}},
               step.what);
  }
  return origin;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<PlainWords> asked_for_a_tunnel(const Recording& client) {
  return {{client.began() - millisecond, Half::client_and_proxy, From::left, "CONNECT example.com:443"},
          {client.began() - millisecond / 2, Half::client_and_proxy, From::right, "200 Connection established"}};
}

constexpr std::string_view golden_through =
    R"(         client                           proxy                           origin
  0.0 ms │── CONNECT example.com:443 ──────▶│                                  │
  0.5 ms │◀─── 200 Connection established ──│                                  │
  1.0 ms │── ClientHello, 162 bytes ────────┼─────────────────────────────────▶│
         │   server name example.com        │                                  │
         │   ALPN h2, http/1.1              │                                  │
  1.2 ms │◀─────────────────────────────────┼─── HelloRetryRequest, 56 bytes ──│
         │                                  │   version TLS 1.3                │
         │                                  │   suite TLS_AES_128_GCM_SHA256   │
  1.8 ms │── ClientHello, 162 bytes ────────┼─────────────────────────────────▶│
         │   server name example.com        │                                  │
         │   ALPN h2, http/1.1              │                                  │
  2.0 ms │◀─────────────────────────────────┼───────── ServerHello, 90 bytes ──│
         │                                  │   version TLS 1.3                │
         │                                  │   suite TLS_AES_128_GCM_SHA256   │
  2.8 ms │◀═════════════════════════════════╪═ EncryptedExtensions, 15 bytes ══│
         │                                  │   ALPN h2                        │
  3.0 ms │◀═════════════════════════════════╪══ CertificateRequest, 17 bytes ══│
  3.2 ms │◀═════════════════════════════════╪════════ Certificate, 406 bytes ══│
         │                                  │   CN=example.com                 │
         │                                  │   from CN=Example CA             │
         │   ✓ verified by the client       │                                  │
  3.8 ms │◀═════════════════════════════════╪═══ CertificateVerify, 79 bytes ══│
  4.0 ms │◀═════════════════════════════════╪════════════ Finished, 36 bytes ══│
  4.2 ms │══ Certificate, 8 bytes ══════════╪═════════════════════════════════▶│
  4.5 ms │══ Finished, 36 bytes ════════════╪═════════════════════════════════▶│
         │   ✓ client: handshake complete   │                                  │
         │                                  │   ✓ origin: handshake complete   │
  5.5 ms │══ application data ══════════════╪═════════════════════════════════▶│
         │   123 bytes in 2 records         │                                  │
  6.0 ms │◀═════════════════════════════════╪════ alert certificate_required ══│
         │                                  │   fatal                          │
         ── in the clear   ══ encrypted   ╪ not opened
)";
constexpr std::string_view golden_ended =
    R"(         client                           proxy                           origin
  0.0 ms │── ClientHello, 162 bytes ───────▶│                                  │
         │   server name example.com        │                                  │
         │   ALPN h2, http/1.1              │                                  │
  0.2 ms │◀── HelloRetryRequest, 56 bytes ──│                                  │
         │   version TLS 1.3                │                                  │
         │   suite TLS_AES_128_GCM_SHA256   │                                  │
  0.8 ms │── ClientHello, 162 bytes ───────▶│                                  │
         │   server name example.com        │                                  │
         │   ALPN h2, http/1.1              │                                  │
  1.0 ms │◀──────── ServerHello, 90 bytes ──│                                  │
         │   version TLS 1.3                │                                  │
         │   suite TLS_AES_128_GCM_SHA256   │                                  │
  1.8 ms │◀═ EncryptedExtensions, 15 bytes ═│                                  │
         │   ALPN h2                        │                                  │
  2.0 ms │◀═ CertificateRequest, 17 bytes ══│                                  │
         │                                  │── ClientHello, 162 bytes ───────▶│
         │                                  │   server name example.com        │
         │                                  │   ALPN h2, http/1.1              │
  2.2 ms │◀═══════ Certificate, 406 bytes ══│                                  │
         │   CN=example.com                 │                                  │
         │   from CN=Example CA             │                                  │
         │                                  │◀── HelloRetryRequest, 56 bytes ──│
         │                                  │   version TLS 1.3                │
         │                                  │   suite TLS_AES_128_GCM_SHA256   │
         │   ✓ verified by the client       │                                  │
  2.8 ms │◀══ CertificateVerify, 79 bytes ══│                                  │
         │                                  │── ClientHello, 162 bytes ───────▶│
         │                                  │   server name example.com        │
         │                                  │   ALPN h2, http/1.1              │
  3.0 ms │◀═══════════ Finished, 36 bytes ══│                                  │
         │                                  │◀──────── ServerHello, 90 bytes ──│
         │                                  │   version TLS 1.3                │
         │                                  │   suite TLS_AES_128_GCM_SHA256   │
  3.2 ms │══ Certificate, 8 bytes ═════════▶│                                  │
  3.5 ms │══ Finished, 36 bytes ═══════════▶│                                  │
  3.8 ms │                                  │◀═ EncryptedExtensions, 15 bytes ═│
         │                                  │   ALPN h2                        │
  4.0 ms │                                  │◀═ CertificateRequest, 17 bytes ══│
         │   ✓ client: handshake complete   │                                  │
  4.2 ms │                                  │◀═══════ Certificate, 406 bytes ══│
         │                                  │   CN=example.com                 │
         │                                  │   from CN=Example CA             │
  4.5 ms │══ application data ═════════════▶│                                  │
         │   123 bytes in 2 records         │                                  │
  4.8 ms │                                  │◀══ CertificateVerify, 79 bytes ══│
  5.0 ms │◀═══ alert certificate_required ══│                                  │
         │   fatal                          │                                  │
         │                                  │◀═══════════ Finished, 36 bytes ══│
  5.2 ms │                                  │══ Certificate, 8 bytes ═════════▶│
  5.5 ms │                                  │══ Finished, 36 bytes ═══════════▶│
         │                                  │   ✓ origin: handshake complete   │
  6.5 ms │                                  │══ application data, 123 bytes ══▶│
         ── in the clear   ══ encrypted
)";

TEST(TwoLegs, ATunnelGoesThroughTheProxy) {
  const Script client = whole_handshake();
  const Recording origin = seen_by_origin(client.recording(), millisecond / 10);
  const TwoLegs legs{client.recording(), origin, TlsEnds::at_origin, asked_for_a_tunnel(client.recording())};
  EXPECT_EQ(two_legs(legs, Style{80, false, true}), golden_through);
}

TEST(TwoLegs, EachLegHasItsHalfWhereTheProxyEndsTls) {
  const Script client = whole_handshake();
  const Recording origin = seen_by_origin(client.recording(), 2 * millisecond);
  EXPECT_EQ(two_legs({client.recording(), origin, TlsEnds::at_proxy}, Style{80, false, true}), golden_ended);
}

/// All there is to draw, failures included.
std::string everything(TlsEnds tls_ends, const Style& style) {
  const Error error(Alert::unknown_ca, Reason::unknown_issuer);
  Script client = whole_handshake();
  const Recording origin = seen_by_origin(client.recording(), millisecond);
  client.add(ResumptionEvent{Resumption::none, SessionRefusal::unknown})
      .add(FailedEvent{&error})
      .add(DataEvent{Direction::received, Level::application, 123'456'789})
      .add(DataEvent{Direction::received, Level::application, 123'456'789});
  return two_legs({client.recording(), origin, tls_ends, asked_for_a_tunnel(client.recording())}, style);
}

TEST(TwoLegs, TheRailsAreStraightAtEveryWidth) {
  for (const TlsEnds tls_ends : {TlsEnds::at_proxy, TlsEnds::at_origin})
    for (const bool unicode : {true, false})
      for (std::size_t width = 60; width <= 120; ++width) {
        const std::vector<std::string> lines = lines_of(everything(tls_ends, Style{width, false, unicode}));
        ASSERT_GT(lines.size(), 20u);
        EXPECT_EQ(columns(lines.front()), width);
        EXPECT_LE(columns(lines.back()), width);
        for (std::size_t i = 1; i + 1 < lines.size(); ++i) EXPECT_EQ(columns(lines[i]), width) << lines[i];
      }
}

TEST(TwoLegs, InAsciiThereIsNothingElse) {
  for (const char c : everything(TlsEnds::at_origin, Style{80, false, false}))
    EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << static_cast<int>(c);
}

TEST(TwoLegs, ColourChangesNoText) {
  const std::string coloured = everything(TlsEnds::at_proxy, Style{80, true, true});
  EXPECT_NE(coloured.find("\x1b["), std::string::npos);
  EXPECT_EQ(std::regex_replace(coloured, std::regex("\x1b\\[[0-9]*m"), ""),
            everything(TlsEnds::at_proxy, Style{80, false, true}));
}

TEST(TwoLegs, NobodyCameToTheOrigin) {
  const Script client = whole_handshake();
  const std::string text = two_legs({client.recording(), Recording(), TlsEnds::at_proxy}, Style{});
  EXPECT_NE(text.find("ClientHello"), std::string::npos);
}

TEST(TwoLegs, WhatThePeersSayCannotSpeakToTheTerminal) {
  const Script client = whole_handshake();
  const PlainWords words{client.recording().began(), Half::client_and_proxy, From::right, "200 \x1b[2J"};
  const std::string text = two_legs({client.recording(), Recording(), TlsEnds::at_origin, {words}}, Style{});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("200 \\x1b[2J"), std::string::npos);
}

TEST(OneHandshake, IsTheSameAtBothEnds) {
  const Script client = whole_handshake();
  EXPECT_TRUE(is_one_handshake(client.recording(), seen_by_origin(client.recording(), 1)));
}

TEST(OneHandshake, IsNoneWhereAnyMessageDiffers) {
  const Script client = whole_handshake();
  std::size_t count = 0;
  seen_by_origin(client.recording(), 1, [&](Buffer&) { ++count; });
  ASSERT_GT(count, 8u);
  for (std::size_t which = 0; which < count; ++which) {
    std::size_t i = 0;
    const Recording origin = seen_by_origin(client.recording(), 1, [&](Buffer& bytes) {
      if (i++ == which) bytes.back() ^= 1;
    });
    EXPECT_FALSE(is_one_handshake(client.recording(), origin)) << which;
  }
}

TEST(OneHandshake, IsNoneWhereThereWasNone) {
  EXPECT_FALSE(is_one_handshake(Recording(), Recording()));
  const Script client = whole_handshake();
  EXPECT_FALSE(is_one_handshake(client.recording(), Recording()));
}

}  // namespace
}  // namespace handfast::doctor
