#include "adapter/api_oip/infer_stream.h"

#include <algorithm>
#include <utility>

#include "adapter/net/error_reply.h"
#include "adapter/protobuf_wire/wire_writer.h"

namespace slipway::api_oip {
namespace {

using protobuf_wire::append_field;
using protobuf_wire::append_head;
using protobuf_wire::field_size;

// Field numbers of ModelStreamInferResponse, and of the id in ModelInferResponse.
constexpr std::uint32_t kErrorMessage = 1, kInferResponse = 2, kId = 3;

constexpr Bytes kKeptIdle = kibibytes(16);  // memory of a question that is kept for the next one

Error no_memory() {
  return unavailable("no memory is left for requests: ask again when fewer are waiting");
}

}  // namespace

// One question and, until its turn comes, its answer.
class InferStream::Slot final : public ports::Completion {
 public:
  explicit Slot(InferStream& home) : home_(home) {}
  // The stream may let go of its method when that ends it.
  void answered(const ports::Prediction& prediction) noexcept override {
    const auto alive = home_.shared_from_this();
    home_.answered(*this, prediction);
  }
  void failed(const Error& error) noexcept override {
    const auto alive = home_.shared_from_this();
    home_.refused(*this, error);
  }

  InferQuestion question;
  std::string answer;
  std::size_t held = 0;  // bytes of the question
  bool is_done = false;
  bool is_apart = false;  // a worker reads the question: nothing else may
  Result<ports::PredictRequest> read = internal_error("a question could not be read; the server's log says why");
  bool is_on_stream = false;  // its answer was its turn's

