#include "adapter/net/grpc_stream.h"

#include <algorithm>
#include <utility>

#include "adapter/net/error_reply.h"
#include "adapter/net/grpc_call.h"
#include "adapter/net/grpc_frames.h"
#include "adapter/net/grpc_web.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr std::size_t kLongestCompressedOnLoop = 4 << 10;  // may become a hundred times as much, or a mebibyte

// Owned by itself, from the head until the call's end.
class StreamCall final : public GrpcStream, private StreamListener {
 public:
  StreamCall(StreamingExchange& exchange, const GrpcHead& head)
      : exchange_(&exchange), head_(head), frames_(kDefaultBodyLimit, head.coding) {}

  void start(const MakeGrpcStreamMethod& make) {
    is_busy_ = true;
    exchange_->listen(*this);
    if (head_.timeout) exchange_->wake_at(exchange_->received_at() + *head_.timeout);
    method_ = make(*this);
    read();
    rest();
  }

  std::string_view header(std::string_view lower_name) const override { return exchange_->header(lower_name); }
  std::optional<Duration> timeout() const override { return head_.timeout; }
  TimePoint received_at() const override { return exchange_->received_at(); }
  std::size_t loop_index() const override { return exchange_->loop_index(); }
  const ports::Caller* as_caller() const override { return exchange_; }
  std::string_view request_id() const override { return exchange_->request_id(); }
  bool require(access::Permission permission) override {
    const auto may = exchange_->require(permission);
    if (!may) end(code_of_refusal(*exchange_, may.error()), may.error().message);
    return may.ok();
  }
  Result<void> require_model(std::string_view model) const override { return exchange_->require_model(model); }

  std::string& open(std::size_t size) override {
    std::string& out = is_text() ? plain_ : answer();
    append_grpc_prefix(out, 0, size);
    return out;
  }
  void send() override {
    send_text();
    exchange_->send();
  }
  std::size_t unsent() const override { return exchange_->unsent(); }
  bool hold(std::size_t bytes) override { return exchange_ == nullptr || exchange_->hold(bytes + decoded_.capacity()); }
  bool run_apart(const ports::Task& work, const ports::Task& then) override {
    return exchange_ != nullptr && exchange_->run_apart(work, then);
  }
  void pause() override { is_paused_ = true; }
  void resume() override {
    is_paused_ = false;
    if (is_busy_) return;  // whoever is busy reads on
    is_busy_ = true;
    read();
    rest();
  }
  void end(GrpcCode code, std::string_view message) override {
    if (head_.form == GrpcForm::Trailers) {
      end_by_trailers(code, message);
    } else {
      append_web_trailers(is_text() ? plain_ : answer(), code, message);
      send_text();
    }
    std::exchange(exchange_, nullptr)->finish();
    if (!is_busy_) delete this;
  }

 private:
  // A message that a worker inflates.
  struct Inflated {
    Inflated(StreamCall& owner_, ByteSpan frame_, Coding coding)
        : owner(&owner_), frame(as_text(frame_)), frames(kDefaultBodyLimit, coding) {}
    StreamCall* owner;  // none: it has ended
    const std::string frame;
    GrpcFrames frames;
    Result<std::optional<ByteSpan>> message = internal_error("a message could not be read; the server's log says why");
  };

  ~StreamCall() override {
    if (inflated_ != nullptr) inflated_->owner = nullptr;
  }

  bool is_text() const { return head_.form == GrpcForm::WebText; }

  std::string& answer() {
    if (out_ == nullptr) out_ = &exchange_->open(200, content_type_of(head_.form));
    return *out_;
  }

  // Each piece by itself, so that a client can decode what it has.
  void send_text() {
    if (!is_text()) return;
    append_base64(answer(), plain_);
    plain_.clear();
  }

