// RequestTraces: which predictions leave a line in the log with their time, as TraceSetting has it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace slipway::api_oip {

// Any thread; a request pays one load while nothing is traced. Settings that change meanwhile count for later requests.
class RequestTraces {
 public:
  static constexpr std::uint32_t kUsualRate = 1000;
  static constexpr std::int64_t kNoEnd = -1;
  struct Settings {
    bool is_on = false;
    std::uint32_t rate = kUsualRate;  // one of so many; not 0
    std::int64_t count = kNoEnd;      // so many are still to be traced
    bool operator==(const Settings&) const = default;
  };
  Settings settings() const;
  void set(const Settings& settings);

  // True: this request is one of those. `path` tells whether it is a prediction.
  bool take(std::string_view path) { return is_on_.load(std::memory_order_relaxed) && take_next(path); }

 private:
  bool take_next(std::string_view path);

  std::atomic<bool> is_on_ = false;
  std::atomic<std::uint32_t> rate_ = kUsualRate;
  std::atomic<std::int64_t> left_ = kNoEnd;
  std::atomic<std::uint64_t> seen_ = 0;
};

}  // namespace slipway::api_oip
