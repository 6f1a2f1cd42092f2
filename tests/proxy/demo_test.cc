// The demo's scenes: what they count as gone wrong. How they look, tests/cli/demo_test.py sees.
#include "proxy/demo/act.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

#include <handfast/clock.h>
#include <handfast/random.h>

#include "doctor/throwaway.h"
#include "proxy/forward.h"
#include "proxy/lasting.h"
#include "proxy/passthrough.h"

namespace handfast::proxy::demo {
namespace {

constexpr const char* site = "shop.localhost";

template <typename T, typename E>
T must(std::expected<T, E> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}

/// An origin with a client that trusts it.
class Pair {
 public:
  Pair() : authority_(must(doctor::ThrowAwayAuthority::make(system_clock().now(), system_random()))) {
    ServerOptions options;
    options.credentials.push_back(must(authority_.issue_credential(site, {site}, std::chrono::hours(1))));
    origin_ = must(doctor::LoopbackServer::start(must(ServerConfig::make(std::move(options)))));
  }
  std::uint16_t port() const { return origin_->port(); }
  Played play_with(std::shared_ptr<const Service> service, std::optional<net::HostPort> tunnel_to = {}) {
    ClientOptions options;
    options.trust = must(authority_.anchors());
    auto client = must(ClientConfig::make(std::move(options)));
    return must(play({std::move(service), std::move(origin_), std::move(tunnel_to)}, std::move(client), site));
  }

 private:
  doctor::ThrowAwayAuthority authority_;
  std::unique_ptr<doctor::LoopbackServer> origin_;
};

/// What is shown, and how many failures it counts.
std::pair<std::string, int> shown(const Played& played, doctor::TlsEnds tls_ends) {
  std::FILE* file = std::tmpfile();
  doctor::TourStage stage(file, doctor::Style{});
  show(stage, played,
       {.tls_ends = tls_ends, .decrypts = "who", .client_sees = "one", .proxy_sees = "other", .how_it_ended = "well"});
  std::rewind(file);
  std::string text;
  std::array<char, 4096> block;
  while (const std::size_t size = std::fread(block.data(), 1, block.size(), file)) text.append(block.data(), size);
  std::fclose(file);
  return {text, stage.failures()};
}

std::shared_ptr<const Service> passthrough_to(std::uint16_t port) {
  PassthroughOptions options;
  options.fallback = "127.0.0.1:" + std::to_string(port);
  return must(make_passthrough(options));
}

TEST(Demo, TlsThatGoesThroughIsOneHandshake) {
  Pair pair;
  const Played played = pair.play_with(passthrough_to(pair.port()));
  ASSERT_TRUE(played.visit.answer) << played.visit.answer.error().message();
  EXPECT_EQ(shown_to_client(played), shown_by_origin(played));
  const auto [text, failures] = shown(played, doctor::TlsEnds::at_origin);
  EXPECT_EQ(failures, 0) << text;
  EXPECT_NE(text.find("✓ well\n"), std::string::npos) << text;
  EXPECT_NE(text.find("way=passthrough"), std::string::npos) << text;
}

TEST(Demo, TlsThatEndsElsewhereThanItShouldHasGoneWrong) {
  Pair pair;
  const Played played = pair.play_with(passthrough_to(pair.port()));
  const auto [text, failures] = shown(played, doctor::TlsEnds::at_proxy);
  EXPECT_EQ(failures, 1);
  EXPECT_NE(text.find("✗ The client's TLS did not end where it should.\n"), std::string::npos) << text;
}

TEST(Demo, ATunnelThatIsRefusedHasGoneWrong) {
  Pair pair;
  const Lasting lasting;
  // Loopback is not allowed.
  const Played played = pair.play_with(must(make_forward(ForwardOptions{}, lasting)), net::HostPort{site, pair.port()});
  EXPECT_FALSE(played.visit.answer);
  ASSERT_EQ(played.visit.words.size(), 2u);
  EXPECT_EQ(played.visit.words[1].text, "403 Forbidden");
  const auto [text, failures] = shown(played, doctor::TlsEnds::at_origin);
  EXPECT_EQ(failures, 1);
  EXPECT_NE(text.find("✗ The client did not get its page"), std::string::npos) << text;
}

}  // namespace
}  // namespace handfast::proxy::demo
