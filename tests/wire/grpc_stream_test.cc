// Streaming calls of gRPC, as HTTP/2 and gRPC-Web carry them.
#include "adapter/net/grpc_stream.h"

#include <thread>

#include "adapter/net/grpc_frames.h"
#include "adapter/net/grpc_web.h"
#include "http2_fixture.h"

namespace slipway::wire {
namespace {

using net::GrpcCode;
using namespace std::string_literals;

std::string framed(std::string_view message, std::uint8_t flags = 0) {
  std::string out;
  net::append_grpc_prefix(out, flags, message.size());
  return out += message;
}
std::string ending(GrpcCode code, std::string_view message = {}) {
  std::string out;
  net::append_web_trailers(out, code, message);
  return out;
}
std::string base64(std::string_view bytes) {
  std::string out;
  net::append_base64(out, bytes);
  return out;
}

// Says every message again; "wait" is never answered; "big" has an answer of 1 MiB.
class Echo final : public net::GrpcStreamMethod {
 public:
  Echo(net::GrpcStream& stream, std::atomic<int>& left) : stream_(&stream), left_(left) {}
  void message(ByteSpan message) override {
    if (as_text(message) == "wait") {
      is_waiting_ = true;
    } else if (as_text(message) == "big") {
      stream_->send(std::string(1 << 20, 'x'));
    } else {
      stream_->send(as_text(message));
    }
    if (stream_->unsent() >= net::kStreamAhead) stream_->pause();
  }
  void half_closed() override {
    if (!is_waiting_) std::exchange(stream_, nullptr)->end(GrpcCode::Ok, {});
  }
  void drained() override {
    if (stream_ != nullptr) stream_->resume();
  }
  void server_stops() override {
    if (stream_ != nullptr) std::exchange(stream_, nullptr)->end(GrpcCode::Unavailable, "stops");
  }
  void abandoned() noexcept override {
    stream_ = nullptr;
    ++left_;
  }

