#include "adapter/package_reader/declared_manifest.h"

#include <array>
#include <cmath>
#include <set>

#include "adapter/package_reader/entry_path.h"
#include "adapter/package_reader/kept_format.h"
#include "adapter/yaml/field.h"
#include "base/text.h"
#include "domain/model/name.h"
#include "domain/tensor/reshape.h"

namespace slipway::package_reader {
namespace {

using yaml::Field;
using yaml::Kind;

constexpr std::size_t kMostTensors = 1024;
constexpr std::size_t kMostNames = 100'000;  // of features or labels
constexpr std::size_t kMostEntries = 1024;   // of labels, parameters, metrics
constexpr std::size_t kLongestText = 1024;   // of names, labels, values

constexpr std::array<std::string_view, 13> kManifestKeys = {"name",     "format",     "files",  "inputs", "outputs",
                                                            "batching", "instances",  "limits", "warmup", "golden",
                                                            "labels",   "model_card", "lineage"};
constexpr std::array<std::string_view, 8> kTensorKeys = {"name",     "datatype", "shape",  "model_shape",
                                                         "optional", "features", "labels", "ranges"};
constexpr std::array<std::string_view, 4> kBatchingKeys = {"dimension", "max_batch", "enabled", "execution"};
constexpr std::array<std::string_view, 8> kLineageKeys = {"training_data", "data",     "code_commit", "run_id",
                                                          "parent",        "built_by", "parameters",  "metrics"};

// One line of text for a person: a name, a label, a value.
Result<std::string> line_of_text(const Field& field) {
  std::string text = TRY(field.text());
  if (text.size() > kLongestText) {
    return field.wrong("expected at most 1024 bytes, found " + std::to_string(text.size()));
  }
  if (has_control_characters(text)) return field.expected("text without control characters");
  return text;
}

Result<std::string> named(const Field& field) {
  std::string text = TRY(line_of_text(field));
  if (text.empty()) return field.expected("a name");
  return text;
}

// Different names, in order.
Result<std::vector<std::string>> names(const Field& field) {
  std::vector<std::string> words;
  std::map<std::string, std::size_t> seen;
  for (const Field& item : TRY(field.items(kMostNames))) {
    words.push_back(TRY(named(item)));
    const auto [at, is_new] = seen.emplace(words.back(), words.size() - 1);
    if (!is_new) {
      return item.wrong("the name \"" + printable(words.back()) + "\" is already at [" + std::to_string(at->second) +
                        "]");
    }
  }
  return words;
}

// In order; a class may have none, and two may have the same, as files of labels have it.
Result<void> read_labels(const Field& field, tensor::TensorSpec& spec) {
  std::set<std::string_view> seen;
  const auto items = TRY(field.items(kMostNames));
  spec.labels.reserve(items.size());  // so that `seen` stays
  for (const Field& item : items) {
    spec.labels.push_back(TRY(line_of_text(item)));
    const std::string& label = spec.labels.back();
    if (label.empty() || !seen.insert(label).second) spec.distinct_labels = false;
  }
  return {};
}

Result<void> read_name(const Field& field, model::Manifest& manifest) {
  manifest.name = TRY(field.text());
  const auto parsed = model::ModelName::parse(manifest.name);
  if (!parsed.ok()) return field.wrong(parsed.error().message);
  return {};
}

Result<void> read_format(const Field& field, model::Manifest& manifest) {
  manifest.format = TRY(field.text());
  const bool is_known = manifest.format == "onnx" || manifest.format == "echo" || is_kept_format(manifest.format);
  if (!is_known) return field.expected("onnx or echo");
  return {};
}

Result<void> read_files(const Field& field, model::Manifest& manifest) {
  constexpr std::array<std::string_view, 1> kKeys = {"model"};
  TRY(field.check_keys(kKeys));
  const auto main = field.find("model");
  if (!main) return {};
  manifest.main_file = TRY(main->text());
  const auto checked = check_entry_path(manifest.main_file);
  if (!checked.ok()) return main->wrong(checked.error().message);
  return {};
}

Result<tensor::Shape> read_shape(const Field& field) {
  tensor::Shape shape;
  for (const Field& item : TRY(field.items(tensor::kMaxRank))) {
    const std::int64_t size = TRY(item.integer(-1, INT64_MAX));
    if (size == 0) return item.expected("-1 for any size, or a size from 1 on");
    shape.append(size);
  }
  return shape;
}

// The shape clients have must be there, and hold the same values.
Result<void> read_model_shape(const Field& field, DeclaredTensor& tensor) {
  const tensor::Shape shape = TRY(read_shape(field));
  if (!tensor.has_shape) return field.wrong("expected shape beside it, as clients have it, found none");
  if (!tensor::is_reshape(tensor.spec.shape, shape)) {
    return field.wrong("expected as many values as shape " + tensor.spec.shape.to_string() +
                       " has before, between and after its free dimensions, found " + shape.to_string());
  }
  if (shape != tensor.spec.shape) tensor.spec.model_shape = shape;
  return {};
}

Result<tensor::ValueRange> read_range(const Field& field) {
  const std::vector<Field> ends = TRY(field.items(2));
  if (ends.size() != 2)
    return field.wrong("expected [lowest, highest], found " + std::to_string(ends.size()) + " items");
  const tensor::ValueRange range{TRY(ends[0].number()), TRY(ends[1].number())};
  if (range.low > range.high) return field.wrong("expected [lowest, highest], found the lowest above the highest");
  return range;
}

// [low, high] for all, or a mapping by feature.
Result<void> read_ranges(const Field& field, tensor::TensorSpec& spec) {
  if (field.is(Kind::Sequence)) {
    spec.ranges.emplace_back(TRY(read_range(field)));
    return {};
  }
  if (spec.features.empty()) return field.wrong("expected [lowest, highest], or features to name the ranges by");
  spec.ranges.resize(spec.features.size());
  bool any = false;
  std::map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < spec.features.size(); ++i) places.emplace(spec.features[i], i);
  const std::vector<std::string_view> known(spec.features.begin(), spec.features.end());
  TRY(field.check_keys(known));
  for (const auto& [feature, range] : TRY(field.entries(kMostNames))) {
    spec.ranges[places.at(feature)] = TRY(read_range(range));
    any = true;
  }
  if (!any) spec.ranges.clear();
  return {};
}

Result<DeclaredTensor> read_tensor(const Field& field) {
  TRY(field.check_keys(kTensorKeys));
  DeclaredTensor tensor;
  tensor.mark = field.node().mark;
  const auto name = field.find("name");
  if (!name) return field.wrong("expected a name");
  tensor.spec.name = TRY(named(*name));
  if (const auto datatype = field.find("datatype")) {
    const auto parsed = tensor::parse_data_type(TRY(datatype->text()));
    if (!parsed) {
      return datatype->expected(
          "one of BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, "
          "FP32, FP64, BYTES");
    }
    tensor.spec.datatype = *parsed;
    tensor.has_datatype = true;
  }
  if (const auto shape = field.find("shape")) {
    tensor.spec.shape = TRY(read_shape(*shape));
    tensor.has_shape = true;
  }
  if (const auto shape = field.find("model_shape")) TRY(read_model_shape(*shape, tensor));
  if (const auto optional = field.find("optional")) tensor.spec.optional = TRY(optional->boolean());
  if (const auto features = field.find("features")) tensor.spec.features = TRY(names(*features));
  if (const auto labels = field.find("labels")) TRY(read_labels(*labels, tensor.spec));
  if (const auto ranges = field.find("ranges")) TRY(read_ranges(*ranges, tensor.spec));
  return tensor;
}

Result<std::vector<DeclaredTensor>> read_tensors(const Field& field) {
  std::vector<DeclaredTensor> tensors;
  std::map<std::string, std::size_t> seen;
  for (const Field& item : TRY(field.items(kMostTensors))) {
    tensors.push_back(TRY(read_tensor(item)));
    if (!seen.emplace(tensors.back().spec.name, tensors.size()).second) {
      return item.wrong("the name \"" + printable(tensors.back().spec.name) + "\" is there twice");
    }
  }
  return tensors;
}

Result<void> read_batching(const Field& field, model::Batching& batching) {
  TRY(field.check_keys(kBatchingKeys));
  if (const auto dimension = field.find("dimension")) TRY(dimension->integer(0, 0));
  if (const auto most = field.find("max_batch")) {
    batching.max_batch = static_cast<std::uint64_t>(TRY(most->integer(0, model::kMostRows)));
  }
  if (const auto enabled = field.find("enabled")) batching.enabled = TRY(enabled->boolean());
  if (const auto execution = field.find("execution")) {
    const std::string text = TRY(execution->text());
    if (text == "auto") {
      batching.execution = model::Execution::Auto;
    } else if (text == "inline") {
      batching.execution = model::Execution::Inline;
    } else if (text == "queue") {
      batching.execution = model::Execution::Queue;
    } else {
      return execution->expected("auto, inline or queue");
    }
  }
  return {};
}

Result<void> read_limits(const Field& field, model::Limits& limits) {
  constexpr std::array<std::string_view, 2> kKeys = {"memory", "timeout"};
  TRY(field.check_keys(kKeys));
  if (const auto memory = field.find("memory")) {
    const auto parsed = parse_bytes(TRY(memory->text()));
    if (!parsed.ok() || *parsed < mebibytes(1) || *parsed > gibibytes(1024)) {
      return memory->expected("an amount from 1MiB to 1024GiB, such as 256MiB");
    }
    limits.memory = *parsed;
  }
  if (const auto timeout = field.find("timeout")) {
    const auto parsed = parse_duration(TRY(timeout->text()));
    if (!parsed.ok() || *parsed <= Duration(0) || *parsed > std::chrono::hours(24)) {
      return timeout->expected("a duration up to 24h, such as 250ms or 1s");
    }
    limits.timeout = *parsed;
  }
  return {};
}

Result<void> read_warmup(const Field& field, model::Manifest& manifest) {
  constexpr std::array<std::string_view, 1> kKeys = {"runs"};
  TRY(field.check_keys(kKeys));
  if (const auto runs = field.find("runs"))
    manifest.warmup_runs = static_cast<std::uint32_t>(TRY(runs->integer(0, 1000)));
  return {};
}

Result<void> check_key(const Field& field, const std::string& key) {
  if (!key.empty() && key.size() <= 255 && !has_control_characters(key)) return {};
  return field.wrong("expected a key of 1 to 255 bytes without control characters");
}

Result<std::map<std::string, std::string>> texts_by_key(const Field& field) {
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : TRY(field.entries(kMostEntries))) {
    TRY(check_key(value, key));
    texts[key] = TRY(line_of_text(value));
  }
  return texts;
}

