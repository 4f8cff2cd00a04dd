// gRPC-Web: a body gives the same messages, the same answers and the same status whole, in pieces and byte by byte,
// with a method that reads on at once and with one that pauses; as a single call it means the same. The first byte
// picks the form, the size of the pieces and the pausing.
#include <cstdint>
#include <string>
#include <vector>

#include "adapter/net/grpc_call.h"
#include "adapter/net/grpc_frames.h"
#include "adapter/net/grpc_stream.h"
#include "adapter/net/grpc_web.h"
#include "adapter/net/recorded_exchange.h"
#include "base/invariant.h"

using slipway::as_bytes;
using slipway::as_text;
using slipway::ByteSpan;
using slipway::invariant;
namespace net = slipway::net;

namespace {

// An exchange whose body comes as the test says.
class Pieces final : public net::StreamingExchange {
 public:
  Pieces(std::string_view body, std::string_view type) : whole_(body), type_(type) { whole_.append(64, '\x7F'); }

  net::Method method() const override { return net::Method::Post; }
  std::string_view path() const override { return "/"; }
  std::string_view query(std::string_view) const override { return {}; }
  std::string_view header(std::string_view name) const override { return name == "content-type" ? type_ : ""; }
  std::string_view parameter(std::size_t) const override { return {}; }
  ByteSpan body() const override { return as_bytes(std::string_view(whole_).substr(taken_, come_ - taken_)); }
  const slipway::access::Principal& principal() const override { return principal_; }
  slipway::Result<void> require(slipway::access::Permission) const override { return {}; }
  std::string_view request_id() const override { return {}; }
  slipway::TimePoint received_at() const override { return {}; }
  std::size_t loop_index() const override { return 0; }
  void watch(net::Abandonment*) override {}
  std::string& open(int, std::string_view) override {
    invariant(!is_open, "opened once");
    is_open = true;
    return answer;
  }
  void add_header(std::string_view, std::string_view) override {}
  void finish() override {
    invariant(is_open && !is_finished, "finished once, after it was opened");
    is_finished = true;
  }
  void listen(net::StreamListener& told) override { listener = &told; }
  bool has_whole_body() const override { return come_ + 64 == whole_.size(); }
  void drop_body(std::size_t count) override {
    invariant(count <= come_ - taken_, "no more is taken than has come");
    taken_ += count;
  }
  void want_body(std::size_t) override {}
  void send() override {}
  void break_off() override {}
  std::size_t unsent() const override { return 0; }
  void wake_at(slipway::TimePoint) override {}

  void come(std::size_t count) { come_ = std::min(come_ + count, whole_.size() - 64); }

  net::StreamListener* listener = nullptr;
  bool is_open = false, is_finished = false;
  std::string answer;

 private:
  std::string whole_;
  std::string_view type_;
  std::size_t taken_ = 0, come_ = 0;
  slipway::access::Principal principal_;
};

class Echo final : public net::GrpcStreamMethod {
 public:
  Echo(net::GrpcStream& stream, bool pauses, std::vector<std::string>& seen)
      : stream_(&stream), pauses_(pauses), seen_(seen) {}
  void message(ByteSpan message) override {
    seen_.emplace_back(as_text(message));
    stream_->send(as_text(message));
    if (pauses_) stream_->pause();
  }
  void half_closed() override { std::exchange(stream_, nullptr)->end(net::GrpcCode::Ok, {}); }
  void drained() override {
    if (stream_ != nullptr) stream_->resume();
  }
  void server_stops() override {}
  void abandoned() noexcept override { stream_ = nullptr; }

 private:
  net::GrpcStream* stream_;
  bool pauses_;
  std::vector<std::string>& seen_;
};

struct Outcome {
  std::vector<std::string> seen;
  std::string answer;
  bool operator==(const Outcome&) const = default;
};

Outcome run(std::string_view body, std::string_view type, std::size_t step, bool pauses) {
  Outcome outcome;
  const net::Route route = net::grpc_stream_route(
      "/x.Y/Z", slipway::access::Permission::Public,
      [&](net::GrpcStream& stream) { return std::make_shared<Echo>(stream, pauses, outcome.seen); });
  Pieces exchange(body, type);
  if (step > body.size()) exchange.come(step);  // as HTTP/1.1 does
  std::get<net::StreamingHandler>(route.handler).call(exchange);
  for (bool is_last = exchange.has_whole_body(); !exchange.is_finished; is_last = exchange.has_whole_body()) {
    if (!is_last) {
      exchange.come(step);
      exchange.listener->body_grew();
    }
    const std::size_t before = outcome.seen.size();
    if (!exchange.is_finished) exchange.listener->output_drained();
    invariant(exchange.is_finished || !is_last || outcome.seen.size() > before, "a call with its whole body goes on");
  }
  outcome.answer = std::move(exchange.answer);
  return outcome;
}

// What the client was told, without the trailers.
std::vector<std::string> told(std::string_view answer, bool is_text, std::string& trailers) {
  std::string plain;
  if (is_text) {
    invariant(net::append_base64_decoded(plain, answer).ok(), "an answer in text can be decoded");
    answer = plain;
  }
  std::vector<std::string> found;
  while (!answer.empty()) {
    invariant(answer.size() >= 5, "an answer is made of frames");
    const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<std::uint8_t>(answer[at])); };
    const std::size_t length = byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
    invariant(answer.size() >= 5 + length, "whole ones");
    invariant(trailers.empty(), "nothing follows the trailers");
    if (byte(0) == net::kGrpcWebTrailers) {
      trailers = answer.substr(5, length);
    } else {
      found.emplace_back(answer.substr(5, length));
    }
    answer.remove_prefix(5 + length);
  }
  invariant(trailers.starts_with("grpc-status:"), "a call ends with its status");
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 64 << 10) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_text = (data[0] & 1) == 0;
  const std::string_view type = is_text ? "application/grpc-web-text" : "application/grpc-web+proto";
  const Outcome whole = run(body, type, body.size() + 1, false);
  invariant(run(body, type, body.size() + 1, true) == whole, "pausing changes nothing");
  invariant(run(body, type, 1 + (data[0] >> 2), (data[0] & 2) != 0) == whole, "nor do pieces");
  if (body.size() < 4096) invariant(run(body, type, 1, false) == whole, "nor do single bytes");
  std::string trailers;
  invariant(told(whole.answer, is_text, trailers) == whole.seen, "every message is answered");

  // A single call takes exactly the bodies that are one message.
  net::RecordedExchange unary(net::Method::Post, "/", std::string(body));
  unary.with_header("content-type", std::string(type));
  net::GrpcCall call;
  const auto message = call.read(unary, net::kDefaultBodyLimit);
  const bool is_one = whole.seen.size() == 1 && trailers.starts_with("grpc-status:0");
  invariant(message.ok() == is_one, "a single call is refused as a stream is");
  if (is_one) invariant(as_text(*message) == whole.seen.front(), "and says the same");
  return 0;
}
