#include "service/validation/hold_out_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "domain/tensor/half.h"
#include "service/validation/evaluation_rows.h"

namespace slipway::validation {
namespace {

using tensor::DataType;

constexpr std::size_t kMostClasses = 4096;

template <class T>
T element(const tensor::Tensor& tensor, std::uint64_t index) {
  T value;
  std::memcpy(&value, tensor.data.data() + index * sizeof(T), sizeof(T));
  return value;
}

bool is_floating(DataType type) {
  return type == DataType::FP32 || type == DataType::FP64 || type == DataType::FP16 || type == DataType::BF16;
}

double floating(const tensor::Tensor& tensor, std::uint64_t index) {
  if (tensor.datatype == DataType::FP64) return element<double>(tensor, index);
  if (tensor.datatype == DataType::FP32) return static_cast<double>(element<float>(tensor, index));
  const auto half = element<std::uint16_t>(tensor, index);
  return static_cast<double>(tensor.datatype == DataType::FP16 ? tensor::fp16_to_float(half)
                                                               : tensor::bf16_to_float(half));
}

// Values of one row: 1 for [n], k for [n, k]; 0 if the tensor does not count the rows.
std::uint64_t width(const tensor::Tensor& tensor, std::uint64_t rows) {
  if (tensor.shape.rank() == 0 || tensor.shape.rank() > 2) return 0;
  if (tensor.shape[0] != static_cast<std::int64_t>(rows)) return 0;
  return tensor.shape.rank() == 1 ? 1 : static_cast<std::uint64_t>(tensor.shape[1]);
}

std::string whole_text(const tensor::Tensor& tensor, std::uint64_t index) {
  const std::size_t size = tensor::element_size(tensor.datatype);
  std::int64_t value = 0;
  std::memcpy(&value, tensor.data.data() + index * size, size);
  const bool is_signed = tensor.datatype >= DataType::Int8 && tensor.datatype <= DataType::Int64;
  if (is_signed && size < 8) {
    const auto shift = static_cast<int>(64 - size * 8);
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << shift) >> shift;
  }
  return std::to_string(value);
}

std::optional<std::uint32_t> class_of(std::string_view text, const std::vector<std::string>& classes) {
  const auto at = std::ranges::find(classes, text);
  if (at != classes.end()) return static_cast<std::uint32_t>(at - classes.begin());
  std::uint32_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status == std::errc{} && end == text.data() + text.size() && number < classes.size()) return number;
  return std::nullopt;
}

// The plan's, else the labels of an output, else what the column holds, in order.
std::vector<std::string> classes_of(const ports::TableColumn& label, const ports::EvaluationRules& rules,
                                    const tensor::Signature& signature) {
  if (!rules.classes.empty()) return rules.classes;
  for (const tensor::TensorSpec& output : signature.outputs) {
    if (!output.labels.empty() && (rules.output.empty() || rules.output == output.name)) return output.labels;
  }
  std::vector<std::string> found;
  for (std::uint64_t row = 0; row < label.missing.size() && found.size() <= kMostClasses; ++row) {
    const std::string text = text_of(label, row);
    if (!std::ranges::count(found, text)) found.push_back(text);
  }
  std::ranges::sort(found, [&](const std::string& a, const std::string& b) {
    if (label.kind != ports::CellKind::Number) return a < b;
    return std::strtod(a.c_str(), nullptr) < std::strtod(b.c_str(), nullptr);
  });
  return found;
}

std::string at_row(const ports::EvaluationRules& rules, std::uint64_t row) {
  return "column \"" + printable(rules.label, 60) + "\", row " + std::to_string(row + 1);
}

void take_most_likely(gate::Predicted& answers, std::uint64_t rows, std::uint64_t classes) {
  for (std::uint64_t row = 0; row < rows; ++row) {
    const auto first = answers.probabilities.begin() + static_cast<std::ptrdiff_t>(row * classes);
    const auto most = std::max_element(first, first + static_cast<std::ptrdiff_t>(classes));
    answers.classes.push_back(static_cast<std::uint32_t>(most - first));
  }
}

bool read_probabilities(const tensor::Tensor& output, std::uint64_t rows, std::uint64_t classes,
                        gate::Predicted& answers) {
  const std::uint64_t columns = width(output, rows);
  const bool alone = columns == 1 && classes == 2;
  if (!is_floating(output.datatype) || (columns != classes && !alone)) return false;
  for (std::uint64_t row = 0; row < rows; ++row) {
    double sum = 0;
    for (std::uint64_t i = 0; i < columns; ++i) sum += floating(output, row * columns + i);
    if (alone) answers.probabilities.push_back(1 - sum);
    for (std::uint64_t i = 0; i < columns; ++i) {
      const double one = floating(output, row * columns + i);
      answers.probabilities.push_back(alone || std::abs(sum - 1) > 1e-3 ? one : one / sum);
    }
  }
  return true;
}

