// Attacks over HTTP/2. Each ends with the connection's, or is answered; other connections go on.
#include "http2_fixture.h"

namespace slipway::wire {
namespace {

class Http2AttackTest : public Http2Test {
 protected:
  double troubles(std::string_view reason) { return Troubles(reason).count(*server_); }
  void expect_others_are_served() { EXPECT_EQ(get("/hello")->body, "hello"); }
};

TEST_F(Http2AttackTest, rapid_resets_end_the_connection) {
  start();
  Http2Client client(address());
  std::string flood;
  for (std::uint32_t stream = 1; stream < 2000; stream += 2) {
    flood += bytes_of({FrameType::Headers, kEndHeaders, stream, literal_fields(request_fields("POST", "/echo"))});
    flood += bytes_of({FrameType::Reset, 0, stream, number(8)});
  }
  client.send_bytes(flood);
  EXPECT_EQ(client.end_code(), kCalm);
  EXPECT_EQ(troubles("flood"), 1);
  expect_others_are_served();
}

TEST_F(Http2AttackTest, resets_that_the_peer_makes_the_server_send_count_as_well) {
  start();
  Http2Client client(address());
  std::string flood;
  for (std::uint32_t stream = 1; stream < 2000; stream += 2) {
    flood += bytes_of({FrameType::Headers, kEndHeaders, stream, literal_fields(request_fields("POST", "/echo"))});
    flood += bytes_of({FrameType::WindowUpdate, 0, stream, number(0)});
  }
  client.send_bytes(flood);
  EXPECT_TRUE(client.end_code().has_value());
  expect_others_are_served();
}

TEST_F(Http2AttackTest, floods_of_cheap_frames_end_the_connection) {
  start();
  for (const Frame& frame :
       {Frame{FrameType::Ping, 0, 0, "12345678"}, Frame{FrameType::Settings, 0, 0, ""},
        Frame{FrameType::WindowUpdate, 0, 0, number(1)}, Frame{FrameType::Priority, 0, 1, number(0) + "\x01"},
        Frame{static_cast<FrameType>(0x42), 0, 0, "?"}}) {
    Http2Client client(address());
    std::string flood;
    for (int i = 0; i < 20'000; ++i) flood += bytes_of(frame);
    client.send_bytes(flood);
    EXPECT_EQ(client.end_code(), kCalm) << static_cast<int>(frame.type);
  }
  expect_others_are_served();
}

TEST_F(Http2AttackTest, empty_data_frames_end_the_connection) {
  start();
  Http2Client client(address());
  client.send({FrameType::Headers, kEndHeaders, 1, literal_fields(request_fields("POST", "/echo"))});
  std::string flood;
  for (int i = 0; i < 20'000; ++i) flood += bytes_of({FrameType::Data, 0, 1, ""});
  client.send_bytes(flood);
  EXPECT_EQ(client.end_code(), kCalm);
}

TEST_F(Http2AttackTest, floods_on_a_stream_that_is_over_end_the_connection) {
  start();
  Http2Client client(address());
  ASSERT_TRUE(client.request(1, request_fields("GET", "/hello")).answer(1));
  std::string flood;
  for (int i = 0; i < 400'000; ++i) flood += bytes_of({FrameType::Data, 0, 1, ""});
  client.send_bytes(flood);
  EXPECT_TRUE(client.end_code().has_value());
  expect_others_are_served();
}

// Whoever is answered before its body has ended may have sent as much as the windows allowed.
TEST_F(Http2AttackTest, what_is_left_of_a_body_that_was_refused_is_passed_over) {
  start();
  Http2Client client(address());
  for (std::uint32_t stream = 1; stream < 100; stream += 2) {
    client.send({FrameType::Headers, kEndHeaders, stream, literal_fields(request_fields("POST", "/tiny"))});
    std::string body;
    for (int i = 0; i < 4; ++i) body += bytes_of({FrameType::Data, 0, stream, std::string(16'000, 'b')});
    client.send_bytes(body);
    const auto answer = client.answer(stream);
    ASSERT_TRUE(answer) << stream;
    EXPECT_EQ(answer->header(":status"), "413");
  }
}

TEST_F(Http2AttackTest, a_flood_of_continuations_ends_the_connection) {
  start();
  Http2Client client(address());
  client.send({FrameType::Headers, 0, 1, literal_fields(request_fields("GET", "/hello"))});
  std::string flood;
  for (int i = 0; i < 2'000; ++i) {
    flood +=
        bytes_of({FrameType::Continuation, 0, 1, literal_fields({{"x-" + std::to_string(i), std::string(100, 'c')}})});
  }
  client.send_bytes(flood);
  EXPECT_TRUE(client.end_code().has_value());
  expect_others_are_served();
}

TEST_F(Http2AttackTest, a_bomb_of_references_to_one_field_ends_the_connection) {
  start();
  Http2Client client(address());
  std::string block = literal_fields(request_fields("GET", "/hello"));
  block.append("\x40\x01x\x7f\xa1\x1e", 6).append(4000, 'b');  // into the table, 4000 bytes
  block.append(10'000, '\xbe');                                // and ten thousand times out of it
  client.send({FrameType::Headers, kEndHeaders | kEndStream, 1, block});
  EXPECT_EQ(client.end_code(), kCalm);
  expect_others_are_served();
}

// Within every limit of a single head, on every stream: 60 bytes sent, 28,000 to be read and kept.
TEST_F(Http2AttackTest, small_bombs_on_many_streams_end_the_connection) {
  start();
  Http2Client client(address());
  std::string block = literal_fields(request_fields("POST", "/echo"));
  client.send(
      {FrameType::Headers, kEndHeaders, 1, block + std::string("\x40\x01x\x7f\xa1\x1e", 6) + std::string(4000, 'b')});
  std::string flood;
  for (std::uint32_t stream = 3; stream < 2 * 120; stream += 2) {
    flood += bytes_of({FrameType::Headers, kEndHeaders, stream, block + std::string(7, '\xbe')});
  }
  client.send_bytes(flood);
  EXPECT_EQ(client.end_code(), kCalm);
  expect_others_are_served();
}

TEST_F(Http2AttackTest, fields_of_the_table_may_be_named_once_in_each_request) {
  start();
  Http2Client client(address());
  const std::string block = literal_fields(request_fields("GET", "/hello"));
  const auto ask = [&](std::uint32_t stream, const std::string& more) {
    client.send({FrameType::Headers, kEndHeaders | kEndStream, stream, block + more});
    const auto answer = client.answer(stream);
    return answer ? answer->header(":status") : "none";
  };
  EXPECT_EQ(ask(1, std::string("\x40\x01x\x7f\xa1\x1e", 6) + std::string(4000, 'b')), "200");
  for (std::uint32_t stream = 3; stream < 2000; stream += 2) ASSERT_EQ(ask(stream, "\xbe"), "200") << stream;
}

TEST_F(Http2AttackTest, more_streams_than_agreed_are_refused) {
  start();
  Http2Client client(address());
  for (std::uint32_t stream = 1; stream < 2 * 150; stream += 2) {
    client.send({FrameType::Headers, kEndHeaders, stream, literal_fields(request_fields("POST", "/echo"))});
  }
  EXPECT_FALSE(client.answer(2 * 128 + 1));
  EXPECT_EQ(client.reset_code(2 * 128 + 1), kRefusedStream);
}

TEST_F(Http2AttackTest, a_peer_that_opens_no_window_is_given_up) {
  start({.write_stall = std::chrono::milliseconds(200)});
  Http2Client client(address(), std::string("\0\x04", 2) + number(0));  // SETTINGS_INITIAL_WINDOW_SIZE = 0
  client.request(1, request_fields("GET", "/big"));
  EXPECT_FALSE(client.answer(1));
  EXPECT_TRUE(client.reset_code(1).has_value());
  EXPECT_EQ(troubles("write_stall"), 1);
}

TEST_F(Http2AttackTest, a_body_that_does_not_come_is_answered_408) {
  start({.head_timeout = std::chrono::milliseconds(200), .body_bytes_per_second = 1'000'000});
  Http2Client client(address());
  client.send({FrameType::Headers, kEndHeaders, 1, literal_fields(request_fields("POST", "/echo"))});
  const auto answer = client.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header(":status"), "408");
}

TEST_F(Http2AttackTest, a_head_that_does_not_end_ends_the_connection) {
  start({.head_timeout = std::chrono::milliseconds(200)});
  Http2Client client(address());
  ASSERT_TRUE(client.request(1, request_fields("GET", "/hello")).answer(1));
  client.send({FrameType::Headers, 0, 3, literal_fields(request_fields("GET", "/hello"))});
  EXPECT_EQ(client.end_code(), kCalm);
}

TEST_F(Http2AttackTest, a_connection_without_streams_ends_when_it_is_idle) {
  start({.idle_timeout = std::chrono::milliseconds(100)});
  Http2Client client(address());
  EXPECT_EQ(client.end_code(), kNoError);
}

TEST_F(Http2AttackTest, a_stream_passed_over_cannot_be_opened_later) {
  start();
  Http2Client client(address());
  client.request(5, request_fields("GET", "/hello"));
  ASSERT_TRUE(client.answer(5));
  client.request(3, request_fields("GET", "/hello"));
  EXPECT_EQ(client.end_code(), kProtocolError);
}

}  // namespace
}  // namespace slipway::wire
