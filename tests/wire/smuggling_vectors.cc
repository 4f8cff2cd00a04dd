#include "smuggling_vectors.h"

#include <utility>

namespace slipway::wire {
namespace {

const std::string kPost = "POST /echo HTTP/1.1\r\nHost: x\r\n";
const std::string kChunked = kPost + "Transfer-Encoding: chunked\r\n\r\n";
const std::string kTail = "\r\n\r\n0\r\n\r\n";

}  // namespace

std::vector<SmugglingVector> smuggling_vectors() {
  std::vector<SmugglingVector> all;
  const auto add = [&all](const char* name, std::string bytes, int status = 400) {
    all.push_back({name, std::move(bytes), status});
  };
  // Two ways to say how long the body is.
  add("length_and_chunked", kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked" + kTail);
  add("chunked_and_length", kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5" + kTail);
  add("length_zero_and_chunked", kPost + "Content-Length: 0\r\nTransfer-Encoding: chunked" + kTail);
  add("two_lengths", kPost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello");
  add("two_equal_lengths", kPost + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello");
  add("two_codings", kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity" + kTail);
  add("two_chunked", kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked" + kTail);
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
    add("content_length", kPost + "Content-Length: " + value + "\r\n\r\nhello");
  }
  for (const std::string value :
       {"Chunked, chunked", "chunked, identity", "identity", "gzip, chunked", "xchunked", "chunked;q=1", "chunked,",
        ",chunked", "\"chunked\"", "chun ked", "chunked\v",
        "\x0b"
        "chunked",
        "chunked\f", "chunked \x7f", "cow", "", "chunke", "chunkedd", "identity, chunked, identity"}) {
    add("transfer_encoding", kPost + "Transfer-Encoding: " + value + kTail);
  }
  add("chunked_in_http_1_0", "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked" + kTail);
  // Field lines.
  add("space_before_colon", kPost + "Content-Length : 5\r\n\r\nhello");
  add("tab_before_colon", kPost + "Transfer-Encoding\t: chunked" + kTail);
  add("folded_field", kPost + "X: a\r\n b\r\n\r\n");
  add("folded_coding", kPost + "Transfer-Encoding:\r\n chunked" + kTail);
  add("field_starts_with_space", "POST /echo HTTP/1.1\r\n Host: x\r\n\r\n");
  add("space_line_first", "POST /echo HTTP/1.1\r\n \r\nHost: x\r\n\r\n");
  add("empty_name", kPost + ": 5\r\n\r\n");
  add("no_colon", kPost + "Content-Length\r\n\r\n");
  add("bare_line_feed_after_field", "POST /echo HTTP/1.1\r\nHost: x\nContent-Length: 5\r\n\r\nhello");
  add("bare_line_feed_after_request_line", "POST /echo HTTP/1.1\nHost: x\r\n\r\n");
  add("bare_line_feed_ends_head", kPost + "\n");
  add("bare_line_feeds_only", "GET /hello HTTP/1.1\nHost: x\n\n");
  add("bare_return_in_value", kPost + "X: a\rContent-Length: 5\r\n\r\nhello");
  add("bare_return_in_name", kPost + "X\r: a\r\n\r\n");
  add("return_return_line_feed", kPost + "X: a\r\r\n\r\n");
  add("nul_in_value", kPost + std::string("X: a\0b\r\n\r\n", 10));
  add("nul_in_name", kPost + std::string("X\0: a\r\n\r\n", 9));
  add("nul_in_target", std::string("GET /hel\0lo HTTP/1.1\r\nHost: x\r\n\r\n", 34));
  add("control_in_value", kPost + "X: a\x01\r\n\r\n");
  add("delete_in_value", kPost + "X: a\x7f\r\n\r\n");
  add("control_in_name", kPost + "X\x01: a\r\n\r\n");
  add("high_byte_in_name", kPost + "X\xe9: a\r\n\r\n");
  add("slash_in_name", kPost + "X/Y: a\r\n\r\n");
  add("parenthesis_in_name", kPost + "X(Y): a\r\n\r\n");
  add("bracket_in_name", kPost + "X[0]: a\r\n\r\n");
  // Host.
  add("no_host", "GET /hello HTTP/1.1\r\n\r\n");
  add("two_hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n");
  add("two_other_hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n");
  add("empty_host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n");
  add("host_list", "GET /hello HTTP/1.1\r\nHost: x, y\r\n\r\n");
  add("host_with_path", "GET /hello HTTP/1.1\r\nHost: x/y\r\n\r\n");
  add("host_with_user", "GET /hello HTTP/1.1\r\nHost: a@x\r\n\r\n");
  add("host_with_space", "GET /hello HTTP/1.1\r\nHost: x y\r\n\r\n");
  add("absolute_form_of_another_host", "GET http://y/hello HTTP/1.1\r\nHost: x\r\n\r\n");
  add("absolute_form_with_user", "GET http://x@y/hello HTTP/1.1\r\nHost: x\r\n\r\n");
  add("absolute_form_without_host", "GET http:///hello HTTP/1.1\r\nHost: x\r\n\r\n");
  // The request line.
  add("two_spaces", "GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  add("two_spaces_before_version", "GET /hello  HTTP/1.1\r\nHost: x\r\n\r\n");
  add("tab_instead_of_space", "GET\t/hello HTTP/1.1\r\nHost: x\r\n\r\n");
  add("space_after_version", "GET /hello HTTP/1.1 \r\nHost: x\r\n\r\n");
  add("space_in_target", "GET /hel lo HTTP/1.1\r\nHost: x\r\n\r\n");
  add("space_before_method", " GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  add("no_version", "GET /hello\r\nHost: x\r\n\r\n");
  add("no_target", "GET HTTP/1.1\r\nHost: x\r\n\r\n");
  add("empty_target", "GET  HTTP/1.1\r\nHost: x\r\n\r\n");
  add("lower_case_version", "GET /hello http/1.1\r\nHost: x\r\n\r\n");
  add("version_with_spaces", "GET /hello HTTP/ 1.1\r\nHost: x\r\n\r\n");
  add("version_with_zero", "GET /hello HTTP/1.10\r\nHost: x\r\n\r\n");
  add("version_2", "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", 505);
  add("version_0_9", "GET /hello HTTP/0.9\r\nHost: x\r\n\r\n", 505);
  add("version_1_2", "GET /hello HTTP/1.2\r\nHost: x\r\n\r\n", 505);
  add("preface_of_an_unknown_version", "PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n", 505);
  add("authority_form", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n");
  add("asterisk_for_get", "GET * HTTP/1.1\r\nHost: x\r\n\r\n");
  add("relative_target", "GET hello HTTP/1.1\r\nHost: x\r\n\r\n");
  add("fragment", "GET /hello#x HTTP/1.1\r\nHost: x\r\n\r\n");
  add("backslash", "GET /hel\\lo HTTP/1.1\r\nHost: x\r\n\r\n");
  add("high_byte_in_target", "GET /h\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n");
  add("escape_cut_short", "GET /hello%2 HTTP/1.1\r\nHost: x\r\n\r\n");
  add("escape_not_hexadecimal", "GET /hello%zz HTTP/1.1\r\nHost: x\r\n\r\n");
  add("escaped_nul", "GET /hello%00 HTTP/1.1\r\nHost: x\r\n\r\n");
  add("tls_hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  add("empty_lines", "\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  add("expects_something_else", kPost + "Content-Length: 5\r\nExpect: 200-maybe\r\n\r\nhello", 417);
  // Chunks.
  for (const std::string size : {"+5", "-5", "0x5", " 5", "5 ", "5\t", "", ";a", "g", "5g", "5\v", "5,",
                                 "00000000000000005", "ffffffffffffffff", "fffffffffffffffff", "5\n", "5\r", "\n5"}) {
    add("chunk_size", kChunked + size + "\r\nhello\r\n0\r\n\r\n");
  }
  add("chunk_size_bare_line_feed", kChunked + "5\nhello\r\n0\r\n\r\n");
  add("chunk_extension_bare_line_feed", kChunked + "5;a\nhello\r\n0\r\n\r\n");
  add("chunk_extension_bare_return", kChunked + "5;a\rb\r\nhello\r\n0\r\n\r\n");
  add("chunk_extension_nul", kChunked + std::string("5;a\0\r\nhello\r\n0\r\n\r\n", 19));
  add("chunk_extension_flood", kChunked + "5;" + std::string(300, 'a') + "\r\nhello\r\n0\r\n\r\n");
  add("chunk_content_too_long", kChunked + "5\r\nhello!\r\n0\r\n\r\n");
  add("chunk_content_without_return", kChunked + "5\r\nhello\n0\r\n\r\n");
  add("chunk_content_without_line_feed", kChunked + "5\r\nhello\r0\r\n\r\n");
  add("chunk_content_without_either", kChunked + "5\r\nhello0\r\n\r\n");
  add("last_chunk_bare_line_feed", kChunked + "0\n\n");
  add("body_end_bare_line_feed", kChunked + "0\r\n\n");
  add("trailer_bare_line_feed", kChunked + "0\r\nX: a\n\r\n");
  add("trailer_bare_return", kChunked + "0\r\nX: a\rb\r\n\r\n");
  add("trailer_without_name", kChunked + "0\r\n: a\r\n\r\n");
  add("trailer_with_space_before_colon", kChunked + "0\r\nX : a\r\n\r\n");
  add("trailer_folded", kChunked + "0\r\nX: a\r\n b\r\n\r\n");
  add("trailer_nul", kChunked + std::string("0\r\nX: \0\r\n\r\n", 11));
  return all;
}

}  // namespace slipway::wire
