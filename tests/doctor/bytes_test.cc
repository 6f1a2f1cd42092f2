// Messages byte by byte, as text and as JSON.
#include "doctor/bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "doctor/fields.h"
#include "doctor/json.h"
#include "doctor/ladder.h"
#include "doctor/message.h"
#include "doctor/script.h"
#include "support/hex.h"
#include "wire/handshake.h"

namespace handfast::doctor {
namespace {

using test::Extras;
using test::from_hex;
using test::Script;
using test::to_hex;

const Style plain = {80, false, true};

std::string written(Bytes message, const Style& style = plain) {
  return FieldWriter(style).write(dissect(message, ProtocolVersion::tls1_3), message);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The bytes that the lines show, in hexadecimal, each at the offset that its line begins with.
std::string shown_bytes(const std::string& text) {
  static const std::regex row("([0-9a-f]{4,6})  ((?:[0-9a-f]{2} {1,2})*[0-9a-f]{2})(?:  .*)?");
  std::string out;
  for (const std::string& line : lines_of(text)) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    EXPECT_EQ(std::stoul(match[1], nullptr, 16), out.size() / 2) << line;
    out += std::regex_replace(match[2].str(), std::regex(" "), "");
  }
  return out;
}

std::vector<Message> messages_of(const Script& script) {
  std::vector<Message> out;
  for (const Step& step : script.recording().steps())
    if (const auto* message = std::get_if<Message>(&step.what)) out.push_back(*message);
  return out;
}

TEST(Bytes, AMessage) {
  EXPECT_EQ(written(from_hex("18 000001 01")),
            R"(0000  18                       msg_type: key_update
                                 Which message this is (RFC 8446, section 4).
0001  00 00 01                 length: 1 byte
                                 How many bytes of message follow. Messages are
                                 not records: one may take several records, or
                                 several share one (RFC 8446, section 5.1).
0004  01                       request_update: update_requested
                                 The sender changes to new keys with its next
                                 record; update_requested: and the other side
                                 shall too (RFC 8446, section 4.6.3).
)");
}

TEST(Bytes, FieldsStandInAndLongOnesAreDumped) {
  const Buffer message = from_hex("04 00004e 00001c20 01020304 01 00 0038 4142430a" + std::string(2 * 52, '7') +
                                  "0008 002a 0004 00004000");
  const std::vector<std::string> lines = lines_of(written(message));
  const auto line = [&](std::string_view start) {
    for (const std::string& text : lines)
      if (text.starts_with(start)) return text;
    return std::string("NOT THERE");
  };
  EXPECT_EQ(line("0004"), "0004  00 00 1c 20              ticket_lifetime: 7200 s");
  EXPECT_EQ(line("000c  01"), "000c  01                         length: 1 byte");
  EXPECT_EQ(line("000d  00"), "000d  00                         ticket_nonce");
  EXPECT_EQ(line("0010"), "0010                             ticket");
  EXPECT_EQ(line("0010  41"), "0010  41 42 43 0a 77 77 77 77  77 77 77 77 77 77 77 77  ABC.wwwwwwwwwwww");
  EXPECT_EQ(line("0040"), "0040  77 77 77 77 77 77 77 77                           wwwwwwww");
  EXPECT_EQ(line("0048  00"), "0048  00 08                      length: 8 bytes");
  EXPECT_EQ(line("004e"), "004e  00 00 40 00                  max_early_data_size: 16384 bytes");
  EXPECT_EQ(shown_bytes(written(message)), to_hex(message));
}

TEST(Bytes, EveryByteIsShownOnce) {
  for (const Script& script : {test::whole_handshake(), test::whole_handshake_tls12(Extras::all)})
    for (const Message& message : messages_of(script)) {
      if (message.bytes.size() > 256) continue;  // a certificate, of which the first bytes are shown
      for (const std::size_t width : {60u, 71u, 72u, 80u, 100u})
        EXPECT_EQ(shown_bytes(written(message.bytes, Style{width, false, true})), to_hex(message.bytes))
            << title(message) << ' ' << width;
    }
}

TEST(Bytes, OfWhatIsVeryLongTheFirstBytesAreShown) {
  for (const std::size_t size : {256u, 257u, 70000u}) {
    const auto header = wire::handshake_header({HandshakeType::finished, static_cast<std::uint32_t>(size)});
    Buffer message(header.size() + size, 0xab);
    std::ranges::copy(header, message.begin());
    const std::string text = written(message);
    const std::string bytes = shown_bytes(text);
    if (size == 256) {
      EXPECT_EQ(bytes, to_hex(message));
      EXPECT_EQ(text.find("more bytes"), text.npos);
    } else {
      EXPECT_EQ(bytes, to_hex(Bytes(message).first(4 + 64)));
      EXPECT_NE(text.find("and " + std::to_string(size - 64) + " more bytes"), text.npos);
    }
  }
}

TEST(Bytes, NoLineIsTooLong) {
  for (const Script& script : {test::whole_handshake(), test::whole_handshake_tls12(Extras::all)})
    for (const Message& message : messages_of(script))
      for (std::size_t width = 60; width <= 100; ++width)
        for (const std::string& line : lines_of(written(message.bytes, Style{width, false, true})))
          ASSERT_LE(columns(line), width) << line;
}

TEST(Bytes, ColourIsAllThatColourAdds) {
  const Buffer message = messages_of(test::whole_handshake()).front().bytes;
  const std::string coloured = written(message, Style{80, true, true});
  EXPECT_NE(coloured, written(message));
  EXPECT_EQ(std::regex_replace(coloured, std::regex("\x1b\\[[0-9]*m"), ""), written(message));
}

TEST(Bytes, WhatAFieldIsForIsToldOnce) {
  const std::string text = ladder(test::whole_handshake().recording(), plain, {}, Detail::bytes);
  std::size_t told = 0;
  for (std::size_t at = 0; (at = text.find("Which message this is", at)) != text.npos; ++at) ++told;
  EXPECT_EQ(told, 1u);
}

TEST(Bytes, TheLadderKeepsWhatIsNoMessage) {
  const std::string text = ladder(test::whole_handshake().recording(), plain, {}, Detail::bytes);
  for (const std::string_view part :
       {"│── ClientHello, 162 bytes ──", "── HelloRetryRequest, 56 bytes ──│", "0000  01 ", "msg_type: client_hello",
        "change_cipher_spec, for middleboxes only", "server now sends under server_handshake_traffic_secret",
        "alert certificate_required, fatal", "✓ CN=example.com: validity, server name"})
    EXPECT_NE(text.find(part), text.npos) << part;
  EXPECT_EQ(text.find("suites TLS_AES_128_GCM_SHA256, TLS_AES_256"), text.npos) << "the words between the rails";
}

TEST(Bytes, NothingOfAPeersSpeaksToTheTerminal) {
  // A server's choice of protocol, and a host name, of control characters.
  const std::string text = written(from_hex("08 00000d 000b 0010 0007 0005 04 1b5b326a")) +
                           written(from_hex("01 000038 0303" + std::string(64, '5') +
                                            "00 0002 1301 0100 000d 0000 0009 0007 00 0004 1b5b326a"));
  EXPECT_NE(text.find("ProtocolName: \\x1b[2j"), text.npos) << text;
  EXPECT_NE(text.find("host_name: \\x1b[2j"), text.npos) << text;
  EXPECT_EQ(text.find('\x1b'), text.npos);
}

std::string hex_of(const nlohmann::json& field) {
  if (field.contains("hex")) {
    EXPECT_FALSE(field.contains("children"));
    EXPECT_EQ(field["hex"].get<std::string>().size(), 2 * field["size"].get<std::size_t>());
    return field["hex"];
  }
  std::string out;
  for (const nlohmann::json& child : field.at("children")) out += hex_of(child);
  return out;
}

TEST(BytesJson, LeavesAreTheMessage) {
  for (const Script& script : {test::whole_handshake(), test::whole_handshake_tls12(Extras::all)}) {
    const auto ladder = nlohmann::json::parse(ladder_json(script.recording(), Detail::bytes).dump());
    std::vector<std::string> shown;
    for (const nlohmann::json& event : ladder) {
      EXPECT_EQ(event.contains("bytes"), event["event"] == "message");
      if (event.contains("bytes")) shown.push_back(hex_of(event["bytes"]));
    }
    std::vector<std::string> sent;
    for (const Message& message : messages_of(script)) sent.push_back(to_hex(message.bytes));
    EXPECT_EQ(shown, sent);
  }
}

TEST(BytesJson, AField) {
  const Buffer message = from_hex("18 000001 01");
  const auto root = fields_json(dissect(message, ProtocolVersion::tls1_3), message);
  EXPECT_EQ(root["name"], "KeyUpdate");
  EXPECT_EQ(root["children"][2]["name"], "request_update");
  EXPECT_EQ(root["children"][2]["offset"], 4);
  EXPECT_EQ(root["children"][2]["size"], 1);
  EXPECT_EQ(root["children"][2]["value"], "update_requested");
  EXPECT_EQ(root["children"][2]["hex"], "01");
  EXPECT_FALSE(root["children"][2].contains("children"));
  EXPECT_NE(root["children"][2]["meaning"], "");
}

TEST(BytesJson, OnlyWhereItIsAskedFor) {
  for (const auto& event : ladder_json(test::whole_handshake().recording())) EXPECT_FALSE(event.contains("bytes"));
}

}  // namespace
}  // namespace handfast::doctor
