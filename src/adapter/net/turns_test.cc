// Who has a turn in a tick: those who ask little always, a crowd while there is time.
#include <gtest/gtest.h>

#include <deque>

#include "adapter/net/connection.h"
#include "adapter/net/http1_connection.h"
#include "adapter/net/open_gate.h"
#include "adapter/net/station.h"

namespace slipway::net {
namespace {

constexpr Duration kWork = std::chrono::microseconds(100);  // of each turn
constexpr int kTurns = 3;                                   // that fit into the time of a tick
static_assert(kWork * (kTurns - 1) < Station::kTurnTime && Station::kTurnTime <= kWork * kTurns);

class NoWorkers final : public ports::WorkerPool {
 public:
  bool submit(ports::Task) override { return false; }
};

// Notes its turns; each takes a while.
class Noted final : public Connection {
 public:
  Noted(Station& station, ManualClock& clock, std::vector<int>& seen, int number)
      : Connection(station), clock_(clock), seen_(seen), number_(number) {}
  using Connection::end_turn, Connection::mark_handshaking, Connection::mark_resumed, Connection::may_take_turn,
      Connection::was_answered_well;
  void on_ready(bool, bool, bool) override {}
  void resume() override { work(); }
  void flush() override {}
  void leave_if_unanswered() override { work(); }
  void on_alarm(TimePoint) override { work(); }
  void begin_drain() override {}
  void close() override {}
  bool is_closed() const override { return false; }
  bool can_be_recycled() const override { return false; }
  void recycle() override { forget_peer(); }

 private:
  void work() {
    is_resumed_ = false;
    seen_.push_back(number_);
    clock_.advance(kWork);
  }
  ManualClock& clock_;
  std::vector<int>& seen_;
  const int number_;
};

class TurnsTest : public testing::Test {
 protected:
  Noted& connection() {
    return connections_.emplace_back(station_, clock_, seen_, static_cast<int>(connections_.size()));
  }
  Noted& light_connection() {
    Noted& made = connection();
    made.was_answered_well();
    return made;
  }
  std::vector<int> seen_in_a_tick() {
    seen_.clear();
    station_.begin_turn_time();
    station_.take_turns();
    return seen_;
  }
  OpenGate gate_;
  NoWorkers workers_;
  ManualClock clock_;
  Log log_{{.level = LogLevel::Off}};
  ServerShared shared_{ServerParts{.routes = std::move(RouteTable::build({})).value(),
                                   .gate = gate_,
                                   .clock = clock_,
                                   .workers = workers_,
                                   .long_workers = workers_,
                                   .body_workers = workers_,
                                   .log = log_,
                                   .access_log = {}},
                       Limits{}};
  Station station_{shared_, 0};
  std::vector<int> seen_;
  std::deque<Noted> connections_;
};

TEST_F(TurnsTest, a_crowd_takes_turns_in_order_over_several_ticks) {
  for (int i = 0; i < 7; ++i) connection().mark_resumed();
  EXPECT_EQ(seen_in_a_tick(), (std::vector{0, 1, 2}));
  connection().mark_resumed();
  EXPECT_EQ(seen_in_a_tick(), (std::vector{3, 4, 5}));
  EXPECT_EQ(seen_in_a_tick(), (std::vector{6, 7}));
  EXPECT_FALSE(station_.has_turns());
}

TEST_F(TurnsTest, who_asks_little_waits_for_no_crowd) {
  for (int i = 0; i < 4; ++i) connection().mark_resumed();
  for (int i = 0; i < 4; ++i) light_connection().mark_resumed();
  EXPECT_EQ(seen_in_a_tick(), (std::vector{4, 5, 6, 7, 0})) << "and the first of the crowd has its turn all the same";
}

TEST_F(TurnsTest, a_crowd_of_handshakes_holds_up_nobody_else) {
  for (int i = 0; i < 8; ++i) connection().mark_handshaking();
  connection().mark_resumed();
  EXPECT_EQ(seen_in_a_tick(), (std::vector{8, 0, 1}));
  station_.handshake_steps = 0;
  EXPECT_EQ(seen_in_a_tick(), std::vector{2}) << "one is tried in each tick";
}

TEST_F(TurnsTest, who_brought_much_is_one_of_the_crowd_until_it_brings_little) {
  Noted& heavy = light_connection();
  heavy.end_turn(Connection::kLightTurn + 1);
  EXPECT_EQ(heavy.standing(), Connection::Standing::Heavy);
  connection().mark_resumed();
  EXPECT_FALSE(heavy.may_take_turn()) << "somebody waits already";
  heavy.end_turn(Connection::kLightTurn);
  EXPECT_TRUE(heavy.may_take_turn());
}

TEST_F(TurnsTest, the_next_peer_begins_anew) {
  Noted& reused = light_connection();
  reused.recycle();
  EXPECT_EQ(reused.standing(), Connection::Standing::New);
}

TEST_F(TurnsTest, a_crowd_that_ends_goes_over_several_ticks) {
  for (int i = 0; i < 5; ++i) station_.leaving.push_back(&connection());
  const auto leave = [](Connection& connection) { connection.leave_if_unanswered(); };
  station_.begin_turn_time();
  station_.work_through(station_.leaving, leave);
  EXPECT_EQ(seen_, (std::vector{0, 1, 2}));
  station_.begin_turn_time();
  station_.work_through(station_.leaving, leave);
  EXPECT_EQ(seen_, (std::vector{0, 1, 2, 3, 4}));
}

TEST_F(TurnsTest, alarms_of_a_crowd_ring_over_several_ticks) {
  for (int i = 0; i < 20; ++i) station_.set_alarm({station_.now, &connection(), 1});
  station_.begin_turn_time();
  EXPECT_LE(station_.ring_alarms(), station_.now) << "the loop does not sleep";
  EXPECT_LT(seen_.size(), 20U);
  for (int tick = 0; tick < 3; ++tick) {
    station_.begin_turn_time();
    station_.ring_alarms();
  }
  EXPECT_EQ(seen_.size(), 20U);
}

// Has nothing to read, and counts how often it is asked.
class Silent final : public ByteStream {
 public:
  StreamResult read(MutableByteSpan) override { return ++reads, StreamResult{StreamResult::Outcome::WouldBlock}; }
  StreamResult write(ByteSpan bytes) override { return {StreamResult::Outcome::Progress, bytes.size()}; }
  void end_writing() override {}
  int reads = 0;
};

TEST_F(TurnsTest, a_new_peer_is_not_read_once_the_tick_is_late) {
  Http1Connection peer(station_);
  Silent stream;
  peer.begin(stream, {});
  station_.begin_turn_time();
  clock_.advance(Station::kTurnTime);
  peer.on_ready(true, false, false);
  EXPECT_EQ(stream.reads, 0);
  station_.begin_turn_time();
  station_.take_turns();
  EXPECT_EQ(stream.reads, 1);
  peer.close();
}

}  // namespace
}  // namespace slipway::net
