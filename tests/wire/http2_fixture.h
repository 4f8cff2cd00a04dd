// Http2Test: a server whose routes are asked frame by frame.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>

#include "http2_client.h"
#include "wire_test.h"

namespace slipway::wire {

inline constexpr std::uint32_t kNoError = 0, kProtocolError = 1, kRefusedStream = 7, kCalm = 11;

// Echoes each piece of the body as it comes, and says at the end how many there were.
class StreamEcho final : public net::StreamListener {
 public:
  StreamEcho(net::StreamingExchange& exchange, std::atomic<int>& left) : exchange_(exchange), left_(left) {
    out_ = &exchange.open(200, "text/plain");
    exchange.listen(*this);
  }
  void begin() {
    exchange_.send();
    if (exchange_.has_whole_body()) body_grew();
  }
  void body_grew() noexcept override {
    out_->append(as_text(exchange_.body()));
    if (!exchange_.body().empty()) ++pieces_;
    exchange_.drop_body(exchange_.body().size());
    if (!exchange_.has_whole_body()) return exchange_.send();
    exchange_.add_trailer("X-Pieces", std::to_string(pieces_));
    exchange_.finish();
    delete this;
  }
  void output_drained() noexcept override {}
  void abandoned() noexcept override {
    ++left_;
    delete this;
  }

 private:
  net::StreamingExchange& exchange_;
  std::atomic<int>& left_;
  std::string* out_;
  int pieces_ = 0;
};

class Http2Test : public WireTest {
 protected:
  ~Http2Test() override { stop(); }
  std::vector<net::Route> routes() override {
    std::vector<net::Route> all = WireTest::routes();
    all.emplace_back(net::Method::Post, "/stream", access::Permission::Predict,
                     net::StreamingHandler{[this](net::StreamingExchange& exchange) {
                       (new StreamEcho(exchange, streams_left_))->begin();  // goes with its exchange
                     }});
    return all;
  }
  std::optional<Http2Client::Answer2> get(std::string path, Fields more = {}) {
    Http2Client client(address());
    return client.request(1, request_fields("GET", std::move(path), std::move(more))).answer(1);
  }
  std::atomic<int> streams_left_ = 0;
};

}  // namespace slipway::wire
