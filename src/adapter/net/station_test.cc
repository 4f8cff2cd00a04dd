// What a loop's connections share does not keep what a crowd once needed.
#include "adapter/net/station.h"

#include <gtest/gtest.h>

#include "adapter/net/connection.h"
#include "adapter/net/http2_stream.h"
#include "adapter/net/open_gate.h"

namespace slipway::net {
namespace {

class NoWorkers final : public ports::WorkerPool {
 public:
  bool submit(ports::Task) override { return false; }
};

// Counts its alarms.
class Waiting final : public Connection {
 public:
  explicit Waiting(Station& station) : Connection(station) {}
  using Connection::mark_resumed, Connection::set_alarm;
  void on_ready(bool, bool, bool) override {}
  void resume() override {}
  void flush() override {}
  void leave_if_unanswered() override {}
  void on_alarm(TimePoint at) override { rung += take_alarm(at) ? 1 : 0; }
  void begin_drain() override {}
  void close() override {}
  bool is_closed() const override { return false; }
  bool can_be_recycled() const override { return false; }
  void recycle() override { forget_peer(); }
  int rung = 0;
};

class StationTest : public testing::Test {
 protected:
  // So many outputs, blocks and streams are in use at once, and then none.
  void be_a_crowd(std::size_t count) {
    std::vector<std::string> outputs(count);
    std::vector<InputBlocks::Block> blocks;
    std::vector<Http2Stream*> streams;
    for (std::string& output : outputs) {
      station_.ensure_output(output);
      blocks.push_back(station_.blocks.take());
      streams.push_back(&station_.streams->take());
    }
    for (std::string& output : outputs) station_.give_back_output(output);
    for (InputBlocks::Block& block : blocks) station_.blocks.give_back(std::move(block));
    for (Http2Stream* stream : streams) station_.streams->give_back(*stream);
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
};

TEST_F(StationTest, alarms_of_peers_that_left_do_not_pile_up) {
  Waiting connection(station_);
  for (int peers = 0; peers < 100'000; ++peers) {
    connection.set_alarm(station_.now + std::chrono::seconds(60));
    connection.recycle();
  }
  EXPECT_LT(station_.alarms.capacity(), 5'000U);
}

TEST_F(StationTest, an_alarm_that_is_expected_rings_however_many_are_not) {
  Waiting patient(station_), fickle(station_);
  patient.set_alarm(station_.now + std::chrono::seconds(60));
  for (int i = 0; i < 10'000; ++i) {
    fickle.set_alarm(station_.now + std::chrono::seconds(61));
    fickle.recycle();
  }
  station_.now += std::chrono::seconds(60);
  station_.late_at = TimePoint::max();
  EXPECT_EQ(station_.ring_alarms(), station_.now + std::chrono::seconds(1));
  EXPECT_EQ(patient.rung, 1);
}

TEST_F(StationTest, what_a_crowd_left_goes_when_nobody_needed_it_for_a_while) {
  be_a_crowd(200);
  EXPECT_TRUE(station_.has_surplus());
  station_.begin_watch();
  EXPECT_GT(station_.drop_unused(), 150 * InputBlocks::kSize);
  EXPECT_FALSE(station_.has_surplus());
}

TEST_F(StationTest, what_was_needed_meanwhile_stays) {
  be_a_crowd(200);
  station_.begin_watch();
  be_a_crowd(150);
  EXPECT_LE(station_.drop_unused(), 50 * (InputBlocks::kSize + sizeof(Http2Stream) + (64 << 10)));
  station_.begin_watch();
  EXPECT_GT(station_.drop_unused(), 100 * InputBlocks::kSize);
}

TEST_F(StationTest, connections_that_go_are_in_no_list) {
  Waiting gone(station_), stays(station_);
  gone.mark_resumed();
  stays.mark_resumed();
  gone.set_alarm(station_.now);
  gone.recycle();
  station_.forget([&](const Connection& connection) { return &connection == &gone; });
  EXPECT_EQ(station_.crowd, std::vector<Connection*>{&stays});
  EXPECT_TRUE(station_.alarms.empty());
}

}  // namespace
}  // namespace slipway::net
