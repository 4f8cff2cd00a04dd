// gRPC's framing over an exchange: frames, statuses, time limits, gRPC-Web.
#include <gtest/gtest.h>

#include "adapter/net/error_reply.h"
#include "adapter/net/grpc_call.h"
#include "adapter/net/grpc_web.h"
#include "adapter/net/recorded_exchange.h"

namespace slipway::net {
namespace {

using namespace std::string_view_literals;

std::string framed(std::string_view message, std::uint8_t flags = 0) {
  std::string out;
  append_grpc_prefix(out, flags, message.size());
  return out += message;
}

// The messages of `bytes`, arriving in pieces of `step`, each with a "|" behind it; then the error, if any.
std::string messages(GrpcFrames frames, std::string_view bytes, std::size_t step) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    ByteSpan input = as_bytes(bytes.substr(at, step));
    while (true) {
      const bool had_input = !input.empty();
      const auto message = frames.next(input);
      if (!message) return out + "! " + message.error().message;
      if (!*message) break;
      out += std::string(as_text(**message)) + "|";
      if (!had_input) break;
    }
  }
  const auto whole = frames.finish();
  return whole ? out : out + "! " + whole.error().message;
}

TEST(GrpcFrames, messages_are_the_same_in_pieces_of_any_size) {
  const std::string bytes = framed("first") + framed("") + framed(std::string(300, 'x')) + framed("last");
  const std::string expected = "first||" + std::string(300, 'x') + "|last|";
  for (const std::size_t step : {1U, 2U, 3U, 5U, 7U, 64U, 1000U}) {
    EXPECT_EQ(messages(GrpcFrames(kibibytes(1)), bytes, step), expected) << step;
  }
}

TEST(GrpcFrames, a_message_in_one_piece_is_not_copied) {
  const std::string bytes = framed("message");
  GrpcFrames frames(kibibytes(1));
  ByteSpan input = as_bytes(bytes);
  EXPECT_EQ(as_text(**frames.next(input)).data(), bytes.data() + kGrpcPrefix);
}

TEST(GrpcFrames, a_message_that_is_too_long_is_refused_before_it_is_kept) {
  GrpcFrames frames(kibibytes(1));
  const std::string prefix = std::string("\0\0\0\4\1", 5);
  ByteSpan input = as_bytes(prefix);
  const auto refused = frames.next(input);
  EXPECT_EQ(refused.error(), overloaded("expected a message of at most 1KiB, found one of 1025 bytes"));
}

TEST(GrpcFrames, what_ends_within_a_message_is_told) {
  EXPECT_EQ(messages(GrpcFrames(kibibytes(1)), framed("abc").substr(0, 7), 100),
            "! expected a message of 3 bytes, found the end after 2");
  EXPECT_EQ(messages(GrpcFrames(kibibytes(1)), "\0\0"sv, 100),
            "! expected the five bytes before a message, found the end after 2");
  EXPECT_EQ(messages(GrpcFrames(kibibytes(1)), framed("abc", 2), 100),
            "! expected a message's flag of 0 or 1, found 2");
}

TEST(GrpcFrames, compressed_messages_are_inflated_within_the_limit) {
  const std::string text(900, 'a');
  for (const Coding coding : {Coding::Gzip, Coding::Deflate}) {
    const std::string bytes = framed(*deflate_all(coding, text), kGrpcCompressed) + framed("plain");
    EXPECT_EQ(messages(GrpcFrames(kibibytes(1), coding), bytes, 11), text + "|plain|");
    EXPECT_EQ(messages(GrpcFrames({899}, coding), bytes, 11),
              "! expected a message of at most 899B, found one of 900 bytes");
  }
  const std::string gzip = *deflate_all(Coding::Gzip, text);
  EXPECT_NE(messages(GrpcFrames(kibibytes(1)), framed(gzip, 1), 99).find("grpc-encoding"), std::string::npos);
  EXPECT_NE(messages(GrpcFrames(kibibytes(1), Coding::Gzip), framed("junk", 1), 99).find("broken"), std::string::npos);
  EXPECT_NE(messages(GrpcFrames(kibibytes(1), Coding::Gzip), framed(gzip.substr(0, 15), 1), 99).find("cut off"),
            std::string::npos);
  EXPECT_NE(messages(GrpcFrames(kibibytes(1), Coding::Gzip), framed(gzip + "x", 1), 99).find("behind it"),
            std::string::npos);
}

TEST(GrpcFrames, a_bomb_is_refused_by_its_ratio) {
  const std::string bomb = *deflate_all(Coding::Gzip, std::string(16 << 20, '\0'));
  EXPECT_NE(messages(GrpcFrames(mebibytes(32), Coding::Gzip), framed(bomb, 1), 1 << 20).find("100 times its size"),
            std::string::npos);
}

