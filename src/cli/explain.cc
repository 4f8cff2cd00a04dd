// slipway explain: the chain behind a version, from what is served to the training run.
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? clean(found->get<std::string>()) : std::string();
}

void say(const char* what, const std::string& text) {
  print(std::string(what) + std::string(14 - std::min<std::size_t>(14, std::string_view(what).size()), ' ') +
        (text.empty() ? "-" : text) + "\n");
}

// "production (all), staging (10 %)"
std::string served_in(const json& model, std::uint64_t number) {
  std::string text;
  for (const json& serving : model.at("serving")) {
    for (const json& share : serving.at("split")) {
      if (share.at("version").get<std::uint64_t>() != number) continue;
      const auto points = share.at("share").get<std::uint64_t>();
      text += (text.empty() ? "" : ", ") + text_at(serving, "environment") +
              (points == 10'000 ? " (all)" : " (" + std::to_string(points / 100) + " %)");
    }
  }
  return text;
}

void say_signatures(const json& signatures) {
  for (const json& signature : signatures) {
    std::string text = text_at(signature, "state");
    for (const json& key : signature.at("keys")) text += " " + clean(key.get<std::string>());
    const std::string detail = text_at(signature, "detail");
    say("signature", text + (detail.empty() ? "" : ": " + detail) + " (" + text_at(signature, "source") + " by " +
                         text_at(signature, "attached_by") + " at " + text_at(signature, "at") + ")");
  }
}

void say_approvals(const json& approvals) {
  for (const json& approval : approvals.at("approvals")) {
    const bool overrides = approval.at("overrides").get<bool>();
    const bool revoked = approval.at("revoked").get<bool>();
    say(overrides ? "override" : "approval", text_at(approval, "principal") + " at " + text_at(approval, "at") +
                                                 " for " + text_at(approval, "environment") +
                                                 (revoked ? ", revoked" : "") + ": " + text_at(approval, "reason"));
    const std::string evidence = text_at(approval, "evidence");
    if (!overrides) say("  upon", evidence.empty() ? "no gate evidence" : "gate evidence " + evidence);
  }
  for (const json& standing : approvals.at("environments")) {
    const std::string why = text_at(standing, "why");
    say("standing",
        text_at(standing, "environment") + ": " + text_at(standing, "entry") + (why.empty() ? "" : ": " + why));
  }
}

// What the gates said last, each in a line.
void say_gates(const json& evidence) {
  if (evidence.empty()) return say("gates", "none were asked");
  const json& newest = evidence.front();
  say("gates", text_at(newest, "verdict") + " at " + text_at(newest, "created_at") + ", evidence " +
                   text_at(newest, "digest") + ", plan " + text_at(newest, "plan"));
  const json report = json::parse(newest.at("body").get<std::string>(), nullptr, false);
  if (!report.is_object()) return;
  for (const json& gate : report.value("gates", json::array())) {
    const std::string why = text_at(gate, "reason");
    say("  gate", text_at(gate, "gate") + ": " + text_at(gate, "outcome") + (why.empty() ? "" : ": " + why));
  }
}

// `run`: the one it was registered from, where the package does not say.
void say_training(const json& version, const std::string& run) {
  const json& manifest = version.at("manifest");
  const json lineage = manifest.is_object() ? manifest.at("lineage") : json::object();
  const std::string said = text_at(lineage, "run_id");
  say("training run", said.empty() ? run : said);
  say("code", text_at(lineage, "code_commit"));
  say("data", text_at(lineage, "training_data"));
  if (lineage.contains("data")) {
    for (const auto& [name, digest] : lineage.at("data").items())
      say("  data set", clean(name) + " " + text_at(lineage.at("data"), name.c_str()));
  }
  say("built by", text_at(lineage, "built_by"));
  say("parent", text_at(lineage, "parent"));
}

void say_prediction(const json& prediction) {
  if (prediction.is_null()) return;
  char odds[64];
  std::snprintf(odds, sizeof odds, "%.4g", prediction.at("probability").get<double>());
  say("request", text_at(prediction, "request_id") + " at " + text_at(prediction, "at") + ", " +
                     text_at(prediction, "status") + " after " +
                     std::to_string(std::llround(prediction.at("latency_ms").get<double>() * 1000)) + " us");
  say("assigned", "by " + text_at(prediction, "assigned_by") + " with probability " + odds + ", revision " +
                      std::to_string(prediction.at("revision").get<std::uint64_t>()));
}

// A version, or the request that one answered.
Result<void> explain(Session& session, const Arguments& arguments) {
  std::string target = arguments.at("NAME:VERSION");
  json prediction;
  if (arguments.has("--request")) {
    prediction = json::parse(TRY(session.fetch("/api/v1/predictions/" + percent_encode(target))));
    target =
        prediction.at("model").get<std::string>() + ":" + std::to_string(prediction.at("version").get<std::uint64_t>());
  }
  const Reference reference = TRY(read_reference(session, target));
  const std::uint64_t number = TRY(version_of(session, reference));
  if (number == 0) return invalid_input("expected NAME:VERSION or NAME@ALIAS, found \"" + printable(target) + "\"");
  const std::string path = model_path(reference.name, "/versions/" + std::to_string(number));
  const json version = json::parse(TRY(session.fetch(path)));
  const json model = json::parse(TRY(session.fetch(model_path(reference.name))));
  const json approvals = json::parse(TRY(session.fetch(path + "/approvals")));
  const json evidence = json::parse(TRY(session.fetch(path + "/evidence?limit=1"))).at("evidence");
  const json annotations = json::parse(TRY(session.fetch(path + "/annotations")));
  const json signatures = json::parse(TRY(session.fetch(path + "/signatures"))).at("signatures");
  if (session.wants_json()) {
    json all = {{"version", version},     {"serving", model.at("serving")}, {"signatures", signatures},
                {"approvals", approvals}, {"evidence", evidence},           {"run_id", text_at(annotations, "run_id")}};
    if (!prediction.is_null()) all["prediction"] = prediction;
    print_json(all.dump());
    return {};
  }
  say_prediction(prediction);
  say("version", clean(reference.name) + ":" + std::to_string(number) + " (" + text_at(version, "stage") + ")");
  say("served in", served_in(model, number));
  say("digest", text_at(version, "digest"));
  say("pushed by", text_at(version, "created_by") + " at " + text_at(version, "created_at"));
  say_signatures(signatures);
  say_approvals(approvals);
  say_gates(evidence);
  say_training(version, text_at(annotations, "run_id"));
  return {};
}

}  // namespace

Command explain_command() {
  Command command{.name = "explain",
                  .summary = "Show why a version is where it is: digest, signatures, approvals, evidence, training"};
  command.details =
      "The way back from what is served: the bytes, who pushed and who signed them, who approved them upon which gate "
      "evidence, what the gates said last, and the training run, code and data that its manifest names. With --request "
      "it begins at one "
      "prediction: which version answered it, and how it came to that version. `slipway audit export` has every event "
      "of it.";
  command.options = {
      {.name = "NAME:VERSION", .help = "the version, or NAME@ALIAS", .required = true, .offers = Offers::Models},
      {.name = "--request", .help = "NAME:VERSION is a request's id (x-request-id of its answer)"}};
  command.examples = {"slipway explain fraud@production", "slipway explain fraud:3 --json",
                      "slipway explain 9f3c51d2a07be6440000002a --request"};
  return client_command(std::move(command), explain);
}

}  // namespace slipway::cli
