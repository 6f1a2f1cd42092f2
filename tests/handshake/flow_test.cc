// Flows themselves: order, errors, frames, and that nothing is left wherever one is destroyed.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "handshake/flow.h"

namespace handfast::handshake {
namespace {

struct NoTransport final : Transport {
  void send(Level, Bytes) override {}
  Result<void> install(Direction, Level, const crypto::SuiteParts&, const schedule::TrafficSecret&) override {
    return {};
  }
  Result<void> install(Direction, const crypto::SuiteParts&, schedule::tls12::RecordKeys) override { return {}; }
  const schedule::TrafficSecret& application_secret(Direction) const override { return secret_; }
  void send_change_cipher_spec() override {}
  Result<void> check_flight_end() const override { return {}; }
  void open(Direction) override {}
  void limit_records(Direction, std::uint16_t) override {}
  void open_early_data(Direction, std::uint32_t, const std::string&) override {}
  void early_data_accepted() override {}
  void early_data_rejected() override {}
  void skip_early_data(std::uint32_t) override {}

 private:
  schedule::TrafficSecret secret_;
};

/// Something whose every birth and death is counted.
struct Counted {
  static inline int alive = 0;
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  Counted(Counted&&) noexcept { ++alive; }
  ~Counted() { --alive; }
};

class TestEngine : public Engine {
 public:
  explicit TestEngine(const CommonOptions& options) noexcept
      : Engine(Side::client, transport_, options, info_, nullptr) {}
  std::vector<std::string> log;
  std::function<void()> at_need;

 private:
  NoTransport transport_;
  ConnectionInfo info_;
};

Msg message(HandshakeType type) { return Msg(Buffer{static_cast<std::uint8_t>(type), 0, 0, 0}); }

Result<int> give(int value) { return value; }
Result<int> refuse() { return fail(Alert::illegal_parameter, Reason::decode_error); }

Flow<std::string> leaf_flow(TestEngine& engine, std::string name) {
  Counted counted;
  Msg first = co_await next(HandshakeType::certificate);
  engine.log.push_back(name + " has the first");
  Msg second = co_await next(HandshakeType::certificate_verify, HandshakeType::finished);
  engine.log.push_back(name + " has the second");
  co_return name + "'s result";
}

Flow<int> middle_flow(TestEngine& engine, int depth) {
  Counted counted;
  int number = co_await give(depth);
  if (depth > 0) {
    int less = depth - 1;
    int below = co_await middle_flow(engine, less);
    co_return number + below;
  }
  std::string result = co_await leaf_flow(engine, "leaf");
  engine.log.push_back(result);
  co_return number;
}

Flow<void> root_flow(TestEngine& engine, int depth) {
  Counted counted;
  auto shared = std::make_shared<Counted>();
  int sum = co_await middle_flow(engine, depth);
  engine.log.push_back(std::to_string(sum));
  Msg last = co_await next(HandshakeType::finished);
  engine.log.emplace_back("done");
}

class Flows : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(Counted::alive, 0); }
  void TearDown() override { EXPECT_EQ(Counted::alive, 0); }
  CommonOptions options = [] {
    CommonOptions common;
    common.clock = std::shared_ptr<Clock>(std::shared_ptr<void>(), &system_clock());
    common.random = std::shared_ptr<Random>(std::shared_ptr<void>(), &system_random());
    return common;
  }();
};

TEST_F(Flows, RunInOrder) {
  TestEngine engine(options);
  engine.start(root_flow(engine, 3).release());
  ASSERT_TRUE(engine.expected());
  EXPECT_EQ(engine.expected()->types[0], HandshakeType::certificate);
  engine.deliver(message(HandshakeType::certificate), Level::initial);
  engine.deliver(message(HandshakeType::finished), Level::initial);
  engine.deliver(message(HandshakeType::finished), Level::initial);
  EXPECT_TRUE(engine.done());
  EXPECT_FALSE(engine.failure());
  EXPECT_EQ(engine.log,
            (std::vector<std::string>{"leaf has the first", "leaf has the second", "leaf's result", "6", "done"}));
}

TEST_F(Flows, OnlyWhatIsExpected) {
  TestEngine engine(options);
  engine.start(root_flow(engine, 0).release());
  EXPECT_TRUE(engine.check_header({HandshakeType::certificate, 10}));
  EXPECT_EQ(engine.check_header({HandshakeType::finished, 10}).error().reason(), Reason::unexpected_message);
  EXPECT_EQ(engine.check_header({HandshakeType::certificate, 0xffffff}).error().reason(), Reason::message_too_long);
}

