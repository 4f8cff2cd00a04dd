// What a connection of HTTP/2 holds in memory, whatever its peer does; without sockets or threads of its own.
#include "adapter/net/http2_connection.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <semaphore>
#include <thread>

#include "adapter/net/http2_stream.h"

namespace slipway::net {
namespace {

using namespace std::string_literals;

class OpenGate final : public Gate {
 public:
  Result<access::Principal> authenticate(std::string_view, bool from_loopback) const override {
    return access::Principal{"anonymous", std::nullopt, from_loopback};
  }
  bool allows(const access::Principal&, access::Permission) const override { return true; }
  bool accepts_host(std::string_view) const override { return true; }
};

class Memory final : public ByteStream {
 public:
  std::string in, out;
  std::size_t written = 0, largest = 0, room = std::size_t{1} << 40;
  bool ended = false;
  StreamResult read(MutableByteSpan into) override {
    const std::size_t count = std::min(into.size(), in.size());
    if (count == 0) return {ended ? StreamResult::Outcome::Ended : StreamResult::Outcome::WouldBlock};
    std::memcpy(into.data(), in.data(), count);
    in.erase(0, count);
    return {StreamResult::Outcome::Progress, count};
  }
  StreamResult write(ByteSpan bytes) override {
    bytes = bytes.first(std::min(bytes.size(), room));
    if (bytes.empty()) return {StreamResult::Outcome::WouldBlock};
    room -= bytes.size();
    written += bytes.size();
    largest = std::max(largest, bytes.size());
    out += as_text(bytes);
    return {StreamResult::Outcome::Progress, bytes.size()};
  }
  void end_writing() override {}
};

class Threads final : public ports::WorkerPool {
 public:
  bool submit(ports::Task task) override {
    all.emplace_back(std::move(task));
    return true;
  }
  std::vector<std::jthread> all;
};

std::string frame(char type, char flags, std::uint32_t stream, std::string_view payload) {
  std::string out;
  for (const int shift : {16, 8, 0}) out += static_cast<char>(payload.size() >> shift);
  out += {type, flags};
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(stream >> shift);
  return out += payload;
}

// Fields without a table: literal, not indexed.
std::string head(std::uint32_t stream, std::string_view method, std::string_view path, bool is_last) {
  std::string fields;
  const auto add = [&](std::string_view name, std::string_view value) {
    fields += '\0';
    for (const std::string_view text : {name, value}) (fields += static_cast<char>(text.size())) += text;
  };
  add(":method", method);
  add(":scheme", "http");
  add(":path", path);
  add(":authority", "x");
  return frame(1, is_last ? 5 : 4, stream, fields);
}

std::string data(std::uint32_t stream, std::size_t size) {
  constexpr std::size_t kMost = 16 << 10;
  std::string out;
  for (; size != 0; size -= std::min(size, kMost)) out += frame(0, 0, stream, std::string(std::min(size, kMost), 'd'));
  return out;
}

const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const std::string kWidest = "\x7F\xFF\xFF\xFF";

class Http2Memory : public testing::Test {
 protected:
  void begin(std::vector<Route> routes, std::string_view settings = {}, Limits limits = {}) {
    shared_ =
        std::make_unique<ServerShared>(ServerParts{.routes = std::move(RouteTable::build(std::move(routes))).value(),
                                                   .gate = gate_,
                                                   .clock = clock_,
                                                   .workers = workers_,
                                                   .long_workers = workers_,
                                                   .log = log_,
                                                   .access_log = {}},
                                       limits);
    station_ = std::make_unique<Station>(*shared_, 0);
    connection_ = std::make_unique<Http2Connection>(*station_);
    const std::string first = kPreface + frame(4, 0, 0, settings);
    connection_->begin(memory_, {}, as_bytes(first));
    tick();
    receive(frame(4, 1, 0, {}));  // our settings hold from here on
  }
  void receive(std::string bytes) {
    memory_.in = std::move(bytes);
    connection_->on_ready(true, false, false);
    tick();
  }
  // The peer sends this, ends its side, and takes little of what it gets.
  void end_after(std::string bytes) {
    memory_.in = std::move(bytes);
    memory_.room = 10'000;
    memory_.ended = true;
    connection_->on_ready(true, false, true);
    tick();
  }
  void tick() {
    std::vector<ports::Task> posted;
    station_->mailbox->take(posted);
    for (const ports::Task& task : posted) task();
    while (!station_->resumed.empty()) {
      station_->resumed.clear();
      connection_->resume();
    }
    station_->dirty.clear();
    connection_->flush();
    if (!std::exchange(station_->leaving, {}).empty()) connection_->leave_if_unanswered();
    count_windows();
    seen_ += std::exchange(memory_.out, {});
    if (seen_.size() > kSeen) seen_.clear();
  }
  // What the peer may send on stream 1.
  void count_windows() {
    const std::string& out = memory_.out;
    const auto number = [&](std::size_t at, std::size_t size) {
      std::size_t value = 0;
      for (const char c : std::string_view(out).substr(at, size)) value = value << 8 | static_cast<std::uint8_t>(c);
      return value;
    };
    for (std::size_t at = 0; at + 9 <= out.size(); at += 9 + number(at, 3)) {
      if (out[at + 3] == 8 && number(at + 5, 4) == 1) window_ += number(at + 9, 4);
    }
  }
  std::string data_of_window() { return data(1, std::exchange(window_, 0)); }
  void end() {
    connection_->close();
    connection_->recycle();
  }
  void TearDown() override {
    workers_.all.clear();  // what they still post holds the mailbox it lies in
    station_->mailbox->close();
  }
  // The first frame of this type that is about stream 1; empty: there is none.
  std::string sent_to_stream(char type) const {
    for (std::string_view rest = seen_; rest.size() >= 9;) {
      const std::size_t size =
          9 + (static_cast<std::size_t>(static_cast<std::uint8_t>(rest[0])) << 16 |
               static_cast<std::size_t>(static_cast<std::uint8_t>(rest[1])) << 8 | static_cast<std::uint8_t>(rest[2]));
      if (rest[3] == type && rest[8] == 1) return std::string(rest.substr(9, size - 9));
      rest.remove_prefix(std::min(size, rest.size()));
    }
    return {};
  }
  std::uint64_t troubles(Trouble trouble) const {
    return station_->counters.troubles[static_cast<std::size_t>(trouble)].value();
  }
  static std::size_t allocated() {
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
  }

