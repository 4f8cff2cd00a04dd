#include "service/serving/prediction_recorder.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace slipway::serving {
namespace {

constexpr std::size_t kRingPower = 13;     // 8,192 records, about a mebibyte
constexpr std::size_t kMostAtOnce = 8192;  // that the log takes as a whole
constexpr std::size_t kPiece = 512;
constexpr Duration kComplainEvery = std::chrono::seconds(60);

}  // namespace

PredictionRecorder::PredictionRecorder(Parts parts, std::size_t lanes) : parts_(std::move(parts)) {
  for (std::size_t i = 0; i < lanes; ++i) {
    rings_.push_back(std::make_unique<RecordRing>(kRingPower));
    mirror_rings_.push_back(std::make_unique<RecordRing>(kRingPower));
  }
}

void PredictionRecorder::introduce(const model::ModelName& model) {
  unknown_.lock()->push_back(model);
}

void PredictionRecorder::drain() {
  auto draining = draining_.lock();
  Result<void> done;
  std::vector<ports::PredictionRecord>& batch = draining->batch;
  batch.clear();
  // A mirrored request's own record was there before its twin's: it comes in the same batch or in an earlier one.
  for (const auto& ring : mirror_rings_) ring->drain(ring->size(), batch);
  // Without twins, a piece at a time: what is taken is written while it is in the processor's cache.
  const std::size_t most = batch.empty() ? kPiece : std::numeric_limits<std::size_t>::max();
  for (const auto& ring : rings_) {
    for (std::size_t left = ring->size(); left != 0;) {
      const std::size_t count = std::min(left, most);
      ring->drain(count, batch);
      left -= count;
      if (batch.size() < most) continue;
      if (auto wrote = write_batch(*draining); !wrote) done = std::move(wrote);
    }
  }
  if (auto wrote = write_batch(*draining); !wrote) done = std::move(wrote);
  if (done.ok()) return;
  const TimePoint now = parts_.clock.now();
  if (draining->complained_at != TimePoint{} && now < draining->complained_at + kComplainEvery) return;
  draining->complained_at = now;
  parts_.log.error("predictions cannot be recorded",
                   {{"reason", done.error().message}, {"lost", static_cast<std::int64_t>(lost_.value())}});
}

Result<void> PredictionRecorder::write_batch(Draining& draining) {
  // Lanes know only the steady clock, which costs them nothing.
  const auto shift = std::chrono::duration_cast<std::chrono::microseconds>(parts_.clock.wall_now().time_since_epoch() -
                                                                           parts_.clock.now().time_since_epoch());
  for (ports::PredictionRecord& record : draining.batch) record.at += shift;
  auto wrote = write(draining);
  draining.batch.clear();
  return wrote;
}

// Names are looked at after the rings: a model was introduced before a lane saw it.
Result<void> PredictionRecorder::write(Draining& draining) {
  std::vector<model::ModelName> names;
  names.swap(*unknown_.lock());
  Result<void> done;
  for (const model::ModelName& name : names) {
    bool& is_introduced = draining.introduced[model::hash_of(name.text())];
    if (is_introduced) continue;
    auto told = parts_.predictions.introduce(name);
    is_introduced = told.ok();
    if (told.ok()) continue;
    introduce(name);
    done = std::move(told);
  }
  std::span<const ports::PredictionRecord> rest(draining.batch);
  while (!rest.empty()) {
    const auto part = rest.first(std::min(rest.size(), kMostAtOnce));
    rest = rest.subspan(part.size());
    auto wrote = parts_.predictions.append(part);
    (wrote.ok() ? recorded_ : lost_).add(part.size());
    if (!wrote) done = std::move(wrote);
  }
  return done;
}

}  // namespace slipway::serving
