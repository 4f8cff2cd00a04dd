// The echo backend: gives inputs back as outputs. For tests of the request path and its limits; costs, failing rows,
// crashes and hangs are part of a model's description.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <thread>

#include "echo/description.h"
#include "slipway/backend.h"
#include "slipway/execution_pool.h"

namespace slipway::echo {
namespace {

using backend::Failure;

constexpr std::array<std::size_t, 15> kElementSizes = {0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 0, 2};

struct Execution {
  std::vector<std::vector<std::byte>> buffers;
  std::vector<slipway_row_error> row_errors;
};

void misbehave(Misbehaviour how, const char* where) {
  switch (how) {
    case Misbehaviour::None:
      return;
    case Misbehaviour::Crash:
      std::abort();
    case Misbehaviour::Hang:
      for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    case Misbehaviour::Fail:
      throw Failure(SLIPWAY_INVALID_INPUT, std::string("the description asks for a failure at ") + where);
  }
}

void burn(std::chrono::microseconds cost) {
  const auto until = std::chrono::steady_clock::now() + cost;
  while (std::chrono::steady_clock::now() < until) {
  }
}

// Byte offsets of the rows of `tensor`, the end of the last one included.
std::vector<std::size_t> row_offsets(const slipway_tensor& tensor, std::uint64_t rows) {
  std::vector<std::size_t> offsets(rows + 1, 0);
  if (tensor.datatype != SLIPWAY_BYTES) {
    for (std::uint64_t i = 0; i <= rows; ++i) offsets[i] = rows == 0 ? 0 : tensor.byte_length / rows * i;
    return offsets;
  }
  std::uint64_t per_row = 1;
  for (std::int32_t i = 1; i < tensor.rank; ++i) per_row *= static_cast<std::uint64_t>(tensor.shape[i]);
  const auto* data = static_cast<const std::byte*>(tensor.data);
  std::size_t at = 0;
  for (std::uint64_t row = 0; row < rows; ++row) {
    for (std::uint64_t i = 0; i < per_row; ++i) {
      std::uint32_t length;
      std::memcpy(&length, data + at, sizeof length);
      at += sizeof length + length;
    }
    offsets[row + 1] = at;
  }
  return offsets;
}

template <class T>
T read_as(const std::byte* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

// True if the element at `data` reads as `text`.
bool reads_as(const slipway_tensor& tensor, const std::byte* data, const std::string& text) {
  switch (tensor.datatype) {
    case SLIPWAY_BYTES: {
      const auto length = read_as<std::uint32_t>(data);
      return std::string_view(reinterpret_cast<const char*>(data + 4), length) == text;
    }
    case SLIPWAY_FP32:
      return read_as<float>(data) == std::strtof(text.c_str(), nullptr);
    case SLIPWAY_FP64:
      return read_as<double>(data) == std::strtod(text.c_str(), nullptr);
    default: {
      const long long wanted = std::strtoll(text.c_str(), nullptr, 10);
      return std::memcmp(data, &wanted, kElementSizes[static_cast<std::size_t>(tensor.datatype)]) == 0;
    }
  }
}

class EchoModel final : public backend::Model {
 public:
  explicit EchoModel(Description description) : description_(std::move(description)) {
    ballast_.assign(description_.memory_bytes, std::byte{1});
  }

  const std::vector<backend::Spec>& inputs() const override { return description_.inputs; }
  const std::vector<backend::Spec>& outputs() const override { return description_.outputs; }

  void execute(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted,
               slipway_result& result) override {
    misbehave(description_.at_execute, "execute");
    const std::uint64_t rows = rows_of(inputs);
    if (const std::uint64_t cost = description_.fixed_cost_us + description_.row_cost_us * rows; cost != 0) {
      burn(std::chrono::microseconds(cost));
    }
    for_marked_rows(description_.hang_row, inputs, rows,
                    [](std::uint64_t) { misbehave(Misbehaviour::Hang, "execute"); });
    refuse_marked_batch(inputs, rows);
    for_marked_rows(description_.mixes_rows_after, inputs, rows, [this](std::uint64_t) { mixes_rows_ = true; });
    auto execution = pool_.take([] { return std::make_unique<Execution>(); });
    execution->buffers.resize(description_.outputs.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      fill(inputs, rows, wanted[i], execution->buffers[wanted[i]], result.outputs[i]);
    }
    mark_failed_rows(inputs, rows, *execution);
    result.row_errors = execution->row_errors.data();
    result.row_error_count = execution->row_errors.size();
    result.execution = reinterpret_cast<slipway_execution*>(execution.release());
  }

  void release(slipway_execution* execution) noexcept override {
    pool_.give_back(std::unique_ptr<Execution>(reinterpret_cast<Execution*>(execution)));
  }

 private:
  static const slipway_tensor* find(std::span<const slipway_tensor> inputs, std::size_t index) {
    for (const slipway_tensor& tensor : inputs) {
      if (static_cast<std::size_t>(tensor.index) == index) return &tensor;
    }
    return nullptr;
  }

  static std::uint64_t rows_of(std::span<const slipway_tensor> inputs) {
    return inputs.empty() || inputs[0].rank == 0 ? 1 : static_cast<std::uint64_t>(inputs[0].shape[0]);
  }

  void fill(std::span<const slipway_tensor> inputs, std::uint64_t rows, std::uint32_t output,
            std::vector<std::byte>& buffer, slipway_tensor& out) const {
    const Source& source = description_.sources[output];
    if (!source.input) {
      buffer.resize(rows * sizeof source.constant);
      for (std::uint64_t i = 0; i < rows; ++i) {
        std::memcpy(buffer.data() + i * sizeof source.constant, &source.constant, sizeof source.constant);
      }
      out.rank = 2;
      out.shape[0] = static_cast<std::int64_t>(rows);
      out.shape[1] = 1;
    } else {
      const slipway_tensor* in = find(inputs, *source.input);
      if (in == nullptr)
        throw Failure(SLIPWAY_INVALID_INPUT, "input \"" + description_.inputs[*source.input].name + "\" is missing");
      const auto* data = static_cast<const std::byte*>(in->data);
      buffer.assign(data, data + in->byte_length);
      if ((description_.mixes_rows || mixes_rows_) && rows > 1) rotate_rows(*in, rows, buffer);
      out.rank = in->rank;
      std::memcpy(out.shape, in->shape, sizeof out.shape);
    }
    buffer.reserve(1);  // so that data() is never null
    out.datatype = description_.outputs[output].datatype;
    out.device = SLIPWAY_CPU;
    out.data = buffer.data();
    out.byte_length = buffer.size();
  }

  static void rotate_rows(const slipway_tensor& in, std::uint64_t rows, std::vector<std::byte>& buffer) {
    const std::size_t first = row_offsets(in, rows)[1];
    std::rotate(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(first), buffer.end());
  }

  template <class Found>
  void for_marked_rows(const std::optional<Marker>& marker, std::span<const slipway_tensor> inputs, std::uint64_t rows,
                       Found&& found) const {
    const slipway_tensor* in = marker ? find(inputs, marker->input) : nullptr;
    if (in == nullptr || in->byte_length == 0) return;
    const std::vector<std::size_t> offsets = row_offsets(*in, in->rank == 0 ? 1 : rows);
    for (std::uint64_t row = 0; row + 1 < offsets.size(); ++row) {
      if (offsets[row + 1] > offsets[row] &&
          reads_as(*in, static_cast<const std::byte*>(in->data) + offsets[row], marker->text)) {
        found(row);
      }
    }
  }

  void refuse_marked_batch(std::span<const slipway_tensor> inputs, std::uint64_t rows) const {
    for_marked_rows(description_.fail_batch, inputs, rows, [](std::uint64_t row) {
      throw Failure(SLIPWAY_INVALID_INPUT, "row " + std::to_string(row) + " carries the marker that fails executions");
    });
  }

  void mark_failed_rows(std::span<const slipway_tensor> inputs, std::uint64_t rows, Execution& execution) const {
    execution.row_errors.clear();
    for_marked_rows(description_.fail_row, inputs, rows, [&](std::uint64_t row) {
      execution.row_errors.push_back({row, SLIPWAY_INVALID_INPUT, 0, "the row carries the marker that fails rows"});
    });
  }

  const Description description_;
  std::atomic<bool> mixes_rows_ = false;  // the marker of mixes_rows_after has been met
  std::vector<std::byte> ballast_;
  backend::ExecutionPool<Execution> pool_;
};

struct Engine {
  static constexpr const char* kName = "echo";
  static constexpr const char* kPlatform = "slipway_echo";
  static const char* version() { return "1"; }
  static void start() {}
  static std::unique_ptr<backend::Model> load(const backend::Package& package) {
    Description description = Description::parse(
        {static_cast<const char*>(package.main.data), static_cast<std::size_t>(package.main.byte_length)});
    misbehave(description.at_load, "load");
    return std::make_unique<EchoModel>(std::move(description));
  }
};

}  // namespace
}  // namespace slipway::echo

SLIPWAY_EXPORT_BACKEND(slipway::echo::Engine)
