#include "adapter/package_reader/onnx_check.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "adapter/package_reader/onnx_functions.h"
#include "adapter/package_reader/onnx_labels.h"
#include "adapter/package_reader/onnx_signature.h"
#include "adapter/package_reader/onnx_tensor.h"
#include "adapter/protobuf_wire/wire_reader.h"
#include "base/text.h"

namespace slipway::package_reader {
namespace {

constexpr std::int64_t kOldestIr = 3;  // the first with opset_import
constexpr std::size_t kMostTensors = 1024;
constexpr std::array<std::string_view, 4> kDomains = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"};

// Operators that carry or call native or Python code, in whatever domain they claim to be.
constexpr std::array<std::string_view, 10> kCodeOperators = {
    "EPContext", "PyOp",     "PythonOp", "PythonOpGrad",     "ATen",
    "ATenOp",    "TritonOp", "Snpe",     "ExternalFunction", "YieldOp"};

bool is_known_domain(std::string_view domain) {
  return std::ranges::find(kDomains, domain) != kDomains.end();
}

// Walks one model, refusing as it goes.
class Checker {
 public:
  Checker(std::string_view path, std::span<const model::PackageFile> files, const OnnxLimits& limits)
      : tensors_(path, files), limits_(limits) {}

  Result<OnnxModel> model(ByteSpan file);

 private:
  struct Function {
    std::string_view name, domain, overload;
  };

  Result<void> opset(const WireField& message);
  Result<void> main_graph(const WireField& message, OnnxModel& model);
  Result<void> graph(const WireField& message, OnnxBody& body, std::size_t depth);
  Result<void> graph_field(const WireField& field, OnnxBody& body, std::size_t depth);
  Result<void> node(const WireField& message, OnnxBody& body, std::size_t depth);
  Result<void> check_operator(std::string_view domain, std::string_view type, std::string_view overload,
                              OnnxBody& body);
  Result<void> attribute(const WireField& message, OnnxBody& body, std::size_t depth);
  Result<void> training(const WireField& message);
  Result<void> declare_function(const WireField& message);
  Result<void> function(const WireField& message);

  TensorChecker tensors_;
  const OnnxLimits& limits_;
  std::uint64_t nodes_ = 0;
  bool has_opset_ = false;
  std::unordered_set<std::string> domains_;  // imported
  std::unordered_set<std::string> function_domains_;
  std::map<std::string, OnnxBody> functions_;
};

Result<std::string_view> text_of(const WireField& field, Once& once) {
  TRY(expect_type(field, WireType::Length));
  TRY(once.check(field));
  return field.text();
}

Result<OnnxModel> Checker::model(ByteSpan file) {
  OnnxModel model;
  WireReader reader(file);
  Once once;
  std::optional<WireField> main;
  std::vector<WireField> functions, trainings;
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1) {
      TRY(once.check(*field));
      TRY(expect_type(*field, WireType::Varint));
      model.ir_version = static_cast<std::int64_t>(field->value);
    } else if (field->number == 7) {
      TRY(once.check(*field));
      TRY(expect_type(*field, WireType::Length));
      main = *field;
    } else if (field->number == 8) {
      TRY(opset(*field));
    } else if (field->number == 20 || field->number == 25) {
      TRY(expect_type(*field, WireType::Length));
      (field->number == 20 ? trainings : functions).push_back(*field);
    }
  }
  if (!main || model.ir_version == 0) {
    return invalid_input("it is no ONNX model: expected a ModelProto with ir_version and graph");
  }
  if (model.ir_version < kOldestIr) {
    return invalid_input("expected ir_version 3 or newer, found " + std::to_string(model.ir_version) +
                         "; convert it with onnx.version_converter");
  }
  if (!has_opset_) return invalid_input("expected an opset_import, found none");
  for (const WireField& message : functions) TRY(declare_function(message));
  for (const std::string& domain : domains_) {
    if (!is_known_domain(domain) && !function_domains_.contains(domain)) {
      return invalid_input("it imports operators of the domain \"" + printable(domain) +
                           "\"; known are ai.onnx, ai.onnx.ml and com.microsoft, and functions of the model itself");
    }
  }
  for (const WireField& message : functions) TRY(function(message));
  for (const WireField& message : trainings) TRY(training(message));
  TRY(main_graph(*main, model));
  return model;
}

