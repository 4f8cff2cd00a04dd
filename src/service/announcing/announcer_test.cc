#include "service/announcing/announcer.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>

#include "adapter/store_memory/memory_store.h"

namespace slipway::announcing {
namespace {

using namespace std::chrono_literals;

class FakeListener final : public ports::Notifier {
 public:
  Result<void> tell(const model::Event& event) override {
    ++asked;
    if (!answers.empty()) {
      const ErrorCode code = answers.front();
      answers.pop_front();
      return Error{code, "no"};
    }
    heard += (heard.empty() ? "" : " ") + event.to;
    return {};
  }
  void stop() override {}
  std::deque<ErrorCode> answers;  // failures, then success
  std::string heard;
  int asked = 0;
};

class Announced : public testing::Test {
 protected:
  Announced() { restart(); }
  void restart() {
    announcer = std::make_unique<Announcer>(Announcer::Parts{.history = history,
                                                             .to = listener,
                                                             .clock = clock,
                                                             .log = log,
                                                             .name = "1",
                                                             .kept = [this] { return Result(kept); },
                                                             .keep =
                                                                 [this](std::uint64_t at) {
                                                                   kept = at;
                                                                   ++keeps;
                                                                   return Result<void>();
                                                                 },
                                                             .seed = 7});
  }
  void happens(const std::string& what, const std::string& action = "rollout") {
    model::Event event;
    event.action = action;
    event.to = what;
    ASSERT_TRUE(history.commit({}, {event}).ok());
  }
  store_memory::MemoryStore history;
  FakeListener listener;
  ManualClock clock;
  Log log{{.level = LogLevel::Off}};
  std::optional<std::uint64_t> kept;
  int keeps = 0;
  std::unique_ptr<Announcer> announcer;
};

TEST_F(Announced, in_order_from_when_the_listener_was_named_on_and_only_of_rollouts) {
  happens("before");
  announcer->step();
  happens("one");
  happens("push", "push");
  happens("two");
  announcer->step();
  EXPECT_EQ(listener.heard, "one two");
  announcer->step();
  EXPECT_EQ(listener.asked, 2) << "each once";
}

TEST_F(Announced, what_fails_is_tried_again_later_and_holds_up_what_follows) {
  announcer->step();
  happens("one");
  happens("two");
  listener.answers = {ErrorCode::Unavailable, ErrorCode::DeadlineExceeded};
  announcer->step();
  announcer->step();
  EXPECT_EQ(listener.asked, 1) << "it pauses";
  clock.advance(kFirstPause);
  announcer->step();
  EXPECT_EQ(listener.asked, 2);
  clock.advance(kFirstPause / 2);
  announcer->step();
  EXPECT_EQ(listener.asked, 2) << "the second pause is longer than half of two seconds";
  clock.advance(2 * kFirstPause);
  announcer->step();
  EXPECT_EQ(listener.heard, "one two");
}

TEST_F(Announced, a_killed_process_loses_none) {
  announcer->step();
  happens("one");
  happens("two");
  listener.answers = {};
  announcer->step();
  happens("three");
  listener.answers = {ErrorCode::Unavailable};
  announcer->step();
  restart();
  announcer->step();
  EXPECT_EQ(listener.heard, "one two three");
}

TEST_F(Announced, what_nobody_takes_is_given_up_and_the_next_is_told) {
  announcer->step();
  happens("poison");
  happens("next");
  listener.answers.assign(kMostAttempts, ErrorCode::Unavailable);
  for (int i = 0; i < kMostAttempts; ++i) {
    announcer->step();
    clock.advance(kLongestPause);
  }
  EXPECT_EQ(listener.heard, "next");
  happens("refused");
  listener.answers.assign(kMostAttemptsRefused, ErrorCode::InvalidInput);
  for (int i = 0; i < kMostAttemptsRefused; ++i) {
    announcer->step();
    clock.advance(kLongestPause);
  }
  EXPECT_EQ(listener.asked, kMostAttempts + 1 + kMostAttemptsRefused);
  EXPECT_EQ(kept, 3u);
}

TEST_F(Announced, its_place_is_kept_also_where_nothing_concerns_the_listener_but_not_at_each_event) {
  announcer->step();
  for (int i = 0; i < 2'500; ++i) happens("push", "push");
  announcer->step();
  EXPECT_EQ(keeps, 1 + 2);
  EXPECT_EQ(listener.asked, 0);
}

}  // namespace
}  // namespace slipway::announcing
