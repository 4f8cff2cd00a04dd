// ByteBudget: how many bytes all of the process's queues may hold together.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.h"

namespace slipway::serving {

// Any thread. A share gives its bytes back when it ends, and keeps the budget alive until then.
class ByteBudget : public std::enable_shared_from_this<ByteBudget> {
 public:
  explicit ByteBudget(Bytes limit) : limit_(limit) {}

  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept : budget_(std::move(other.budget_)), amount_(std::exchange(other.amount_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(amount_, other.amount_);
      return *this;
    }
    ~Share() {
      if (budget_) budget_->used_ -= amount_;
    }

   private:
    friend class ByteBudget;
    Share(std::shared_ptr<ByteBudget> budget, std::uint64_t amount) : budget_(std::move(budget)), amount_(amount) {}
    std::shared_ptr<ByteBudget> budget_;
    std::uint64_t amount_ = 0;
  };

  // nullopt: so much is not free.
  std::optional<Share> take(std::uint64_t amount) {
    std::uint64_t used = used_;
    do {
      if (amount > limit_.count || used > limit_.count - amount) return std::nullopt;
    } while (!used_.compare_exchange_weak(used, used + amount));
    return Share(shared_from_this(), amount);
  }
  Bytes used() const { return Bytes{used_.load()}; }
  Bytes limit() const { return limit_; }

 private:
  const Bytes limit_;
  std::atomic<std::uint64_t> used_{0};
};

}  // namespace slipway::serving
