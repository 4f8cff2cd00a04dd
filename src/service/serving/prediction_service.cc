#include "service/serving/prediction_service.h"

#include <algorithm>

#include "base/digest.h"

namespace slipway::serving {

PredictionService::PredictionService(std::size_t lanes, const Clock& clock, MirrorSettings mirror)
    : clock_(clock),
      table_(std::make_shared<const ServingTable>()),
      mirror_(lanes, clock, mirror),
      loops_(lanes, nullptr) {
  for (std::size_t i = 0; i < lanes; ++i) {
    std::uint64_t seed = 0;
    fill_random(std::as_writable_bytes(std::span(&seed, 1)));
    lanes_.push_back(std::make_unique<LoopLane>(i, table_, clock_, seed, mirror_.ring(i)));
  }
}

PredictionService::~PredictionService() = default;

void PredictionService::attach(std::size_t index, ports::Loop& loop) {
  loops_[index] = &loop;
  lanes_[index]->attach(loop);
}

void PredictionService::record_to(PredictionRecorder& recorder) {
  recorder_ = &recorder;
  mirror_.record_to(recorder);
  for (const auto& lane : lanes_) lane->record_to(recorder);
}

void PredictionService::publish(std::shared_ptr<const ServingTable> table) {
  if (recorder_ != nullptr) {
    for (const auto& [name, route] : table->routes()) {
      if (!route.arms.empty()) recorder_->introduce(route.arms.front().version->described().name);
    }
  }
  const bool mirrors =
      std::ranges::any_of(table->routes(), [](const auto& line) { return line.second.mirror_to != nullptr; });
  if (mirrors) mirror_.begin();
  table_.publish(std::move(table));
  if (!mirrors) mirror_.end();
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    if (loops_[i] != nullptr) loops_[i]->post([lane = lanes_[i].get()] { lane->refresh(); });
  }
}

Result<std::shared_ptr<const ports::ServedModel>> PredictionService::find(std::string_view model,
                                                                          std::optional<model::VersionNumber> version,
                                                                          ports::Numbering numbering) const {
  const auto table = table_.current();
  const Route* route = table->find(model);
  if (!version) TRY(check_shares(*table, route, model));
  ModelHandle handle = version ? *TRY(find_named(*table, route, model, *version, numbering)) : route->main();
  const ports::ServedModel* described = &handle->described();
  return std::shared_ptr<const ports::ServedModel>(std::move(handle), described);
}

std::vector<model::VersionNumber> PredictionService::served_versions(std::string_view model,
                                                                     ports::Numbering numbering) const {
  const auto table = table_.current();
  std::vector<model::VersionNumber> versions;
  if (const Route* route = table->find(model)) {
    for (const Route::Arm& arm : route->arms) versions.push_back(number_of(arm.version->described(), numbering));
  }
  std::ranges::sort(versions);
  versions.erase(std::ranges::unique(versions).begin(), versions.end());
  return versions;
}

std::vector<ports::ServedState> PredictionService::index() const {
  return table_.current()->index();
}

Result<std::vector<ports::ModelStatistics>> PredictionService::statistics(std::string_view model,
                                                                          std::optional<model::VersionNumber> version,
                                                                          ports::Numbering numbering) const {
  const auto table = table_.current();
  if (!model.empty()) {
    const Route* route = table->find(model);
    if (version) TRY(find_named(*table, route, model, *version, numbering));
    if (!version) TRY(check_shares(*table, route, model));
  }
  std::vector<ports::ModelStatistics> all;
  for (const auto& [name, route] : table->routes()) {
    if (!model.empty() && name != model) continue;
    for (const Route::Arm& arm : route.arms) {
      if (version && number_of(arm.version->described(), numbering) != *version) continue;
      ports::ModelStatistics sum = arm.version->counters().sum(clock_.now(), clock_.wall_now());
      sum.model = name;
      sum.version = arm.version->described().version;
      sum.protocol_version = arm.version->described().protocol_version;
      all.push_back(std::move(sum));
    }
  }
  std::ranges::sort(all, {}, [](const auto& each) { return std::pair(each.model, each.version); });
  return all;
}

bool PredictionService::is_ready() const {
  return table_.current()->is_ready();
}

}  // namespace slipway::serving
