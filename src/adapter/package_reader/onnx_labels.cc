#include "adapter/package_reader/onnx_labels.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"

namespace slipway::package_reader {
namespace {

using protobuf_wire::WireField;
using protobuf_wire::WireReader;
using protobuf_wire::WireType;

constexpr std::size_t kMostLabels = 100'000;  // what a manifest may hold
constexpr std::size_t kLongestLabel = 1024;
constexpr std::size_t kMostText = 256 << 10;  // of all labels derived: the manifest that takes them has 1 MiB
constexpr std::size_t kAroundLabel = 4;       // quotes, comma and space
constexpr int kMostSteps = 16;                // between a classifier and an output

constexpr std::array<std::string_view, 3> kClassifiers = {"TreeEnsembleClassifier", "LinearClassifier",
                                                          "SVMClassifier"};
constexpr std::array<std::string_view, 6> kKeepingClasses = {"Identity", "Cast",       "Normalizer",
                                                             "Softmax",  "LogSoftmax", "Sigmoid"};

bool is_one_of(std::string_view word, auto& list) {
  return std::ranges::find(list, word) != list.end();
}

struct Classes {
  std::vector<std::string> labels;
  bool are_numbers = false;
  bool are_indices = false;  // numbers 0, 1, 2, ... in this order
};

// How a value of the graph comes about.
struct Origin {
  enum class Kind { Copy, ClassNumber, Scores } kind;
  std::string_view source;  // of Copy
  std::size_t classes = 0;  // of the others: which classifier
};

struct Node {
  std::string_view type;
  std::vector<std::string_view> inputs, outputs;
  std::vector<WireField> attributes;
};

Result<Node> read_node(const WireField& message) {
  WireReader reader(message.bytes, message.offset);
  Node node;
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1) node.inputs.push_back(field->text());
    if (field->number == 2) node.outputs.push_back(field->text());
    if (field->number == 4) node.type = field->text();
    if (field->number == 5) node.attributes.push_back(*field);
  }
  return node;
}

// The numbers of an attribute's field `ints`, packed or not.
Result<void> append_numbers(const WireField& field, std::vector<std::string>& labels) {
  if (field.type == WireType::Varint) {
    labels.push_back(std::to_string(static_cast<std::int64_t>(field.value)));
    return {};
  }
  WireReader packed(field.bytes, field.offset);
  std::uint64_t value = 0;
  while (labels.size() <= kMostLabels && packed.next_varint(value)) {
    labels.push_back(std::to_string(static_cast<std::int64_t>(value)));
  }
  if (packed.error()) return *packed.error();
  return {};
}

Result<void> read_attribute(const WireField& message, Classes& classes) {
  WireReader reader(message.bytes, message.offset);
  std::string_view name;
  std::vector<std::string> texts, numbers;
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1) name = field->text();
    if (name.empty() ? false : !name.starts_with("classlabels_")) return {};  // large lists of tree nodes
    if (field->number == 8) TRY(append_numbers(*field, numbers));
    if (field->number == 9) texts.emplace_back(field->text());
    if (texts.size() > kMostLabels || numbers.size() > kMostLabels) return {};
  }
  const bool are_numbers = name == "classlabels_int64s" || name == "classlabels_ints";
  if (!are_numbers && name != "classlabels_strings") return {};
  std::vector<std::string>& found = are_numbers ? numbers : texts;
  if (found.empty()) return {};
  if (!classes.labels.empty()) found.clear();  // both kinds: nobody can tell which is meant
  classes.labels = std::move(found);
  classes.are_numbers = are_numbers;
  return {};
}

bool can_be_named(const std::vector<std::string>& labels) {
  std::unordered_set<std::string_view> seen;
  return std::ranges::all_of(labels, [&](const std::string& label) {
    return !label.empty() && label.size() <= kLongestLabel && is_valid_utf8(label) && !has_control_characters(label) &&
           seen.insert(label).second;
  });
}

// Where the values of one graph come from, as far as it concerns labels.
class Origins {
 public:
  Result<void> add(const WireField& message) {
    Node node = TRY(read_node(message));
    if (is_one_of(node.type, kKeepingClasses) && !node.inputs.empty() && node.outputs.size() == 1) {
      origins_.try_emplace(node.outputs[0], Origin{Origin::Kind::Copy, node.inputs[0], 0});
    }
    if (!is_one_of(node.type, kClassifiers) || node.outputs.size() != 2) return {};
    Classes classes;
    for (const WireField& attribute : node.attributes) TRY(read_attribute(attribute, classes));
    if (classes.labels.empty() || !can_be_named(classes.labels)) return {};
    classes.are_indices = classes.are_numbers;
    for (std::size_t i = 0; i < classes.labels.size() && classes.are_indices; ++i) {
      classes.are_indices = classes.labels[i] == std::to_string(i);
    }
    origins_.try_emplace(node.outputs[0], Origin{Origin::Kind::ClassNumber, {}, classes_.size()});
    origins_.try_emplace(node.outputs[1], Origin{Origin::Kind::Scores, {}, classes_.size()});
    classes_.push_back(std::move(classes));
    return {};
  }

  void label(tensor::TensorSpec& output) const {
    std::string_view name = output.name;
    for (int step = 0; step < kMostSteps; ++step) {
      const auto found = origins_.find(name);
      if (found == origins_.end()) return;
      const Origin& origin = found->second;
      if (origin.kind != Origin::Kind::Copy) return label_from(classes_[origin.classes], origin.kind, output);
      name = origin.source;
    }
  }

 private:
  static void label_from(const Classes& classes, Origin::Kind kind, tensor::TensorSpec& output) {
    if (output.datatype == tensor::DataType::Bytes) return;
    const std::size_t rank = output.shape.rank();
    if (kind == Origin::Kind::ClassNumber) {
      const bool one_per_row = rank == 1 || (rank == 2 && output.shape[1] == 1);
      if (classes.are_indices && one_per_row) output.labels = classes.labels;
      return;
    }
    if (rank == 2 && output.shape[1] == static_cast<std::int64_t>(classes.labels.size()))
      output.labels = classes.labels;
  }

  std::vector<Classes> classes_;
  std::unordered_map<std::string_view, Origin> origins_;
};

}  // namespace

Result<void> derive_labels(const WireField& graph, std::vector<OnnxTensor>& outputs) {
  WireReader reader(graph.bytes, graph.offset);
  Origins origins;
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1) TRY(origins.add(*field));
  }
  std::size_t text = 0;
  for (OnnxTensor& output : outputs) {
    origins.label(output.spec);
    for (const std::string& label : output.spec.labels) text += label.size() + kAroundLabel;
    if (text > kMostText) output.spec.labels.clear();
  }
  return {};
}

}  // namespace slipway::package_reader