TEST(GrpcTimeout, eight_digits_and_a_unit) {
  EXPECT_EQ(*parse_grpc_timeout("1H"), std::chrono::hours(1));
  EXPECT_EQ(*parse_grpc_timeout("2M"), std::chrono::minutes(2));
  EXPECT_EQ(*parse_grpc_timeout("99999999S"), std::chrono::hours(24 * 365));
  EXPECT_EQ(*parse_grpc_timeout("15m"), std::chrono::milliseconds(15));
  EXPECT_EQ(*parse_grpc_timeout("7u"), std::chrono::microseconds(7));
  EXPECT_EQ(*parse_grpc_timeout("0n"), Duration{0});
  for (const std::string_view bad : {"", "S", "1", "-1S", "1.5S", "123456789S", "1s", "1 S", "S1"}) {
    EXPECT_FALSE(parse_grpc_timeout(bad)) << bad;
  }
}

TEST(GrpcMessage, only_printable_ascii_goes_out_as_it_is) {
  EXPECT_EQ(encoded_grpc_message("expected 3, found \"a\""), "expected 3, found \"a\"");
  EXPECT_EQ(encoded_grpc_message("100 % grün\n"), "100 %25 gr%C3%BCn%0A");
  const std::string cut = encoded_grpc_message(std::string(2040, 'x') + "ü€");
  EXPECT_LE(cut.size(), 2048U);
  EXPECT_EQ(cut.substr(2040), "%C3%BC");  // the last character would not fit whole
}

TEST(GrpcForm, content_types_name_it_exactly) {
  EXPECT_EQ(parse_grpc_form("application/grpc"), GrpcForm::Trailers);
  EXPECT_EQ(parse_grpc_form("application/grpc+proto"), GrpcForm::Trailers);
  EXPECT_EQ(parse_grpc_form("application/grpc;x=y"), GrpcForm::Trailers);
  EXPECT_EQ(parse_grpc_form("application/grpc-web+proto"), GrpcForm::Web);
  EXPECT_EQ(parse_grpc_form("application/grpc-web-text"), GrpcForm::WebText);
  for (const std::string_view other : {"", "application/json", "application/grpcx", "application/grpc+json"}) {
    EXPECT_EQ(parse_grpc_form(other), std::nullopt) << other;
  }
}

TEST(GrpcWeb, base64_goes_both_ways_with_padding_inside) {
  for (const std::string_view plain : {""sv, "a"sv, "ab"sv, "abc"sv, "abcd"sv, "\0\xff\x80"sv}) {
    std::string text, back;
    append_base64(text, plain);
    ASSERT_TRUE(append_base64_decoded(back, text));
    EXPECT_EQ(back, plain);
  }
  std::string joined;
  ASSERT_TRUE(append_base64_decoded(joined, "YQ==YmM="));
  EXPECT_EQ(joined, "abc");
  for (const std::string_view bad : {"a", "ab==c", "=abc", "a===", "ab=c", "a b=", "====", "ab\n="}) {
    EXPECT_FALSE(append_base64_decoded(joined, bad)) << bad;
  }
}

TEST(GrpcCode, every_error_code_has_one) {
  const std::string expected = "3 5 10 7 14 8 4 1 12 14 15 13 ";
  std::string found;
  for (int i = 0; i < kErrorCodeCount; ++i) found += std::string(text_of(grpc_code(static_cast<ErrorCode>(i)))) + " ";
  EXPECT_EQ(found, expected);
  EXPECT_EQ(grpc_code(ErrorCode::Denied, 401), GrpcCode::Unauthenticated);
  EXPECT_EQ(grpc_code(ErrorCode::InvalidInput, 413), GrpcCode::ResourceExhausted);
  EXPECT_EQ(grpc_code(ErrorCode::NotFound, 404), GrpcCode::Unimplemented);
}

RecordedExchange& ask(const Route& route, RecordedExchange& exchange, std::string_view content_type) {
  exchange.with_header("content-type", std::string(content_type));
  std::get<InlineHandler>(route.handler)(exchange);
  return exchange;
}

Route shout() {
  return grpc_route("/test.Echo/Shout", access::Permission::Predict, [](ByteSpan message) -> Result<std::string> {
    if (as_text(message) == "no") return not_found("nothing of this näme");
    return std::string(as_text(message)) + "!";
  });
}