bool read_classes(const tensor::Tensor& output, const Truth& truth, gate::Predicted& answers) {
  const std::uint64_t rows = truth.data.rows();
  if (is_floating(output.datatype) || width(output, rows) != 1) return false;
  ByteSpan left = output.data;
  for (std::uint64_t row = 0; row < rows; ++row) {
    std::string text;
    if (output.datatype == DataType::Bytes) {
      const auto next = tensor::next_bytes_element(left);
      text = next.text;
      left = next.rest;
    } else {
      text = whole_text(output, row);
    }
    const auto found = class_of(text, truth.classes);
    if (!found) return false;
    answers.classes.push_back(*found);
  }
  return true;
}

}  // namespace

Result<Truth> read_truth(const ports::Table& table, const ports::EvaluationRules& rules,
                         const tensor::Signature& signature) {
  const ports::TableColumn* label = find_column(table, rules.label);
  if (label == nullptr) {
    return invalid_input("expected a column \"" + printable(rules.label, 60) + "\" with the truth, found none");
  }
  Truth truth;
  truth.data.task = rules.task;
  for (std::uint64_t row = 0; row < table.rows; ++row) {
    if (label->missing[row]) return invalid_input(at_row(rules, row) + ": expected the truth, found no value");
  }
  if (rules.task == gate::Task::Regression) {
    if (label->kind != ports::CellKind::Number) {
      return invalid_input("column \"" + printable(rules.label, 60) + "\": expected numbers, found texts");
    }
    truth.data.truth_values = label->numbers;
    return truth;
  }
  truth.classes = classes_of(*label, rules, signature);
  if (truth.classes.size() > kMostClasses) {
    return invalid_input("column \"" + printable(rules.label, 60) + "\": expected at most " +
                         std::to_string(kMostClasses) + " classes, found more: is it a regression?");
  }
  for (std::uint64_t row = 0; row < table.rows; ++row) {
    const std::string text = text_of(*label, row);
    const auto found = class_of(text, truth.classes);
    if (!found) {
      return invalid_input(at_row(rules, row) + ": expected one of the classes, found \"" + printable(text, 60) + "\"");
    }
    truth.data.truth_classes.push_back(*found);
  }
  const auto& all = truth.data.truth_classes;
  if (std::ranges::count(all, all.front()) == static_cast<std::ptrdiff_t>(all.size())) {
    return invalid_input("column \"" + printable(rules.label, 60) + "\": expected at least two classes, found only \"" +
                         printable(truth.classes[all.front()], 60) + "\"");
  }
  truth.data.classes = static_cast<std::uint32_t>(truth.classes.size());
  return truth;
}

Result<gate::Predicted> read_answers(const ports::RowAnswers& answers, const Truth& truth,
                                     const ports::EvaluationRules& rules) {
  if (!answers.refused.empty()) return invalid_input("the model refused: " + answers.refused);
  gate::Predicted found;
  const std::uint64_t rows = truth.data.rows();
  for (const tensor::Tensor& output : answers.outputs) {
    if (!rules.output.empty() && output.name != rules.output) continue;
    if (rules.task == gate::Task::Regression) {
      if (!is_floating(output.datatype) || width(output, rows) != 1) continue;
      for (std::uint64_t row = 0; row < rows; ++row) found.values.push_back(floating(output, row));
      return found;
    }
    gate::Predicted one;
    if (found.probabilities.empty() && read_probabilities(output, rows, truth.data.classes, one)) {
      found.probabilities = std::move(one.probabilities);
    } else if (found.classes.empty() && read_classes(output, truth, one)) {
      found.classes = std::move(one.classes);
    }
  }
  if (found.classes.empty() && !found.probabilities.empty()) take_most_likely(found, rows, truth.data.classes);
  if (!found.classes.empty()) return found;
  return invalid_input(rules.task == gate::Task::Regression
                           ? "expected an output with one floating-point value per row, found none"
                           : "expected an output with a class or " + std::to_string(truth.data.classes) +
                                 " probabilities per row, found none");
}

std::vector<double> answer_values(const gate::Predicted& answers, const gate::HoldOut& data,
                                  const std::vector<std::uint32_t>& of_classes) {
  if (data.task == gate::Task::Regression) return answers.values;
  std::vector<double> values;
  for (std::size_t row = 0; row < answers.classes.size(); ++row) {
    if (answers.probabilities.empty()) {
      values.push_back(answers.classes[row]);
    } else {
      const std::size_t of = data.classes == 2 ? 1 : of_classes[row];
      values.push_back(answers.probabilities[row * data.classes + of]);
    }
  }
  return values;
}

}  // namespace slipway::validation