Result<void> Checker::opset(const WireField& message) {
  TRY(expect_type(message, WireType::Length));
  WireReader reader(message.bytes, message.offset);
  Once once;
  std::string_view domain;
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1) domain = TRY(text_of(*field, once));
  }
  if (domains_.size() > 256) return invalid_input("it imports more than 256 operator sets");
  domains_.emplace(domain);
  has_opset_ = true;
  return {};
}

Result<void> Checker::main_graph(const WireField& message, OnnxModel& model) {
  OnnxBody body;
  TRY(graph(message, body, 1));
  TRY(expanded_nodes(body, functions_, limits_.nodes, limits_.depth));

  std::unordered_set<std::string_view> initializers;
  std::vector<WireField> inputs, outputs;
  WireReader reader(message.bytes, message.offset);
  while (const auto field = TRY(reader.next())) {
    if (field->number == 5) initializers.insert(TRY(tensors_.name_of_tensor(*field)));
    if (field->number == 15) initializers.insert(TRY(tensors_.name_of_sparse(*field)));
    if (field->number == 11) inputs.push_back(*field);
    if (field->number == 12) outputs.push_back(*field);
  }
  std::unordered_set<std::string_view> seen;
  for (const WireField& input : inputs) {
    const std::string_view name = TRY(read_value_name(input));
    if (!seen.insert(name).second) return invalid_input("the input \"" + printable(name) + "\" is there twice");
    if (!initializers.contains(name)) model.inputs.push_back(TRY(read_value_info(input, "input")));
  }
  seen.clear();
  for (const WireField& output : outputs) {
    const std::string_view name = TRY(read_value_name(output));
    if (!seen.insert(name).second) return invalid_input("the output \"" + printable(name) + "\" is there twice");
    model.outputs.push_back(TRY(read_value_info(output, "output")));
  }
  if (model.outputs.empty()) return invalid_input("expected at least one output, found none");
  if (model.inputs.size() > kMostTensors || model.outputs.size() > kMostTensors) {
    return invalid_input("expected at most 1024 inputs and outputs, found " + std::to_string(model.inputs.size()) +
                         " and " + std::to_string(model.outputs.size()));
  }
  return derive_labels(message, model.outputs);
}

Result<void> Checker::graph(const WireField& message, OnnxBody& body, std::size_t depth) {
  TRY(expect_type(message, WireType::Length));
  if (depth > limits_.depth) {
    return invalid_input("expected at most " + std::to_string(limits_.depth) + " levels of sub-graphs, found more");
  }
  WireReader reader(message.bytes, message.offset);
  while (const auto field = TRY(reader.next())) TRY(graph_field(*field, body, depth));
  return {};
}

Result<void> Checker::graph_field(const WireField& field, OnnxBody& body, std::size_t depth) {
  switch (field.number) {
    case 1:
      return node(field, body, depth);
    case 5:
      TRY(tensors_.check_tensor(field));
      return {};
    case 15:
      TRY(tensors_.check_sparse(field));
      return {};
    case 11:
    case 12:
      return expect_type(field, WireType::Length);
    default:
      return {};
  }
}

Result<void> Checker::node(const WireField& message, OnnxBody& body, std::size_t depth) {
  TRY(expect_type(message, WireType::Length));
  if (++nodes_ > limits_.nodes) {
    return invalid_input("expected at most " + std::to_string(limits_.nodes) + " nodes, found more");
  }
  ++body.nodes;
  std::string_view name, type, domain, overload;
  std::vector<WireField> attributes;
  WireReader reader(message.bytes, message.offset);
  Once once;
  while (const auto field = TRY(reader.next())) {
    if (field->number == 3) name = TRY(text_of(*field, once));
    if (field->number == 4) type = TRY(text_of(*field, once));
    if (field->number == 7) domain = TRY(text_of(*field, once));
    if (field->number == 8) overload = TRY(text_of(*field, once));
    if (field->number == 5) attributes.push_back(*field);
  }
  const auto within = [&](const Error& error) {
    return Error(error).within("node \"" + printable(name) + "\" (" + printable(type) + ")");
  };
  const auto checked = check_operator(domain, type, overload, body);
  if (!checked.ok()) return within(checked.error());
  for (const WireField& field : attributes) {
    const auto read = attribute(field, body, depth);
    if (!read.ok()) return within(read.error());
  }
  return {};
}

