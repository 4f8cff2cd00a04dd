#include <gtest/gtest.h>

#include "bench/load/expectation.h"
#include "bench/load/histogram.h"
#include "bench/load/schedule.h"
#include "bench/load/wire.h"

namespace slipway::load {
namespace {

using std::chrono::microseconds;

struct Seen final : AnswerListener {
  struct One {
    std::uint64_t slot;
    int status;
    std::string body;
    bool operator==(const One&) const = default;
  };
  std::vector<One> answers;
  void answered(const Answer& answer) override {
    answers.push_back({answer.slot, answer.status, std::string(answer.body)});
  }
};

TEST(Histogram, quantiles_stay_within_one_bucket_of_the_true_value) {
  Histogram latency;
  for (int i = 1; i <= 10'000; ++i) latency.add(microseconds(i));
  for (double q : {0.5, 0.9, 0.99, 0.999}) {
    EXPECT_NEAR(static_cast<double>(latency.quantile(q).count()), q * 1e7, q * 1e7 / 128) << q;
  }
  EXPECT_EQ(latency.quantile(1), microseconds(10'000));
  EXPECT_EQ(Histogram().quantile(0.5), Duration{0});
}

TEST(Schedule, constant_arrivals_are_equally_spaced_and_do_not_drift) {
  Schedule schedule(Arrivals::Constant, 30'000, 1, TimePoint{});
  for (int i = 0; i < 30'000; ++i) schedule.advance();
  EXPECT_NEAR(static_cast<double>(schedule.next().time_since_epoch().count()), 1e9, 2);
}

TEST(Schedule, poisson_gaps_have_the_mean_and_the_deviation_of_an_exponential) {
  Schedule schedule(Arrivals::Poisson, 1'000, 7, TimePoint{});
  double sum = 0, squares = 0;
  constexpr int kGaps = 100'000;
  for (int i = 0; i < kGaps; ++i) {
    TimePoint before = schedule.next();
    schedule.advance();
    double gap = static_cast<double>((schedule.next() - before).count()) / 1e6;
    sum += gap;
    squares += gap * gap;
  }
  double mean = sum / kGaps;
  EXPECT_NEAR(mean, 1, 0.015);  // five standard errors
  EXPECT_NEAR(std::sqrt(squares / kGaps - mean * mean), 1, 0.03);
}

TEST(Expectation, numbers_may_differ_in_their_last_digits_and_nothing_else_may) {
  Expectation expected(R"({"v":[1.0000001,-2e-9],"name":"a"})", 0);
  EXPECT_TRUE(expected.accepts(R"({"v":[1.0000002,-3e-9],"name":"a"})"));
  EXPECT_FALSE(expected.accepts(R"({"v":[1.1,-2e-9],"name":"a"})"));
  EXPECT_FALSE(expected.accepts(R"({"v":[1.0000001,-2e-9],"name":"b"})"));
  EXPECT_FALSE(expected.accepts(R"({"v":[1.0000001],"name":"a"})"));
}

TEST(Expectation, only_the_trailing_floats_of_a_binary_answer_have_a_tolerance) {
  auto answer = [](char tag, float value) {
    return std::string(1, tag) + std::string(reinterpret_cast<char*>(&value), 4);
  };
  Expectation expected(answer('a', 1.0f), 1);
  EXPECT_TRUE(expected.accepts(answer('a', 1.00001f)));
  EXPECT_FALSE(expected.accepts(answer('a', 1.5f)));
  EXPECT_FALSE(expected.accepts(answer('b', 1.0f)));
}

TEST(Expectation, of_several_good_answers_each_is_accepted) {
  const auto answer = [](std::string_view version, std::string_view value) {
    std::string text = "{\"version\":\"";
    return text.append(version).append("\",\"v\":[").append(value).append("]}");
  };
  Expectation expected(answer("1", "1.0000001"), 0);
  expected.add(answer("a", "1.0000001"));
  EXPECT_TRUE(expected.accepts(answer("1", "1.0000001")));
  EXPECT_TRUE(expected.accepts(answer("a", "1.0000002")));
  EXPECT_FALSE(expected.accepts(answer("b", "1.0000001")));
}

TEST(Http1Wire, answers_cut_at_any_byte_are_put_together_in_order) {
  const std::string bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 429 Too Many Requests\r\n"
      "Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    auto wire = make_http1_wire({"h:1", "/", {}, "body"});
    Seen seen;
    std::string out;
    wire->send(5, out);
    wire->send(6, out);
    ASSERT_TRUE(wire->read(bytes.substr(0, cut), out, seen).ok());
    ASSERT_TRUE(wire->read(bytes.substr(cut), out, seen).ok());
    ASSERT_EQ(seen.answers, (std::vector<Seen::One>{{5, 200, "abc"}, {6, 429, "de"}})) << cut;
  }
}

TEST(Http1Wire, an_answer_that_nobody_asked_for_is_an_error) {
  auto wire = make_http1_wire({"h:1", "/", {}, ""});
  Seen seen;
  std::string out;
  EXPECT_FALSE(wire->read("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", out, seen).ok());
}

std::string frame(int type, int flags, int stream, const std::string& payload) {
  std::string head{0, 0, static_cast<char>(payload.size()), static_cast<char>(type), static_cast<char>(flags), 0,
                   0, 0, static_cast<char>(stream)};
  return head + payload;
}

TEST(Http2Wire, a_grpc_answer_has_its_status_from_the_trailers) {
  auto wire = make_http2_wire({"h:1", "/s/m", {}, "message"}, Protocol::Grpc);
  Seen seen;
  std::string out;
  wire->open(out);
  wire->send(3, out);
  // ":status: 200" is static field 8; the trailer is a literal without indexing.
  std::string trailer = std::string{0, 11} + "grpc-status" + std::string{1} + "8";
  std::string bytes = frame(4, 0, 0, "") + frame(1, 4, 1, "\x88") + frame(0, 0, 1, "answer") + frame(1, 5, 1, trailer);
  for (char byte : bytes) ASSERT_TRUE(wire->read(std::string(1, byte), out, seen).ok());
  EXPECT_EQ(seen.answers, (std::vector<Seen::One>{{3, 8, "answer"}}));
}

TEST(Http2Wire, a_body_waits_for_the_windows_of_the_server) {
  auto wire = make_http2_wire({"h:1", "/", {}, std::string(70'000, 'x')}, Protocol::Http2);
  Seen seen;
  std::string out;
  wire->send(0, out);
  std::size_t before = out.size();
  EXPECT_LT(before, 66'000u);
  std::string window{0, 1, 0, 0};
  ASSERT_TRUE(wire->read(frame(8, 0, 0, window), out, seen).ok());
  EXPECT_EQ(out.size(), before) << "the window of the stream is still closed";
  ASSERT_TRUE(wire->read(frame(8, 0, 1, window), out, seen).ok());
  EXPECT_GT(out.size(), 70'000u);
}

}  // namespace
}  // namespace slipway::load
