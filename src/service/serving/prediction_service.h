// PredictionService: the Predictor that protocol adapters and jobs speak with; one lane per event loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/loop.h"
#include "ports/prediction_log.h"
#include "ports/predictor.h"
#include "ports/telemetry.h"
#include "service/serving/loop_lane.h"
#include "service/serving/mirror.h"
#include "service/serving/serving_table.h"

namespace slipway::serving {

// Owned by the application; outlives the loops. Everything but attach() and lane(): any thread, never blocks on I/O.
class PredictionService final : public ports::Predictor, public ports::MetricSource {
 public:
  PredictionService(std::size_t lanes, const Clock& clock, MirrorSettings mirror = {});
  ~PredictionService() override;

  // Gives lane `index` its loop. Requires: before that loop starts.
  void attach(std::size_t index, ports::Loop& loop);
  std::size_t lane_count() const { return lanes_.size(); }
  // Where every lane's predictions are recorded; it outlives this. Requires: before the loops start.
  void record_to(PredictionRecorder& recorder);

  Mirror& mirror() { return mirror_; }
  // Requires: the loops have ended.
  void stop_mirror() { mirror_.stop(); }

  // One thread after another. Swaps the table; every attached lane is told, so that versions that left are let go of
  // soon.
  void publish(std::shared_ptr<const ServingTable> table);
  std::shared_ptr<const ServingTable> table() const { return table_.current(); }
  // Of each version that is served, since it was loaded; and of model 0 what the log refused, of whatever model.
  std::vector<ports::DroppedPredictions> dropped() const;

  ports::Lane& lane(std::size_t loop) override { return *lanes_[loop]; }
  Result<std::shared_ptr<const ports::ServedModel>> find(
      std::string_view model, std::optional<model::VersionNumber> version,
      ports::Numbering numbering = ports::Numbering::Registry) const override;
  std::vector<model::VersionNumber> served_versions(
      std::string_view model, ports::Numbering numbering = ports::Numbering::Registry) const override;
  std::vector<ports::ServedState> index() const override;
  Result<std::vector<ports::ModelStatistics>> statistics(
      std::string_view model, std::optional<model::VersionNumber> version,
      ports::Numbering numbering = ports::Numbering::Registry) const override;
  bool is_ready() const override;
  void collect(ports::MetricVisitor& visitor) const override;

 private:
  const Clock& clock_;
  Snapshot<ServingTable> table_;
  Mirror mirror_;
  std::vector<std::unique_ptr<LoopLane>> lanes_;
  std::vector<ports::Loop*> loops_;
  PredictionRecorder* recorder_ = nullptr;
};

}  // namespace slipway::serving