Result<void> Checker::check_operator(std::string_view domain, std::string_view type, std::string_view overload,
                                     OnnxBody& body) {
  if (type.empty()) return invalid_input("it has no operator");
  if (std::ranges::find(kCodeOperators, type) != kCodeOperators.end()) {
    return invalid_input("the operator " + std::string(type) + " carries or calls code of its own and is not accepted");
  }
  const std::string key = function_key(domain, type, overload);
  if (functions_.contains(key)) {
    ++body.calls[key];
  } else if (!is_known_domain(domain)) {
    return invalid_input("the operator is of the domain \"" + printable(domain) +
                         "\"; known are ai.onnx, ai.onnx.ml and com.microsoft, and functions of the model itself");
  }
  return {};
}

Result<void> Checker::attribute(const WireField& message, OnnxBody& body, std::size_t depth) {
  TRY(expect_type(message, WireType::Length));
  WireReader reader(message.bytes, message.offset);
  Once once;
  while (const auto field = TRY(reader.next())) {
    switch (field->number) {
      case 5:  // t
        TRY(once.check(*field));
        TRY(tensors_.check_tensor(*field));
        break;
      case 10:  // tensors
        TRY(tensors_.check_tensor(*field));
        break;
      case 6:  // g
        TRY(once.check(*field));
        TRY(graph(*field, body, depth + 1));
        break;
      case 11:  // graphs
        TRY(graph(*field, body, depth + 1));
        break;
      case 22:  // sparse_tensor
        TRY(once.check(*field));
        TRY(tensors_.check_sparse(*field));
        break;
      case 23:  // sparse_tensors
        TRY(tensors_.check_sparse(*field));
        break;
      default:
        break;
    }
  }
  return {};
}

// TrainingInfoProto: no engine of ours runs it, but none may find anything in it either.
Result<void> Checker::training(const WireField& message) {
  OnnxBody body;
  WireReader reader(message.bytes, message.offset);
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1 || field->number == 2) TRY(graph(*field, body, 1));
  }
  return {};
}

Result<void> Checker::declare_function(const WireField& message) {
  WireReader reader(message.bytes, message.offset);
  Once once;
  Function function;
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1) function.name = TRY(text_of(*field, once));
    if (field->number == 10) function.domain = TRY(text_of(*field, once));
    if (field->number == 13) function.overload = TRY(text_of(*field, once));
  }
  function_domains_.emplace(function.domain);
  if (!functions_.emplace(function_key(function.domain, function.name, function.overload), OnnxBody()).second) {
    return invalid_input("the function \"" + printable(function.name) + "\" is there twice");
  }
  return {};
}

Result<void> Checker::function(const WireField& message) {
  WireReader reader(message.bytes, message.offset);
  OnnxBody body;
  Function function;
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1) function.name = field->text();
    if (field->number == 10) function.domain = field->text();
    if (field->number == 13) function.overload = field->text();
    if (field->number == 7) TRY(node(*field, body, 1));
    if (field->number == 11) TRY(attribute(*field, body, 1));
  }
  functions_[function_key(function.domain, function.name, function.overload)] = std::move(body);
  return {};
}

}  // namespace

Result<OnnxModel> check_onnx(ByteSpan file, std::string_view path, std::span<const model::PackageFile> files,
                             const OnnxLimits& limits) {
  if (file.size() > limits.size.count) {
    return invalid_input(std::string(path) + ": expected an ONNX file of at most " + to_string(limits.size) +
                         ", found " + std::to_string(file.size()) + " bytes; keep the weights as external data");
  }
  auto model = Checker(path, files, limits).model(file);
  if (!model.ok()) return Error(model.error()).within(path);
  return model;
}

}  // namespace slipway::package_reader
