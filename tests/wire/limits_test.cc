// Limits, slow peers and bodies that grow: each ends in a clear answer and harms nobody else.
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "wire_test.h"

namespace slipway::wire {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LimitsTest : public WireTest {
 protected:
  static std::string fields(int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += "X-" + std::to_string(i) + ": 1\r\n";
    return all;
  }
  void expect_still_serving() { EXPECT_EQ(status_of(get("/hello")), 200); }
};

TEST_F(LimitsTest, the_target_may_have_8_kibibytes) {
  start();
  EXPECT_EQ(status_of(get("/hello?" + std::string(8000, 'a'))), 200);
  EXPECT_EQ(status_of(get("/hello?" + std::string(8186, 'a'))), 414);
  EXPECT_EQ(status_of("GET /" + std::string(20'000, 'a')), 414);
  expect_still_serving();
}

TEST_F(LimitsTest, the_fields_may_have_32_kibibytes) {
  start();
  EXPECT_EQ(status_of(get("/hello", "X: " + std::string(32'000, 'a') + "\r\n")), 200);
  EXPECT_EQ(status_of(get("/hello", "X: " + std::string(33'000, 'a') + "\r\n")), 431);
  EXPECT_EQ(status_of("GET /hello HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000, 'a')), 431);
  expect_still_serving();
}

TEST_F(LimitsTest, there_may_be_100_fields) {
  start();
  EXPECT_EQ(status_of(get("/hello", fields(99))), 200);
  EXPECT_EQ(status_of(get("/hello", fields(100))), 431);
}

TEST_F(LimitsTest, a_body_over_the_limit_of_its_route_is_refused_before_it_comes) {
  start();
  EXPECT_EQ(status_of(post("/tiny", "0123456789")), 200);
  const auto answer = ask(post("/tiny", "0123456789a"));
  EXPECT_EQ(answer->status, 413);
  EXPECT_NE(answer->body.find("11 bytes"), std::string::npos) << answer->body;
  EXPECT_EQ(status_of("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 33554433\r\n\r\n"), 413);
  EXPECT_EQ(status_of("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999999999\r\n\r\n"), 413);
  EXPECT_EQ(status_of(post("/small", std::string(1001, 'a'))), 413);
  EXPECT_EQ(status_of("POST /tiny HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                      "chunked\r\n\r\n6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n"),
            413);
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                      std::string(1001, 'a') + "\r\n0\r\n\r\n"),
            413);
}

TEST_F(LimitsTest, a_small_unwanted_body_does_not_end_the_connection) {
  start();
  RawClient client(address());
  client.send(post("/nothing", std::string(60'000, 'a')) + post("/tiny", "too long for it") + get("/hello"));
  EXPECT_EQ(client.receive()->status, 404);
  EXPECT_EQ(client.receive()->status, 413);
  EXPECT_EQ(client.receive()->body, "hello");
}

// Bytes counted of an earlier body must not shorten one that nobody reads: its rest would be taken for a request.
TEST_F(LimitsTest, an_unwanted_body_is_passed_over_whole_after_a_chunked_one) {
  start();
  RawClient client(address());
  const std::string hidden = get("/hello");
  ASSERT_EQ(hidden.size(), 0x20U);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + hidden + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive()->body, hidden);
  client.send(post("/nothing", "12345" + hidden) + get("/models/a/b"));
  EXPECT_EQ(client.receive()->status, 404);
  EXPECT_EQ(client.receive()->body, "a|b||");
}

TEST_F(LimitsTest, a_large_unwanted_body_ends_the_connection_after_its_answer) {
  start();
  RawClient client(address());
  client.send(post("/nothing", std::string(3'000'000, 'a')));
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->header("connection"), "close");
}

TEST_F(LimitsTest, a_flood_of_chunks_is_refused) {
  net::Limits limits;
  limits.chunks = 1000;
  start(limits);
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string chunks;
  for (int i = 0; i < 1000; ++i) chunks += "1\r\na\r\n";
  EXPECT_EQ(status_of(head + chunks + "0\r\n\r\n"), 200);
  EXPECT_EQ(status_of(head + chunks + "1\r\na\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status_of(head + "0\r\n" + fields(101) + "\r\n"), 431);
  EXPECT_EQ(status_of(head + "0\r\nX: " + std::string(9000, 'a') + "\r\n\r\n"), 431);
  expect_still_serving();
}

TEST_F(LimitsTest, a_connection_without_a_request_is_closed_when_idle) {
  net::Limits limits;
  limits.idle_timeout = milliseconds(30);
  start(limits);
  RawClient fresh(address());
  EXPECT_TRUE(fresh.is_closed_by_peer());
  RawClient used(address());
  EXPECT_EQ(used.send(get("/hello")).receive()->status, 200);
  EXPECT_TRUE(used.is_closed_by_peer());
}

TEST_F(LimitsTest, a_head_that_does_not_come_in_time_gets_408) {
  net::Limits limits;
  limits.head_timeout = milliseconds(30);
  start(limits);
  RawClient client(address());
  EXPECT_EQ(client.send("GET /hello HTTP/1.1\r\nHos").receive()->status, 408);
  EXPECT_TRUE(client.is_closed_by_peer());
  expect_still_serving();
}

TEST_F(LimitsTest, a_body_that_came_quickly_earns_no_long_silence) {
  net::Limits limits;
  limits.head_timeout = milliseconds(30);
  limits.body_bytes_per_second = 1;  // 60,000 bytes earn most of a day
  start(limits);
  for (const std::string path : {"/echo", "/upload"}) {
    RawClient client(address());
    client.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + std::string(60'000, 'a'));
    const auto answer = client.receive();
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 408) << path;
  }
  expect_still_serving();
}

TEST_F(LimitsTest, a_body_that_comes_too_slowly_gets_408) {
  net::Limits limits;
  limits.head_timeout = milliseconds(30);
  limits.body_bytes_per_second = 1'000'000;
  start(limits);
  for (const std::string path : {"/echo", "/upload"}) {
    RawClient client(address());
    client.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc");
    const auto answer = client.receive();
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 408) << path;
  }
  expect_still_serving();
}

TEST_F(LimitsTest, a_peer_that_does_not_read_is_cut) {
  net::Limits limits;
  limits.write_stall = milliseconds(30);
  start(limits);
  RawClient client(address());
  client.receive_slowly();
  client.send(get("/big"));
  Troubles troubles("write_stall");
  for (int i = 0; i < 1'000'000 && troubles.count(*server_) == 0; ++i) std::this_thread::yield();
  EXPECT_EQ(troubles.count(*server_), 1);
  expect_still_serving();
}

// /big answers 8 MiB: one fills the budget while its peer does not read.
TEST_F(LimitsTest, a_large_answer_without_memory_for_it_is_a_503) {
  net::Limits limits;
  limits.answers_in_memory = mebibytes(4);
  start(limits);
  {
    RawClient stalled(address());
    stalled.receive_slowly();
    stalled.send(get("/big"));
    EXPECT_EQ(status_of(get("/hello")), 200);  // the loop has written to the first
    const auto refused = ask(get("/big"));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503);
    EXPECT_FALSE(refused->header("retry-after").empty());
    EXPECT_EQ(Troubles("answer_memory").count(*server_), 1);
    stalled.reset();
  }
  while (status_of(get("/big")) != 200) std::this_thread::yield();
}

TEST_F(LimitsTest, peers_that_do_not_read_are_cut_when_their_answers_fill_the_memory_for_them) {
  net::Limits limits;
  limits.answers_in_memory = mebibytes(1);
  start(limits);
  std::string requests;
  for (int k = 0; k < 100; ++k) requests += post("/echo", std::string(60'000, 'e'));
  std::vector<std::pair<std::unique_ptr<RawClient>, std::string_view>> stalled;  // each with what it has yet to send
  for (int i = 0; i < 64; ++i) {
    stalled.emplace_back(std::make_unique<RawClient>(address()), requests);
    stalled.back().first->receive_slowly();
  }
  Troubles troubles("answer_memory");
  for (int i = 0; i < 10'000'000 && troubles.count(*server_) == 0; ++i) {
    auto& [client, unsent] = stalled[static_cast<std::size_t>(i) % stalled.size()];
    unsent.remove_prefix(client->offer(unsent));
    std::this_thread::yield();
  }
  EXPECT_GE(troubles.count(*server_), 1);
  expect_still_serving();
}

TEST_F(LimitsTest, accepting_pauses_without_descriptors_and_goes_on_when_there_are_some) {
  start();
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int lowest_free = ::dup(0);
  ::close(lowest_free);
  const rlimit one_more{.rlim_cur = static_cast<rlim_t>(lowest_free) + 1, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &one_more);
  RawClient client(address());  // takes the last one
  client.send(get("/hello"));
  Troubles troubles("descriptors");
  for (int i = 0; i < 10'000'000 && troubles.count(*server_) == 0; ++i) std::this_thread::yield();
  EXPECT_EQ(troubles.count(*server_), 1);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(client.receive()->body, "hello");
}

TEST_F(LimitsTest, connections_over_the_limit_are_told_so) {
  net::Limits limits;
  limits.connections = 2;
  start(limits);
  RawClient first(address()), second(address());
  EXPECT_EQ(first.send(get("/hello")).receive()->status, 200);
  EXPECT_EQ(second.send(get("/hello")).receive()->status, 200);
  RawClient third(address());
  EXPECT_EQ(third.receive()->status, 503);
  first.send(get("/hello", "Connection: close\r\n")).receive_rest();
  for (int i = 0; i < 1000; ++i) {
    if (status_of(get("/hello")) == 200) return;
  }
  FAIL() << "the place of a closed connection was not given to another";
}

TEST_F(LimitsTest, bodies_wait_for_memory_and_then_go_on) {
  net::Limits limits;
  limits.bodies_in_memory = mebibytes(1);
  start(limits);
  const std::string body(700'000, 'm');
  RawClient first(address()), second(address());
  first.send(post("/echo", body).substr(0, 600'000));
  second.send(post("/echo", body).substr(0, 300'000));
  first.send(post("/echo", body).substr(600'000));
  EXPECT_EQ(first.receive()->body.size(), body.size());
  second.send(post("/echo", body).substr(300'000));
  EXPECT_EQ(second.receive()->body.size(), body.size());
}

TEST_F(LimitsTest, a_body_that_finds_no_memory_gets_503) {
  net::Limits limits;
  limits.bodies_in_memory = kibibytes(64);
  limits.body_memory_wait = milliseconds(50);
  start(limits);
  const auto answer = ask(post("/echo", std::string(700'000, 'm')));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_FALSE(answer->header("retry-after").empty());
  expect_still_serving();
}

}  // namespace
}  // namespace slipway::wire
