// Requests that two parsers could read differently: each is refused, and nothing behind it is ever answered.
#include <array>

#include "wire_test.h"

namespace slipway::wire {
namespace {

struct Vector {
  const char* name;
  std::string bytes;
  int status = 400;
};

const std::string kPost = "POST /echo HTTP/1.1\r\nHost: x\r\n";
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";
const std::string kTail = "\r\n\r\n0\r\n\r\n";

std::vector<Vector> vectors() {
  std::vector<Vector> all;
  // Two ways to say how long the body is.
  all.push_back({"length_and_chunked", kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked" + kTail});
  all.push_back({"chunked_and_length", kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5" + kTail});
  all.push_back({"length_zero_and_chunked", kPost + "Content-Length: 0\r\nTransfer-Encoding: chunked" + kTail});
  all.push_back({"two_lengths", kPost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"});
  all.push_back({"two_equal_lengths", kPost + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"});
  all.push_back({"two_codings", kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity" + kTail});
  all.push_back({"two_chunked", kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked" + kTail});
  for (const std::string value : {"+5",
                                  "-5",
                                  "5 5",
                                  "5,5",
                                  "5, 5",
                                  "0x5",
                                  "5a",
                                  "a",
                                  "",
                                  " ",
                                  "5;",
                                  "5.0",
                                  "1e1",
                                  "\"5\"",
                                  "५",
                                  "99999999999999999999",
                                  "18446744073709551616",
                                  "9223372036854775808",
                                  "5\v",
                                  "\f5"}) {
    all.push_back({"content_length", kPost + "Content-Length: " + value + "\r\n\r\nhello"});
  }
  for (const std::string value :
       {"Chunked, chunked", "chunked, identity", "identity", "gzip, chunked", "xchunked", "chunked;q=1", "chunked,",
        ",chunked", "\"chunked\"", "chun ked", "chunked\v",
        "\x0b"
        "chunked",
        "chunked\f", "chunked \x7f", "cow", "", "chunke", "chunkedd", "identity, chunked, identity"}) {
    all.push_back({"transfer_encoding", kPost + "Transfer-Encoding: " + value + kTail});
  }
  all.push_back({"chunked_in_http_1_0", "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked" + kTail});
  // Field lines.
  all.push_back({"space_before_colon", kPost + "Content-Length : 5\r\n\r\nhello"});
  all.push_back({"tab_before_colon", kPost + "Transfer-Encoding\t: chunked" + kTail});
  all.push_back({"folded_field", kPost + "X: a\r\n b\r\n\r\n"});
  all.push_back({"folded_coding", kPost + "Transfer-Encoding:\r\n chunked" + kTail});
  all.push_back({"field_starts_with_space", "POST /echo HTTP/1.1\r\n Host: x\r\n\r\n"});
  all.push_back({"space_line_first", "POST /echo HTTP/1.1\r\n \r\nHost: x\r\n\r\n"});
  all.push_back({"empty_name", kPost + ": 5\r\n\r\n"});
  all.push_back({"no_colon", kPost + "Content-Length\r\n\r\n"});
  all.push_back({"bare_line_feed_after_field", "POST /echo HTTP/1.1\r\nHost: x\nContent-Length: 5\r\n\r\nhello"});
  all.push_back({"bare_line_feed_after_request_line", "POST /echo HTTP/1.1\nHost: x\r\n\r\n"});
  all.push_back({"bare_line_feed_ends_head", kPost + "\n"});
  all.push_back({"bare_line_feeds_only", "GET /hello HTTP/1.1\nHost: x\n\n"});
  all.push_back({"bare_return_in_value", kPost + "X: a\rContent-Length: 5\r\n\r\nhello"});
  all.push_back({"bare_return_in_name", kPost + "X\r: a\r\n\r\n"});
  all.push_back({"return_return_line_feed", kPost + "X: a\r\r\n\r\n"});
  all.push_back({"nul_in_value", kPost + std::string("X: a\0b\r\n\r\n", 10)});
  all.push_back({"nul_in_name", kPost + std::string("X\0: a\r\n\r\n", 9)});
  all.push_back({"nul_in_target", std::string("GET /hel\0lo HTTP/1.1\r\nHost: x\r\n\r\n", 34)});
  all.push_back({"control_in_value", kPost + "X: a\x01\r\n\r\n"});
  all.push_back({"delete_in_value", kPost + "X: a\x7f\r\n\r\n"});
  all.push_back({"control_in_name", kPost + "X\x01: a\r\n\r\n"});
  all.push_back({"high_byte_in_name", kPost + "X\xe9: a\r\n\r\n"});
  all.push_back({"slash_in_name", kPost + "X/Y: a\r\n\r\n"});
  all.push_back({"parenthesis_in_name", kPost + "X(Y): a\r\n\r\n"});
  all.push_back({"bracket_in_name", kPost + "X[0]: a\r\n\r\n"});
  // Host.
  all.push_back({"no_host", "GET /hello HTTP/1.1\r\n\r\n"});
  all.push_back({"two_hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"});
  all.push_back({"two_other_hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"});
  all.push_back({"empty_host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n"});
  all.push_back({"host_list", "GET /hello HTTP/1.1\r\nHost: x, y\r\n\r\n"});
  all.push_back({"host_with_path", "GET /hello HTTP/1.1\r\nHost: x/y\r\n\r\n"});
  all.push_back({"host_with_user", "GET /hello HTTP/1.1\r\nHost: a@x\r\n\r\n"});
  all.push_back({"host_with_space", "GET /hello HTTP/1.1\r\nHost: x y\r\n\r\n"});
  all.push_back({"absolute_form_of_another_host", "GET http://y/hello HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"absolute_form_with_user", "GET http://x@y/hello HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"absolute_form_without_host", "GET http:///hello HTTP/1.1\r\nHost: x\r\n\r\n"});
  // The request line.
  all.push_back({"two_spaces", "GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"two_spaces_before_version", "GET /hello  HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"tab_instead_of_space", "GET\t/hello HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"space_after_version", "GET /hello HTTP/1.1 \r\nHost: x\r\n\r\n"});
  all.push_back({"space_in_target", "GET /hel lo HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"space_before_method", " GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"no_version", "GET /hello\r\nHost: x\r\n\r\n"});
  all.push_back({"no_target", "GET HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"empty_target", "GET  HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"lower_case_version", "GET /hello http/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"version_with_spaces", "GET /hello HTTP/ 1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"version_with_zero", "GET /hello HTTP/1.10\r\nHost: x\r\n\r\n"});
  all.push_back({"version_2", "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", 505});
  all.push_back({"version_0_9", "GET /hello HTTP/0.9\r\nHost: x\r\n\r\n", 505});
  all.push_back({"version_1_2", "GET /hello HTTP/1.2\r\nHost: x\r\n\r\n", 505});
  all.push_back({"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505});
  all.push_back({"authority_form", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"asterisk_for_get", "GET * HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"relative_target", "GET hello HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"fragment", "GET /hello#x HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"backslash", "GET /hel\\lo HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"high_byte_in_target", "GET /h\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"escape_cut_short", "GET /hello%2 HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"escape_not_hexadecimal", "GET /hello%zz HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"escaped_nul", "GET /hello%00 HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"tls_hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)});
  all.push_back({"empty_lines", "\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"});
  all.push_back({"expects_something_else", kPost + "Content-Length: 5\r\nExpect: 200-maybe\r\n\r\nhello", 417});
  // Chunks.
  for (const std::string size : {"+5", "-5", "0x5", " 5", "5 ", "5\t", "", ";a", "g", "5g", "5\v", "5,",
                                 "00000000000000005", "ffffffffffffffff", "fffffffffffffffff", "5\n", "5\r", "\n5"}) {
    all.push_back({"chunk_size", kChunked + size + "\r\nhello\r\n0\r\n\r\n"});
  }
  all.push_back({"chunk_size_bare_line_feed", kChunked + "5\nhello\r\n0\r\n\r\n"});
  all.push_back({"chunk_extension_bare_line_feed", kChunked + "5;a\nhello\r\n0\r\n\r\n"});
  all.push_back({"chunk_extension_bare_return", kChunked + "5;a\rb\r\nhello\r\n0\r\n\r\n"});
  all.push_back({"chunk_extension_nul", kChunked + std::string("5;a\0\r\nhello\r\n0\r\n\r\n", 19)});
  all.push_back({"chunk_extension_flood", kChunked + "5;" + std::string(300, 'a') + "\r\nhello\r\n0\r\n\r\n"});
  all.push_back({"chunk_content_too_long", kChunked + "5\r\nhello!\r\n0\r\n\r\n"});
  all.push_back({"chunk_content_without_return", kChunked + "5\r\nhello\n0\r\n\r\n"});
  all.push_back({"chunk_content_without_line_feed", kChunked + "5\r\nhello\r0\r\n\r\n"});
  all.push_back({"chunk_content_without_either", kChunked + "5\r\nhello0\r\n\r\n"});
  all.push_back({"last_chunk_bare_line_feed", kChunked + "0\n\n"});
  all.push_back({"body_end_bare_line_feed", kChunked + "0\r\n\n"});
  all.push_back({"trailer_bare_line_feed", kChunked + "0\r\nX: a\n\r\n"});
  all.push_back({"trailer_bare_return", kChunked + "0\r\nX: a\rb\r\n\r\n"});
  all.push_back({"trailer_without_name", kChunked + "0\r\n: a\r\n\r\n"});
  all.push_back({"trailer_with_space_before_colon", kChunked + "0\r\nX : a\r\n\r\n"});
  all.push_back({"trailer_folded", kChunked + "0\r\nX: a\r\n b\r\n\r\n"});
  all.push_back({"trailer_nul", kChunked + std::string("0\r\nX: \0\r\n\r\n", 11)});
  return all;
}

TEST_F(WireTest, there_are_enough_smuggling_vectors) {
  EXPECT_GE(vectors().size(), 120U);
}

// After each vector comes a request for /hello: if it is answered, the two requests were told apart wrongly.
TEST_F(WireTest, every_ambiguous_request_is_refused_and_ends_its_connection) {
  start();
  for (const Vector& vector : vectors()) {
    RawClient client(address());
    client.send(vector.bytes + get("/hello")).end_sending();
    const auto answer = client.receive();
    ASSERT_TRUE(answer) << vector.name << "\n" << vector.bytes;
    EXPECT_EQ(answer->status, vector.status) << vector.name << "\n" << vector.bytes;
    EXPECT_EQ(answer->header("connection"), "close") << vector.name;
    EXPECT_EQ(answer->header("content-type"), "application/json") << vector.name;
    EXPECT_TRUE(client.is_closed_by_peer()) << vector.name;
  }
}

// The same on a blocking route, where the body is read while the handler runs.
TEST_F(WireTest, a_badly_framed_body_of_a_blocking_route_is_refused) {
  start();
  for (const std::string body : {"5\nhello\r\n0\r\n\r\n", "5\r\nhello!\r\n0\r\n\r\n", "zz\r\n", "0\r\n\n"}) {
    RawClient client(address());
    client.send("POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body + get("/hello"));
    EXPECT_EQ(client.receive()->status, 400) << body;
    EXPECT_TRUE(client.is_closed_by_peer()) << body;
  }
}

// What RFC 9112 allows must keep working.
TEST_F(WireTest, unusual_but_unambiguous_requests_are_answered) {
  start();
  const std::vector<std::string> good = {"\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET /hello HTTP/1.1\r\nhOST:x\r\n\r\n",
                                         "GET /hello HTTP/1.1\r\nHost: \t x \t \r\n\r\n",
                                         "GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET HTTP://x/hello?a=[1] HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET /hello?a=b&&=&c HTTP/1.1\r\nHost: x\r\nX: \r\nY: caf\xc3\xa9\r\n\r\n",
                                         "GET /%68ello HTTP/1.1\r\nHost: x\r\n\r\n",
                                         "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
                                         "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                                         "CHUNKED\r\n\r\n005;a=\"b;c\"\r\nhello\r\n0;z\r\nX-T: 1\r\n\r\n",
                                         "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 000\r\n\r\n",
                                         "GET /hello HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"};
  for (const std::string& request : good) {
    RawClient client(address());
    client.send(request + get("/hello"));
    const auto first = client.receive();
    ASSERT_TRUE(first) << request;
    EXPECT_EQ(first->status, 200) << request << first->body;
    EXPECT_EQ(client.receive()->body, "hello") << request;
  }
}

}  // namespace
}  // namespace slipway::wire
