#include "adapter/api_mlflow/run_links.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/text.h"
#include "domain/training/rules.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;

constexpr std::string_view kPrefix = "slipway.link.";
constexpr std::string_view kInput = "slipway.link.input.";
constexpr std::string_view kOutput = "slipway.link.output.";

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

Result<Tag> input_link(const json& input) {
  const auto dataset = input.find("dataset");
  const bool is_named = dataset != input.end() && dataset->is_object() && dataset->contains("digest") &&
                        (*dataset)["digest"].is_string() && dataset->contains("name") && (*dataset)["name"].is_string();
  if (!is_named)
    return invalid_input("datasets: expected each to have a dataset with name and digest, found one without");
  json kept = input;
  std::string text = dumped(kept);
  for (const char* const part : {"profile", "schema"}) {
    if (text.size() <= training::kLongestRunTag) break;
    kept["dataset"].erase(part);
    text = dumped(kept);
  }
  if (text.size() > training::kLongestRunTag) {
    return invalid_input("a dataset: expected at most " + std::to_string(training::kLongestRunTag) +
                         " bytes without schema and profile, found " + std::to_string(text.size()));
  }
  const std::string who = dumped((*dataset)["name"]) + dumped((*dataset)["digest"]);
  return Tag{std::string(kInput) + sha256(as_bytes(who)).hex(), std::move(text)};
}

Tag output_link(const std::string& model, std::int64_t step) {
  return {std::string(kOutput) + model, std::to_string(step)};
}

Result<void> check_not_links(const std::vector<Tag>& tags) {
  for (const auto& [key, value] : tags) {
    if (!key.starts_with(kPrefix)) continue;
    return invalid_input("expected a tag outside \"" + std::string(kPrefix) +
                         "\", where the server keeps inputs and "
                         "outputs of a run, found \"" +
                         printable(key) + "\"");
  }
  return {};
}

std::map<std::string, std::string> without_links(const std::map<std::string, std::string>& tags) {
  std::map<std::string, std::string> others = tags;
  std::erase_if(others, [](const auto& tag) { return tag.first.starts_with(kPrefix); });
  return others;
}

json inputs_view(const training::Entry& run) {
  json inputs = json::array();
  for (const auto& [key, value] : run.tags) {
    if (!key.starts_with(kInput)) continue;
    json input = json::parse(value, nullptr, false);
    if (input.is_object()) inputs.push_back(std::move(input));
  }
  return inputs.empty() ? json::object() : json{{"dataset_inputs", inputs}};
}

json outputs_view(const training::Entry& run) {
  json outputs = json::array();
  for (const auto& [key, value] : run.tags) {
    if (!key.starts_with(kOutput)) continue;
    std::int64_t step = 0;
    std::from_chars(value.data(), value.data() + value.size(), step);
    outputs.push_back({{"model_id", key.substr(kOutput.size())}, {"step", step}});
  }
  return outputs.empty() ? json::object() : json{{"model_outputs", outputs}};
}

}  // namespace slipway::api_mlflow
