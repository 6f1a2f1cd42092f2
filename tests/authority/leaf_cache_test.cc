// The cache of leaves: the same for the same, another for anything else, and never more than it may hold or mint.
#include "authority/leaf_cache.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "authority/origins.h"

namespace handfast::authority {
namespace {

using test::day;
using test::now;
using x509::Certificate;
using x509::ServerName;
using Config = std::shared_ptr<const ServerConfig>;

class LeafCacheTest : public testing::Test {
 protected:
  std::unique_ptr<LeafCache> cache(LeafCacheOptions options) const {
    options.server.clock = clock_;
    return LeafCache::make(test::new_authority(folder_), std::move(options)).value();
  }
  static Result<Config> get(LeafCache& cache, const Certificate& origin, const std::string& asked,
                            Showing showing = Showing::trusted, std::string_view client = "192.0.2.1") {
    return cache.get(*origin, ServerName::parse(asked).value(), showing, client);
  }
  static bool is_refused(const Result<Config>& got) {
    return !got && got.error().reason() == Reason::rejected_by_config && got.error().find("problem") != nullptr;
  }

  test::TemporaryFolder folder_;
  test::Web web_;
  std::shared_ptr<test::SetClock> clock_ = std::make_shared<test::SetClock>();
};

TEST_F(LeafCacheTest, GivesTheSameForTheSame) {
  const auto leaves = cache({});
  const Certificate origin = web_.issue_for({"a.test", "b.test"});
  const Config first = get(*leaves, origin, "a.test").value();
  EXPECT_EQ(get(*leaves, origin, "a.test").value(), first);
  EXPECT_EQ(get(*leaves, Certificate::parse(origin.der()).value(), "b.test").value(), first);
  EXPECT_EQ(leaves->size(), 1u);
  EXPECT_TRUE(first->options().credentials.at(0)->matches("a.test"));
}

TEST_F(LeafCacheTest, GivesAnotherForAnythingElse) {
  const auto leaves = cache({});
  const Certificate origin = web_.issue_for({"a.test"});
  std::set<Config> all;
  for (const Showing showing :
       {Showing::trusted, Showing::as_dated_and_named, Showing::self_signed, Showing::untrusted})
    all.insert(get(*leaves, origin, "a.test", showing).value());
  all.insert(get(*leaves, web_.issue_for({"a.test"}), "a.test").value());  // renewed
  EXPECT_EQ(all.size(), 5u);
  // Nor do sessions go from one to the other.
  std::set<std::array<std::uint8_t, 32>> policies;
  for (const Config& config : all) policies.insert(config->session_policy());
  EXPECT_EQ(policies.size(), 5u);
}

TEST_F(LeafCacheTest, AMillionNamesOfAWildcardAreOneLeaf) {
  LeafCacheOptions options;
  options.mint.each = {2, 0};
  const auto leaves = cache(options);
  const Certificate origin = web_.issue_for({"*.a.test"});
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(get(*leaves, origin, std::to_string(i) + "x.a.test"));
  EXPECT_EQ(leaves->size(), 1u);
}

TEST_F(LeafCacheTest, HoldsSoManyAndForgetsTheLongestUnused) {
  LeafCacheOptions options;
  options.capacity = 3;
  const auto leaves = cache(options);
  std::vector<Certificate> origins;
  std::vector<Config> configs;
  for (int i = 0; i < 3; ++i) {
    origins.push_back(web_.issue_for({"a.test"}));
    configs.push_back(get(*leaves, origins.back(), "a.test").value());
  }
  EXPECT_EQ(get(*leaves, origins[0], "a.test").value(), configs[0]);
  ASSERT_TRUE(get(*leaves, web_.issue_for({"a.test"}), "a.test"));
  EXPECT_EQ(leaves->size(), 3u);
  EXPECT_EQ(get(*leaves, origins[0], "a.test").value(), configs[0]);
  EXPECT_EQ(get(*leaves, origins[2], "a.test").value(), configs[2]);
  EXPECT_NE(get(*leaves, origins[1], "a.test").value(), configs[1]);
}

TEST_F(LeafCacheTest, ALeafIsGivenUpBeforeItExpires) {
  const auto leaves = cache({});
  CertificateOptions options = test::Web::options({"a.test"});
  options.not_after = now + 30 * day;
  const Certificate origin = web_.issue(options);
  const Config first = get(*leaves, origin, "a.test").value();
  clock_->seconds = now + 30 * day - 3601;
  EXPECT_EQ(get(*leaves, origin, "a.test").value(), first);
  clock_->seconds = now + 30 * day - 3600;
  EXPECT_NE(get(*leaves, origin, "a.test").value(), first);
  EXPECT_EQ(leaves->size(), 1u);
  // One that ends soon is not minted for each connection.
  const Config last = get(*leaves, origin, "a.test").value();
  EXPECT_EQ(get(*leaves, origin, "a.test").value(), last);
}

TEST_F(LeafCacheTest, MintsOnceForManyAtOnce) {
  LeafCacheOptions options;
  options.mint.each = {1000, 0};
  const auto leaves = cache(options);
  const Certificate origin = web_.issue_for({"a.test"});
  std::vector<Config> got(8);
  std::vector<std::jthread> threads;
  for (Config& config : got) threads.emplace_back([&] { config = get(*leaves, origin, "a.test").value(); });
  threads.clear();
  EXPECT_EQ(std::set<Config>(got.begin(), got.end()).size(), 1u);
}

TEST_F(LeafCacheTest, AClientMayHaveSoManyMinted) {
  LeafCacheOptions options;
  options.mint.each = {5, 1};
  const auto leaves = cache(options);
  const Certificate known = web_.issue_for({"a.test"});
  ASSERT_TRUE(get(*leaves, known, "a.test", Showing::trusted, "192.0.2.9"));
  int minted = 0;
  for (int i = 0; i < 20; ++i) minted += get(*leaves, web_.issue_for({"a.test"}), "a.test") ? 1 : 0;
  EXPECT_EQ(minted, 5);
  EXPECT_EQ(leaves->size(), 6u);
  EXPECT_TRUE(is_refused(get(*leaves, web_.issue_for({"a.test"}), "a.test")));
  // What is there is had by everybody, and others have not paid.
  EXPECT_TRUE(get(*leaves, known, "a.test"));
  EXPECT_TRUE(get(*leaves, web_.issue_for({"a.test"}), "a.test", Showing::trusted, "192.0.2.2"));
  clock_->nanoseconds += 2'000'000'000;
  EXPECT_TRUE(get(*leaves, web_.issue_for({"a.test"}), "a.test"));
  EXPECT_TRUE(get(*leaves, web_.issue_for({"a.test"}), "a.test"));
  EXPECT_TRUE(is_refused(get(*leaves, web_.issue_for({"a.test"}), "a.test")));
}

TEST(MintBudget, BoundsWhatAllClientsHaveMinted) {
  MintLimits limits;
  limits.each = {10, 0};
  limits.all = {100, 0};
  limits.clients = 50;
  MintBudget budget(limits);
  int taken = 0;
  for (int client = 0; client < 1000; ++client) taken += budget.take(std::to_string(client), 0) ? 1 : 0;
  EXPECT_EQ(taken, 100);
}

TEST(MintBudget, RemembersSoManyClientsAndForgetsWhoWasLongestAway) {
  MintLimits limits;
  limits.each = {1, 0};
  limits.all = {100, 0};
  limits.clients = 2;
  MintBudget budget(limits);
  EXPECT_TRUE(budget.take("a", 0) && budget.take("b", 0));
  EXPECT_FALSE(budget.take("a", 0) || budget.take("b", 0));
  EXPECT_TRUE(budget.take("c", 0));
  EXPECT_FALSE(budget.take("b", 0));
  EXPECT_TRUE(budget.take("a", 0));
}

TEST(MintBudget, RefillsUpToItsBurst) {
  MintLimits limits;
  limits.each = {3, 10};
  MintBudget budget(limits);
  auto taken = [&](std::uint64_t now) {
    int count = 0;
    while (budget.take("a", now)) ++count;
    return count;
  };
  EXPECT_EQ(taken(0), 3);
  EXPECT_EQ(taken(100'000'000), 1);
  EXPECT_EQ(taken(3600'000'000'000), 3);
}

}  // namespace
}  // namespace handfast::authority
