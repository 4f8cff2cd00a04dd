// PredictionRecorder: takes the records of all lanes to the prediction log.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "ports/prediction_log.h"
#include "service/serving/record_ring.h"
#include "service/serving/version_counters.h"

namespace slipway::serving {

// Owned by the application, outlives the loops. A record is in its lane's ring first; the application calls drain() at
// least every 50 ms and when woken, on a thread that may block. What the log refuses is lost, and counted.
class PredictionRecorder {
 public:
  struct Parts {
    ports::PredictionLog& predictions;
    const Clock& clock;
    Log& log;
    std::function<void()> wake = {};  // a ring is half full; any thread
  };
  PredictionRecorder(Parts parts, std::size_t lanes);

  RecordRing& ring(std::size_t lane) { return *rings_[lane]; }
  RecordRing& mirror_ring(std::size_t lane) { return *mirror_rings_[lane]; }  // of what was mirrored from it
  // Records of this model may come. Any thread.
  void introduce(const model::ModelName& model);
  void wake() const {
    if (parts_.wake) parts_.wake();
  }
  // Blocks; any thread, one after another.
  void drain();

  std::uint64_t recorded() const { return recorded_.value(); }
  std::uint64_t lost() const { return lost_.value(); }

 private:
  struct Draining {
    std::map<std::uint64_t, bool> introduced;
    std::vector<ports::PredictionRecord> batch;
    TimePoint complained_at{};
  };
  Result<void> write_batch(Draining& draining);
  Result<void> write(Draining& draining);
  const Parts parts_;
  std::vector<std::unique_ptr<RecordRing>> rings_, mirror_rings_;
  Guarded<std::vector<model::ModelName>> unknown_;
  Guarded<Draining> draining_;
  Counter recorded_, lost_;
};

}  // namespace slipway::serving
