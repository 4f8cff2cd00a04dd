#include "adapter/api_mlflow/model_search.h"

#include <algorithm>
#include <array>

#include "domain/search/query.h"

namespace slipway::api_mlflow {
namespace {

using search::Attribute;
using search::Type;

constexpr std::string_view kPromptTag = "mlflow.prompt.is_prompt";
constexpr std::size_t kLongestPage = 10'000;  // of versions, whatever was asked: the rest comes with the next page

constexpr std::array<Attribute, 1> kOfModels = {{{"name", "name"}}};
constexpr std::array<Attribute, 4> kModelOrder = {{{"name", "name"},
                                                   {"creation_timestamp", "created", Type::Number},
                                                   {"last_updated_timestamp", "changed", Type::Number},
                                                   {"timestamp", "changed", Type::Number}}};
constexpr std::array<Attribute, 6> kOfVersions = {{{"name", "name"},
                                                   {"run_id", "run"},
                                                   {"source_path", "source"},
                                                   {"version_number", "number", Type::Number},
                                                   {"creation_timestamp", "created", Type::Number},
                                                   {"last_updated_timestamp", "changed", Type::Number}}};
// Whatever is not said to be a prompt is none: clients ask for `!= 'true'`, of models without the tag as well.
constexpr std::array<std::pair<std::string_view, std::string_view>, 1> kNoPrompt = {{{kPromptTag, "false"}}};

constexpr search::Rules kModelRules{.attributes = kOfModels, .tags_otherwise = kNoPrompt};
constexpr search::Rules kModelOrderRules{.attributes = kModelOrder, .tags = false};
constexpr search::Rules kVersionRules{.attributes = std::span(kOfVersions).first(4), .tags_otherwise = kNoPrompt};
constexpr search::Rules kVersionOrderRules{.attributes = kOfVersions, .tags = false};

// Prompts are kept as models by MLflow's clients, and are no models to those who do not ask for them.
search::Comparison is_no_prompt(search::Part tag_of) {
  return {.field = {tag_of, std::string(kPromptTag), "false"},
          .type = Type::Text,
          .op = search::Operator::NotEqual,
          .value = std::vector<std::string>{"true"}};
}

Result<search::Asked> asked_of(const Call& call, std::size_t usual, std::size_t most) {
  search::Asked asked;
  asked.filter = TRY(call.fields.text_or("filter", ""));
  asked.order_by = TRY(call.fields.texts("order_by"));
  asked.page_token = TRY(call.fields.text_or("page_token", ""));
  asked.limit = TRY(page_size(call, usual, most));
  return asked;
}

bool asks_for_prompts(const search::Asked& asked) {
  return asked.filter.find(kPromptTag) != std::string::npos;
}

template <class T>
Result<std::string> next_of(const ports::FoundPage<T>& page, const search::Query& query) {
  if (!page.next) return std::string();
  return search::token_of(*page.next, query);
}

}  // namespace

Result<FoundModels> search_models(const Call& call) {
  const search::Asked asked = TRY(asked_of(call, 100, 1'000));
  auto query = TRY(search::parse_query("registered models", asked, kModelRules, kModelOrderRules));
  if (!asks_for_prompts(asked)) query.filter.add(is_no_prompt(search::Part::Tag));
  auto page = TRY(call.registry().search_models(query, call.request.principal().scope.get()));
  std::string next = TRY(next_of(page, query));
  return FoundModels{std::move(page.rows), std::move(next)};
}

Result<FoundVersions> search_versions(const Call& call) {
  search::Asked asked = TRY(asked_of(call, 10'000, 200'000));
  asked.limit = std::min(asked.limit, kLongestPage);
  for (const char* then : {"last_updated_timestamp DESC", "name ASC", "version_number DESC"}) {
    asked.order_by.emplace_back(then);
  }
  auto query = TRY(search::parse_query("model versions", asked, kVersionRules, kVersionOrderRules));
  if (!asks_for_prompts(asked)) query.filter.add(is_no_prompt(search::Part::ModelTag));
  auto page = TRY(call.registry().search_versions(query, call.request.principal().scope.get()));
  FoundVersions found{.versions = {}, .next = TRY(next_of(page, query))};
  for (ports::FoundVersion& row : page.rows) {
    auto notes = row.notes ? *std::move(row.notes) : model::VersionNotes{row.version.name, row.version.number};
    found.versions.push_back({std::move(row.version), std::move(notes)});
  }
  return found;
}

}  // namespace slipway::api_mlflow