/// Destroyed at every suspension point, at every depth: nothing stays.
TEST_F(Flows, DestroyedAnywhere) {
  for (int depth = 0; depth < 6; ++depth)
    for (int messages = 0; messages < 3; ++messages) {
      {
        TestEngine engine(options);
        engine.start(root_flow(engine, depth).release());
        for (int i = 0; i < messages; ++i)
          engine.deliver(message(i == 0 ? HandshakeType::certificate : HandshakeType::finished), Level::initial);
        EXPECT_GT(Counted::alive, 0);
      }
      EXPECT_EQ(Counted::alive, 0);
    }
}

Flow<void> failing_flow(TestEngine& engine, int at) {
  Counted counted;
  auto shared = std::make_shared<Counted>();
  int zero = co_await give(0);
  if (at == zero) co_await refuse();
  Msg first = co_await next(HandshakeType::finished);
  if (at == 1) co_await refuse();
  engine.log.emplace_back("not reached by 0 and 1");
}

Flow<void> calls_failing_flow(TestEngine& engine, int at) {
  Counted counted;
  co_await failing_flow(engine, at);
  engine.log.emplace_back("returned");
}

TEST_F(Flows, AnErrorEndsAllOfThem) {
  for (int at : {0, 1, 2}) {
    TestEngine engine(options);
    engine.start(calls_failing_flow(engine, at).release());
    if (at > 0) engine.deliver(message(HandshakeType::finished), Level::initial);
    EXPECT_EQ(engine.failure() != nullptr, at < 2);
    EXPECT_EQ(engine.done(), at == 2);
    EXPECT_EQ(engine.log.size(), at == 2 ? 2u : 0u);
    EXPECT_EQ(Counted::alive, 0) << "frames are gone as soon as it has failed";
    if (at < 2) {
      EXPECT_EQ(engine.failure()->alert(), Alert::illegal_parameter);
      EXPECT_FALSE(engine.expected());
    }
  }
}

/// A failure that a flow wants to handle is a Flow<Result<T>>.
Flow<Result<int>> reporting_flow(TestEngine& engine) {
  Msg first = co_await next(HandshakeType::finished);
  engine.log.emplace_back("reports");
  co_return refuse();
}
Flow<void> handling_flow(TestEngine& engine) {
  Result<int> result = co_await reporting_flow(engine);
  engine.log.emplace_back(result ? "value" : "handled");
}
TEST_F(Flows, AResultCanBeHandled) {
  TestEngine engine(options);
  engine.start(handling_flow(engine).release());
  engine.deliver(message(HandshakeType::finished), Level::initial);
  EXPECT_TRUE(engine.done());
  EXPECT_EQ(engine.log, (std::vector<std::string>{"reports", "handled"}));
}

/// Frames run out at each depth: an error, and nothing stays.
TEST_F(Flows, NoMemoryAtEachDepth) {
  bool succeeded = false;
  std::size_t failures = 0;
  for (std::size_t budget = 0; budget < 100'000 && !succeeded; budget += 64) {
    options.limits.handshake_frames = budget;
    TestEngine engine(options);
    engine.start(root_flow(engine, 4).release());
    if (engine.failure()) {
      EXPECT_EQ(engine.failure()->reason(), Reason::out_of_memory);
      EXPECT_EQ(Counted::alive, 0);
      ++failures;
      continue;
    }
    engine.deliver(message(HandshakeType::certificate), Level::initial);
    engine.deliver(message(HandshakeType::finished), Level::initial);
    engine.deliver(message(HandshakeType::finished), Level::initial);
    succeeded = engine.done();
  }
  EXPECT_TRUE(succeeded);
  EXPECT_GT(failures, 5u);
}

Flow<void> throwing_flow(TestEngine& engine) {
  Counted counted;
  engine.log.emplace_back("runs");
  int zero = co_await give(0);
  if (zero == 0) throw std::bad_alloc();
}
Flow<void> calls_throwing_flow(TestEngine& engine) {
  co_await throwing_flow(engine);
  engine.log.emplace_back("not reached");
}
TEST_F(Flows, MemoryThatRunsOutInsideIsAnError) {
  TestEngine engine(options);
  engine.start(calls_throwing_flow(engine).release());
  ASSERT_TRUE(engine.failure());
  EXPECT_EQ(engine.failure()->reason(), Reason::out_of_memory);
  EXPECT_EQ(engine.log.size(), 1u);
}