Result<Digest> read_digest(const Field& field) {
  const std::string text = TRY(line_of_text(field));
  const auto digest = parse_digest(text);
  if (digest) return *digest;
  return field.wrong("expected sha256: and 64 hexadecimal digits, found \"" + printable(text) + "\"");
}

// NAME:3, or 3.
Result<std::string> read_parent(const Field& field) {
  const std::string text = TRY(line_of_text(field));
  const std::size_t split = text.rfind(':');
  const bool named = split == std::string::npos || model::ModelName::parse(text.substr(0, split)).ok();
  const std::string_view number = std::string_view(text).substr(split == std::string::npos ? 0 : split + 1);
  if (named && model::parse_version(number)) return text;
  return field.wrong("expected the number of a version, or NAME:NUMBER, found \"" + printable(text) + "\"");
}

Result<void> read_lineage(const Field& field, model::Lineage& lineage) {
  TRY(field.check_keys(kLineageKeys));
  if (const auto data = field.find("training_data")) lineage.training_data = TRY(line_of_text(*data));
  if (const auto commit = field.find("code_commit")) lineage.code_commit = TRY(line_of_text(*commit));
  if (const auto run = field.find("run_id")) lineage.run_id = TRY(line_of_text(*run));
  if (const auto parent = field.find("parent")) lineage.parent = TRY(read_parent(*parent));
  if (const auto builder = field.find("built_by")) lineage.built_by = TRY(line_of_text(*builder));
  if (const auto data = field.find("data")) {
    for (const auto& [key, value] : TRY(data->entries(kMostEntries))) {
      TRY(check_key(value, key));
      lineage.data[key] = "sha256:" + TRY(read_digest(value)).hex();
    }
  }
  if (const auto parameters = field.find("parameters")) lineage.parameters = TRY(texts_by_key(*parameters));
  const auto metrics = field.find("metrics");
  if (!metrics) return {};
  for (const auto& [key, value] : TRY(metrics->entries(kMostEntries))) {
    TRY(check_key(value, key));
    lineage.metrics[key] = TRY(value.number());
  }
  return {};
}

}  // namespace

