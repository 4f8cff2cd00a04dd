// Who gives way over HTTP/2 when the memory for bodies or answers is short.
#include "adapter/net/http2_connection_fixture.h"

namespace slipway::net {
namespace {

using namespace std::string_literals;

class Http2Shortage : public Http2ConnectionTest {
 protected:
  void begin_with_little_memory() {
    begin({{Method::Post, "/echo", access::Permission::Public,
            [this](Exchange& exchange) {
              ++answered_;
              exchange.reply(200, "text/plain", {});
            }},
           {Method::Post, "/stream", access::Permission::Public,
            StreamingHandler{[this](StreamingExchange& exchange) { exchange.listen(listener_); }}}},
          {}, {.bodies_in_memory = kibibytes(128)});
  }
  void pass_seconds(int count) {
    for (int i = 0; i < count; ++i) {
      station_->now += std::chrono::milliseconds(1100);
      station_->ring_alarms();
      tick();
    }
  }
  struct Listener final : StreamListener {
    void body_grew() noexcept override {}
    void output_drained() noexcept override {}
    void abandoned() noexcept override { ++abandoned_count; }
    int abandoned_count = 0;
  };
  Listener listener_;
  int answered_ = 0;
};

TEST_F(Http2Shortage, a_body_that_holds_memory_and_does_not_grow_gives_way_to_others) {
  begin_with_little_memory();
  receive(head(1, "POST", "/echo", false) + data(1, 128 << 10));
  receive(head(3, "POST", "/echo", false) + data(3, 64 << 10) + frame(0, 1, 3, {}));
  EXPECT_EQ(answered_, 0);
  pass_seconds(2);
  EXPECT_EQ(answered_, 1);
  EXPECT_EQ(sent_to_stream(3), "\0\0\0\0"s) << "its answer has ended, and the rest is not wanted";
  EXPECT_EQ(troubles(Trouble::NoMemory), 1U);
  EXPECT_GT(shared_->bodies->left(), 120 << 10);
  end();
}

TEST_F(Http2Shortage, a_stream_that_holds_memory_and_does_not_grow_gives_way_to_others) {
  begin_with_little_memory();
  receive(head(1, "POST", "/stream", false) + data(1, 128 << 10));
  receive(head(3, "POST", "/echo", false) + data(3, 64 << 10) + frame(0, 1, 3, {}));
  pass_seconds(2);
  EXPECT_EQ(answered_, 1);
  EXPECT_EQ(listener_.abandoned_count, 1);
  end();
}

TEST_F(Http2Shortage, a_slow_body_is_let_be_while_there_is_memory) {
  begin_with_little_memory();
  receive(head(1, "POST", "/echo", false) + data(1, 64 << 10));
  pass_seconds(8);
  EXPECT_EQ(troubles(Trouble::NoMemory) + troubles(Trouble::SlowPeer), 0U);
  receive(frame(0, 1, 1, {}));
  EXPECT_EQ(answered_, 1);
  end();
}

TEST_F(Http2Shortage, a_body_that_grows_now_and_then_may_wait_as_long_each_time) {
  begin_with_little_memory();
  shared_->bodies->draw(128 << 10);
  receive(head(1, "POST", "/echo", false) + data(1, 64 << 10) + frame(0, 1, 1, {}));
  for (int i = 0; i < 4; ++i) {
    pass_seconds(3);
    shared_->bodies->give_back(8 << 10);
  }
  pass_seconds(3);
  EXPECT_EQ(troubles(Trouble::NoMemory), 0U);
  shared_->bodies->give_back(64 << 10);
  pass_seconds(1);
  EXPECT_EQ(answered_, 1);
  end();
}

TEST_F(Http2Shortage, a_small_body_passes_while_others_hold_all_the_memory) {
  begin_with_little_memory();
  receive(head(1, "POST", "/echo", false) + data(1, 130 << 10));
  receive(head(3, "POST", "/echo", false) + frame(0, 1, 3, std::string(4000, 'd')));
  EXPECT_EQ(answered_, 1);
  end();
}

TEST_F(Http2Shortage, a_body_that_is_released_is_given_back_before_the_answer) {
  Exchange* held = nullptr;
  begin({{Method::Post, "/hold", access::Permission::Public, [&](Exchange& exchange) { held = &exchange; }}}, {},
        {.bodies_in_memory = kibibytes(128)});
  receive(head(1, "POST", "/hold", false) + data(1, 100 << 10) + frame(0, 1, 1, {}));
  ASSERT_NE(held, nullptr);
  EXPECT_EQ(shared_->bodies->left(), 28 << 10);
  held->release_body();
  EXPECT_EQ(shared_->bodies->left(), 128 << 10);
  held->reply(200, "text/plain", {});
  end();
}

// Answers of one size each; the peer's windows are closed until it opens them.
class Http2Undelivered : public Http2ConnectionTest {
 protected:
  void begin_answering(std::size_t size) {
    begin({{Method::Post, "/small", access::Permission::Public,
            [this](Exchange& exchange) {
              ++asked_;
              exchange.reply(200, "text/plain", "small");
            }},
           {Method::Post, "/get", access::Permission::Public,
            [this, size](Exchange& exchange) {
              ++asked_;
              exchange.reply(200, "text/plain", std::string(size, 'a'));
            }}},
          "\0\4\0\0\0\x0A"s);  // ten bytes of each stream may be sent
  }
  void ask(std::string_view path, std::uint32_t first, int count) {
    std::string all;
    for (int i = 0; i < count; ++i, first += 2) {
      all += head(first, "POST", path, false) + frame(0, 1, first, std::string(2000, 'q'));
    }
    receive(all);
  }
  int asked_ = 0;
};

TEST_F(Http2Undelivered, answers_nobody_takes_hold_a_mebibyte_at_most) {
  begin_answering(500);
  const std::size_t before = allocated();
  ask("/get", 1, 128);
  EXPECT_EQ(asked_, 128);
  EXPECT_LT(allocated(), before + (1 << 20));
  end();
}

TEST_F(Http2Undelivered, a_peer_that_takes_nothing_has_no_more_done_for_it) {
  begin_answering(200 << 10);
  ask("/get", 1, 20);
  EXPECT_EQ(asked_, 6) << "a mebibyte, and the answer that passed it";
  receive(frame(4, 0, 0, "\0\4"s + kWidest) + frame(8, 0, 0, "\x7F\0\0\0"s));
  for (int i = 0; i < 20; ++i) tick();
  EXPECT_EQ(asked_, 20);
  EXPECT_EQ(sent_to_stream(3), "") << "no stream was reset";
  end();
}

TEST_F(Http2Undelivered, one_large_answer_that_is_not_taken_does_not_hold_up_others) {
  begin_answering(4 << 20);
  ask("/get", 1, 1);
  ask("/small", 3, 20);
  for (int i = 0; i < 20; ++i) tick();
  EXPECT_EQ(asked_, 21);
  end();
}

TEST_F(Http2Undelivered, a_body_that_waits_for_its_peer_gives_way_when_memory_is_short) {
  begin_answering(200 << 10);
  ask("/get", 1, 6);
  const std::int64_t before = shared_->bodies->left();
  receive(head(13, "POST", "/get", false) + data(13, 64 << 10) + frame(0, 1, 13, {}));
  EXPECT_EQ(asked_, 6);
  ASSERT_LT(shared_->bodies->left(), before);
  const auto others = static_cast<std::size_t>(shared_->bodies->left());
  shared_->bodies->draw(others);
  for (int i = 0; i < 2; ++i) {
    station_->now += std::chrono::milliseconds(1100);
    station_->ring_alarms();
    tick();
  }
  EXPECT_EQ(troubles(Trouble::NoMemory), 1U);
  EXPECT_GT(shared_->bodies->left(), 60 << 10);
  EXPECT_EQ(asked_, 6);
  end();
}

TEST_F(Http2Undelivered, what_waits_for_the_peer_goes_with_it) {
  begin_answering(200 << 10);
  const std::int64_t before = shared_->answers.left();
  ask("/get", 1, 20);
  end();
  EXPECT_EQ(asked_, 6);
  EXPECT_EQ(shared_->answers.left(), before);
}

TEST_F(Http2Undelivered, who_takes_an_answer_slowly_gives_way_when_memory_is_short) {
  begin_answering(4 << 20);
  ask("/get", 1, 1);
  const auto pass_seconds = [&](int count) {
    for (int i = 0; i < count; ++i) {
      station_->now += std::chrono::milliseconds(1100);
      station_->ring_alarms();
      tick();
    }
  };
  pass_seconds(10);
  EXPECT_EQ(sent_to_stream(3), "");
  shared_->answers.draw(mebibytes(64).count);
  pass_seconds(2);
  EXPECT_EQ(sent_to_stream(3), "\0\0\0\x08"s) << "the stream was reset";
  EXPECT_EQ(troubles(Trouble::AnswerMemory), 1U);
  end();
}

// Answers a stream with pieces, and keeps no count of what its peer has taken.
class Pours final : public StreamListener {
 public:
  explicit Pours(StreamingExchange& exchange, std::size_t size) : out_(exchange.open(200, "text/plain")) {
    exchange.listen(*this);
    for (std::size_t sent = 0; sent < size; sent += kPiece) pour(exchange);
  }
  void pour(StreamingExchange& exchange) {
    out_.append(kPiece, 'p');
    exchange.send();
  }
  void body_grew() noexcept override {}
  void output_drained() noexcept override { ++drained; }
  void abandoned() noexcept override { ++abandoned_count; }
  int drained = 0, abandoned_count = 0;

