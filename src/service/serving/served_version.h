// ServedVersion: a version that is loaded, warmed and ready to answer; ModelHandle: a lease on it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "domain/batching/batch_plan.h"
#include "domain/model/version.h"
#include "ports/backend.h"
#include "ports/predictor.h"
#include "service/serving/version_counters.h"

namespace slipway::serving {

class BatchQueue;
struct QueueSettings;

// Immutable but for its counters and its queue. While a ModelHandle lives the version is not unloaded; the serving
// controller keeps the last one, so that no event loop ever unloads a model.
class ServedVersion final : public ports::AssignedVersion {
 public:
  struct Loaded {
    ports::ServedModel described;
    std::shared_ptr<const void> memory;  // its share of the memory budget; before the model, so given back after it
    std::shared_ptr<ports::LoadedModel> model;
    model::Verification verification;
  };
  // Where it is served. `slot` is a number that no other living version has, as small as possible.
  struct Place {
    std::size_t slot;
    std::size_t lanes;
    const QueueSettings& queue;
    const Clock& clock;
  };
  // InvalidInput if the manifest's outputs are not the model's.
  static Result<std::shared_ptr<ServedVersion>> create(Loaded loaded, const Place& place);
  ~ServedVersion() override;

  const ports::ServedModel& described() const override { return loaded_.described; }
  const tensor::Signature& signature() const { return loaded_.described.manifest.signature; }
  const model::Manifest& manifest() const { return loaded_.described.manifest; }
  const model::Verification& verification() const { return loaded_.verification; }
  ports::LoadedModel& model() const { return *loaded_.model; }
  std::size_t slot() const { return slot_; }
  std::uint64_t name_hash() const { return name_hash_; }  // as records have it
  // That the process may use.
  std::uint32_t cores() const { return cores_; }
  // The process's event loops.
  std::size_t loops() const { return counters_.lanes().size(); }

  // True if dimension 0 of every input and output counts rows.
  bool has_rows() const { return has_rows_; }
  // True if rows of several requests may share an execution.
  bool is_mergeable() const { return mergeable_; }
  // True if every two requests fit together: no free dimension but the first, no optional input.
  bool is_uniform() const { return uniform_; }
  // True if every row of inputs has the same size: no free dimension but the first, no BYTES, no optional input.
  bool has_fixed_rows() const { return fixed_rows_; }
  // The engine's index of each output of signature().
  std::span<const std::uint32_t> engine_outputs() const { return engine_outputs_; }
  std::uint64_t max_batch() const { return manifest().batching.max_batch; }

  VersionCounters& counters() const { return counters_; }
  BatchQueue& queue() const { return *queue_; }

 private:
  ServedVersion(Loaded loaded, const Place& place);

  const Loaded loaded_;
  const std::size_t slot_;
  const std::uint64_t name_hash_;
  const std::uint32_t cores_;
  bool has_rows_ = false;
  bool mergeable_ = false;
  bool uniform_ = false;
  bool fixed_rows_ = false;
  std::vector<std::uint32_t> engine_outputs_;
  mutable VersionCounters counters_;
  std::unique_ptr<BatchQueue> queue_;
};
using ModelHandle = std::shared_ptr<const ServedVersion>;

}  // namespace slipway::serving
