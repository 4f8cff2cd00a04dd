// MemoryBudget: how much memory all loaded models may take together.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/guarded.h"
#include "base/result.h"

namespace slipway::serving {

// Any thread. Amounts are estimates from verification, reserved before a model is loaded. Must outlive its
// reservations.
class MemoryBudget {
 public:
  explicit MemoryBudget(Bytes limit) : limit_(limit) {}

  class Reservation {
   public:
    Reservation(MemoryBudget& budget, Bytes amount) : budget_(budget), amount_(amount) {}
    ~Reservation() { budget_.used_.lock()->count -= amount_.count; }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

   private:
    MemoryBudget& budget_;
    const Bytes amount_;
  };

  // Overloaded: says what is needed, free and allowed.
  Result<std::shared_ptr<const Reservation>> reserve(Bytes amount) {
    auto used = used_.lock();
    if (amount.count > limit_.count - std::min(limit_.count, used->count)) {
      return overloaded("the model needs about " + in_mebibytes(amount) + " of memory, " + in_mebibytes(*used) +
                        " of " + in_mebibytes(limit_) + " allowed for models are taken");
    }
    used->count += amount.count;
    return std::make_shared<const Reservation>(*this, amount);
  }
  Bytes used() const { return *used_.lock(); }
  Bytes limit() const { return limit_; }

 private:
  static std::string in_mebibytes(Bytes amount) {
    return std::to_string((amount.count + (1 << 20) - 1) >> 20) + " MiB";
  }
  const Bytes limit_;
  Guarded<Bytes> used_;
};

}  // namespace slipway::serving