  void end_by_trailers(GrpcCode code, std::string_view message) {
    const bool is_alone = out_ == nullptr && code != GrpcCode::Ok;  // nothing was sent: a head alone tells it
    const auto add = [&](std::string_view name, std::string_view value) {
      is_alone ? exchange_->add_header(name, value) : exchange_->add_trailer(name, value);
    };
    if (!is_alone) answer();
    add("grpc-status", text_of(code));
    if (!message.empty()) add("grpc-message", encoded_grpc_message(message));
    if (is_alone) answer();
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
  void overdue() noexcept override {
    is_busy_ = true;
    refuse({ErrorCode::DeadlineExceeded, "the call has taken the " + to_string(*head_.timeout) + " it was given"});
    rest();
  }
  void server_stops() noexcept override {
    is_busy_ = true;
    method_->server_stops();
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
    while (exchange_ != nullptr && !is_paused_ && !is_half_closed_ && inflated_ == nullptr) {
      const ByteSpan input = this->input();
      if (input.empty() && exchange_->body().empty() && exchange_->has_whole_body()) {
        is_half_closed_ = true;
        method_->half_closed();
        return;
      }
      const auto size = whole_frame(input);
      if (!size) return refuse(size.error());
      if (*size == 0) {
        if (broken_) return refuse(*broken_);
        if (is_text() && (exchange_->body().size() >= 4 || exchange_->has_whole_body())) continue;  // decode on
        return;
      }
      ByteSpan frame = input.first(*size);
      if (frame.size() > kLongestCompressedOnLoop && std::to_integer<std::uint8_t>(frame[0]) == kGrpcCompressed) {
        return inflate_apart(frame);
      }
      const auto message = frames_.next(frame);
      if (!message) return refuse(message.error());
      invariant(message->has_value(), "a whole frame is a message");
      method_->message(**message);
      if (exchange_ != nullptr) take(*size);
    }
  }

  // The frame stays where it is counted until its message was taken; the worker has a copy, for more may come behind
  // it.
  void inflate_apart(ByteSpan frame) {
    inflated_ = std::make_shared<Inflated>(*this, frame, head_.coding);
    const auto work = [inflated = inflated_] {
      ByteSpan input = as_bytes(inflated->frame);
      inflated->message = inflated->frames.next(input);
    };
    const auto then = [inflated = inflated_] {
      if (inflated->owner != nullptr) inflated->owner->take_inflated();
    };
    if (run_apart(work, then)) return;
    inflated_.reset();
    refuse(overloaded("all workers are busy and their queue is full: try again"));
  }
  void take_inflated() {
    const bool was_busy = std::exchange(is_busy_, true);
    const auto inflated = std::exchange(inflated_, nullptr);
    if (inflated->message) {
      method_->message(**inflated->message);
      if (exchange_ != nullptr) take(inflated->frame.size());
      read();
    } else {
      refuse(inflated->message.error());
    }
    if (!was_busy) rest();
  }

  // What has come and was not taken; of text, decoded, no more than is needed now.
  ByteSpan input() {
    if (!is_text()) return exchange_->body();
    const ByteSpan text = exchange_->body();
    const std::size_t there = decoded_.size() - decoded_at_;
    const std::size_t most = std::max(needed_, kStreamAhead);
    const std::size_t groups = broken_ ? 0 : std::min(text.size() / 4, there < most ? (most - there + 2) / 3 : 0);
    if (groups != 0) {
      decoded_.erase(0, std::exchange(decoded_at_, 0));
      const auto decoded = append_base64_decoded(decoded_, as_text(text.first(groups * 4)));
      if (decoded) exchange_->drop_body(groups * 4);
      // What stands before is good, and is used.
      if (!decoded) broken_ = invalid_input("expected base64 text, found another character or a bad end in it");
    } else if (!text.empty() && text.size() < 4 && exchange_->has_whole_body()) {
      broken_ = invalid_input("expected base64 text of a multiple of 4 characters, found " +
                              std::to_string(text.size()) + " more at its end");
    }
    return as_bytes(std::string_view(decoded_).substr(decoded_at_));
  }
  void take(std::size_t size) {
    needed_ = 0;
    if (!is_text()) return exchange_->drop_body(size);
    decoded_at_ += size;
    if (decoded_at_ == decoded_.size() && decoded_.capacity() > kStreamAhead * 2) {
      std::string().swap(decoded_);
      decoded_at_ = 0;
    }
  }

  // Of the frame at the front of `input`; 0: more of it must come, and was asked for.
  Result<std::size_t> whole_frame(ByteSpan input) {
    needed_ = kGrpcPrefix;
    if (input.size() >= kGrpcPrefix) {
      needed_ += TRY(frames_.announced(input.first<kGrpcPrefix>()));
      if (input.size() >= needed_) return needed_;
    }
    if (exchange_->has_whole_body() && exchange_->body().size() == (is_text() ? 0 : input.size())) {
      return invalid_input("expected a message of " + std::to_string(needed_ - kGrpcPrefix) +
                           " bytes behind the five that announce it, found the end after " +
                           std::to_string(input.size()));
    }
    exchange_->want_body(is_text() ? (needed_ - input.size() + 2) / 3 * 4 : needed_);
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
  std::string* out_ = nullptr;          // of the answer, once it was opened
  std::string plain_;                   // of a text: a piece of the answer before it is encoded,
  std::string decoded_;                 // and what was decoded of the questions
  std::size_t decoded_at_ = 0;          // is used up
  std::size_t needed_ = 0;              // bytes of input, for the next message
  std::optional<Error> broken_;         // why no more of it can be decoded
  std::shared_ptr<Inflated> inflated_;  // what comes behind it waits
  bool is_busy_ = false;                // the method is being told something: this must outlive it
  bool is_paused_ = false, is_half_closed_ = false;
};

}  // namespace

Route grpc_stream_route(std::string path, access::Permission permission, MakeGrpcStreamMethod make) {
  return {Method::Post, std::move(path), permission,
          StreamingHandler{[make = std::move(make)](StreamingExchange& exchange) {
            const auto head = read_grpc_head(exchange);
            if (!head) return reply_error(exchange, head.error());
            (new StreamCall(exchange, *head))->start(make);
          }}};
}

}  // namespace slipway::net
