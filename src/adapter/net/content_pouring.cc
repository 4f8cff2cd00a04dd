#include "adapter/net/content_pouring.h"

#include <algorithm>
#include <exception>
#include <span>
#include <utility>

namespace slipway::net {
namespace {

constexpr Duration kRetryWorker = std::chrono::milliseconds(20);

}  // namespace

ContentPouring::ContentPouring(StreamingExchange& exchange, std::shared_ptr<ports::Content> content,
                               Surroundings surroundings)
    : exchange_(&exchange),
      content_(std::move(content)),
      surroundings_(std::move(surroundings)),
      left_(content_->size()) {
  ++surroundings_.count;
}

void ContentPouring::begin(std::string& out) {
  out_ = &out;
  exchange_->send();  // the head
  if (left_ == 0 || exchange_->method() == Method::Head) return end()->finish();
  ask();
}

StreamingExchange* ContentPouring::end() {
  --surroundings_.count;
  content_.reset();
  return std::exchange(exchange_, nullptr);
}

void ContentPouring::ask() {
  if (exchange_ == nullptr || is_reading_) return;
  is_reading_ = true;
  piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left_, kPiece)));
  const bool accepted = surroundings_.workers.submit([self = shared_from_this(), content = content_] {
    try {
      self->read_ = content->read(std::as_writable_bytes(std::span(self->piece_)));
    } catch (const std::exception& thrown) {
      self->read_ = Error{ErrorCode::Internal, std::string("reading the content threw: ") + thrown.what()};
    }
    self->surroundings_.mailbox->post([self] { self->take(); });
  });
  if (accepted) return;
  is_reading_ = false;
  exchange_->wake_at(surroundings_.clock.now() + kRetryWorker);
}

void ContentPouring::take() {
  is_reading_ = false;
  if (exchange_ == nullptr) return;
  if (!read_.ok() || *read_ == 0) {
    const std::string why = read_.ok() ? "the content ended too early" : read_.error().message;
    surroundings_.log.error("an answer broke off", {{"path", exchange_->path()}, {"error", why}});
    return end()->break_off();
  }
  out_->append(piece_, 0, *read_);
  std::string().swap(piece_);  // nobody counts it while the peer takes its time
  left_ -= *read_;
  if (left_ == 0) return end()->finish();
  exchange_->send();
  if (exchange_ != nullptr && exchange_->unsent() < kStreamAhead) ask();
}

}  // namespace slipway::net
