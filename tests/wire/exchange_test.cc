// What a well-behaved client sees.
#include "wire_test.h"

namespace slipway::wire {
namespace {

using ExchangeTest = WireTest;

TEST_F(ExchangeTest, an_answer_carries_its_length_type_and_request_id) {
  start();
  const auto answer = ask(get("/hello"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->header("content-type"), "text/plain");
  EXPECT_EQ(answer->header("content-length"), "5");
  EXPECT_EQ(answer->header("x-request-id").size(), 24U);
  EXPECT_EQ(answer->header("date").size(), 29U);
}

TEST_F(ExchangeTest, a_connection_is_kept_and_pipelined_requests_are_answered_in_order) {
  start();
  RawClient client(address());
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += post(i % 3 == 0 ? "/later" : "/echo", "body " + std::to_string(i));
  client.send(requests);
  for (int i = 0; i < 500; ++i) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer) << i;
    ASSERT_EQ(answer->body, "body " + std::to_string(i));
  }
}

TEST_F(ExchangeTest, a_request_may_be_split_at_every_byte) {
  start();
  const std::string request = post("/echo", "0123456789", "X-Request-Id: abc\r\n") +
                              "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: 1\r\n\r\n" +
                              get("/hello");
  for (std::size_t at = 1; at < request.size(); ++at) {
    RawClient client(address());
    client.send(request.substr(0, at));
    client.send(request.substr(at));
    EXPECT_EQ(client.receive()->body, "0123456789") << at;
    EXPECT_EQ(client.receive()->body, "hello world") << at;
    EXPECT_EQ(client.receive()->body, "hello") << at;
  }
}

TEST_F(ExchangeTest, single_bytes_make_a_request) {
  start();
  RawClient client(address());
  for (const char c : post("/later", "slowly")) client.send({&c, 1});
  EXPECT_EQ(client.receive()->body, "slowly");
}

TEST_F(ExchangeTest, head_gets_the_head_of_get) {
  start();
  RawClient client(address());
  client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n" + get("/hello"));
  const auto head = client.receive(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header("content-length"), "5");
  EXPECT_EQ(client.receive()->body, "hello");
}

TEST_F(ExchangeTest, parameters_and_queries_are_decoded_once) {
  start();
  EXPECT_EQ(ask(get("/models/a%20b%252F/x?z=1&q=1%2B1+2", "X-Extra: yes\r\n"))->body, "a b%2F|x|1+1 2|yes");
  EXPECT_EQ(ask(get("/models/plain/x?q=v"))->body, "plain|x|v|");
  EXPECT_EQ(ask(get("/models/a%2Fb/x"))->body, "a/b|x||");
  EXPECT_EQ(status_of(get("/models/a%00b/x")), 400);
  EXPECT_EQ(status_of(get("/models//x")), 404);
}

TEST_F(ExchangeTest, a_good_request_id_comes_back_and_a_bad_one_is_replaced) {
  start();
  EXPECT_EQ(ask(get("/hello", "X-Request-Id: trace-7\r\n"))->header("x-request-id"), "trace-7");
  EXPECT_EQ(ask(get("/hello", "X-Request-Id: with space\r\n"))->header("x-request-id").size(), 24U);
  EXPECT_EQ(ask(get("/hello", "X-Request-Id: " + std::string(129, 'a') + "\r\n"))->header("x-request-id").size(), 24U);
}

TEST_F(ExchangeTest, expect_100_continue_is_answered_before_the_body) {
  start();
  RawClient client(address());
  for (const auto* path : {"/echo", "/pass", "/upload"}) {
    client.send("POST " + std::string(path) +
                " HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n");
    EXPECT_EQ(client.receive(true)->status, 100) << path;
    client.send("body");
    EXPECT_LT(client.receive()->status, 300) << path;
  }
}

TEST_F(ExchangeTest, http_1_0_closes_unless_asked_to_keep) {
  start();
  RawClient closing(address());
  closing.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing.receive()->header("connection"), "close");
  EXPECT_TRUE(closing.is_closed_by_peer());
  RawClient keeping(address());
  keeping.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.receive()->header("connection"), "keep-alive");
  EXPECT_EQ(keeping.send(get("/hello")).receive()->body, "hello");
}

TEST_F(ExchangeTest, connection_close_closes_after_the_answer) {
  start();
  RawClient client(address());
  EXPECT_EQ(client.send(get("/hello", "Connection: close\r\n")).receive()->body, "hello");
  EXPECT_TRUE(client.is_closed_by_peer());
}

TEST_F(ExchangeTest, a_half_closed_client_still_gets_its_answer) {
  start();
  RawClient client(address());
  client.send(post("/later", "abc")).end_sending();
  EXPECT_EQ(client.receive()->body, "abc");
  EXPECT_TRUE(client.is_closed_by_peer());
}

