// The words that tests of gates are written in: tables, a model of one input, and a probe that computes its answers.
#pragma once

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "domain/model/manifest.h"
#include "domain/model/version.h"
#include "ports/gate_probe.h"
#include "ports/table_reader.h"

namespace slipway::validation {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

inline ports::TableColumn numbers(std::string name, std::vector<double> values) {
  ports::TableColumn column{.name = std::move(name), .numbers = std::move(values), .texts = {}, .missing = {}};
  for (const double value : column.numbers) column.missing.push_back(std::isnan(value));
  return column;
}
inline ports::TableColumn texts(std::string name, std::vector<std::string> values) {
  ports::TableColumn column{
      .name = std::move(name), .kind = ports::CellKind::Text, .numbers = {}, .texts = std::move(values), .missing = {}};
  for (const std::string& value : column.texts) column.missing.push_back(value.empty());
  return column;
}
inline ports::Table table(std::vector<ports::TableColumn> columns) {
  return {.rows = columns.front().missing.size(), .columns = std::move(columns)};
}

// x FP32 [-1, 1] -> p FP32 [-1, 1]
inline model::Manifest scorer() {
  model::Manifest manifest;
  manifest.name = "scorer";
  manifest.signature.inputs = {{.name = "x", .shape = {-1, 1}}};
  manifest.signature.outputs = {{.name = "p", .shape = {-1, 1}}};
  return manifest;
}
inline model::ModelVersion version_of(const model::Manifest& manifest, model::VersionNumber number = 1) {
  model::ModelVersion version{.name = model::ModelName::parse(manifest.name).value(),
                              .number = number,
                              .digest = {},
                              .files = {},
                              .manifest = "",
                              .reason = "",
                              .verification = {},
                              .created_by = ""};
  version.files.push_back({"model.onnx", 10, sha256(as_bytes("weights"))});
  return version;
}

// Loads every version and answers p = f(x) for every row. One thread.
class FunctionProbe final : public ports::GateProbe {
 public:
  using Function = std::function<float(float)>;
  explicit FunctionProbe(Function function) : function_(std::move(function)) {}

  ports::GateRun run(const model::ModelVersion& version, const ports::GateRequest& request) override {
    asked.push_back(version.number);
    ports::GateRun run;
    run.interrupted = interrupts;
    run.load = {.end = gate::LoadEnd::Loaded, .detail = "", .warmup_runs = 3};
    for (const std::uint64_t rows : request.latency_rows) {
      run.latency.push_back({.rows = rows, .candidate = std::vector<double>(200, 5.0), .live = {}});
    }
    for (const ports::RowSet& set : request.row_sets) run.answers.push_back(answer(set));
    run.memory = ports::PeakMemory{mebibytes(1)};
    return run;
  }

  std::vector<model::VersionNumber> asked;
  bool interrupts = false;

 private:
  ports::RowAnswers answer(const ports::RowSet& set) const {
    std::vector<float> values(set.rows);
    std::memcpy(values.data(), set.inputs.front().data.data(), set.rows * sizeof(float));
    for (float& value : values) value = function_(value);
    tensor::Tensor output{"p", tensor::DataType::FP32, set.inputs.front().shape, {}};
    output.data.resize(set.rows * sizeof(float));
    std::memcpy(output.data.data(), values.data(), output.data.size());
    ports::RowAnswers answers;
    answers.outputs.push_back(std::move(output));
    return answers;
  }
  const Function function_;
};

}  // namespace slipway::validation
