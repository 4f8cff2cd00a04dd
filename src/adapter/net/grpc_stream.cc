#include "adapter/net/grpc_stream.h"

#include <utility>

#include "adapter/net/error_reply.h"
#include "adapter/net/grpc_call.h"
#include "adapter/net/grpc_frames.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

// Owned by itself, from the head until the call's end.
class StreamCall final : public GrpcStream, private StreamListener {
 public:
  StreamCall(StreamingExchange& exchange, const GrpcHead& head)
      : exchange_(&exchange), head_(head), frames_(kDefaultBodyLimit, head.coding) {}

  void start(const MakeGrpcStreamMethod& make) {
    is_busy_ = true;
    exchange_->listen(*this);
    method_ = make(*this);
    read();
    rest();
  }

  std::string_view header(std::string_view lower_name) const override { return exchange_->header(lower_name); }
  std::optional<Duration> timeout() const override { return head_.timeout; }
  TimePoint received_at() const override { return exchange_->received_at(); }
  std::size_t loop_index() const override { return exchange_->loop_index(); }

  std::string& open(std::size_t size) override {
    append_grpc_prefix(answer(), 0, size);
    return *out_;
  }
  void send() override { exchange_->send(); }
  std::size_t unsent() const override { return exchange_->unsent(); }
  bool hold(std::size_t bytes) override { return exchange_ == nullptr || exchange_->hold(bytes); }
  void pause() override { is_paused_ = true; }
  void resume() override {
    is_paused_ = false;
    if (is_busy_) return;  // whoever is busy reads on
    is_busy_ = true;
    read();
    rest();
  }
  void end(GrpcCode code, std::string_view message) override {
    StreamingExchange& exchange = *std::exchange(exchange_, nullptr);
    if (out_ == nullptr && code != GrpcCode::Ok) {  // nothing was sent: a head alone tells it
      exchange.add_header("grpc-status", text_of(code));
      exchange.add_header("grpc-message", encoded_grpc_message(message));
      exchange.reply(200, content_type_of(GrpcForm::Trailers), {});
    } else {
      if (out_ == nullptr) exchange.open(200, content_type_of(GrpcForm::Trailers));
      exchange.add_trailer("grpc-status", text_of(code));
      if (!message.empty()) exchange.add_trailer("grpc-message", encoded_grpc_message(message));
      exchange.finish();
    }
    if (!is_busy_) delete this;
  }

 private:
  ~StreamCall() override = default;

  std::string& answer() {
    if (out_ == nullptr) out_ = &exchange_->open(200, content_type_of(GrpcForm::Trailers));
    return *out_;
  }

  void body_grew() noexcept override {
    is_busy_ = true;
    read();
    rest();
  }
  void output_drained() noexcept override {
    is_busy_ = true;
    method_->drained();
    read();
    rest();
  }
  void abandoned() noexcept override {
    invariant(!is_busy_, "the exchange tells of nothing from within a call to it");
    exchange_ = nullptr;
    method_->abandoned();
    delete this;
  }

  // Every message that is there whole.
  void read() {
    while (exchange_ != nullptr && !is_paused_ && !is_half_closed_) {
      const ByteSpan body = exchange_->body();
      if (body.empty() && exchange_->has_whole_body()) {
        is_half_closed_ = true;
        method_->half_closed();
        return;
      }
      const auto size = whole_frame(body);
      if (!size) return refuse(size.error());
      if (*size == 0) return;
      ByteSpan frame = body.first(*size);
      const auto message = frames_.next(frame);
      if (!message) return refuse(message.error());
      invariant(message->has_value(), "a whole frame is a message");
      method_->message(**message);
      if (exchange_ != nullptr) exchange_->drop_body(*size);
    }
  }

  // Of the frame at the front of `body`; 0: more of it must come, and was asked for.
  Result<std::size_t> whole_frame(ByteSpan body) {
    std::size_t needed = kGrpcPrefix;
    if (body.size() >= kGrpcPrefix) {
      needed += TRY(frames_.announced(body.first<kGrpcPrefix>()));
      if (body.size() >= needed) return needed;
    }
    if (exchange_->has_whole_body()) {
      return invalid_input("expected a message of " + std::to_string(needed - kGrpcPrefix) +
                           " bytes behind the five that announce it, found the end after " +
                           std::to_string(body.size()));
    }
    exchange_->want_body(needed);
    return std::size_t{0};
  }

  void refuse(const Error& error) {
    method_->abandoned();
    end(grpc_code(error.code), error.message);
  }

  // After a time of being busy.
  void rest() {
    is_busy_ = false;
    if (exchange_ == nullptr) delete this;
  }

  StreamingExchange* exchange_;  // none: ended
  GrpcHead head_;
  GrpcFrames frames_;
  std::shared_ptr<GrpcStreamMethod> method_;
  std::string* out_ = nullptr;  // of the answer, once it was opened
  bool is_busy_ = false;        // the method is being told something: this must outlive it
  bool is_paused_ = false, is_half_closed_ = false;
};

}  // namespace

Route grpc_stream_route(std::string path, access::Permission permission, MakeGrpcStreamMethod make) {
  return {Method::Post, std::move(path), permission,
          StreamingHandler{[make = std::move(make)](StreamingExchange& exchange) {
            const auto head = read_grpc_head(exchange);
            if (!head) return reply_error(exchange, head.error());
            if (head->form != GrpcForm::Trailers) {
              return reply_error(exchange, unimplemented("expected a stream of messages over HTTP/2, found gRPC-Web, "
                                                         "which carries single calls here"));
            }
            (new StreamCall(exchange, *head))->start(make);
          }}};
}

}  // namespace slipway::net