Result<DeclaredManifest> parse_manifest(std::string_view text, std::string_view name) {
  DeclaredManifest declared;
  declared.document = TRY(yaml::parse(text, name));
  if (declared.document.root.kind == Kind::Null) declared.document.root.kind = Kind::Mapping;  // an empty file
  const Field root(declared.document, declared.document.root, "");
  model::Manifest& manifest = declared.manifest;
  TRY(root.check_keys(kManifestKeys));
  if (const auto field = root.find("name")) TRY(read_name(*field, manifest));
  if (const auto field = root.find("format")) TRY(read_format(*field, manifest));
  if (const auto field = root.find("files")) TRY(read_files(*field, manifest));
  if (const auto field = root.find("inputs")) declared.inputs = TRY(read_tensors(*field));
  if (const auto field = root.find("outputs")) declared.outputs = TRY(read_tensors(*field));
  if (const auto field = root.find("batching")) TRY(read_batching(*field, manifest.batching));
  if (const auto field = root.find("instances")) {
    manifest.instances = static_cast<std::uint32_t>(TRY(field->integer(0, 1024)));
  }
  if (const auto field = root.find("limits")) TRY(read_limits(*field, manifest.limits));
  if (const auto field = root.find("warmup")) TRY(read_warmup(*field, manifest));
  if (const auto field = root.find("labels")) manifest.labels = TRY(texts_by_key(*field));
  if (const auto field = root.find("model_card")) manifest.model_card = TRY(field->text());
  if (const auto field = root.find("lineage")) TRY(read_lineage(*field, manifest.lineage));
  return declared;
}

}  // namespace slipway::package_reader