TEST(GrpcCall, an_answer_is_framed_and_ends_with_its_status) {
  RecordedExchange exchange(Method::Post, "/", framed("hello"));
  ask(shout(), exchange, "application/grpc+proto");
  EXPECT_EQ(exchange.answer, framed("hello!"));
  EXPECT_EQ(exchange.answer_header("content-type"), "application/grpc");
  EXPECT_EQ(exchange.trailers["grpc-status"], "0");
}

TEST(GrpcCall, an_error_is_a_head_without_a_body) {
  RecordedExchange exchange(Method::Post, "/", framed("no"));
  ask(shout(), exchange, "application/grpc");
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.answer, "");
  EXPECT_EQ(exchange.answer_header("grpc-status"), "5");
  EXPECT_EQ(exchange.answer_header("grpc-message"), "nothing of this n%C3%A4me");
  EXPECT_TRUE(exchange.trailers.empty());
}

TEST(GrpcCall, gRPC_Web_carries_the_status_in_the_body) {
  RecordedExchange exchange(Method::Post, "/", framed("hello"));
  ask(shout(), exchange, "application/grpc-web+proto");
  EXPECT_EQ(exchange.answer, framed("hello!") + framed("grpc-status:0\r\n", kGrpcWebTrailers));
  RecordedExchange refused(Method::Post, "/", framed("no"));
  ask(shout(), refused, "application/grpc-web");
  EXPECT_EQ(refused.answer, framed("grpc-status:5\r\ngrpc-message:nothing of this n%C3%A4me\r\n", kGrpcWebTrailers));
}

TEST(GrpcCall, gRPC_Web_as_text_is_base64_both_ways) {
  std::string question, expected;
  append_base64(question, framed("hello"));
  RecordedExchange exchange(Method::Post, "/", question);
  ask(shout(), exchange, "application/grpc-web-text");
  append_base64(expected, framed("hello!") + framed("grpc-status:0\r\n", kGrpcWebTrailers));
  EXPECT_EQ(exchange.answer, expected);
}

TEST(GrpcCall, an_answer_is_compressed_as_the_question_was_when_it_is_long) {
  const std::string text(5000, 'y');
  RecordedExchange exchange(Method::Post, "/", framed(*deflate_all(Coding::Gzip, text), kGrpcCompressed));
  exchange.with_header("grpc-encoding", "gzip").with_header("grpc-accept-encoding", "identity,gzip");
  ask(shout(), exchange, "application/grpc");
  EXPECT_EQ(exchange.answer_header("grpc-encoding"), "gzip");
  EXPECT_LT(exchange.answer.size(), 200U);
  EXPECT_EQ(messages(GrpcFrames(kibibytes(8), Coding::Gzip), exchange.answer, 99), text + "!|");
}

TEST(GrpcCall, a_question_is_exactly_one_message) {
  const auto status_of = [](std::string body) {
    RecordedExchange exchange(Method::Post, "/", std::move(body));
    return std::string(ask(shout(), exchange, "application/grpc").answer_header("grpc-status"));
  };
  EXPECT_EQ(status_of(""), "3");
  EXPECT_EQ(status_of(framed("a") + framed("b")), "3");
  EXPECT_EQ(status_of(framed("a").substr(0, 3)), "3");
}

TEST(GrpcCall, an_encoding_nobody_knows_is_unimplemented_and_ours_are_named) {
  RecordedExchange exchange(Method::Post, "/", framed("a", kGrpcCompressed));
  exchange.with_header("grpc-encoding", "snappy");
  ask(shout(), exchange, "application/grpc");
  EXPECT_EQ(exchange.answer_header("grpc-status"), "12");
  EXPECT_EQ(exchange.answer_header("grpc-accept-encoding"), "identity, gzip, deflate");
}

TEST(GrpcCall, what_was_enormous_is_counted_and_not_kept) {
  const std::string zip = framed(*deflate_all(Coding::Gzip, std::string(1 << 20, 'y')), kGrpcCompressed);
  std::string text;
  append_base64(text, zip);
  RecordedExchange exchange(Method::Post, "/", text);
  exchange.with_header("grpc-encoding", "gzip").with_header("content-type", "application/grpc-web-text");
  RecordedExchange good(Method::Post, "/", zip);
  good.with_header("grpc-encoding", "gzip").with_header("content-type", "application/grpc-web");
  GrpcCall call;
  ASSERT_TRUE(call.read(good, mebibytes(2)));
  EXPECT_GE(call.held(), 1U << 20);
  call.clear();
  EXPECT_LT(call.held(), 1U << 17);
  static_cast<void>(call.read(exchange, mebibytes(2)));
  call.clear();
  EXPECT_LT(call.held(), 1U << 17);
}

}  // namespace
}  // namespace slipway::net
