// Requests that two parsers could read differently: each is refused, and nothing behind it is ever answered.
#include "smuggling_vectors.h"
#include "wire_test.h"

namespace slipway::wire {
namespace {

TEST_F(WireTest, there_are_enough_smuggling_vectors) {
  EXPECT_GE(smuggling_vectors().size(), 120U);
}

// After each vector comes a request for /hello: if it is answered, the two requests were told apart wrongly.
TEST_F(WireTest, every_ambiguous_request_is_refused_and_ends_its_connection) {
  start();
  for (const SmugglingVector& vector : smuggling_vectors()) {
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