 private:
  net::GrpcStream* stream_;
  std::atomic<int>& left_;
  bool is_waiting_ = false;
};

class GrpcStreamTest : public WireTest {
 protected:
  ~GrpcStreamTest() override { stop(); }
  std::vector<net::Route> routes() override {
    std::vector<net::Route> all = WireTest::routes();
    all.push_back(
        net::grpc_stream_route("/test.Echo/Say", access::Permission::Predict,
                               [this](net::GrpcStream& stream) { return std::make_shared<Echo>(stream, left_); }));
    return all;
  }
  static std::string web(std::string_view body, std::string_view type = "application/grpc-web+proto",
                         std::string_view more = "") {
    return post("/test.Echo/Say", body, "Content-Type: " + std::string(type) + "\r\n" + std::string(more));
  }
  static std::string text(std::string_view body) { return web(base64(body), "application/grpc-web-text"); }
  // The content of an answer in chunks, read to its end; what was left of it if it has none.
  static std::string content(RawClient& client) {
    const auto head = client.receive(true);
    if (!head || head->header("transfer-encoding") != "chunked") return head ? "not in chunks" : "no head";
    std::string bytes, found;
    const auto need = [&](std::size_t count) {
      while (bytes.size() < count) {
        const std::string more = client.receive_some();
        if (more.empty()) return false;
        bytes += more;
      }
      return true;
    };
    for (;;) {
      if (!need(10)) return "cut off after " + found;
      const std::size_t size = std::stoul(bytes.substr(0, bytes.find('\r')), nullptr, 16);
      const std::size_t at = bytes.find("\r\n") + 2;
      if (size == 0) return found;
      if (!need(at + size + 2 + 5)) return "cut off after " + found;
      found += bytes.substr(at, size);
      bytes.erase(0, at + size + 2);
      if (bytes.starts_with("0\r\n\r\n")) return found;
    }
  }
  std::atomic<int> left_ = 0;
};

TEST_F(GrpcStreamTest, a_browser_gets_each_answer_before_the_call_ends) {
  start();
  RawClient client(address());
  client.send(web(framed("a") + framed("wait")));
  const auto head = client.receive(true);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("content-type"), "application/grpc-web+proto");
  EXPECT_EQ(client.receive_some(), "00000006\r\n" + framed("a") + "\r\n");
}

TEST_F(GrpcStreamTest, the_status_is_the_last_piece_and_the_connection_is_kept) {
  start();
  RawClient client(address());
  for (int i = 0; i < 3; ++i) {
    client.send(web(framed("a") + framed("") + framed("bc")));
    EXPECT_EQ(content(client), framed("a") + framed("") + framed("bc") + ending(GrpcCode::Ok));
  }
  EXPECT_EQ(client.send(get("/hello")).receive()->body, "hello");
}

TEST_F(GrpcStreamTest, each_piece_of_a_text_can_be_decoded_by_itself) {
  start();
  RawClient client(address());
  client.send(text(framed("a") + framed("bc")));
  EXPECT_EQ(content(client), base64(framed("a")) + base64(framed("bc")) + base64(ending(GrpcCode::Ok)));
  // In as many parts as a client likes, each with its padding; long, short and long again.
  const std::string wide(200'000, 'w');
  client.send(web(base64(framed(wide) + "\0"s) + base64(framed("b").substr(1)) + base64(framed(wide)),
                  "application/grpc-web-text"));
  EXPECT_EQ(content(client),
            base64(framed(wide)) + base64(framed("b")) + base64(framed(wide)) + base64(ending(GrpcCode::Ok)));
}

TEST_F(GrpcStreamTest, what_is_no_text_or_no_message_ends_the_call) {
  start();
  const std::string kind = "application/grpc-web-text", good = base64(framed("abc"));
  const auto says = [](const std::string& answer, std::string_view what) {
    std::string plain;
    return net::append_base64_decoded(plain, answer).ok() && plain.find(what) != std::string::npos;
  };
  for (const std::string& bad : {base64(framed("abc").substr(0, 6)), std::string("A"), std::string("!!!!")}) {
    const auto answer = ask(web(bad, kind));
    ASSERT_TRUE(answer);
    EXPECT_TRUE(says(answer->body, "grpc-status:3\r\n")) << bad;
  }
  for (const std::string& bad : {good + "AA", good + "A!==", good + good.substr(0, 8)}) {
    RawClient client(address());
    const std::string answer = content(client.send(web(bad, kind)));
    EXPECT_TRUE(answer.starts_with(good) && says(answer, "grpc-status:3\r\n")) << bad << "\n" << answer;
  }
}

TEST_F(GrpcStreamTest, a_call_ends_when_its_time_is_over) {
  start();
  const std::string why = "the call has taken the 20ms it was given";
  RawClient client(address());
  client.send(web(framed("a") + framed("wait"), "application/grpc-web", "Grpc-Timeout: 20m\r\n"));
  EXPECT_EQ(content(client), framed("a") + ending(GrpcCode::DeadlineExceeded, why));
  Http2Client other(address());
  Fields fields = request_fields("POST", "/test.Echo/Say",
                                 {{"content-type", "application/grpc"}, {"te", "trailers"}, {"grpc-timeout", "20m"}});
  other.send({FrameType::Headers, kEndHeaders, 1, literal_fields(fields)});
  other.send({FrameType::Data, 0, 1, framed("a") + framed("wait")});
  const auto answer = other.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, framed("a"));
  EXPECT_EQ(answer->trailers, (Fields{{"grpc-status", "4"}, {"grpc-message", why}}));
  EXPECT_EQ(left_, 2);
}

TEST_F(GrpcStreamTest, more_than_the_peer_has_read_waits_and_nothing_is_lost) {
  start();
  RawClient client(address());
  std::string questions, answers;
  for (int i = 0; i < 8; ++i) {
    questions += framed("big") + framed(std::to_string(i));
    answers += framed(std::string(1 << 20, 'x')) + framed(std::to_string(i));
  }
  client.send(web(questions));
  EXPECT_EQ(ask(get("/hello"))->body, "hello");  // by then the socket takes no more
  EXPECT_TRUE(content(client) == answers + ending(GrpcCode::Ok));
}

TEST_F(GrpcStreamTest, a_peer_that_leaves_is_told_to_the_method) {
  start();
  {
    RawClient client(address());
    client.send(web(framed("a") + framed("wait")));
    client.receive(true);
  }
  EXPECT_EQ(ask(get("/hello"))->body, "hello");  // by then the end was seen
  stop();
  EXPECT_EQ(left_, 1);
}

TEST_F(GrpcStreamTest, a_draining_server_ends_calls_that_would_go_on) {
  start();
  RawClient web_client(address());
  web_client.send(web(framed("wait")));
  Http2Client client(address());
  const Fields fields =
      request_fields("POST", "/test.Echo/Say", {{"content-type", "application/grpc"}, {"te", "trailers"}});
  client.send({FrameType::Headers, kEndHeaders, 1, literal_fields(fields)});
  client.send({FrameType::Data, 0, 1, framed("a")});
  const auto is_answer = [](const std::optional<Frame>& frame) { return !frame || frame->type == FrameType::Data; };
  while (!is_answer(client.receive())) {
  }
  std::thread stopping([this] { stop(); });
  const auto answer = client.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->trailers, (Fields{{"grpc-status", "14"}, {"grpc-message", "stops"}}));
  EXPECT_EQ(client.end_code(), kNoError);
  EXPECT_NE(web_client.receive_rest().find(ending(GrpcCode::Unavailable, "stops")), std::string::npos);
  stopping.join();
  EXPECT_EQ(left_, 0);
}

// What is inflated by a worker: the message behind it waits.
TEST_F(GrpcStreamTest, a_long_compressed_message_comes_in_its_turn) {
  start();
  std::string noise;
  for (std::uint64_t state = 1; noise.size() < 40'000; state = state * 6364136223846793005U + 1442695040888963407U) {
    noise += static_cast<char>(32 + (state >> 58));
  }
  const std::string gzip = *net::deflate_all(net::Coding::Gzip, noise);
  ASSERT_GT(gzip.size(), 4U << 10);
  RawClient client(address());
  client.send(web(framed(gzip, 1) + framed("after"), "application/grpc-web+proto", "grpc-encoding: gzip\r\n"));
  EXPECT_EQ(content(client), framed(noise) + framed("after") + ending(GrpcCode::Ok));
  const auto broken = ask(
      web(framed(gzip.substr(0, 9'000), 1) + framed("after"), "application/grpc-web+proto", "grpc-encoding: gzip\r\n"));
  EXPECT_NE(broken->body.find("grpc-status:3\r\n"), std::string::npos) << broken->body.substr(0, 200);
  EXPECT_EQ(broken->body.find("after"), std::string::npos);
}

}  // namespace
}  // namespace slipway::wire
