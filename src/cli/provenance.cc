// slipway card, lineage: what a version says of itself and of where it comes from.
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/lineage_drawing.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

// The version meant; without one said, the newest.
Result<std::uint64_t> wanted_version(Session& session, const Reference& reference) {
  if (const std::uint64_t number = TRY(version_of(session, reference)); number > 0) return number;
  const json model = json::parse(TRY(session.fetch(model_path(reference.name))));
  if (model.at("versions").empty())
    return session.refuse(not_found("the model \"" + reference.name + "\" has no version"));
  return model.at("versions").back().at("version").get<std::uint64_t>();
}

Result<std::string> fetch_of_version(Session& session, const Arguments& arguments, const std::string& what) {
  const Reference reference = TRY(read_reference(session, arguments.at("NAME")));
  const std::uint64_t number = TRY(wanted_version(session, reference));
  return session.fetch(model_path(reference.name, "/versions/" + std::to_string(number) + what));
}

Result<void> card(Session& session, const Arguments& arguments) {
  const json answer = json::parse(TRY(fetch_of_version(session, arguments, "/card")));
  if (session.wants_json()) {
    print_json(answer.dump());
    return {};
  }
  if (const std::string text = answer.at("markdown").get<std::string>(); !text.empty()) print_body(text);
  std::string missing;
  for (const json& title : answer.at("missing")) missing += (missing.empty() ? "" : ", ") + title.get<std::string>();
  if (answer.at("source").is_null()) {
    complain("the version has no model card: add MODEL_CARD.md to its package");
  } else if (!missing.empty()) {
    complain("the model card does not tell: " + clean(missing));
  }
  return {};
}

LineageNode node_of(const json& version) {
  const auto text = [&](const char* key) { return version.value(key, std::string()); };
  LineageNode node{.title = text("model") + ":" + std::to_string(version.at("version").get<std::uint64_t>()),
                   .detail = {},
                   .inputs = {}};
  if (!version.at("present").get<bool>()) {
    node.detail = "not in this registry";
    return node;
  }
  const std::string builder = text("built_by").empty() ? text("created_by") : text("built_by");
  node.detail = text("stage") + ", " + text("created_at").substr(0, 10) + ", built by " + builder;
  if (!text("run_id").empty()) node.inputs.emplace_back("run", text("run_id"));
  if (!text("code_commit").empty()) node.inputs.emplace_back("code", text("code_commit"));
  if (!text("training_data").empty()) node.inputs.emplace_back("data", text("training_data"));
  for (const auto& [name, digest] : version.at("data").items()) {
    node.inputs.emplace_back("data " + name, digest.get<std::string>());
  }
  return node;
}

Result<void> lineage(Session& session, const Arguments& arguments) {
  const json answer = json::parse(TRY(fetch_of_version(session, arguments, "/lineage")));
  std::vector<LineageNode> line;
  for (const json& version : answer.at("versions")) line.push_back(node_of(version));
  if (const auto path = arguments.text("--svg")) {
    std::ofstream file(*path, std::ios::trunc);
    file << lineage_svg(line) << std::flush;
    if (!file) return session.refuse(unavailable("cannot write \"" + *path + "\""));
  }
  if (session.wants_json()) {
    print_json(answer.dump());
  } else if (!arguments.has("--svg")) {
    print_body(lineage_text(line));
  }
  return {};
}

Command of_version(Command command, ClientFunction function) {
  command.options.insert(command.options.begin(),
                         {.name = "NAME",
                          .help = "NAME, NAME:VERSION or NAME@ALIAS; NAME alone: its newest version",
                          .required = true,
                          .offers = Offers::Models});
  return client_command(std::move(command), function);
}

}  // namespace

Command card_command() {
  Command command{.name = "card", .summary = "Show the model card of a version, and what it leaves out"};
  command.examples = {"slipway card fraud:3", "slipway card fraud@production --json | jq .missing"};
  return of_version(std::move(command), card);
}

Command lineage_command() {
  Command command{.name = "lineage", .summary = "Show where a version comes from"};
  command.options = {{.name = "--svg", .value = "FILE", .help = "write a drawing to FILE", .offers = Offers::Files}};
  command.examples = {"slipway lineage fraud:3", "slipway lineage fraud@production --svg fraud.svg"};
  return of_version(std::move(command), lineage);
}

}  // namespace slipway::cli
