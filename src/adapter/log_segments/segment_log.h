// SegmentLog: the prediction log as files of a folder. The format is docs/formats/prediction-log.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/log_segments/frame_batch.h"
#include "adapter/log_segments/segment_file.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "ports/prediction_log.h"

namespace slipway::log_segments {

struct Retention {
  Bytes size = gibibytes(1);  // of all segments with their indexes; the oldest go first
  Duration age = std::chrono::hours(7 * 24);
  Bytes segment = mebibytes(16);  // from which on a segment is followed by the next
};

// Any thread. Each process writes segments of its own, so that one that follows another may write beside it; who reads
// waits at the end of a segment that is still written before going on with the next. After the process dies nothing is
// lost that append() took; when the machine does, what the system had not written.
class SegmentLog final : public ports::PredictionLog {
 public:
  // `folder` is created if it is not there; its parent must exist. A segment that cannot be read is told in
  // `left_out`; it counts, and goes when it is the oldest.
  static Result<std::unique_ptr<SegmentLog>> open(std::string folder, Retention retention, const Clock& clock);
  ~SegmentLog() override;

  Result<void> append(std::span<const ports::PredictionRecord> predictions) override;
  Result<void> append(std::span<const ports::OutcomeRecord> outcomes) override;
  Result<void> introduce(const model::ModelName& model) override;
  Result<std::optional<model::ModelName>> model_of(std::uint64_t hash) override;
  Result<ports::LogPage> read(ports::LogPosition position, std::size_t limit) override;
  Result<ports::LogPosition> end() override;
  Result<std::optional<ports::PredictionRecord>> find(const model::RequestKey& request) override;
  Result<std::optional<ports::PredictionRecord>> find_unit(std::uint64_t model, std::uint64_t unit,
                                                           WallTime until) override;
  Result<std::optional<ports::PredictionRecord>> find_twin(const ports::PredictionRecord& mirrored) override;
  Result<std::optional<ports::OutcomeRecord>> find_outcome(std::uint64_t key) override;

  const std::vector<Error>& left_out() const { return left_out_; }

 private:
  struct State {
    std::vector<SegmentFile> segments;  // ascending; the last is this process's own if `writes`
    bool writes = false;
    TimePoint began{};  // that one
    TimePoint retires_at{};
    std::uint64_t highest = 0;  // number in the folder, of whatever file
    ModelNames names;
  };
  SegmentLog(std::string folder, Retention retention, const Clock& clock)
      : folder_(std::move(folder)), retention_(retention), clock_(clock) {}
  Result<void> append(State& state, const FrameBatch& batch) const;
  template <class Record>
  Result<void> append_all(std::span<const Record> records) const;
  Result<std::vector<Error>> take_in(State& state) const;
  bool is_full(const State& state, std::size_t more) const;
  Result<void> begin_segment(State& state) const;
  static void end_segment(State& state);
  void retire(State& state) const;
  static Result<bool> read_frames(const SegmentFile& segment, std::size_t limit, ports::LogPage& page);
  // The newest record under that key that `fits`; none: there is none, or too many newer ones do not.
  template <class Record, class Fits>
  Result<std::optional<Record>> newest(std::uint64_t hash, KeyKind kind, Fits fits);

  const std::string folder_;
  const Retention retention_;
  const Clock& clock_;
  std::vector<Error> left_out_;
  Guarded<State> state_;
};

}  // namespace slipway::log_segments
