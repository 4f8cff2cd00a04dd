// Mirror: lets another version answer requests as well, when nothing else wants the processor.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "service/serving/execution.h"
#include "service/serving/mirror_ring.h"
#include "service/serving/prediction_recorder.h"

namespace slipway::serving {

struct MirrorSettings {
  std::size_t places = 1024;                           // of each lane; a power of two
  Bytes bytes = mebibytes(32);                         // of inputs that wait, of all lanes
  std::uint64_t most_rows = 64;                        // of one execution
  Duration look_every = std::chrono::milliseconds(2);  // while something is mirrored
  bool starts_threads = true;                          // false: a test calls execute_next()
};

// Owned by the PredictionService. Each lane has a ring and, from the first mirrored request on, a thread of the lowest
// priority the system has: it runs when no other thread of the machine wants the core, so what is mirrored is the first
// to be given up. What its answers are is recorded as Traffic::Shadow; they count in no statistics but their own.
class Mirror {
 public:
  Mirror(std::size_t lanes, const Clock& clock, MirrorSettings settings);
  ~Mirror();

  // Requires: before begin().
  void record_to(PredictionRecorder& recorder) { recorder_ = &recorder; }
  MirrorRing& ring(std::size_t lane) { return lanes_[lane]->ring; }

  // From now on requests are mirrored, or none is any more. Requires: one thread after another; begin() before a lane
  // sees a table that mirrors.
  void begin();
  void end();

  // Executes some of what waits. False when nothing does. That lane's thread, or a test's.
  bool execute_next(std::size_t lane);
  // Joins the threads and drops what waits. Requires: the lanes have ended.
  void stop();

 private:
  struct Lane {
    explicit Lane(std::size_t places, std::atomic<std::uint64_t>& bytes, std::uint64_t most)
        : ring(places, bytes, most) {}
    MirrorRing ring;
    Execution execution;
    std::vector<Member> members;
    std::thread thread;
  };
  struct State {
    bool mirrors = false;
    bool stopping = false;
  };

  struct Outcome {
    std::optional<ErrorCode> failure = {};
    Duration latency{0};  // of the execution it was part of
    std::uint64_t rows = 1;
    std::span<const tensor::TensorView> outputs = {};
  };

  void work(std::size_t lane);
  std::size_t gather(Lane& lane) const;
  bool execute(Lane& lane, std::size_t index, std::size_t count);
  void finish(const MirroredRequest& request, std::size_t index, const Outcome& outcome);

  const MirrorSettings settings_;
  const Clock& clock_;
  PredictionRecorder* recorder_ = nullptr;
  std::atomic<std::uint64_t> bytes_{0};
  std::vector<std::unique_ptr<Lane>> lanes_;
  Guarded<State> state_;
  std::condition_variable changed_;
};

}  // namespace slipway::serving
