// Messages that others collected: Botan's vectors, a captured connection, rustls's seeds for fuzzers.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <vector>

#include "support/vec.h"
#include "wire/alert.h"
#include "wire/botan.h"
#include "wire/certificate_verify.h"
#include "wire/client_hello.h"
#include "wire/messages.h"
#include "wire/server_hello.h"

namespace handfast::test {
namespace {

using Corpus = VectorTest;

template <HandshakeType type>
std::optional<Error> message(Bytes body) {
  return parse_and_walk(type, body);
}

/// The content of one extension, inside the smallest hello that may carry it.
template <ExtensionType type>
std::optional<Error> in_client_hello(Bytes content) {
  const Buffer extension = prefixed(2, content);
  Buffer block = {static_cast<std::uint8_t>(static_cast<unsigned>(type) >> 8), static_cast<std::uint8_t>(type)};
  block = std::move(block) + extension;
  return message<HandshakeType::client_hello>(from_hex("0303" + std::string(64, '5') + "00 00021301 0100") +
                                              prefixed(2, block));
}

std::optional<Error> in_server_hello(std::string_view random, Bytes key_share) {
  const Buffer block = from_hex("002b00020304 0033") + prefixed(2, key_share);
  return message<HandshakeType::server_hello>(from_hex("0303" + std::string(random) + "00130100") + prefixed(2, block));
}

TEST_F(Corpus, BotanMessages) {
  // The flow refuses these, which parse: what they offer is not allowed in TLS 1.3.
  const std::set<std::string> for_the_flow = {"TLS 1.3 Client Hello has invalid legacy_version",
                                              "Client did not offer NULL compression"};
  const auto client_hello = message<HandshakeType::client_hello>;
  EXPECT_EQ(check_botan("tls/client_hello.vec", client_hello), 13);
  EXPECT_EQ(check_botan("tls_13/client_hello.vec", client_hello, for_the_flow), 16);
  EXPECT_EQ(check_botan("tls/server_hello.vec", message<HandshakeType::server_hello>), 6);
  EXPECT_EQ(check_botan("tls_13/server_hello.vec", message<HandshakeType::server_hello>), 8);
  EXPECT_EQ(check_botan("tls/cert_verify.vec", message<HandshakeType::certificate_verify>), 4);
}

TEST_F(Corpus, BotanExtensions) {
  EXPECT_EQ(check_botan("tls_extensions/parsing/alpn.vec",
                        in_client_hello<ExtensionType::application_layer_protocol_negotiation>),
            6);
  EXPECT_EQ(check_botan("tls_extensions/parsing/cookie.vec", in_client_hello<ExtensionType::cookie>), 8);
  EXPECT_EQ(check_botan("tls_extensions/parsing/key_share_CH.vec", in_client_hello<ExtensionType::key_share>), 4);
  EXPECT_EQ(check_botan("tls_extensions/parsing/signature_algorithms_cert.vec",
                        in_client_hello<ExtensionType::signature_algorithms_cert>),
            5);
  EXPECT_EQ(
      check_botan("tls_extensions/parsing/supported_groups.vec", in_client_hello<ExtensionType::supported_groups>), 6);
  EXPECT_EQ(
      check_botan("tls_extensions/parsing/supported_versions.vec", in_client_hello<ExtensionType::supported_versions>),
      2);
  EXPECT_EQ(check_botan("tls_extensions/parsing/key_share_SH.vec",
                        [](Bytes content) { return in_server_hello(std::string(64, '5'), content); }),
            2);
  EXPECT_EQ(
      check_botan("tls_extensions/parsing/key_share_HRR.vec",
                  [](Bytes content) { return in_server_hello(to_hex(wire::hello_retry_request_random), content); }),
      2);
}

TEST_F(Corpus, BotanAlerts) {
  EXPECT_EQ(check_botan("tls/alert.vec",
                        [](Bytes content) -> std::optional<Error> {
                          Result<wire::AlertMessage> alert = wire::parse_alert(content);
                          if (!alert) return alert.error();
                          return std::nullopt;
                        }),
            6);
}

TEST_F(Corpus, CiphersuitesAndExtensionsAreWhatBotanSees) {
  int checked = 0;
  for (const VecBlock& block : read_vec("tls-messages/botan/tls_13/client_hello.vec")) {
    if (!exception(block).empty()) continue;
    const Buffer buffer = block.hex("Buffer");
    const Result<wire::ClientHello> hello = wire::parse_client_hello(buffer);
    ASSERT_TRUE(hello);
    EXPECT_EQ(to_hex(hello->cipher_suites.bytes()), to_hex(block.hex("Ciphersuite")));
    std::set<ExtensionType> types;
    for (const wire::Extension& extension : hello->extensions) types.insert(extension.type);
    Buffer sorted;
    base::Writer w(sorted);
    wire::write_numbers(w, types);
    EXPECT_EQ(to_hex(sorted), to_hex(block.hex("AdditionalData")));
    ++checked;
  }
  EXPECT_EQ(checked, 4);
}

TEST_F(Corpus, ACapturedConnection) {
  const auto read = [](const char* file) {
    return read_bytes(std::filesystem::path("tls-messages/illustrated-tls13/caps") / file);
  };
  std::vector<Sample> samples;
  const auto add = [&](const char* file, std::size_t skip, std::size_t drop) {
    const Buffer bytes = read(file);
    for (Sample& sample : split_messages(file, Bytes(bytes).subspan(skip).first(bytes.size() - skip - drop)))
      samples.push_back(std::move(sample));
  };
  add("clienthello", 5, 0);
  add("serverhello", 5, 0);
  add("serverhandshake", 0, 1);  // the last byte is the inner content type
  add("clientfinishedplain", 0, 1);
  add("serverticketsplain", 0, 1);
  EXPECT_EQ(samples.size(), 9u);
  for (const Sample& sample : samples) {
    SCOPED_TRACE(sample.name);
    const std::optional<Error> error = parse_and_walk(sample.type(), sample.body());
    ASSERT_FALSE(error) << error->message();
    // Its ServerHello has another order of extensions than ours, and its tickets carry GREASE.
    if (sample.type() != HandshakeType::server_hello && sample.type() != HandshakeType::new_session_ticket) {
      EXPECT_EQ(to_hex(rewrite(sample.type(), sample.body())), to_hex(sample.message));
    }
  }
}

constexpr HandshakeType all_types[] = {HandshakeType::client_hello,         HandshakeType::server_hello,
                                       HandshakeType::encrypted_extensions, HandshakeType::certificate,
                                       HandshakeType::certificate_request,  HandshakeType::certificate_verify,
                                       HandshakeType::new_session_ticket,   HandshakeType::key_update,
                                       HandshakeType::end_of_early_data,    HandshakeType::finished};

TEST_F(Corpus, RustlsSeedsGiveValuesOrErrors) {
  int files = 0, messages = 0, values = 0, alerts = 0;
  for (const auto& each :
       std::filesystem::recursive_directory_iterator(vectors() / "tls-messages/rustls-fuzz-corpus")) {
    if (!each.is_regular_file()) continue;
    ++files;
    const Buffer bytes = read_bytes(std::filesystem::relative(each.path(), vectors()));
    // As records, where it is some: the fuzzer of connections has a byte of its own before them.
    for (const std::size_t skip : {std::size_t{0}, std::size_t{1}}) {
      base::Reader r(Bytes(bytes).subspan(std::min(skip, bytes.size())));
      while (r.size() >= 5) {
        const ContentType type{r.u8()};
        r.u16();
        const Bytes fragment = r.vector16();
        if (type == ContentType::alert && wire::parse_alert(fragment)) ++alerts;
        if (type != ContentType::handshake || fragment.size() < 4) continue;
        ++messages;
        if (!parse_and_walk(HandshakeType{fragment[0]}, fragment.subspan(4))) ++values;
      }
    }
    // And as any message at all, from any offset near the start.
    for (HandshakeType type : all_types)
      for (std::size_t skip = 0; skip <= std::min<std::size_t>(bytes.size(), 12); ++skip) {
        const Bytes rest = Bytes(bytes).subspan(skip);
        parse_and_walk(type, Buffer(rest.begin(), rest.end()));
      }
  }
  EXPECT_EQ(files, 512);
  EXPECT_EQ(messages, 472);
  EXPECT_EQ(values, 242) << "the others are damaged, or of TLS 1.2";
  EXPECT_EQ(alerts, 5) << "the others are encrypted";
}

}  // namespace
}  // namespace handfast::test