/// However many flows await each other without a pause, the stack does not grow: the trampoline takes them in turn.
Flow<int> quick_flow(TestEngine&, int number) {
  int same = co_await give(number);
  co_return same;
}
Flow<void> long_flow(TestEngine& engine) {
  int sum = 0;
  for (int i = 0; i < 200'000; ++i) {
    int one = co_await quick_flow(engine, 1);
    sum += one;
  }
  engine.log.push_back(std::to_string(sum));
}
TEST_F(Flows, NoStackToOverflow) {
  TestEngine engine(options);
  engine.start(long_flow(engine).release());
  EXPECT_EQ(engine.log, std::vector<std::string>{"200000"});
}

Outside<Buffer> ask_for_signature(TestEngine& engine) {
  return engine.ask<Buffer>(SignRequest{nullptr, SignatureScheme::ed25519, {}});
}
Outside<Buffer> have_signature(TestEngine&) { return Engine::answered(Result<Buffer>(Buffer{1, 2, 3})); }
Outside<Buffer> refuse_at_once(TestEngine&) {
  return Engine::answered<Buffer>(fail(Alert::access_denied, Reason::need_failed));
}

Flow<void> asking_flow(TestEngine& engine) {
  Buffer at_once = co_await have_signature(engine);
  engine.log.push_back(std::to_string(at_once.size()));
  Buffer later = co_await ask_for_signature(engine);
  engine.log.push_back(std::to_string(later.size()));
  co_await refuse_at_once(engine);
  engine.log.emplace_back("not reached");
}
TEST_F(Flows, AnswersFromOutside) {
  TestEngine engine(options);
  engine.start(asking_flow(engine).release());
  ASSERT_TRUE(engine.need());
  EXPECT_FALSE(engine.expected());
  EXPECT_EQ(engine.log, std::vector<std::string>{"3"});
  const std::uint64_t id = engine.need()->id;
  EXPECT_FALSE(engine.answer(id, VerifyAnswer{Result<void>()}));
  EXPECT_FALSE(engine.answer(id + 7, SignAnswer{Buffer()}));
  ASSERT_TRUE(engine.answer(id, SignAnswer{Buffer(5)}));
  EXPECT_EQ(engine.log, (std::vector<std::string>{"3", "5"}));
  ASSERT_TRUE(engine.failure());
  EXPECT_EQ(engine.failure()->alert(), Alert::access_denied);
}

TEST(Arena, GivesAlignedFramesAndTakesThemBack) {
  Arena arena(100'000);
  std::vector<void*> frames;
  for (std::size_t size : {1u, 100u, 4000u, 17u, 9000u, 16u}) {
    frames.push_back(arena.allocate(size));
    ASSERT_TRUE(frames.back());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(frames.back()) % __STDCPP_DEFAULT_NEW_ALIGNMENT__, 0u);
    std::fill_n(static_cast<std::uint8_t*>(frames.back()), size, std::uint8_t{0xee});
  }
  EXPECT_FALSE(arena.allocate(100'000));
  EXPECT_FALSE(arena.allocate(SIZE_MAX));
  while (!frames.empty()) {
    Arena::release(frames.back());
    frames.pop_back();
  }
  void* whole = arena.allocate(90'000);
  EXPECT_TRUE(whole) << "all of the budget is back";
  Arena::release(whole);
}

TEST(Arena, FramesAreWiped) {
  Arena arena(10'000);
  auto* frame = static_cast<std::uint8_t*>(arena.allocate(64));
  std::fill_n(frame, 64, std::uint8_t{0xee});
  Arena::release(frame);
  // The same place is given out again, untouched in between.
  auto* again = static_cast<std::uint8_t*>(arena.allocate(64));
  ASSERT_EQ(again, frame);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(again[i], 0) << i;
  Arena::release(again);
}

TEST(Reassembler, AtEverySplit) {
  const Buffer first{11, 0, 0, 3, 1, 2, 3};
  const Buffer second{20, 0, 0, 0};
  Buffer stream = first;
  stream.insert(stream.end(), second.begin(), second.end());
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    Reassembler reassembler;
    std::vector<Buffer> messages;
    for (Bytes fragment : {Bytes(stream).first(cut), Bytes(stream).subspan(cut)})
      while (!fragment.empty()) {
        if (!reassembler.take_header(fragment)) break;
        if (!reassembler.take_body(fragment)) break;
        const Msg message = reassembler.finish();
        messages.emplace_back(message.bytes().begin(), message.bytes().end());
      }
    EXPECT_EQ(messages, (std::vector{first, second})) << cut;
    EXPECT_TRUE(reassembler.empty());
  }
}

}  // namespace
}  // namespace handfast::handshake
