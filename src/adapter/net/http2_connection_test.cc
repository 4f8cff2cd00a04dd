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
  std::size_t written = 0, largest = 0;
  StreamResult read(MutableByteSpan into) override {
    const std::size_t count = std::min(into.size(), in.size());
    if (count == 0) return {StreamResult::Outcome::WouldBlock};
    std::memcpy(into.data(), in.data(), count);
    in.erase(0, count);
    return {StreamResult::Outcome::Progress, count};
  }
  StreamResult write(ByteSpan bytes) override {
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
  void begin(std::vector<Route> routes, std::string_view settings = {}) {
    shared_ =
        std::make_unique<ServerShared>(ServerParts{.routes = std::move(RouteTable::build(std::move(routes))).value(),
                                                   .gate = gate_,
                                                   .clock = clock_,
                                                   .workers = workers_,
                                                   .long_workers = workers_,
                                                   .log = log_,
                                                   .access_log = {}},
                                       Limits{});
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
    count_windows();
    memory_.out.clear();
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
  static std::size_t allocated() {
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
  }

  OpenGate gate_;
  ManualClock clock_;
  Threads workers_;
  Log log_{{.level = LogLevel::Off}};
  Memory memory_;
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
