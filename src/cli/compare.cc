// slipway compare: two versions side by side.
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

// What of a version is compared, by the field's name; numbers stay numbers, for their difference.
using Fields = std::map<std::string, json>;

// "x FP32[-1,30], y BYTES[1]?"
std::string signature_text(const json& tensors) {
  std::string text;
  for (const json& tensor : tensors) {
    text += (text.empty() ? "" : ", ") + tensor.at("name").get<std::string>() + " " +
            tensor.at("datatype").get<std::string>() + tensor.at("shape").dump() +
            (tensor.at("optional").get<bool>() ? "?" : "");
  }
  return text;
}

void add_all(Fields& fields, const std::string& kind, const json& values) {
  for (const auto& [key, value] : values.items()) fields[kind + " " + key] = value;
}

void add_manifest(Fields& fields, const json& manifest) {
  fields["format"] = manifest.at("format");
  fields["inputs"] = signature_text(manifest.at("inputs"));
  fields["outputs"] = signature_text(manifest.at("outputs"));
  fields["max batch"] = manifest.at("batching").at("max_batch");
  add_all(fields, "label", manifest.at("labels"));
  const json& lineage = manifest.at("lineage");
  add_all(fields, "parameter", lineage.at("parameters"));
  add_all(fields, "metric", lineage.at("metrics"));
  add_all(fields, "data", lineage.value("data", json::object()));
  for (const char* key : {"training_data", "code_commit", "run_id", "parent", "built_by"}) {
    if (const std::string text = lineage.value(key, std::string()); !text.empty()) fields[key] = text;
  }
}

// What the gates found of it last, if they were asked: each one's outcome, and what was measured.
void add_evidence(Fields& fields, const json& evidence) {
  if (evidence.empty()) return;
  fields["gates"] = evidence.front().at("verdict");
  const json report = json::parse(evidence.front().at("body").get<std::string>(), nullptr, false);
  if (!report.is_object()) return;
  for (const json& gate : report.value("gates", json::array())) {
    const std::string name = "gate " + gate.value("gate", std::string());
    fields[name] = gate.value("outcome", json());
    for (const json& row : gate.value("evidence", json::array())) {
      if (row.contains("found")) fields[name + ": " + row.value("subject", std::string())] = row.at("found");
    }
  }
}

Fields fields_of(const json& version) {
  Fields fields;
  for (const char* key : {"stage", "reason", "digest", "created_at", "created_by"}) fields[key] = version.at(key);
  const json& files = version.at("files");
  fields["size (bytes)"] =
      std::accumulate(files.begin(), files.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const json& file) { return sum + file.at("size").get<std::uint64_t>(); });
  if (const json& found = version.at("verification"); found.is_object()) {
    fields["latency (us)"] =
        (found.at("cost_fixed_seconds").get<double>() + found.at("cost_per_row_seconds").get<double>()) * 1e6;
    fields["cost per row (us)"] = found.at("cost_per_row_seconds").get<double>() * 1e6;
    fields["memory (bytes)"] = found.at("memory_bytes");
    fields["load (s)"] = found.at("load_seconds");
    fields["golden examples"] = found.at("golden_checked");
  }
  if (const json& manifest = version.at("manifest"); manifest.is_object()) add_manifest(fields, manifest);
  add_evidence(fields, version.at("evidence"));
  return fields;
}

std::string shown(const json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number_float()) return value.dump();
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value.get<double>());
  return text;
}

json difference(const json& a, const json& b) {
  if (!a.is_number() || !b.is_number()) return nullptr;
  return b.get<double>() - a.get<double>();
}

// Every field of either, in order of its name; `all`: those that agree too.
json compared(const Fields& a, const Fields& b, bool all) {
  Fields names = a;
  names.insert(b.begin(), b.end());
  json rows = json::array();
  for (const auto& [name, ignored] : names) {
    const auto of = [&](const Fields& fields) {
      const auto found = fields.find(name);
      return found == fields.end() ? json() : found->second;
    };
    const json left = of(a);
    const json right = of(b);
    if (!all && left == right) continue;
    rows.push_back({{"field", name}, {"a", left}, {"b", right}, {"difference", difference(left, right)}});
  }
  return rows;
}

Result<json> version_at(Session& session, const std::string& text) {
  const Reference reference = TRY(read_reference(session, text));
  const std::uint64_t number = TRY(version_of(session, reference));
  if (number == 0)
    return session.refuse(invalid_input("expected NAME:VERSION or NAME@ALIAS, found \"" + printable(text) + "\""));
  const std::string path = model_path(reference.name, "/versions/" + std::to_string(number));
  json version = json::parse(TRY(session.fetch(path)));
  version["evidence"] = json::parse(TRY(session.fetch(path + "/evidence?limit=1"))).at("evidence");
  return version;
}

std::string name_of(const json& version) {
  return version.at("model").get<std::string>() + ":" + std::to_string(version.at("version").get<std::uint64_t>());
}

Result<void> compare(Session& session, const Arguments& arguments) {
  const json a = TRY(version_at(session, arguments.at("A")));
  const json b = TRY(version_at(session, arguments.at("B")));
  const json rows = compared(fields_of(a), fields_of(b), arguments.has("--all"));
  if (session.wants_json()) {
    print_json(json({{"a", name_of(a)}, {"b", name_of(b)}, {"fields", rows}}).dump());
    return {};
  }
  Table table({"FIELD", name_of(a), name_of(b), "DIFFERENCE"});
  for (const json& row : rows) {
    const json& change = row.at("difference");
    const std::string sign = change.is_number() && change.get<double>() > 0 ? "+" : "";
    table.add({row.at("field").get<std::string>(), shown(row.at("a")), shown(row.at("b")),
               change.is_number() ? sign + shown(change) : ""});
  }
  table.print();
  return {};
}

}  // namespace

Command compare_command() {
  Command command{.name = "compare",
                  .summary = "Compare two versions: parameters, metrics, signature, size, latency, gates"};
  command.options = {{.name = "A", .help = "NAME:VERSION or NAME@ALIAS", .required = true, .offers = Offers::Models},
                     {.name = "B", .help = "another, of any model", .required = true, .offers = Offers::Models},
                     {.name = "--all", .help = "show also what they agree in"}};
  command.examples = {"slipway compare fraud:1 fraud:2", "slipway compare fraud@production fraud:7 --json"};
  command.details = "latency is one row alone, as verification measured it.";
  return client_command(std::move(command), compare);
}

}  // namespace slipway::cli
