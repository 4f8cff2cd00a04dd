#include "adapter/net/body_inflation.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace slipway::net {

BodyInflation::BodyInflation(Coding coding, std::uint64_t limit, std::shared_ptr<MemoryBudget> budget)
    : coding_(coding), limit_(limit), budget_(std::move(budget)), inflated_(budget_) {}

void BodyInflation::keep(BodyBuffer& buffer, ByteSpan body) {
  if (buffer.size() != 0) {
    kept_.emplace(std::move(buffer));
  } else {
    copied_ = as_text(body);
  }
}

BodyInflation::Outcome BodyInflation::run(ByteSpan body, std::size_t most) noexcept {
  try {
    inflated_.begin(0, std::min<std::uint64_t>(most, limit_));
    BodyReader reader(coding_, limit_);
    BodyReader::Outcome outcome = reader.feed(body, inflated_);
    if (outcome == BodyReader::Outcome::NeedsInput) outcome = reader.end(inflated_);
    switch (outcome) {
      case BodyReader::Outcome::NeedsInput:
      case BodyReader::Outcome::Done:
        return outcome_ = Outcome::Done;
      case BodyReader::Outcome::SinkFull:
        outcome_ = most < limit_ && inflated_.size() > most ? Outcome::TooLong : Outcome::NoMemory;
        break;
      case BodyReader::Outcome::Refused:
        outcome_ = Outcome::Refused;
        refusal_ = reader.refusal();
        break;
    }
  } catch (const std::exception&) {
    outcome_ = Outcome::NoMemory;
  }
  inflated_.release();
  return outcome_;
}

void BodyInflation::run_kept() noexcept {
  run(kept_ ? kept_->padded() : as_bytes(copied_), limit_);
  kept_.reset();
}

}  // namespace slipway::net
