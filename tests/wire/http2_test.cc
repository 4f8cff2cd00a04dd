// HTTP/2 frame by frame: what every route answers there, windows, streams, and how connections end.
#include "http2_fixture.h"

namespace slipway::wire {
namespace {

TEST_F(Http2Test, a_get_is_answered) {
  start();
  const auto answer = get("/hello", {{"x-request-id", "mine"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->header(":status"), "200");
  EXPECT_EQ(answer->header("content-length"), "5");
  EXPECT_EQ(answer->header("x-request-id"), "mine");
  EXPECT_FALSE(answer->header("date").empty());
}

TEST_F(Http2Test, a_head_has_a_length_and_no_body) {
  start();
  Http2Client client(address());
  const auto answer = client.request(1, request_fields("HEAD", "/hello")).answer(1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("content-length"), "5");
  EXPECT_EQ(answer->body, "");
}

TEST_F(Http2Test, a_client_that_ends_its_side_gets_what_workers_answer) {
  start();
  for (int i = 0; i < 20; ++i) {
    Http2Client client(address());
    const std::string body(10'000, 'q');
    for (const std::uint32_t stream : {1U, 3U, 5U}) client.request(stream, request_fields("POST", "/read-aside"), body);
    client.raw().end_sending();
    for (const std::uint32_t stream : {1U, 3U, 5U}) {
      EXPECT_EQ(client.answer(stream).value_or(Http2Client::Answer2{}).body, body);
    }
    EXPECT_TRUE(client.raw().is_closed_by_peer());
  }
}

TEST_F(Http2Test, targets_are_decoded_as_in_http_1) {
  start();
  const auto answer = get("/models/a%20b/c?q=1%2B1", {{"x-extra", "e"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "a b|c|1+1|e");
}

TEST_F(Http2Test, refusals_of_the_server_are_those_of_http_1) {
  start();
  EXPECT_EQ(get("/nothing")->header(":status"), "404");
  EXPECT_EQ(get("/echo")->header(":status"), "405");
  EXPECT_EQ(get("/echo")->header("allow"), "POST");
  EXPECT_EQ(get("/admin")->header(":status"), "401");
  EXPECT_EQ(get("/admin", {{"authorization", "Bearer good"}})->header(":status"), "200");
  EXPECT_EQ(get("/%zz")->header(":status"), "400");
  EXPECT_EQ(get("/hello", {{"host", "y"}})->header(":status"), "400");
  Fields many;
  for (int i = 0; i < 120; ++i) many.emplace_back("x-" + std::to_string(i), "v");
  EXPECT_EQ(get("/hello", many)->header(":status"), "431");
}

TEST_F(Http2Test, a_request_names_its_host) {
  start();
  const auto status = [&](const Fields& fields) {
    Http2Client client(address());
    const auto answer = client.request(1, fields).answer(1);
    return answer ? answer->header(":status") : "reset";
  };
  const Fields nobody = {{":method", "GET"}, {":scheme", "http"}, {":path", "/hello"}};
  const auto with = [&](Fields more) {
    more.insert(more.begin(), nobody.begin(), nobody.end());
    return more;
  };
  EXPECT_EQ(status(with({{":authority", "localhost"}})), "200");
  EXPECT_EQ(status(with({{"host", "localhost"}})), "200");
  EXPECT_EQ(status(with({{":authority", "evil.example"}})), "403");
  EXPECT_EQ(status(with({{"host", "evil.example"}})), "403");
  for (const Fields& bad :
       {nobody, with({{":authority", ""}}), with({{"host", ""}}), with({{":authority", ""}, {"host", "localhost"}}),
        with({{":authority", "localhost"}, {"host", ""}})}) {
    const std::string answered = status(bad);
    EXPECT_TRUE(answered == "400" || answered == "reset") << answered;
  }
}

TEST_F(Http2Test, bodies_of_any_size_reach_their_handlers) {
  start();
  Http2Client client(address());
  std::uint32_t stream = 1;
  for (const std::size_t size : {1UL, 5'000UL, 60'000UL}) {
    const std::string body(size, 'b');
    const auto answer = client.request(stream, request_fields("POST", "/echo"), body).answer(stream);
    ASSERT_TRUE(answer) << size;
    EXPECT_EQ(answer->body.size(), size);
    stream += 2;
  }
}

TEST_F(Http2Test, many_streams_are_answered_whatever_their_order) {
  start();
  Http2Client client(address());
  for (std::uint32_t stream = 1; stream < 200; stream += 2) client.request(stream, request_fields("GET", "/hello"));
  for (std::uint32_t stream = 199; stream > 0 && stream < 200; stream -= 2) {
    const auto answer = client.answer(stream);
    ASSERT_TRUE(answer) << stream;
    EXPECT_EQ(answer->body, "hello");
  }
}

TEST_F(Http2Test, answers_of_the_end_of_the_tick_and_of_workers_arrive) {
  start();
  Http2Client client(address());
  client.request(1, request_fields("POST", "/later"), "soon");
  client.request(3, request_fields("POST", "/upload"), std::string(40'000, 'u'));
  client.request(5, request_fields("POST", "/pass"), "through");
  EXPECT_EQ(client.answer(1)->header(":status"), "200");
  EXPECT_EQ(client.answer(3)->header(":status"), "200");
  EXPECT_EQ(client.answer(5)->body, "through");
}

TEST_F(Http2Test, a_body_over_the_limit_of_its_route_is_refused) {
  start();
  Http2Client client(address());
  EXPECT_EQ(client.request(1, request_fields("POST", "/tiny"), "more than ten bytes").answer(1)->header(":status"),
            "413");
  EXPECT_EQ(client.request(3, request_fields("GET", "/hello")).answer(3)->body, "hello");
}

TEST_F(Http2Test, a_handler_is_told_when_its_stream_is_reset) {
  start();
  Http2Client client(address());
  client.request(1, request_fields("POST", "/later"), "x");
  ASSERT_TRUE(client.answer(1));
  client.request(3, request_fields("POST", "/never"), "x");
  client.send({FrameType::Reset, 0, 3, number(8)});
  EXPECT_EQ(client.request(5, request_fields("GET", "/hello")).answer(5)->body, "hello");
}

TEST_F(Http2Test, a_streaming_route_answers_while_its_body_comes) {
  start();
  Http2Client client(address());
  client.send({FrameType::Headers, kEndHeaders, 1, literal_fields(request_fields("POST", "/stream"))});
  client.send({FrameType::Data, 0, 1, "first"});
  while (const auto frame = client.receive()) {
    if (frame->type == FrameType::Data && frame->payload == "first") break;
  }
  client.send({FrameType::Data, kEndStream, 1, "second"});
  const auto answer = client.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "firstsecond");
  EXPECT_EQ(answer->header("x-pieces"), "2");
}

TEST_F(Http2Test, a_stream_may_bring_more_than_its_windows) {
  start();
  Http2Client client(address());
  client.send({FrameType::Headers, kEndHeaders, 1, literal_fields(request_fields("POST", "/stream"))});
  std::size_t echoed = 0;
  for (int i = 0; i < 100; ++i) {
    client.send({FrameType::Data, i == 99 ? kEndStream : std::uint8_t{0}, 1, std::string(16'000, 's')});
    client.send({FrameType::WindowUpdate, 0, 1, number(16'000)});
    client.send({FrameType::WindowUpdate, 0, 0, number(16'000)});
    while (echoed < static_cast<std::size_t>(i + 1) * 16'000) {
      const auto frame = client.receive();
      ASSERT_TRUE(frame);
      if (frame->type == FrameType::Data) echoed += frame->payload.size();
    }
  }
  EXPECT_EQ(client.answer(1)->body.size(), 1'600'000U);
}

TEST_F(Http2Test, a_streaming_handler_is_told_when_its_peer_leaves) {
  start();
  {
    Http2Client client(address());
    client.send({FrameType::Headers, kEndHeaders, 1, literal_fields(request_fields("POST", "/stream"))});
    client.send({FrameType::Data, 0, 1, "x"});
    client.send({FrameType::Headers, kEndHeaders, 3, literal_fields(request_fields("POST", "/stream"))});
    while (const auto frame = client.receive()) {
      if (frame->type == FrameType::Data) break;
    }
    client.send({FrameType::Reset, 0, 3, number(8)});
  }
  stop();
  EXPECT_EQ(streams_left_, 2);
}

TEST_F(Http2Test, a_streaming_route_answers_http_1_in_chunks_and_1_0_as_a_whole) {
  start();
  RawClient client(address());
  client.send(post("/stream", "whole", "Connection: close\r\n"));
  EXPECT_EQ(client.receive(true)->header("transfer-encoding"), "chunked");
  EXPECT_EQ(client.receive_rest(), "00000005\r\nwhole\r\n0\r\n\r\n");
  EXPECT_EQ(ask("POST /stream HTTP/1.0\r\nContent-Length: 5\r\n\r\nwhole")->body, "whole");
}

TEST_F(Http2Test, a_draining_server_says_goodbye_in_two_steps_and_answers_what_is_open) {
  start();
  Http2Client client(address());
  client.send({FrameType::Headers, kEndHeaders, 1, literal_fields(request_fields("POST", "/stream"))});
  client.send({FrameType::Data, 0, 1, "x"});
  while (const auto frame = client.receive()) {
    if (frame->type == FrameType::Data) break;
  }
  std::thread stopping([this] { stop(); });
  std::vector<std::uint32_t> last_streams;
  while (const auto frame = client.receive()) {
    if (frame->type == FrameType::Ping && (frame->flags & kAck) == 0) {
      client.send({FrameType::Ping, kAck, 0, frame->payload});
    }
    if (frame->type != FrameType::GoAway) continue;
    last_streams.push_back(number_at(frame->payload, 0));
    if (last_streams.size() == 2) client.send({FrameType::Data, kEndStream, 1, "y"});
  }
  stopping.join();
  EXPECT_EQ(last_streams, (std::vector<std::uint32_t>{0x7FFFFFFF, 1}));
  EXPECT_EQ(client.answer(1)->body, "xy");
}

TEST_F(Http2Test, a_wrong_preface_ends_the_connection) {
  start();
  RawClient client(address());
  client.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
  client.receive_rest();
  EXPECT_EQ(get("/hello")->body, "hello");
}

// It is told nothing, in no protocol: it speaks neither (RFC 9113, 3.4).
TEST_F(Http2Test, what_begins_like_another_protocol_is_closed_without_an_answer) {
  start();
  RawClient client(address());
  client.send("INVALID CONNECTION PREFACE\r\n\r\n");
  EXPECT_EQ(client.receive_rest(), "");
  EXPECT_EQ(Troubles("malformed").count(*server_), 1);
  RawClient later(address());
  later.send(WireTest::get("/hello"));
  EXPECT_EQ(later.receive()->status, 200);
  later.send("INVALID CONNECTION PREFACE\r\n\r\n");  // a connection of HTTP/1.1 stays one
  EXPECT_EQ(later.receive()->status, 400);
}

// The event that tells of the end may come while the connection is still taken for HTTP/1.1.
TEST_F(Http2Test, a_peer_that_says_all_it_has_and_ends_is_answered_and_let_go) {
  start();
  const std::string all =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes_of({FrameType::Settings, 0, 0, ""}) +
      bytes_of({FrameType::Headers, kEndHeaders | kEndStream, 1, literal_fields(request_fields("GET", "/hello"))});
  for (int i = 0; i < 20; ++i) {
    RawClient client(address());
    client.send(all).end_sending();
    EXPECT_TRUE(client.receive_rest().ends_with("hello"));
    ASSERT_TRUE(client.is_at_end());
  }
}

TEST_F(Http2Test, a_preface_may_come_byte_by_byte) {
  start();
  RawClient client(address());
  for (const char byte : std::string_view("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) client.send({&byte, 1});
  client.send(bytes_of({FrameType::Settings, 0, 0, ""}));
  client.send(bytes_of({FrameType::Ping, 0, 0, "12345678"}));
  std::string seen;
  while (seen.find("12345678") == std::string::npos) {
    const std::string more = client.receive_some();
    ASSERT_FALSE(more.empty());
    seen += more;
  }
}

TEST_F(Http2Test, the_access_log_has_a_line_for_each_stream) {
  start();
  ASSERT_TRUE(get("/hello"));
  stop();
  EXPECT_EQ(access_log_.lock()->back(), "GET /hello 200 anonymous");
}

}  // namespace
}  // namespace slipway::wire
