#include "service/serving/served_version.h"

#include <algorithm>

#include "domain/model/request_key.h"
#include "service/serving/batch_queue.h"

namespace slipway::serving {
namespace {

std::ptrdiff_t free_dimensions(const tensor::TensorSpec& spec) {
  return std::ranges::count(spec.shape.dimensions(), tensor::kFreeDimension);
}

}  // namespace

Result<std::shared_ptr<ServedVersion>> ServedVersion::create(Loaded loaded, const Place& place) {
  std::vector<std::uint32_t> outputs;
  for (const tensor::TensorSpec& spec : loaded.described.manifest.signature.outputs) {
    const auto index = loaded.model->signature().output_index(spec.name);
    if (!index)
      return invalid_input("the manifest declares output \"" + spec.name + "\", the model has no such output");
    outputs.push_back(static_cast<std::uint32_t>(*index));
  }
  std::shared_ptr<ServedVersion> made(new ServedVersion(std::move(loaded), place));
  made->engine_outputs_ = std::move(outputs);
  return made;
}

ServedVersion::ServedVersion(Loaded loaded, const Place& place)
    : loaded_(std::move(loaded)),
      slot_(place.slot),
      name_hash_(model::hash_of(loaded_.described.name.text())),
      cores_(place.queue.cores),
      counters_(place.lanes) {
  const tensor::Signature& of = signature();
  has_rows_ = tensor::has_batch_dimension(of);
  mergeable_ = manifest().batching.enabled && verification().row_independent && has_rows_;
  const std::ptrdiff_t batch_dimensions = has_rows_ ? 1 : 0;
  const bool same_shapes = std::ranges::all_of(of.inputs, [&](const tensor::TensorSpec& spec) {
    return !spec.optional && free_dimensions(spec) == batch_dimensions;
  });
  uniform_ = mergeable_ && same_shapes;
  fixed_rows_ = same_shapes && std::ranges::none_of(of.inputs, [](const tensor::TensorSpec& spec) {
                  return spec.datatype == tensor::DataType::Bytes;
                });
  queue_ = std::make_unique<BatchQueue>(*this, loaded_.verification.cost, place.queue, place.clock);
}

ServedVersion::~ServedVersion() = default;

}  // namespace slipway::serving
