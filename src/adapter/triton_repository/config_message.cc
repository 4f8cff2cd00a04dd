#include "adapter/triton_repository/config_message.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <proto/model_config.pb.h>

#include <charconv>
#include <set>
#include <vector>

#include "adapter/triton_repository/model_config.h"
#include "base/nearest_word.h"
#include "base/text.h"

namespace slipway::triton_repository {
namespace {

namespace pb = google::protobuf;
using Tree = pb::TextFormat::ParseInfoTree;

constexpr int kDeepest = 32;

std::string at(std::string_view file, int line, int column) {
  return std::string(file) + ":" + std::to_string(line + 1) + ":" + std::to_string(column + 1) + ": ";
}

// The text between `before` and `after`, when `message` is made so.
std::optional<std::string_view> between(std::string_view message, std::string_view before, std::string_view after) {
  const std::size_t begin = message.find(before);
  if (begin == std::string_view::npos) return std::nullopt;
  message.remove_prefix(begin + before.size());
  const std::size_t end = message.find(after);
  if (end == std::string_view::npos) return std::nullopt;
  return message.substr(0, end);
}

std::string did_you_mean(std::string_view found, const std::vector<std::string_view>& known) {
  const std::string_view nearest = nearest_word(found, known);
  return nearest.empty() ? "" : "; did you mean \"" + std::string(nearest) + "\"?";
}

std::string unknown_field(std::string_view found, const pb::Descriptor& type) {
  std::vector<std::string_view> known;
  for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->name());
  return "unknown field \"" + printable(found, 60) + "\" of " + type.name() + did_you_mean(found, known);
}

// Protobuf's message in the words of the house where a person can be helped further.
std::string told(const std::string& message) {
  const auto type_name = between(message, "Message type \"", "\" has no field named \"");
  const auto field = between(message, "\" has no field named \"", "\"");
  if (type_name && field) {
    const pb::Descriptor* type = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(std::string(*type_name));
    if (type != nullptr) return unknown_field(*field, *type);
  }
  const auto value = between(message, "Unknown enumeration value of \"", "\" for field \"");
  if (value) {
    std::vector<std::string_view> known;
    for (const pb::EnumDescriptor* each :
         {inference::DataType_descriptor(), inference::ModelInstanceGroup_Kind_descriptor()}) {
      for (int i = 0; i < each->value_count(); ++i) known.push_back(each->value(i)->name());
    }
    return "unknown value \"" + printable(*value, 60) + "\"" + did_you_mean(*value, known);
  }
  return printable(message, 300);
}

// Keeps the first error: those behind it follow from it.
class FirstError final : public pb::io::ErrorCollector {
 public:
  explicit FirstError(std::string_view file) : file_(file) {}
  void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override {
    if (message_.empty()) message_ = at(file_, std::max(line, 0), std::max(column, 0)) + told(message);
  }
  const std::string& message() const { return message_; }

 private:
  std::string_view file_;
  std::string message_;
};

void collect_fields(const pb::Descriptor& type, std::set<std::string_view>& names) {
  for (int i = 0; i < type.field_count(); ++i) names.insert(type.field(i)->name());
  for (int i = 0; i < type.nested_type_count(); ++i) collect_fields(*type.nested_type(i), names);
}

// "(input[0]) foo: Cannot find field." and what else the JSON reader says.
std::string told_of_json(std::string_view message) {
  const auto missing = between(message, "): ", ": Cannot find field.");
  const auto name = missing ? missing : between(message, "", ": Cannot find field.");
  if (!name) return printable(message, 300);
  std::set<std::string_view> names;
  const pb::FileDescriptor* file = inference::ModelConfig::descriptor()->file();
  for (int i = 0; i < file->message_type_count(); ++i) collect_fields(*file->message_type(i), names);
  const std::size_t word = name->find_last_of(" )");
  const std::string_view found = word == std::string_view::npos ? *name : name->substr(word + 1);
  return "unknown field \"" + printable(found, 60) + "\"" + did_you_mean(found, {names.begin(), names.end()});
}

// One step of a path: "input[2]" is the field input, index 2.
struct Step {
  std::string name;
  int index = -1;
};

Step next_step(std::string_view& path) {
  const std::string_view part = path.substr(0, path.find('.'));
  path.remove_prefix(std::min(path.size(), part.size() + 1));
  Step step{std::string(part.substr(0, part.find('[')))};
  const auto digits = between(part, "[", "]");
  if (digits) std::from_chars(digits->data(), digits->data() + digits->size(), step.index);
  return step;
}

}  // namespace

struct ConfigMessage::Parts {
  std::string file;  // empty: JSON, whose fields have no places
  inference::ModelConfig message;
  Tree tree;
};

ConfigMessage::ConfigMessage(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ConfigMessage::ConfigMessage(ConfigMessage&&) noexcept = default;
ConfigMessage::~ConfigMessage() = default;

const inference::ModelConfig& ConfigMessage::message() const {
  return parts_->message;
}

Result<ConfigMessage> ConfigMessage::from_text(std::string_view text, std::string_view file) {
  if (text.size() > kLargestConfig) {
    return invalid_input(std::string(file) + ": expected at most 1MiB, found " + std::to_string(text.size()) +
                         " bytes");
  }
  if (!is_valid_utf8(text)) return invalid_input(std::string(file) + ": expected UTF-8, found other bytes");
  auto parts = std::make_unique<Parts>();
  parts->file = file;
  FirstError error(file);
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&parts->tree);
  parser.SetRecursionLimit(kDeepest);
  pb::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  const bool parsed = parser.Parse(&stream, &parts->message);
  if (!error.message().empty()) return invalid_input(error.message());
  if (!parsed) return invalid_input(std::string(file) + ": expected protobuf's text format");
  return ConfigMessage(std::move(parts));
}

Result<ConfigMessage> ConfigMessage::from_json(std::string_view json) {
  if (json.size() > kLargestConfig) {
    return invalid_input("config: expected at most 1MiB, found " + std::to_string(json.size()) + " bytes");
  }
  auto parts = std::make_unique<Parts>();
  const auto status = pb::util::JsonStringToMessage(std::string(json), &parts->message);
  if (!status.ok()) return invalid_input("config: " + told_of_json(std::string(status.message())));
  return ConfigMessage(std::move(parts));
}

std::string ConfigMessage::placed(std::string_view field, std::string_view what) const {
  const std::string named = (field.empty() ? "" : std::string(field) + ": ") + std::string(what);
  if (parts_->file.empty()) return "config: " + named;
  const Tree* tree = &parts_->tree;
  const pb::Descriptor* type = inference::ModelConfig::descriptor();
  pb::TextFormat::ParseLocation found(0, 0);
  while (!field.empty() && tree != nullptr && type != nullptr) {
    const Step step = next_step(field);
    const pb::FieldDescriptor* descriptor = type->FindFieldByName(step.name);
    if (descriptor == nullptr) break;
    const int index = descriptor->is_repeated() ? std::max(step.index, 0) : -1;
    // Of a list in brackets only the first element's place is known.
    for (int i = index; i >= std::min(index, 0); --i) {
      const auto location = tree->GetLocation(descriptor, i);
      if (location.line < 0) continue;
      found = location;
      break;
    }
    type = descriptor->message_type();
    tree = type == nullptr ? nullptr : tree->GetTreeForNested(descriptor, index);
  }
  return at(parts_->file, found.line, found.column) + named;
}

}  // namespace slipway::triton_repository
