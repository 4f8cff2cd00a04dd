#include "adapter/api_mlflow/model_search.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/model_views.h"
#include "base/text.h"
#include "domain/search/filter.h"

namespace slipway::api_mlflow {
namespace {

using search::Attribute;
using search::Type;

constexpr std::size_t kAtOnce = 256;
constexpr std::size_t kDeepest = 1'000'000;
constexpr std::string_view kPromptTag = "mlflow.prompt.is_prompt";

constexpr std::array<Attribute, 1> kOfModels = {{{"name", "name"}}};
constexpr std::array<Attribute, 3> kModelOrder = {
    {{"name", "name"}, {"last_updated_timestamp", "changed", Type::Number}, {"timestamp", "changed", Type::Number}}};
constexpr std::array<Attribute, 6> kOfVersions = {{{"name", "name"},
                                                   {"run_id", "run"},
                                                   {"source_path", "source"},
                                                   {"version_number", "number", Type::Number},
                                                   {"creation_timestamp", "created", Type::Number},
                                                   {"last_updated_timestamp", "changed", Type::Number}}};

// Whatever is not said to be a prompt is none: clients ask for `!= 'true'`, of models without the tag as well.
std::optional<std::string_view> tag(const std::map<std::string, std::string>& tags, const std::string& key) {
  const auto found = tags.find(key);
  if (found == tags.end() && key == kPromptTag) return "false";
  return found == tags.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

struct ModelRow final : search::Row {
  explicit ModelRow(const registry::ModelSummary& model_) : model(model_) {}
  std::optional<double> number(const search::Field& field) const override {
    if (field.part == search::Part::Attribute && field.key == "changed") return static_cast<double>(changed_at(model));
    return std::nullopt;
  }
  std::optional<std::string_view> text(const search::Field& field) const override {
    if (field.part == search::Part::Tag) return tag(model.record.annotations.tags, field.key);
    return field.key == "name" ? std::optional<std::string_view>(model.record.name.text()) : std::nullopt;
  }
  const registry::ModelSummary& model;
};

struct VersionRow final : search::Row {
  explicit VersionRow(const FoundVersion& found_) : found(found_) {}
  std::optional<double> number(const search::Field& field) const override {
    if (field.part != search::Part::Attribute) return std::nullopt;
    if (field.key == "number") return static_cast<double>(found.version.number);
    if (field.key == "changed") return static_cast<double>(changed_at(SeenVersion{found.version, &found.notes}));
    if (field.key == "created") return static_cast<double>(found.version.created_at.time_since_epoch().count());
    return std::nullopt;
  }
  std::optional<std::string_view> text(const search::Field& field) const override {
    if (field.part == search::Part::Tag) return tag(found.notes.annotations.tags, field.key);
    if (field.key == "name") return found.version.name.text();
    if (field.key == "run") return found.notes.run_id;
    return field.key == "source" ? std::optional<std::string_view>(found.notes.source) : std::nullopt;
  }
  const FoundVersion& found;
};

// The page a client asks for.
struct Page {
  search::Filter filter;
  search::Order order;
  std::size_t begin = 0, end = 0;
  bool wants_prompts = false;
};

Result<Page> page_of(const Call& call, const search::Rules& rules, const search::Rules& order, std::size_t usual,
                     std::size_t most) {
  Page page;
  const std::string filter = TRY(call.fields.text_or("filter", ""));
  page.filter = TRY(search::Filter::parse(filter, rules));
  page.order = TRY(search::Order::parse(TRY(call.fields.texts("order_by")), order));
  const std::string token = TRY(call.fields.text_or("page_token", ""));
  const auto read = std::from_chars(token.data(), token.data() + token.size(), page.begin);
  const bool is_ours = token.empty() || (read.ec == std::errc{} && read.ptr == token.data() + token.size());
  if (!is_ours || page.begin > kDeepest) {
    return invalid_input("page_token: expected one that this server gave, found \"" + printable(token) + "\"");
  }
  page.end = page.begin + TRY(page_size(call, usual, most));
  page.wants_prompts = filter.find(kPromptTag) != std::string::npos;
  return page;
}

// Prompts are kept as models by MLflow's clients, and are no models to those who do not ask for them.
bool is_hidden(const registry::ModelSummary& model, const Page& page) {
  return !page.wants_prompts && tag(model.record.annotations.tags, std::string(kPromptTag)) == "true";
}

template <class Visit>
Result<void> each_model(registry::Registry& registry, Visit visit) {
  std::string after;
  while (true) {
    auto models = TRY(registry.models(after, kAtOnce));
    const bool is_last = models.size() < kAtOnce;
    if (!models.empty()) after = models.back().record.name.text();
    for (registry::ModelSummary& model : models) visit(std::move(model));
    if (is_last) return {};
  }
}

// Cuts to the page; the token of the next, or "".
template <class T>
std::string cut(std::vector<T>& items, const Page& page) {
  const bool has_more = items.size() > page.end;
  if (has_more) items.erase(items.begin() + static_cast<std::ptrdiff_t>(page.end), items.end());
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(std::min(page.begin, items.size())));
  return has_more ? std::to_string(page.end) : "";
}

// Keeps what may still be on the page.
template <class T, class Less>
void keep_best(std::vector<T>& items, const Page& page, Less less, bool at_end) {
  if (!at_end && items.size() < 2 * page.end + kAtOnce) return;
  std::ranges::sort(items, less);
  if (items.size() > page.end + 1) items.erase(items.begin() + static_cast<std::ptrdiff_t>(page.end) + 1, items.end());
}

}  // namespace

Result<FoundModels> search_models(const Call& call) {
  const search::Rules rules{.attributes = kOfModels, .metrics = false, .parameters = false, .tags = true};
  const search::Rules order{.attributes = kModelOrder, .metrics = false, .parameters = false, .tags = false};
  const Page page = TRY(page_of(call, rules, order, 100, 1'000));
  const auto less = [&](const registry::ModelSummary& a, const registry::ModelSummary& b) {
    const int found = page.order.compare(ModelRow(a), ModelRow(b));
    return found != 0 ? found < 0 : a.record.name < b.record.name;
  };
  FoundModels found;
  TRY(each_model(call.registry(), [&](registry::ModelSummary model) {
    if (is_hidden(model, page) || !page.filter.matches(ModelRow(model))) return;
    found.models.push_back(std::move(model));
    keep_best(found.models, page, less, false);
  }));
  keep_best(found.models, page, less, true);
  found.next = cut(found.models, page);
  return found;
}

Result<FoundVersions> search_versions(const Call& call) {
  const search::Rules order{.attributes = kOfVersions, .metrics = false, .parameters = false, .tags = false};
  const search::Rules rules{
      .attributes = std::span(kOfVersions).first(4), .metrics = false, .parameters = false, .tags = true};
  const Page page = TRY(page_of(call, rules, order, 10'000, 200'000));
  const auto less = [&](const FoundVersion& a, const FoundVersion& b) {
    const int found = page.order.compare(VersionRow(a), VersionRow(b));
    if (found != 0) return found < 0;
    const std::int64_t changed_a = changed_at(SeenVersion{a.version, &a.notes});
    const std::int64_t changed_b = changed_at(SeenVersion{b.version, &b.notes});
    if (changed_a != changed_b) return changed_a > changed_b;
    if (a.version.name != b.version.name) return a.version.name < b.version.name;
    return a.version.number > b.version.number;
  };
  FoundVersions found;
  TRY(each_model(call.registry(), [&](const registry::ModelSummary& model) {
    if (is_hidden(model, page)) return;
    for (const SeenVersion& seen : versions_of(model)) {
      FoundVersion item{seen.version,
                        seen.notes ? *seen.notes : model::VersionNotes{seen.version.name, seen.version.number}};
      if (page.filter.matches(VersionRow(item))) found.versions.push_back(std::move(item));
    }
    keep_best(found.versions, page, less, false);
  }));
  keep_best(found.versions, page, less, true);
  found.next = cut(found.versions, page);
  return found;
}

}  // namespace slipway::api_mlflow
