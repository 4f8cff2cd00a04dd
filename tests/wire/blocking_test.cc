// Blocking routes: streamed bodies, backpressure, full pools; and stopping the server.
#include <unistd.h>

#include <filesystem>
#include <semaphore>
#include <stdexcept>
#include <thread>

#include "wire_test.h"

namespace slipway::wire {
namespace {

class BlockingTest : public WireTest {
 protected:
  static std::string checksum(std::string_view body) {
    std::uint64_t sum = 0;
    for (const char c : body) sum = sum * 31 + static_cast<std::uint8_t>(c);
    return std::to_string(body.size()) + " " + std::to_string(sum);
  }
  static std::string pattern(std::size_t size) {
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 7 + i / 251);
    return body;
  }
};

TEST_F(BlockingTest, a_streamed_body_arrives_whole_however_it_is_sent) {
  start();
  const std::string body = pattern(5'000'000);
  EXPECT_EQ(ask(post("/upload", body))->body, checksum(body));
  std::string chunked = "POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 99'999) {
    const std::string piece = body.substr(at, 99'999);
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    chunked += size + piece + "\r\n";
  }
  EXPECT_EQ(ask(chunked + "0\r\n\r\n")->body, checksum(body));
}

TEST_F(BlockingTest, requests_on_one_connection_follow_each_other) {
  start();
  RawClient client(address());
  client.send(post("/pass", "one") + post("/upload", "two") + get("/hello") + post("/pass", "three"));
  EXPECT_EQ(client.receive()->body, "one");
  EXPECT_EQ(client.receive()->body, checksum("two"));
  EXPECT_EQ(client.receive()->body, "hello");
  EXPECT_EQ(client.receive()->body, "three");
}

TEST_F(BlockingTest, a_reply_before_the_body_ends_the_upload) {
  start();
  RawClient client(address());
  client.send("POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive()->status, 409);
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_EQ(ask(post("/unread", pattern(2'000'000)))->status, 409);
}

TEST_F(BlockingTest, a_peer_that_leaves_cancels_the_read) {
  start();
  RawClient client(address());
  client.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n" + pattern(1000));
  client.reset();
  for (int i = 0; i < 100'000 && upload_failures_ == 0; ++i) std::this_thread::yield();
  while (upload_failures_ == 0) EXPECT_EQ(status_of(get("/hello")), 200);
  EXPECT_EQ(upload_failures_, 1);
}

TEST_F(BlockingTest, a_truncated_body_is_told_to_handler_and_client) {
  start();
  RawClient client(address());
  client.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nabc").end_sending();
  EXPECT_EQ(client.receive()->status, 400);
  stop();
  EXPECT_EQ(upload_failures_, 1);
}

TEST_F(BlockingTest, a_full_pool_is_answered_with_429_and_retry_after) {
  start({}, 1, {.threads = 1, .queue = 1});
  const std::string unfinished = "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
  RawClient running(address());
  running.send(unfinished);
  EXPECT_EQ(status_of(get("/hello")), 200);  // the loop has read the upload
  while (long_workers_->queued() > 0) std::this_thread::yield();
  RawClient queued(address());
  queued.send(unfinished);
  while (long_workers_->queued() == 0) std::this_thread::yield();
  const auto refused = ask(post("/unread", "x"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_FALSE(refused->header("retry-after").empty());
  running.send("0123456789");
  queued.send("0123456789");
}

TEST_F(BlockingTest, uploads_that_come_slowly_leave_the_short_work_its_threads) {
  start({}, 1, {.threads = 1, .queue = 1});
  const std::string unfinished = "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
  RawClient running(address()), queued(address());
  running.send(unfinished);
  queued.send(unfinished);
  EXPECT_EQ(ask(post("/pass", "x"))->body, "x");
}

TEST_F(BlockingTest, a_body_that_comes_slowly_asks_for_no_worker_until_it_is_there) {
  start({}, 1, {.threads = 1, .queue = 1});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(std::make_unique<RawClient>(address()));
    slow.back()->send("POST /pass HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na");
  }
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(post("/pass", "x"))->body, "x");
  for (const auto& client : slow) EXPECT_EQ(client->send("bc").receive()->body, "abc");
}

TEST_F(BlockingTest, a_gathered_body_may_be_chunked_encoded_or_announced_by_expect) {
  start();
  const std::string body = pattern(700'000);
  RawClient client(address());
  client.send("POST /pass HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n55730\r\n" +
              body.substr(0, 350'000) + "\r\n55730\r\n" + body.substr(350'000) + "\r\n0\r\n\r\n" +
              post("/pass", "next"));
  EXPECT_EQ(client.receive()->body, body);
  EXPECT_EQ(client.receive()->body, "next");
  client.send("POST /pass HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.receive(true)->status, 100);
  EXPECT_EQ(client.send("abc").receive()->body, "abc");
}

TEST_F(BlockingTest, stopping_finishes_what_is_in_flight_and_closes_what_is_idle) {
  start();
  RawClient idle(address());
  std::optional<RawClient> busy(address());
  EXPECT_EQ(idle.send(get("/hello")).receive()->status, 200);
  busy->send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234");
  EXPECT_EQ(status_of(get("/hello")), 200);
  const std::string where = address();
  std::thread stopping([&] { stop(std::chrono::seconds(10)); });
  EXPECT_TRUE(idle.is_closed_by_peer());
  busy->send("56789");
  const auto answer = busy->receive();
  busy.reset();  // as clients do that are told so
  stopping.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, checksum("0123456789"));
  EXPECT_EQ(answer->header("connection"), "close");
}

TEST_F(BlockingTest, stopping_cuts_what_does_not_end_in_time) {
  start();
  RawClient busy(address()), never(address());
  busy.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234");
  never.send(post("/never", "x"));
  EXPECT_EQ(status_of(get("/hello")), 200);
  stop(std::chrono::milliseconds(20));
  EXPECT_EQ(busy.receive(), std::nullopt);
  EXPECT_EQ(never.receive(), std::nullopt);
  EXPECT_EQ(upload_failures_, 1);
}

TEST_F(BlockingTest, a_unix_socket_serves_and_a_second_server_is_refused) {
  start();
  const std::string path =
      (std::filesystem::temp_directory_path() / ("slipway-wire-" + std::to_string(::getpid()))).string();
  auto second = net::Server::create({.routes = net::RouteTable::build(routes()).value(),
                                     .gate = gate_,
                                     .clock = clock_,
                                     .workers = *workers_,
                                     .long_workers = *long_workers_,
                                     .body_workers = *workers_,
                                     .log = log_,
                                     .access_log = nullptr},
                                    {}, 1);
  ASSERT_TRUE(second);
  ASSERT_TRUE((*second)->listen({"unix:" + path}));
  ASSERT_TRUE((*second)->start());
  RawClient client("unix:" + path);
  EXPECT_EQ(client.send(get("/hello")).receive()->body, "hello");
  auto third = net::Server::create({.routes = net::RouteTable::build(routes()).value(),
                                    .gate = gate_,
                                    .clock = clock_,
                                    .workers = *workers_,
                                    .long_workers = *long_workers_,
                                    .body_workers = *workers_,
                                    .log = log_,
                                    .access_log = nullptr},
                                   {}, 1);
  EXPECT_EQ((*third)->listen({"unix:" + path}).error().code, ErrorCode::Unavailable);
  EXPECT_EQ((*third)->listen({address()}).error().code, ErrorCode::Unavailable);
  EXPECT_EQ((*third)->listen({"nonsense"}).error().code, ErrorCode::InvalidInput);
  (*second)->stop(std::chrono::seconds(1));
  second.value().reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

// POST /aside: an inline route that reads its body on a worker.
class AsideTest : public BlockingTest {
 protected:
  struct Call final : net::Abandonment {
    Call(net::Exchange& asked, std::atomic<int>& counted) : exchange(&asked), left(counted) {}
    void abandoned() noexcept override {
      exchange = nullptr;
      ++left;
    }
    net::Exchange* exchange;
    std::atomic<int>& left;
    std::string sum = "nothing";
  };
  std::vector<net::Route> routes() override {
    std::vector<net::Route> all = WireTest::routes();
    all.emplace_back(net::Method::Post, "/aside", access::Permission::Predict, [this](net::Exchange& exchange) {
      const auto call = std::make_shared<Call>(exchange, left_);
      exchange.watch(call.get());
      const auto work = [this, call, body = exchange.body()] {
        begun_.release();
        go_on_.acquire();
        if (throws_) throw std::runtime_error("as it may");
        call->sum = checksum(as_text(body));
      };
      const auto then = [this, call] {
        last_sum_.lock()->assign(call->sum);
        if (call->exchange != nullptr) call->exchange->reply(200, "text/plain", call->sum);
        ended_.release();
      };
      if (!exchange.run_aside(work, then)) net::reply_error(exchange, overloaded("busy"));
    });
    return all;
  }
  std::atomic<int> left_ = 0;
  std::atomic<bool> throws_ = false;
  std::counting_semaphore<16> begun_{0}, go_on_{0}, ended_{0};
  Guarded<std::string> last_sum_;
};

TEST_F(AsideTest, long_and_short_bodies_are_worked_on_and_the_loop_goes_on_meanwhile) {
  start();
  const std::string body = pattern(1'000'000);
  RawClient client(address());
  client.send(post("/aside", body) + get("/hello"));
  begun_.acquire();
  EXPECT_EQ(status_of(get("/hello")), 200);
  go_on_.release(2);
  EXPECT_EQ(client.receive()->body, checksum(body));
  EXPECT_EQ(client.receive()->body, "hello");
  EXPECT_EQ(ask(post("/aside", "short"))->body, checksum("short"));
}

TEST_F(AsideTest, a_peer_that_leaves_does_not_take_the_body_away_from_the_worker) {
  start();
  const std::string body = pattern(1'000'000);
  RawClient client(address());
  client.send(post("/aside", body));
  begun_.acquire();
  client.reset();
  while (left_ == 0) EXPECT_EQ(status_of(get("/hello")), 200);
  go_on_.release();
  ended_.acquire();
  EXPECT_EQ(*last_sum_.lock(), checksum(body));
}

TEST_F(AsideTest, work_that_throws_is_told_to_the_handler_as_nothing_done) {
  start();
  throws_ = true;
  go_on_.release();
  EXPECT_EQ(ask(post("/aside", pattern(1'000'000)))->body, "nothing");
}

TEST_F(AsideTest, without_a_free_worker_the_handler_is_told) {
  start({}, 1, {.threads = 1, .queue = 1});
  const std::string body = pattern(300'000);
  RawClient first(address()), second(address());
  first.send(post("/aside", body));
  begun_.acquire();
  second.send(post("/aside", body));
  while (workers_->queued() == 0) std::this_thread::yield();
  EXPECT_EQ(status_of(post("/aside", body)), 429);
  go_on_.release(2);
  EXPECT_EQ(first.receive()->status, 200);
  EXPECT_EQ(second.receive()->status, 200);
}

}  // namespace
}  // namespace slipway::wire