 private:
  InferStream& home_;
};

InferStream::InferStream(ports::Predictor& predictor, net::GrpcStream& stream)
    : stream_(&stream),
      lane_(predictor.lane(stream.loop_index())),
      ends_on_error_(stream.header("triton_grpc_error") == "true") {}

InferStream::~InferStream() = default;

std::unique_ptr<InferStream::Slot> InferStream::take_slot() {
  if (idle_.empty()) return std::make_unique<Slot>(*this);
  std::unique_ptr<Slot> slot = std::move(idle_.back());
  idle_.pop_back();
  return slot;
}

void InferStream::message(ByteSpan message) {
  Slot& slot = *waiting_.emplace_back(take_slot());
  // The time of the call is the most that one question may take; when all of it is over, the client ends the call.
  // The message is the stream's until this returns; the question's views must live until the answer.
  const std::string_view kept = slot.question.arena().copy(as_text(message));
  if (is_long_list(as_bytes(kept))) return read_apart(slot, as_bytes(kept));
  submit(slot, slot.question.read(as_bytes(kept), stream_->timeout(), std::nullopt));
}

// If the stream ends meanwhile the question is dropped when it comes back; if the server does, it goes with the task.
void InferStream::read_apart(Slot& slot, ByteSpan message) {
  if (!count(slot, slot.question.arena().held().count)) return submit(slot, no_memory());
  slot.is_apart = true;
  const auto work = [self = shared_from_this(), &slot, message, timeout = stream_->timeout()] {
    slot.read = slot.question.read(message, timeout, std::nullopt);
  };
  if (stream_->run_apart(work, [self = shared_from_this(), &slot] { self->back_from_apart(slot); })) return pace();
  slot.is_apart = false;
  submit(slot, overloaded("all workers are busy and their queue is full: try again"));
}

void InferStream::back_from_apart(Slot& slot) {
  slot.is_apart = false;
  if (std::erase_if(left_, [&](const auto& left) { return left.get() == &slot; }) != 0) return;
  if (stream_ == nullptr) return close(slot);
  const auto request = std::exchange(slot.read, internal_error("read once"));
  submit(slot, request);
}

void InferStream::submit(Slot& slot, const Result<ports::PredictRequest>& request) {
  const bool has_room = count(slot, slot.question.arena().held().count);
  if (const auto may = request ? stream_->require_model(request->model) : request.error(); !may) {
    refused(slot, may.error());
  } else if (!has_room) {
    refused(slot, no_memory());
  } else {
    ports::PredictRequest asked = *request;
    asked.caller = stream_->as_caller();
    // The call's id may go before the answer comes.
    const std::string_view id = slot.question.id();
    asked.request_id = id.empty() ? slot.question.arena().copy(stream_->request_id()) : id;
    lane_.submit(asked, slot);
  }
  pace();
}

void InferStream::half_closed() {
  is_half_closed_ = true;
  if (stream_ != nullptr && waiting_.empty()) std::exchange(stream_, nullptr)->end(net::GrpcCode::Ok, {});
}

void InferStream::server_stops() {
  is_stopping_ = true;
  if (stream_ == nullptr) return;
  if (waiting_.empty()) return end(unavailable("the server stops: what was not answered should be asked anew"));
  pace();
}

void InferStream::abandoned() noexcept {
  stream_ = nullptr;
  for (auto& slot : waiting_) {
    if (slot->is_apart) {
      left_.push_back(std::move(slot));
    } else if (!slot->is_done) {
      lane_.cancel(*slot);
    }
  }
  waiting_.clear();
}

void InferStream::answered(Slot& slot, const ports::Prediction& prediction) {
  if (stream_ == nullptr) return close(slot);
  const auto size = slot.question.prepare_answer(prediction);
  if (!size) return refused(slot, size.error());
  std::string& out = open(slot, field_size(kInferResponse, *size));
  append_head(out, kInferResponse, *size);
  slot.question.append_answer(out, prediction.served);
  close(slot);
}

void InferStream::refused(Slot& slot, const Error& error) {
  if (stream_ == nullptr) return close(slot);
  if (ends_on_error_) {
    end(error);
    return close(slot);
  }
  const std::string_view id = slot.question.id();
  const std::size_t id_size = id.empty() ? 0 : field_size(kId, id.size());
  std::string& out = open(slot, field_size(kErrorMessage, error.message.size()) + field_size(kInferResponse, id_size));
  append_field(out, kErrorMessage, error.message);
  append_head(out, kInferResponse, id_size);
  if (!id.empty()) append_field(out, kId, id);
  close(slot);
}

std::string& InferStream::open(Slot& slot, std::size_t size) {
  slot.is_on_stream = &slot == waiting_.front().get();
  return slot.is_on_stream ? stream_->open(size) : slot.answer;
}

void InferStream::close(Slot& slot) {
  slot.is_done = true;
  if (std::exchange(slot.is_on_stream, false)) stream_->send();
  slot.question.clear();
  count(slot, 0);
  while (!waiting_.empty() && waiting_.front()->is_done) {
    std::unique_ptr<Slot> first = std::move(waiting_.front());
    waiting_.pop_front();
    if (stream_ != nullptr && !first->answer.empty()) stream_->send(first->answer);
    first->answer.clear();
    first->is_done = false;
    if (first->question.arena().held() <= kKeptIdle) idle_.push_back(std::move(first));
  }
  if (stream_ != nullptr) pace();
  if (stream_ != nullptr && is_half_closed_) half_closed();
  if (is_stopping_ && waiting_.empty()) server_stops();
  if (waiting_.empty()) alive_.reset();
}

// Answers before the one at fault are sent, later ones are not.
void InferStream::end(const Error& error) {
  if (waiting_.size() > 1) alive_ = shared_from_this();
  std::exchange(stream_, nullptr)->end(net::grpc_code(error.code), error.message);
}

bool InferStream::count(Slot& slot, std::size_t bytes) {
  held_ = held_ - slot.held + bytes;
  slot.held = bytes;
  return stream_ == nullptr || stream_->hold(held_);
}

void InferStream::pace() {
  if (stream_ == nullptr) return;
  const bool is_full = is_stopping_ || waiting_.size() >= kMostWaiting || stream_->unsent() >= net::kStreamAhead;
  if (is_full == std::exchange(is_paused_, is_full)) return;
  if (is_full) {
    stream_->pause();
  } else {
    stream_->resume();
  }
}

}  // namespace slipway::api_oip
