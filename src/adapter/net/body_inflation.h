// BodyInflation: a whole request body that came compressed, and what it inflates to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapter/net/body_buffer.h"
#include "adapter/net/content_coding.h"
#include "adapter/net/request_head.h"
#include "base/bytes.h"

namespace slipway::net {

// One body. Owned by the loop, or by a worker while that is at it. What it inflates to draws on the budget of bodies.
class BodyInflation {
 public:
  // TooLong: for now, with the `most` that was given. NoMemory: other bodies have all of it. It is not waited for, as a
  // body on its way does: whoever waits here holds the compressed bytes, and many of them would wait for one another.
  enum class Outcome : std::uint8_t { Done, TooLong, NoMemory, Refused };

  // `limit` is of inflated bytes. Requires: coding is not Identity.
  BodyInflation(Coding coding, std::uint64_t limit, std::shared_ptr<MemoryBudget> budget);

  // Takes the compressed body along, for run_kept(): from `buffer` if it lies there, else a copy, for it is short.
  void keep(BodyBuffer& buffer, ByteSpan body);
  Outcome run(ByteSpan body, std::size_t most) noexcept;
  void run_kept() noexcept;

  Outcome outcome() const { return outcome_; }
  const Refusal& refusal() const { return refusal_; }  // of Refused
  BodyBuffer& inflated() { return inflated_; }

 private:
  const Coding coding_;
  const std::uint64_t limit_;
  const std::shared_ptr<MemoryBudget> budget_;
  std::optional<BodyBuffer> kept_;
  std::string copied_;
  BodyBuffer inflated_;
  Outcome outcome_ = Outcome::NoMemory;
  Refusal refusal_{400, ""};
};

}  // namespace slipway::net