TEST_F(ExchangeTest, a_half_closed_client_gets_what_a_worker_reads_or_writes) {
  start();
  for (int i = 0; i < 20; ++i) {
    RawClient sending(address()), asking(address());
    const std::string body(20'000, 'q');
    EXPECT_EQ(sending.send(post("/read-aside", body)).end_sending().receive().value_or(Answer{}).body, body);
    EXPECT_TRUE(sending.is_closed_by_peer());
    EXPECT_EQ(asking.send(get("/written-apart")).end_sending().receive().value_or(Answer{}).body.size(), 100'000U);
    EXPECT_TRUE(asking.is_closed_by_peer());
  }
}

TEST_F(ExchangeTest, large_bodies_and_large_answers_arrive_whole) {
  start();
  const std::string body(3'000'000, 'q');
  RawClient client(address());
  EXPECT_EQ(client.send(post("/echo", body)).receive()->body, body);
  EXPECT_EQ(client.send(get("/big")).receive()->body.size(), 8U << 20);
  EXPECT_EQ(client.send(get("/hello")).receive()->body, "hello");
}

TEST_F(ExchangeTest, a_handler_that_throws_becomes_500_without_its_text) {
  start();
  for (const auto* path : {"/throws", "/blocking-throws"}) {
    const auto answer = ask(get(path));
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->body.find("secret"), std::string::npos);
    EXPECT_EQ(answer->body.find("half"), std::string::npos);
  }
}

TEST_F(ExchangeTest, what_is_not_allowed_or_not_there_says_why) {
  start();
  EXPECT_EQ(status_of(get("/nothing")), 404);
  const auto wrong_method = ask("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(wrong_method->status, 405);
  EXPECT_EQ(wrong_method->header("allow"), "GET, HEAD");
  EXPECT_EQ(status_of("BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
  const auto anonymous = ask(get("/admin"));
  EXPECT_EQ(anonymous->status, 401);
  EXPECT_TRUE(anonymous->header("www-authenticate").starts_with("Bearer"));
  EXPECT_EQ(status_of(get("/admin", "Authorization: Bearer bad\r\n")), 401);
  EXPECT_EQ(status_of(get("/admin", "Authorization: Basic good\r\n")), 401);
  EXPECT_EQ(status_of(get("/admin", "Authorization: Bearer viewer\r\n")), 403);
  EXPECT_EQ(ask(get("/admin", "Authorization: bearer good\r\n"))->body, "root");
  EXPECT_EQ(status_of("GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 403);
}

TEST_F(ExchangeTest, every_answer_is_recorded_with_path_status_and_principal) {
  start();
  {
    RawClient client(address());
    client.send(get("/hello") + get("/ad%6din", "Authorization: Bearer good\r\n") + post("/pass", "x") + "GET /x\n");
    for (int i = 0; i < 4; ++i) client.receive();
  }
  stop();
  EXPECT_EQ(*access_log_.lock(), (std::vector<std::string>{"GET /hello 200 anonymous", "GET /admin 200 root",
                                                           "POST /pass 201 anonymous", "(other)  400 "}));
}

TEST_F(ExchangeTest, a_loop_runs_what_is_posted_and_what_is_timed_in_order) {
  start();
  std::string order;
  std::latch done(1);
  ports::Loop& loop = server_->loop(0);
  loop.post([&] {
    const TimePoint now = clock_.now();
    loop.run_at(now + std::chrono::milliseconds(20), [&] {
      order += "c";
      done.count_down();
    });
    loop.run_at(now + std::chrono::milliseconds(5), [&] { order += "b"; });
    loop.run_at(now, [&] { order += "a"; });
  });
  done.wait();
  EXPECT_EQ(order, "abc");
}

TEST_F(ExchangeTest, two_loops_both_answer) {
  start({}, 2);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(std::make_unique<RawClient>(address()));
  for (int round = 0; round < 5; ++round) {
    for (auto& client : clients) client->send(post("/later", "x"));
    for (auto& client : clients) EXPECT_EQ(client->receive()->body, "x");
  }
}

TEST_F(ExchangeTest, a_peer_that_leaves_abandons_its_request) {
  start();
  {
    RawClient client(address());
    client.send(post("/never", "x"));
    client.send("");
  }
  for (int i = 0; i < 1000 && end_of_tick_.abandoned_count == 0; ++i) EXPECT_EQ(status_of(get("/hello")), 200);
  EXPECT_EQ(end_of_tick_.abandoned_count, 1);
}

}  // namespace
}  // namespace slipway::wire
