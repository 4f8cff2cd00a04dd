// What makes a connection of HTTP/1.1 read; without sockets or threads of its own.
#include "adapter/net/http1_connection.h"

#include <gtest/gtest.h>

namespace slipway::net {
namespace {

class NoGate final : public Gate {
 public:
  Result<access::Principal> authenticate(std::string_view, bool from_loopback) const override {
    return access::Principal{"anonymous", std::nullopt, from_loopback};
  }
  bool allows(const access::Principal&, access::Permission) const override { return true; }
  bool accepts_host(std::string_view) const override { return true; }
};

class NoWorkers final : public ports::WorkerPool {
 public:
  bool submit(ports::Task) override { return false; }
};

// Counts the reads; what they give is said before.
class Scripted final : public ByteStream {
 public:
  StreamResult read(MutableByteSpan) override {
    ++reads;
    return {StreamResult::Outcome::WouldBlock, 0, is_cut};
  }
  StreamResult write(ByteSpan bytes) override { return {StreamResult::Outcome::Progress, bytes.size()}; }
  void end_writing() override {}
  bool is_handshaking() const override { return handshakes; }
  int reads = 0;
  bool handshakes = false, is_cut = false;
};

class Http1ConnectionTest : public testing::Test {
 protected:
  NoGate gate_;
  NoWorkers workers_;
  SystemClock clock_;
  Log log_{{.level = LogLevel::Off}};
  ServerShared shared_{ServerParts{.routes = std::move(RouteTable::build({})).value(),
                                   .gate = gate_,
                                   .clock = clock_,
                                   .workers = workers_,
                                   .long_workers = workers_,
                                   .log = log_,
                                   .access_log = {}},
                       Limits{}};
  Station station_{shared_, 0};
  Http1Connection connection_{station_};
  Scripted stream_;
};

TEST_F(Http1ConnectionTest, room_to_write_continues_a_handshake) {
  stream_.handshakes = true;
  connection_.begin(stream_, {});
  connection_.on_ready(false, true, false);
  ASSERT_EQ(station_.resumed.size(), 1U);  // handshakes take turns
  station_.resumed.clear();
  connection_.resume();
  EXPECT_EQ(stream_.reads, 1);
  connection_.close();
}

TEST_F(Http1ConnectionTest, room_to_write_is_no_reason_to_read_without_one) {
  connection_.begin(stream_, {});
  connection_.on_ready(false, true, false);
  EXPECT_EQ(stream_.reads, 0);
  connection_.close();
}

TEST_F(Http1ConnectionTest, a_cut_read_is_repeated_in_the_next_turn_without_an_event) {
  connection_.begin(stream_, {});
  stream_.is_cut = true;
  connection_.on_ready(true, false, false);
  EXPECT_EQ(stream_.reads, 1);
  ASSERT_EQ(station_.resumed.size(), 1U);
  station_.resumed.clear();
  stream_.is_cut = false;
  connection_.resume();
  EXPECT_EQ(stream_.reads, 2);
  EXPECT_TRUE(station_.resumed.empty());
  connection_.close();
}

}  // namespace
}  // namespace slipway::net
