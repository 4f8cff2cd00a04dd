// slipway models, versions, show: what is registered.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

std::string number(const json& value) {
  return std::to_string(value.get<std::uint64_t>());
}

// "3" or "3 90%, 4 10%"
std::string split_text(const json& split) {
  std::string text;
  for (const json& share : split) {
    text += (text.empty() ? "" : ", ") + number(share.at("version"));
    if (split.size() == 1) continue;
    char percent[32];
    std::snprintf(percent, sizeof percent, " %g%%", static_cast<double>(share.at("share").get<std::uint64_t>()) / 100);
    text += percent;
  }
  return text;
}

std::string serving_text(const json& serving) {
  std::string text;
  for (const json& entry : serving) {
    text +=
        (text.empty() ? "" : "; ") + entry.at("environment").get<std::string>() + ": " + split_text(entry.at("split"));
  }
  return text;
}

std::string aliases_text(const json& aliases) {
  std::string text;
  for (const json& entry : aliases) {
    text += (text.empty() ? "" : ", ") + entry.at("alias").get<std::string>() + "=" + number(entry.at("version"));
  }
  return text;
}

Result<std::size_t> read_limit(const std::string& text) {
  std::size_t limit = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (read.ec == std::errc{} && read.ptr == text.data() + text.size() && limit > 0) return limit;
  return invalid_input("--limit: expected a number of 1 or more, found \"" + printable(text) + "\"");
}

// The rows of a list, page by page, up to `--limit`: those that --filter allows, in --order.
Result<json> listed(Session& session, const Arguments& arguments, const std::string& list) {
  constexpr std::size_t kPage = 500;
  std::size_t left = SIZE_MAX;
  if (const auto said = arguments.text("--limit")) left = TRY(read_limit(*said));
  std::string query;
  if (const auto filter = arguments.text("--filter")) query += "&filter=" + percent_encode(*filter);
  for (const std::string& item : arguments.all("--order")) query += "&order_by=" + percent_encode(item);
  json rows = json::array();
  std::string place;
  while (left > 0) {
    const std::string size = std::to_string(std::min(left, kPage));
    json page = json::parse(TRY(session.fetch("/api/v1/" + list + "?limit=" + size + query + place)));
    left -= std::min(left, page.at(list).size());
    for (json& row : page.at(list)) rows.push_back(std::move(row));
    // Who may see some models alone goes on by the last one's name.
    const json token = page.value("next_page_token", json());
    const json next = page.value("next", json());
    if (token.is_string()) {
      place = "&page_token=" + token.get<std::string>();
    } else if (next.is_string()) {
      place = "&after=" + percent_encode(next.get<std::string>());
    } else {
      break;
    }
  }
  return rows;
}

Result<void> list_models(Session& session, const Arguments& arguments) {
  const json models = TRY(listed(session, arguments, "models"));
  if (session.wants_json()) {
    print_json(json({{"models", models}}).dump());
    return {};
  }
  if (arguments.has("--quiet")) {
    for (const json& model : models) print(clean(model.at("name").get<std::string>()) + "\n");
    return {};
  }
  if (models.empty() && arguments.has("--filter")) {
    complain("no model fits the filter");
    return {};
  }
  if (models.empty()) {
    complain("no models yet: `slipway push PATH --name NAME` adds one");
    return {};
  }
  Table table({"NAME", "VERSIONS", "LATEST", "STAGE", "SERVING", "ALIASES"});
  for (const json& model : models) {
    const json& versions = model.at("versions");
    table.add({model.at("name").get<std::string>(), std::to_string(versions.size()),
               versions.empty() ? "-" : number(versions.back().at("version")),
               versions.empty() ? "-" : versions.back().at("stage").get<std::string>(),
               serving_text(model.at("serving")), aliases_text(model.at("aliases"))});
  }
  table.print();
  return {};
}

std::string names_of(const json& list) {
  std::string text;
  for (const json& name : list) text += (text.empty() ? "" : ", ") + name.get<std::string>();
  return text;
}

