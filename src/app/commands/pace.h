// Pace: how fast the disk is read, so that whoever else needs it gets his share.
#pragma once

#include <cstdint>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "cli/command.h"

namespace slipway::app {

// One thread. Counts what was read, and waits where that was more than the rate allows since the beginning.
class Pace {
 public:
  Pace(const Clock& clock, std::optional<std::uint64_t> bytes_per_second)
      : clock_(clock), rate_(bytes_per_second), began_(clock.now()) {}

  void spend(std::size_t bytes) {
    spent_ += bytes;
    if (!rate_) return;
    const auto due = std::chrono::duration<double>(static_cast<double>(spent_) / static_cast<double>(*rate_));
    const Duration ahead = std::chrono::duration_cast<Duration>(due) - elapsed();
    if (ahead > Duration::zero()) std::this_thread::sleep_for(ahead);
  }
  std::uint64_t spent() const { return spent_; }
  Duration elapsed() const { return clock_.now() - began_; }

 private:
  const Clock& clock_;
  const std::optional<std::uint64_t> rate_;
  const TimePoint began_;
  std::uint64_t spent_ = 0;
};

// --rate MIB: of the command line; else 100 MiB/s beside a server that uses `directory`, and as fast as it goes
// without.
cli::Option rate_option();
Result<std::optional<std::uint64_t>> rate_of(const cli::Arguments& arguments, const std::string& directory);

}  // namespace slipway::app