  OpenGate gate_;
  ManualClock clock_;
  Threads workers_;
  Log log_{{.level = LogLevel::Off}};
  Memory memory_;
  static constexpr std::size_t kSeen = 100'000;
  std::string seen_;  // what was sent lately
  std::size_t window_ = 256 << 10;
  std::unique_ptr<ServerShared> shared_;
  std::unique_ptr<Station> station_;
  std::unique_ptr<Http2Connection> connection_;
};

TEST_F(Http2Memory, a_body_that_comes_faster_than_it_is_read_is_not_kept_whole) {
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

TEST_F(Http2Memory, frames_are_not_made_far_ahead_of_what_the_socket_takes) {
  begin({{Method::Get, "/big", access::Permission::Public,
          [](Exchange& exchange) { exchange.reply(200, "application/octet-stream", std::string(8 << 20, 'b')); }}},
        "\0\4"s + kWidest);
  receive(frame(8, 0, 0, "\x7F\0\0\0"s));
  receive(head(1, "GET", "/big", true));
  EXPECT_GT(memory_.written, 8U << 20);
  EXPECT_LT(memory_.largest, 256U << 10);
  end();
}

class Http2Shortage : public Http2Memory {
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

TEST_F(Http2Shortage, a_small_body_passes_while_others_hold_all_the_memory) {
  begin_with_little_memory();
  receive(head(1, "POST", "/echo", false) + data(1, 130 << 10));
  receive(head(3, "POST", "/echo", false) + frame(0, 1, 3, std::string(4000, 'd')));
  EXPECT_EQ(answered_, 1);
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

class Http2Streaming : public Http2Memory {
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

TEST_F(Http2Memory, a_peer_that_has_ended_gets_what_it_asked_for_and_then_the_end) {
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

TEST_F(Http2Memory, a_peer_that_has_ended_can_open_no_window_and_is_not_waited_for) {
  begin({{Method::Get, "/big", access::Permission::Public,
          [](Exchange& exchange) { exchange.reply(200, "application/octet-stream", std::string(1 << 20, 'b')); }}});
  end_after(head(1, "GET", "/big", true));
  memory_.room = std::size_t{1} << 40;
  connection_->on_ready(false, true, false);
  tick();
  EXPECT_EQ(connection_->phase(), Http2Connection::Phase::Closed);
}

TEST_F(Http2Memory, an_alarm_does_not_touch_a_connection_that_was_closed_in_the_same_tick) {
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

TEST_F(Http2Memory, streams_that_are_over_leave_little_behind) {
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

}  // namespace
}  // namespace slipway::net