std::string pairs_text(const json& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs.items()) {
    text += (text.empty() ? "" : ", ") + key + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

Result<void> list_versions(Session& session, const Arguments& arguments) {
  const json versions = TRY(listed(session, arguments, "versions"));
  if (session.wants_json()) {
    print_json(json({{"versions", versions}}).dump());
    return {};
  }
  const auto name_of = [](const json& version) {
    return version.at("model").get<std::string>() + ":" + number(version.at("version"));
  };
  if (arguments.has("--quiet")) {
    for (const json& version : versions) print(clean(name_of(version)) + "\n");
    return {};
  }
  if (versions.empty()) {
    complain(arguments.has("--filter") ? "no version fits the filter" : "no versions yet");
    return {};
  }
  Table table({"VERSION", "STAGE", "CREATED", "BY", "SIZE", "ALIASES", "METRICS", "TAGS"});
  for (const json& version : versions) {
    table.add({name_of(version), version.at("stage").get<std::string>(),
               version.at("created_at").get<std::string>().substr(0, 19), version.at("created_by").get<std::string>(),
               human_bytes(version.at("size").get<std::uint64_t>()), names_of(version.at("aliases")),
               pairs_text(version.at("lineage").at("metrics")), pairs_text(version.at("tags"))});
  }
  table.print();
  return {};
}

void print_versions(const json& model) {
  Table table({"VERSION", "STAGE", "CREATED", "BY", "DIGEST", "REASON"});
  for (const json& version : model.at("versions")) {
    table.add({number(version.at("version")), version.at("stage").get<std::string>(),
               version.at("created_at").get<std::string>().substr(0, 19), version.at("created_by").get<std::string>(),
               version.at("digest").get<std::string>().substr(0, 19), version.at("reason").get<std::string>()});
  }
  table.print();
}

Result<void> print_history(Session& session, const std::string& name) {
  const json answer = json::parse(TRY(session.fetch("/api/v1/history?limit=100&model=" + percent_encode(name))));
  if (session.wants_json()) {
    print_json(answer.dump());
    return {};
  }
  Table table({"WHEN", "WHO", "ACTION", "WHAT", "FROM", "TO", "WHY"});
  for (const json& event : answer.at("events")) {
    const auto text = [&](const char* key) { return event.at(key).get<std::string>(); };
    table.add({text("at").substr(0, 19), text("actor"), text("action"), text("subject"), text("from"), text("to"),
               text("reason")});
  }
  table.print();
  return {};
}

void print_tensors(const char* head, const json& tensors) {
  Table table({head, "DATATYPE", "SHAPE", "FEATURES OR LABELS"});
  for (const json& tensor : tensors) {
    const std::string names = names_of(tensor.at("features")) + names_of(tensor.at("labels"));
    table.add({tensor.at("name").get<std::string>(), tensor.at("datatype").get<std::string>(),
               tensor.at("shape").dump(), names});
  }
  table.print();
}

void print_version(const json& version) {
  print(clean(version.at("model").get<std::string>()) + ":" + number(version.at("version")) + "\n\n");
  Table table({"FIELD", "VALUE"});
  for (const char* key : {"stage", "reason", "digest", "created_at", "created_by"}) {
    if (const std::string value = version.at(key).get<std::string>(); !value.empty()) table.add({key, value});
  }
  for (const json& file : version.at("files")) {
    table.add({"file", file.at("path").get<std::string>() + "  " + human_bytes(file.at("size").get<std::uint64_t>())});
  }
  if (const json& found = version.at("verification"); found.is_object()) {
    char cost[96];
    std::snprintf(cost, sizeof cost, "%.1f us + %.2f us per row", found.at("cost_fixed_seconds").get<double>() * 1e6,
                  found.at("cost_per_row_seconds").get<double>() * 1e6);
    table.add({"cost", cost});
    table.add({"memory", human_bytes(found.at("memory_bytes").get<std::uint64_t>())});
    table.add({"golden examples", number(found.at("golden_checked"))});
  }
  const json& manifest = version.at("manifest");
  if (manifest.is_object()) {
    table.add({"format", manifest.at("format").get<std::string>()});
    for (const auto& [key, value] : manifest.at("labels").items())
      table.add({"label " + key, value.get<std::string>()});
    for (const auto& [key, value] : manifest.at("lineage").at("metrics").items()) {
      table.add({"metric " + key, value.dump()});
    }
  }
  table.print();
  if (!manifest.is_object()) return;
  print("\n");
  print_tensors("INPUT", manifest.at("inputs"));
  print("\n");
  print_tensors("OUTPUT", manifest.at("outputs"));
  if (const std::string card = manifest.at("model_card").get<std::string>(); !card.empty()) {
    print("\n");
    print_body(card);
  }
}

Result<void> show(Session& session, const Arguments& arguments) {
  const Reference reference = TRY(read_reference(session, arguments.at("NAME")));
  if (arguments.has("--history")) return print_history(session, reference.name);
  const std::uint64_t wanted = TRY(version_of(session, reference));
  if (wanted > 0) {
    const json version =
        json::parse(TRY(session.fetch(model_path(reference.name, "/versions/" + std::to_string(wanted)))));
    session.wants_json() ? print_json(version.dump()) : print_version(version);
    return {};
  }
  const json model = json::parse(TRY(session.fetch(model_path(reference.name))));
  if (session.wants_json()) {
    print_json(model.dump());
    return {};
  }
  print(clean(model.at("name").get<std::string>()) + "\n");
  if (const auto text = serving_text(model.at("serving")); !text.empty()) print("serving  " + clean(text) + "\n");
  if (const auto text = aliases_text(model.at("aliases")); !text.empty()) print("aliases  " + clean(text) + "\n");
  print("\n");
  print_versions(model);
  return {};
}

std::vector<Option> list_options() {
  return {{.name = "--filter",
           .value = "TEXT",
           .help = "only what fits, as \"tags.team = 'risk' AND stage = 'validated'\""},
          {.name = "--order",
           .value = "FIELD",
           .help = "by a field, as \"created DESC\"; again: then by",
           .repeated = true},
          {.name = "--limit", .value = "N", .help = "at most so many"},
          {.name = "--quiet", .help = "print the names alone"}};
}

}  // namespace