 private:
  static constexpr std::size_t kPiece = 100 << 10;
  std::string& out_;
};

class Http2Streaming : public Http2ConnectionTest {
 protected:
  void begin_pouring(std::size_t size, Limits limits = {}) {
    begin({{Method::Post, "/pour", access::Permission::Public,
            StreamingHandler{[this, size](StreamingExchange& exchange) { pours_.emplace(exchange, size); }}}},
          "\0\4\0\0\0\0"s, limits);  // no stream may send anything
    before_ = shared_->answers.left();
    receive(head(1, "POST", "/pour", false));
  }
  void open_window(std::uint32_t count) {
    std::string payload;
    for (const int shift : {24, 16, 8, 0}) payload += static_cast<char>(count >> shift);
    receive(frame(8, 0, 0, payload) + frame(8, 0, 1, payload));
  }
  std::int64_t drawn() const { return before_ - shared_->answers.left(); }
  std::optional<Pours> pours_;
  std::int64_t before_ = 0;
};

TEST_F(Http2Streaming, pieces_that_are_not_taken_draw_on_the_memory_for_answers) {
  begin_pouring(4 << 20);
  EXPECT_GE(drawn(), (4 << 20) - (512 << 10));
  EXPECT_EQ(pours_->abandoned_count, 0);
  open_window(3 << 20);
  EXPECT_LE(drawn(), 2 << 20) << "what was sent is given back, though not all was";
  open_window(3 << 20);
  EXPECT_EQ(drawn(), 0);
  tick();
  EXPECT_EQ(pours_->drained, 1);
  end();
  EXPECT_EQ(drawn(), 0);
}

TEST_F(Http2Streaming, a_stream_that_finds_no_memory_for_its_answer_is_reset) {
  begin_pouring(2 << 20, {.answers_in_memory = kibibytes(64)});
  EXPECT_EQ(pours_->abandoned_count, 1);
  EXPECT_EQ(sent_to_stream(3), "\0\0\0\x0B"s);
  EXPECT_EQ(troubles(Trouble::AnswerMemory), 1U);
  EXPECT_EQ(drawn(), 0);
  end();
}

}  // namespace
}  // namespace slipway::net
