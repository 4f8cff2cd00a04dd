// The part of LoopLane that lets the mirror answer again what was answered.
#include <algorithm>
#include <cstring>

#include "service/serving/loop_lane.h"

namespace slipway::serving {
namespace {

constexpr std::uint64_t kPairs = 65'535;  // numbers of pairs: many times what waits at once
constexpr std::size_t kWord = sizeof(std::uint64_t);

std::size_t words_of(const tensor::TensorView& view) {
  return (view.data.size() + kWord - 1) / kWord;
}

// False: the version knows no input or output of some name.
bool rename_to(const tensor::Signature& signature, MirroredRequest& request) {
  for (tensor::TensorView& view : request.inputs) {
    const auto index = signature.input_index(view.name);
    if (!index) return false;
    view.name = signature.inputs[*index].name;
  }
  for (ports::RequestedOutput& output : request.outputs) {
    const auto index = signature.output_index(output.name);
    if (!index) return false;
    output.name = signature.outputs[*index].name;
  }
  return true;
}

void copy_inputs(MirroredRequest& request, std::size_t words) {
  request.storage.resize(words);
  std::uint64_t* at = request.storage.data();
  for (tensor::TensorView& view : request.inputs) {
    if (!view.data.empty()) std::memcpy(at, view.data.data(), view.data.size());
    view.data = {reinterpret_cast<const std::byte*>(at), view.data.size()};
    at += words_of(view);
  }
}

}  // namespace

void LoopLane::aim_mirror(Slot& slot, const Route* route) {
  const bool mirrors = route != nullptr && route->mirror_to != nullptr && route->control() == slot.lease;
  slot.mirror_to = mirrors ? route->mirror_to : nullptr;
  slot.mirror_share = mirrors ? route->mirror_share : 0;
}

// Of a request that was executed, before its completion is told: what it lends is still there. `storage`: what holds
// its inputs, to be taken over. The number of the pair, also where there is no room for the twin: who joins pairs
// misses it then. 0: the request is not mirrored.
std::uint16_t LoopLane::mirror(const Slot& slot, const Attribution& of, TimePoint received, const Member& member,
                               std::vector<std::uint64_t>* storage) {
  if (of.traffic != ports::Traffic::Live || !model::is_drawn(of.draw.by)) return 0;
  if (slot.mirror_share < model::kWhole.count && model::bucket_of(next_random(random_)) >= slot.mirror_share) return 0;
  const double probability = static_cast<double>(slot.mirror_share) / model::kWhole.count;
  MirrorCounters& counters = slot.mirror_to->counters().mirror(index_);
  const auto pair = static_cast<std::uint16_t>(1 + (last_pair_++ * slot.lease->loops() + index_) % kPairs);
  std::size_t words = 0;
  for (const tensor::TensorView& view : member.inputs) words += words_of(view);
  // A twin of what leaves no record would be compared with nothing.
  const bool is_seen = recorder_ == nullptr || of.is_kept;
  MirroredRequest* const place = is_seen ? mirrored_.take(words * kWord) : nullptr;
  if (place == nullptr) {
    counters.dropped.add(1);
    counters.dropped_probability.add(static_cast<std::uint64_t>(probability * 1e9));
    return pair;
  }
  place->to = slot.mirror_to;
  place->inputs.assign(member.inputs.begin(), member.inputs.end());
  place->outputs.assign(member.outputs.begin(), member.outputs.end());
  place->is_foreign = !rename_to(place->to->signature(), *place);
  if (storage == nullptr) {
    copy_inputs(*place, words);
  } else {
    place->storage.swap(*storage);
  }
  ports::PredictionRecord& record = place->record;
  record = {};
  record.request = model::RequestKey::of(of.request_id);
  record.model = of.model;
  record.version = place->to->described().version;
  record.draw = of.draw;
  record.draw.probability = probability;
  record.traffic = ports::Traffic::Shadow;
  record.rows = static_cast<std::uint16_t>(std::min<std::uint64_t>(member.rows, UINT16_MAX));
  record.pair = pair;
  record.at = WallTime(std::chrono::duration_cast<std::chrono::microseconds>(received.time_since_epoch()));
  mirrored_.push();
  counters.mirrored.add(1);
  return pair;
}

}  // namespace slipway::serving
