// Compressed bodies are inflated once they are there: short ones on the loop, the others on a worker.
#include "adapter/net/body_inflation.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "adapter/net/http1_connection.h"
#include "adapter/net/http2_connection_fixture.h"

namespace slipway::net {
namespace {

std::string deflated(std::string_view text) {
  std::string out(compressBound(text.size()), '\0');
  uLongf size = out.size();
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()), text.size(), 9);
  out.resize(size);
  return out;
}

std::string noise(std::size_t size) {
  std::string out;
  for (std::uint64_t state = 1; out.size() < size; state = state * 6364136223846793005U + 1442695040888963407U) {
    out += static_cast<char>(state >> 56);
  }
  return out;
}

class KeptTasks final : public ports::WorkerPool {
 public:
  bool submit(ports::Task task) override {
    if (all.size() >= most) return false;
    all.push_back(std::move(task));
    return true;
  }
  void run() {
    for (const ports::Task& task : std::exchange(all, {})) task();
  }
  std::vector<ports::Task> all;
  std::size_t most = 100;
};

class BodyInflationTest : public testing::Test {
 protected:
  void receive(std::string_view body) {
    connection_.begin(memory_, {});
    memory_.in = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Encoding: deflate\r\nContent-Length: " +
                 std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    connection_.on_ready(true, false, false);
    while (station_.has_turns()) station_.take_turns();
  }
  void take_mail() {
    std::vector<ports::Task> posted;
    station_.mailbox->take(posted);
    for (const ports::Task& task : posted) task();
    connection_.flush();
  }
  void TearDown() override {
    workers_.all.clear();
    station_.mailbox->close();
    if (!connection_.is_closed()) connection_.close();
    EXPECT_EQ(shared_.bodies->left(), static_cast<std::int64_t>(mebibytes(8).count));
  }
  OpenGate gate_;
  KeptTasks workers_;
  SystemClock clock_;
  Log log_{{.level = LogLevel::Off}};
  std::vector<std::string> seen_;
  ServerShared shared_{
      ServerParts{.routes = std::move(RouteTable::build({{Method::Post, "/echo", access::Permission::Public,
                                                          [this](Exchange& exchange) {
                                                            seen_.emplace_back(as_text(exchange.body()));
                                                            exchange.reply(200, "text/plain", {});
                                                          }}}))
                                .value(),
                  .gate = gate_,
                  .clock = clock_,
                  .workers = workers_,
                  .long_workers = workers_,
                  .body_workers = workers_,
                  .log = log_,
                  .access_log = {}},
      Limits{.bodies_in_memory = mebibytes(8)}};
  Station station_{shared_, 0};
  Http1Connection connection_{station_};
  Memory memory_;
};

TEST_F(BodyInflationTest, a_short_body_is_inflated_at_once) {
  receive(deflated(std::string(10'000, 's')));
  EXPECT_EQ(seen_, std::vector<std::string>{std::string(10'000, 's')});
  EXPECT_TRUE(workers_.all.empty());
}

TEST_F(BodyInflationTest, a_long_body_is_inflated_on_a_worker) {
  const std::string body = noise(100'000);
  receive(deflated(body));
  EXPECT_TRUE(seen_.empty());
  workers_.run();
  take_mail();
  EXPECT_EQ(seen_, std::vector<std::string>{body});
}

TEST_F(BodyInflationTest, a_short_body_that_becomes_long_is_inflated_on_a_worker) {
  receive(deflated(std::string(500'000, 'l')));
  EXPECT_TRUE(seen_.empty());
  workers_.run();
  take_mail();
  EXPECT_EQ(seen_, std::vector<std::string>{std::string(500'000, 'l')});
}

TEST_F(BodyInflationTest, a_body_that_does_not_inflate_is_refused) {
  receive(noise(100'000));
  workers_.run();
  take_mail();
  EXPECT_TRUE(seen_.empty());
  EXPECT_TRUE(memory_.out.starts_with("HTTP/1.1 400 ")) << memory_.out;
}

TEST_F(BodyInflationTest, what_the_memory_for_bodies_does_not_hold_is_unavailable) {
  receive(deflated(noise(1'000'000)));
  shared_.bodies->draw(mebibytes(8).count);
  workers_.run();
  shared_.bodies->give_back(mebibytes(8).count);
  take_mail();
  EXPECT_TRUE(memory_.out.starts_with("HTTP/1.1 503 ")) << memory_.out;
}

TEST_F(BodyInflationTest, without_a_free_worker_it_is_refused) {
  workers_.most = 0;
  receive(deflated(noise(100'000)));
  connection_.flush();
  EXPECT_TRUE(memory_.out.starts_with("HTTP/1.1 429 ") || memory_.out.starts_with("HTTP/1.1 503 ")) << memory_.out;
}

TEST_F(BodyInflationTest, a_peer_that_leaves_meanwhile_is_not_answered) {
  receive(deflated(noise(100'000)));
  connection_.close();
  EXPECT_FALSE(connection_.can_be_recycled());
  workers_.run();
  take_mail();
  EXPECT_TRUE(seen_.empty());
  EXPECT_TRUE(connection_.can_be_recycled());
}

TEST_F(Http2ConnectionTest, a_peer_of_http2_that_leaves_while_its_body_is_inflated_is_not_answered) {
  int answered = 0;
  begin({{Method::Post, "/echo", access::Permission::Public, [&](Exchange& exchange) {
            ++answered;
            exchange.reply(200, "text/plain", {});
          }}});
  const auto coded_head = [](std::uint32_t stream) {
    std::string made = head(stream, "POST", "/echo", false);
    made.append(
        "\0\x10"
        "content-encoding"
        "\x07"
        "deflate",
        26);
    made[2] = static_cast<char>(made.size() - 9);
    return made;
  };
  const std::string body = deflated(noise(10'000));
  receive(coded_head(1) + frame(0, 1, 1, body));
  workers_.all.clear();  // joins
  tick();
  EXPECT_EQ(answered, 1);
  memory_.in = coded_head(3) + frame(0, 1, 3, body);
  connection_->on_ready(true, false, false);  // and no tick, in which it might come back
  ASSERT_EQ(workers_.all.size(), 1U);
  end();
  workers_.all.clear();
  std::vector<ports::Task> posted;
  station_->mailbox->take(posted);
  for (const ports::Task& task : posted) task();
  EXPECT_EQ(answered, 1);
}

}  // namespace
}  // namespace slipway::net
