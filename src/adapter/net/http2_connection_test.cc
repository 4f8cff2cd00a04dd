// What a connection of HTTP/2 holds in memory, whatever its peer does.
#include "adapter/net/http2_connection_fixture.h"

namespace slipway::net {
namespace {

using namespace std::string_literals;

TEST_F(Http2ConnectionTest, a_body_that_comes_faster_than_it_is_read_is_not_kept_whole) {
  constexpr std::size_t kStep = 128 << 10;
  std::counting_semaphore<> asked(0), done(0);
  begin({{Method::Post, "/upload", access::Permission::Public, BlockingHandler([&](BlockingRequest& request) {
            std::string piece(kStep, '\0');
            for (;;) {
              asked.acquire();
              for (std::size_t at = 0; at < kStep;) {
                const auto count = request.read_body(std::as_writable_bytes(std::span(piece)).subspan(at));
                if (!count || *count == 0) return done.release(), Reply{};
                at += *count;
              }
              done.release();
            }
          }),
          gibibytes(1), Work::Long}});
  receive(head(1, "POST", "/upload", false));
  for (int i = 0; i < 4; ++i) receive(data_of_window());
  const std::size_t before = allocated();
  for (int i = 0; i < 256; ++i) {  // 32 MiB
    asked.release();
    ASSERT_TRUE(done.try_acquire_for(std::chrono::seconds(10)));
    tick();
    receive(data_of_window());
  }
  EXPECT_LT(allocated(), before + (4 << 20));
  end();
  asked.release();
  done.acquire();
}

TEST_F(Http2ConnectionTest, frames_are_not_made_far_ahead_of_what_the_socket_takes) {
  begin({{Method::Get, "/big", access::Permission::Public,
          [](Exchange& exchange) { exchange.reply(200, "application/octet-stream", std::string(8 << 20, 'b')); }}},
        "\0\4"s + kWidest);
  receive(frame(8, 0, 0, "\x7F\0\0\0"s));
  receive(head(1, "GET", "/big", true));
  EXPECT_GT(memory_.written, 8U << 20);
  EXPECT_LT(memory_.largest, 256U << 10);
  end();
}

TEST_F(Http2ConnectionTest, a_peer_that_has_ended_gets_what_it_asked_for_and_then_the_end) {
  begin({{Method::Get, "/big", access::Permission::Public,
          [](Exchange& exchange) { exchange.reply(200, "application/octet-stream", std::string(1 << 20, 'b')); }}},
        "\0\4"s + kWidest);
  receive(frame(8, 0, 0, "\x7F\0\0\0"s));
  end_after(head(1, "GET", "/big", true));
  EXPECT_EQ(connection_->phase(), Http2Connection::Phase::Open);
  memory_.room = std::size_t{1} << 40;
  connection_->on_ready(false, true, false);
  tick();
  EXPECT_GT(memory_.written, 1U << 20);
  EXPECT_EQ(connection_->phase(), Http2Connection::Phase::Closed);
}

TEST_F(Http2ConnectionTest, a_peer_that_has_ended_can_open_no_window_and_is_not_waited_for) {
  begin({{Method::Get, "/big", access::Permission::Public,
          [](Exchange& exchange) { exchange.reply(200, "application/octet-stream", std::string(1 << 20, 'b')); }}});
  end_after(head(1, "GET", "/big", true));
  memory_.room = std::size_t{1} << 40;
  connection_->on_ready(false, true, false);
  tick();
  EXPECT_EQ(connection_->phase(), Http2Connection::Phase::Closed);
}

TEST_F(Http2ConnectionTest, an_alarm_does_not_touch_a_connection_that_was_closed_in_the_same_tick) {
  begin({});
  connection_->begin_drain();
  tick();
  connection_->close();
  station_->now += std::chrono::minutes(2);
  station_->ring_alarms();
  EXPECT_TRUE(station_->dirty.empty());
  EXPECT_EQ(connection_->phase(), Http2Connection::Phase::Closed);
  connection_->recycle();
}

TEST_F(Http2ConnectionTest, of_many_small_requests_one_tick_takes_a_share) {
  constexpr std::uint32_t kStreams = 100;
  std::uint32_t asked = 0, last = static_cast<std::uint32_t>(-1);
  begin({{Method::Get, "/small", access::Permission::Public, [&](Exchange& exchange) {
            ++asked;
            exchange.reply(200, "text/plain", "small");
          }}});
  const auto heads = [&] {
    std::string out;
    const std::string path = "/small?" + std::string(100, 'q');
    for (std::uint32_t i = 0; i < kStreams; ++i) out += head(last += 2, "GET", path, true);
    return out;
  };
  receive(heads());
  EXPECT_EQ(std::exchange(asked, 0), kStreams);
  memory_.in = heads();
  connection_->on_ready(true, false, false);
  EXPECT_NEAR(asked, Http2Share::kRequests, 2);
  connection_->resume();  // in the same tick
  EXPECT_NEAR(asked, Http2Share::kRequests, 2);
  tick();
  EXPECT_EQ(asked, kStreams);
  end();
}

TEST_F(Http2ConnectionTest, streams_that_are_over_leave_little_behind) {
  begin({});
  const std::size_t before = allocated();
  std::vector<Http2Stream*> taken;
  for (int i = 0; i < 10'000; ++i) taken.push_back(&station_->streams->take());
  for (Http2Stream* stream : taken) {
    stream->begin(*connection_, 1);
    stream->fields().take("a", std::string(20'000, 'b'));
    stream->leave("gone");
  }
  end();
  EXPECT_LT(allocated(), before + (16 << 20));
}

TEST_F(Http2ConnectionTest, reads_that_are_cut_go_on_without_an_event) {
  int asked = 0;
  begin({{Method::Get, "/", access::Permission::Public, [&](Exchange& exchange) {
            ++asked;
            exchange.reply(200, "text/plain", {});
          }}});
  memory_.piece = 5;
  receive(head(1, "GET", "/", true));
  EXPECT_EQ(asked, 1);
  end();
}

TEST_F(Http2ConnectionTest, a_lingering_connection_reads_on_after_a_cut_read) {
  begin({});
  receive(frame(0, 0, 1, "content of no stream"));
  ASSERT_EQ(connection_->phase(), Http2Connection::Phase::Lingering);
  memory_.in = "what still comes";
  memory_.is_cut = true;
  connection_->on_ready(true, false, false);
  EXPECT_TRUE(station_->has_turns());
  memory_.ended = true;
  station_->take_turns();
  EXPECT_EQ(connection_->phase(), Http2Connection::Phase::Closed);
  connection_->recycle();
}

}  // namespace
}  // namespace slipway::net
