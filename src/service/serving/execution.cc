#include "service/serving/execution.h"

#include <algorithm>
#include <cstring>

namespace slipway::serving {
namespace {

bool is_aligned(const tensor::TensorView& view) {
  const std::size_t size = tensor::element_size(view.datatype);
  return size <= 1 || reinterpret_cast<std::uintptr_t>(view.data.data()) % size == 0;
}

const tensor::TensorView* find(std::span<const tensor::TensorView> views, std::size_t likely, std::string_view name) {
  if (likely < views.size() && views[likely].name == name) return &views[likely];
  for (const tensor::TensorView& view : views) {
    if (view.name == name) return &view;
  }
  return nullptr;
}

// Bytes of `rows` rows beginning at byte `at`.
std::size_t bytes_of_rows(const tensor::TensorView& view, std::size_t at, std::uint64_t rows) {
  const auto all = static_cast<std::uint64_t>(view.shape[0]);
  if (view.datatype != tensor::DataType::Bytes) return view.data.size() / all * rows;
  std::uint64_t elements = rows;
  for (std::size_t i = 1; i < view.shape.rank(); ++i) elements *= static_cast<std::uint64_t>(view.shape[i]);
  ByteSpan rest = view.data.subspan(at);
  const std::size_t before = rest.size();
  for (std::uint64_t i = 0; i < elements; ++i) rest = tensor::next_bytes_element(rest).rest;
  return before - rest.size();
}

}  // namespace

Result<Timings> Execution::run(const ServedVersion& version, std::span<const Member> members, const Clock& clock,
                               TimePoint started) {
  version_ = &version;
  members_ = members;
  rows_ = 0;
  for (const Member& member : members) rows_ += member.rows;
  batch_.inputs.clear();
  members.size() == 1 ? lend(members[0]) : gather(members);
  choose_outputs(members);
  const TimePoint gathered = members.size() == 1 ? started : clock.now();  // lending takes no time worth a clock
  TRY(version.model().execute(batch_));
  const TimePoint ran = clock.now();
  if (auto whole = check_rows(); !whole) {
    release();
    return std::move(whole).error();
  }
  cursors_.assign(chosen_.size(), 0);
  row_cursor_ = 0;
  return Timings{gathered - started, ran - gathered, ran};
}

void Execution::lend(const Member& member) {
  batch_.inputs.assign(member.inputs.begin(), member.inputs.end());
  for (std::size_t i = 0; i < batch_.inputs.size(); ++i) {
    tensor::TensorView& view = batch_.inputs[i];
    if (is_aligned(view)) continue;
    if (buffers_.size() <= i) buffers_.resize(i + 1);
    buffers_[i].assign(view.data.begin(), view.data.end());
    view.data = buffers_[i];
  }
}

void Execution::gather(std::span<const Member> members) {
  const std::span<const tensor::TensorView> first = members[0].inputs;
  if (buffers_.size() < first.size()) buffers_.resize(first.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    std::vector<std::byte>& buffer = buffers_[i];
    buffer.clear();
    for (const Member& member : members) {
      const ByteSpan data = find(member.inputs, i, first[i].name)->data;
      buffer.insert(buffer.end(), data.begin(), data.end());
    }
    tensor::TensorView& view = batch_.inputs.emplace_back(first[i]);
    view.shape.set(0, static_cast<std::int64_t>(rows_));
    view.data = buffer;
  }
}

// The union of what the members ask for.
void Execution::choose_outputs(std::span<const Member> members) {
  const std::span<const std::uint32_t> engine = version_->engine_outputs();
  const bool all = std::ranges::any_of(members, [](const Member& member) { return member.outputs.empty(); });
  chosen_.clear();
  batch_.wanted.clear();
  for (std::uint32_t i = 0; i < engine.size(); ++i) {
    const std::string_view name = version_->signature().outputs[i].name;
    const auto asks = [&](const Member& member) {
      return std::ranges::any_of(member.outputs,
                                 [&](const ports::RequestedOutput& asked) { return asked.name == name; });
    };
    if (!all && !std::ranges::any_of(members, asks)) continue;
    chosen_.push_back(i);
    batch_.wanted.push_back(engine[i]);
  }
}

Result<void> Execution::check_rows() const {
  if (members_.size() == 1) return {};
  for (const tensor::TensorView& output : batch_.outputs) {
    if (output.shape.rank() == 0 || output.shape[0] != static_cast<std::int64_t>(rows_)) {
      return internal_error("output \"" + std::string(output.name) + "\": expected " + std::to_string(rows_) +
                            " rows for a batch of as many, found shape " + output.shape.to_string());
    }
  }
  return {};
}

Result<Execution::Part> Execution::part(std::size_t i) {
  const Member& member = members_[i];
  const std::uint64_t first_row = row_cursor_;
  row_cursor_ += member.rows;
  slices_.clear();
  for (std::size_t output = 0; output < chosen_.size(); ++output) slices_.push_back(slice(output, member.rows));
  for (const auto& [row, error] : batch_.row_errors) {
    if (row < first_row || row >= row_cursor_) continue;
    Error told = error;
    return std::move(told).within("row " + std::to_string(row - first_row));
  }
  if (member.outputs.empty()) return Part{slices_, chosen_};
  views_.clear();
  indices_.clear();
  for (const ports::RequestedOutput& asked : member.outputs) {
    for (std::size_t output = 0; output < chosen_.size(); ++output) {
      if (version_->signature().outputs[chosen_[output]].name != asked.name) continue;
      views_.push_back(slices_[output]);
      indices_.push_back(chosen_[output]);
    }
  }
  return Part{views_, indices_};
}

tensor::TensorView Execution::slice(std::size_t output, std::uint64_t rows) {
  tensor::TensorView view = batch_.outputs[output];
  if (members_.size() == 1) return view;
  const std::size_t size = bytes_of_rows(view, cursors_[output], rows);
  view.data = view.data.subspan(cursors_[output], size);
  view.shape.set(0, static_cast<std::int64_t>(rows));
  cursors_[output] += size;
  return view;
}

void Execution::release() {
  batch_.release();
}

bool fit_together(std::span<const tensor::TensorView> a, std::span<const tensor::TensorView> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const tensor::TensorView* other = find(b, i, a[i].name);
    if (other == nullptr || other->shape.rank() != a[i].shape.rank()) return false;
    for (std::size_t d = 1; d < a[i].shape.rank(); ++d) {
      if (a[i].shape[d] != other->shape[d]) return false;
    }
  }
  return true;
}

}  // namespace slipway::serving
