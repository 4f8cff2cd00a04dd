#include "service/validation/sample_rows.h"

#include <algorithm>

#include "domain/tensor/sample.h"

namespace slipway::validation {
namespace {

constexpr std::int64_t kFreeSize = 8;  // of a free dimension other than the first, when no golden example decides it

const tensor::Tensor* find_input(const model::GoldenExample& example, std::string_view name) {
  const auto at = std::ranges::find(example.inputs, name, &tensor::Tensor::name);
  return at == example.inputs.end() ? nullptr : &*at;
}

}  // namespace

SampleRows::SampleRows(const model::Manifest& manifest)
    : has_rows_(tensor::has_batch_dimension(manifest.signature)), one_row_(manifest.signature) {
  for (tensor::TensorSpec& spec : one_row_.inputs) {
    const tensor::Tensor* known = manifest.golden.empty() ? nullptr : find_input(manifest.golden.front(), spec.name);
    if (known) spec.shape = known->shape;
    for (std::size_t i = 0; i < spec.shape.rank(); ++i) {
      if (spec.shape[i] == tensor::kFreeDimension) spec.shape.set(i, kFreeSize);
    }
    if (has_rows_) spec.shape.set(0, 1);
  }
  for (const model::GoldenExample& example : manifest.golden) take_golden(example);
}

void SampleRows::take_golden(const model::GoldenExample& example) {
  const std::int64_t rows = has_rows_ && !example.inputs.empty() ? example.inputs.front().shape[0] : 1;
  for (std::int64_t row = 0; row < rows; ++row) {
    std::vector<tensor::Tensor> inputs;
    for (const tensor::TensorSpec& spec : one_row_.inputs) {
      if (spec.optional) continue;
      const tensor::Tensor* known = find_input(example, spec.name);
      if (!known || (has_rows_ && known->shape[0] <= row)) return;
      tensor::Shape shape = known->shape;
      if (has_rows_) shape.set(0, 1);
      if (!(shape == spec.shape)) return;
      const ByteSpan bytes =
          has_rows_ ? tensor::rows_of(known->view(), static_cast<std::uint64_t>(row), 1) : ByteSpan(known->data);
      inputs.push_back({spec.name, spec.datatype, shape, {bytes.begin(), bytes.end()}});
    }
    golden_.push_back(std::move(inputs));
  }
}

std::vector<tensor::Tensor> SampleRows::sample(std::uint64_t number) const {
  return number < golden_.size() ? golden_[number] : tensor::sample_inputs(one_row_, 1, number);
}

std::vector<tensor::Tensor> SampleRows::batch(std::span<const std::uint64_t> rows) const {
  std::vector<tensor::Tensor> whole = sample(rows.front());
  if (!has_rows_) return whole;
  for (const std::uint64_t row : rows.subspan(1)) {
    const std::vector<tensor::Tensor> next = sample(row);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      whole[i].data.insert(whole[i].data.end(), next[i].data.begin(), next[i].data.end());
    }
  }
  for (tensor::Tensor& input : whole) input.shape.set(0, static_cast<std::int64_t>(rows.size()));
  return whole;
}

}  // namespace slipway::validation
