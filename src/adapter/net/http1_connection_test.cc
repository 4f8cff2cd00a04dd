// What makes a connection of HTTP/1.1 read; without sockets or threads of its own.
#include "adapter/net/http1_connection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "adapter/net/open_gate.h"

namespace slipway::net {
namespace {

class NoWorkers final : public ports::WorkerPool {
 public:
  bool submit(ports::Task) override { return false; }
};

// Counts the reads; what they give is said before.
class Scripted final : public ByteStream {
 public:
  StreamResult read(MutableByteSpan into) override {
    ++reads;
    if (has_ended) return {StreamResult::Outcome::Ended};
    if (in.empty()) return {StreamResult::Outcome::WouldBlock, 0, is_cut};
    handshakes = false;
    std::memcpy(into.data(), in.data(), in.size());
    return {StreamResult::Outcome::Progress, std::exchange(in, {}).size(), is_cut};
  }
  StreamResult write(ByteSpan bytes) override {
    const std::size_t count = std::min(bytes.size(), room);
    room -= count;
    return {count == 0 ? StreamResult::Outcome::WouldBlock : StreamResult::Outcome::Progress, count};
  }
  void end_writing() override {}
  bool is_handshaking() const override { return handshakes; }
  int reads = 0;
  std::string in;
  std::size_t room = std::size_t{1} << 40;
  bool handshakes = false, is_cut = false, has_ended = false;
};

class Http1ConnectionTest : public testing::Test {
 protected:
  OpenGate gate_;
  NoWorkers workers_;
  SystemClock clock_;
  Log log_{{.level = LogLevel::Off}};
  RouteTable routes() {
    return std::move(RouteTable::build({{Method::Get, "/big", access::Permission::Public,
                                         [](Exchange& exchange) {
                                           exchange.reply(200, "application/octet-stream", std::string(kBig, 'b'));
                                         }},
                                        {Method::Get, "/pieces", access::Permission::Public,
                                         StreamingHandler{[this](StreamingExchange& exchange) {
                                           exchange.listen(pieces_);
                                           pieces_.exchange = &exchange;
                                           pieces_.out = &exchange.open(200, "application/octet-stream");
                                         }}}}))
        .value();
  }
  // An answer that is sent bit by bit.
  struct Pieces final : StreamListener {
    void body_grew() noexcept override {}
    void output_drained() noexcept override {}
    void abandoned() noexcept override { exchange = nullptr; }
    StreamingExchange* exchange = nullptr;
    std::string* out = nullptr;
  };
  Pieces pieces_;
  // The peer has asked for the large answer, and takes a hundred kilobytes.
  void begin_big() {
    connection_.begin(stream_, {});
    stream_.in = "GET /big HTTP/1.1\r\nHost: x\r\n\r\n";
    stream_.room = 100'000;
    connection_.on_ready(true, false, false);
    connection_.flush();
    ASSERT_GT(shared_.answers.left(), 0);
  }
  void pass_a_second() {
    station_.now += std::chrono::milliseconds(1001);
    station_.ring_alarms();
  }
  static constexpr std::size_t kBig = 4 << 20;
  ServerShared shared_{ServerParts{.routes = routes(),
                                   .gate = gate_,
                                   .clock = clock_,
                                   .workers = workers_,
                                   .long_workers = workers_,
                                   .body_workers = workers_,
                                   .log = log_,
                                   .access_log = {}},
                       Limits{.answers_in_memory = mebibytes(8)}};
  Station station_{shared_, 0};
  Http1Connection connection_{station_};
  Scripted stream_;
};

TEST_F(Http1ConnectionTest, room_to_write_continues_a_handshake) {
  stream_.handshakes = true;
  connection_.begin(stream_, {});
  connection_.on_ready(false, true, false);
  EXPECT_EQ(stream_.reads, 0);  // handshakes take turns
  station_.take_turns();
  EXPECT_EQ(stream_.reads, 1);
  connection_.close();
}

TEST_F(Http1ConnectionTest, no_handshake_is_gone_on_with_for_a_peer_that_has_left) {
  stream_.handshakes = true;
  connection_.begin(stream_, {});
  connection_.on_ready(true, false, false);
  connection_.on_ready(true, false, true);
  station_.take_turns();
  EXPECT_EQ(stream_.reads, 0);
  EXPECT_EQ(connection_.phase(), Http1Connection::Phase::Closed);
}

TEST_F(Http1ConnectionTest, who_ends_his_side_with_the_last_step_of_the_handshake_is_answered) {
  stream_.handshakes = true;
  connection_.begin(stream_, {});
  connection_.on_ready(true, false, false);
  station_.take_turns();
  stream_.in = "GET /big HTTP/1.1\r\nHost: x\r\n\r\n";
  connection_.on_ready(true, false, true);
  station_.take_turns();
  connection_.flush();
  EXPECT_EQ(station_.counters.answers[2].value(), 1U);
  connection_.close();
}

TEST_F(Http1ConnectionTest, an_answer_in_pieces_holds_no_memory_once_they_are_taken) {
  connection_.begin(stream_, {});
  stream_.in = "GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n";
  connection_.on_ready(true, false, false);
  stream_.room = 10'000;
  pieces_.out->append(100'000, 'p');
  pieces_.exchange->send();
  connection_.flush();
  const auto all = static_cast<std::int64_t>(mebibytes(8).count);
  ASSERT_LT(shared_.answers.left(), all);
  stream_.room = 1'000'000;
  connection_.on_ready(false, true, false);
  connection_.flush();
  EXPECT_EQ(shared_.answers.left(), all);
  pieces_.exchange->finish();
  connection_.flush();
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
  stream_.is_cut = false;
  station_.take_turns();
  EXPECT_EQ(stream_.reads, 2);
  EXPECT_FALSE(station_.has_turns());
  connection_.close();
}

TEST_F(Http1ConnectionTest, who_takes_an_answer_slowly_is_let_be_while_there_is_memory) {
  begin_big();
  for (int i = 0; i < 20; ++i) pass_a_second();
  EXPECT_EQ(connection_.phase(), Http1Connection::Phase::Head);
  connection_.close();
}

TEST_F(Http1ConnectionTest, who_takes_an_answer_slowly_gives_way_when_memory_is_short) {
  begin_big();
  shared_.answers.draw(mebibytes(8).count);
  for (int i = 0; i < 2; ++i) pass_a_second();
  EXPECT_EQ(connection_.phase(), Http1Connection::Phase::Closed);
  EXPECT_EQ(shared_.answers.left(), 0);
}

TEST_F(Http1ConnectionTest, who_takes_an_answer_fast_enough_keeps_it_when_memory_is_short) {
  begin_big();
  shared_.answers.draw(mebibytes(8).count);
  for (int i = 0; i < 10; ++i) {
    stream_.room = 200'000;
    connection_.on_ready(false, true, false);
    connection_.flush();
    pass_a_second();
  }
  EXPECT_EQ(connection_.phase(), Http1Connection::Phase::Head);
  connection_.close();
}

// What still comes after the last answer is read and dropped, and a read that was cut is repeated.
TEST_F(Http1ConnectionTest, a_lingering_connection_reads_on_after_a_cut_read) {
  connection_.begin(stream_, {});
  stream_.in = "NONSENSE\r\n\r\n";
  connection_.on_ready(true, false, false);
  stream_.is_cut = true;
  connection_.flush();
  ASSERT_EQ(connection_.phase(), Http1Connection::Phase::Lingering);
  const int before = stream_.reads;
  station_.take_turns();
  EXPECT_GT(stream_.reads, before) << "no event told";
  stream_.has_ended = true;
  station_.take_turns();
  EXPECT_EQ(connection_.phase(), Http1Connection::Phase::Closed);
}

}  // namespace
}  // namespace slipway::net