Command models_command() {
  Command command{.name = "models", .summary = "List the models, their versions and what is served"};
  command.options = list_options();
  command.examples = {"slipway models", "slipway models --json | jq '.models[].name'",
                      "slipway models --filter \"tags.team = 'risk' AND alias = 'champion'\" --order \"changed DESC\""};
  command.details = "docs/guide/search.md has the language of filters and its fields.";
  return client_command(std::move(command), list_models);
}

Command versions_command() {
  Command command{.name = "versions", .summary = "Search the versions of all models"};
  command.options = list_options();
  command.examples = {
      "slipway versions --filter \"name = 'fraud' AND metrics.auc >= 0.95\" --order \"metrics.auc DESC\"",
      "slipway versions --filter \"data = 'sha256:1f3a' AND environment IS NOT NULL\" --quiet"};
  command.details = "docs/guide/search.md has the language of filters and its fields.";
  return client_command(std::move(command), list_versions);
}

Command show_command() {
  Command command{.name = "show", .summary = "Show a model or one of its versions"};
  command.options = {
      {.name = "NAME", .help = "NAME, NAME:VERSION or NAME@ALIAS", .required = true, .offers = Offers::Models},
      {.name = "--history", .help = "show who changed what, newest first"}};
  command.examples = {"slipway show fraud", "slipway show fraud:3", "slipway show fraud@production --json",
                      "slipway show fraud --history"};
  return client_command(std::move(command), show);
}

}  // namespace slipway::cli
