#include <cstdio>

#include "adapter/probe_process/probe_process.h"
#include "app/commands/commands.h"
#include "app/commands/local_package.h"
#include "app/commands/signature_check.h"
#include "base/text.h"
#include "cli/terminal.h"

namespace slipway::app {
namespace {

using Verdict = ports::ProbeOutcome::Verdict;
using probe_process::SandboxPolicy;

const char* word_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::Passed:
      return "passed";
    case Verdict::Failed:
      return "failed";
    case Verdict::Inconclusive:
      return "inconclusive";
    case Verdict::Interrupted:
      return "interrupted";
  }
  return "";
}

double microseconds(Duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

std::string json_of(const std::vector<ports::SandboxLayer>& layers) {
  std::string text;
  for (const ports::SandboxLayer& layer : layers) {
    text += text.empty() ? "{\"name\": " : ", {\"name\": ";
    append_json_string(text, layer.name);
    text += ", \"missing\": ";
    append_json_string(text, layer.missing);
    text += "}";
  }
  return "[" + text + "]";
}

void print_json(const ports::ProbeOutcome& outcome) {
  std::string reason;
  append_json_string(reason, outcome.reason);
  const model::Verification& found = outcome.measured;
  std::printf(
      "{\"verdict\": \"%s\", \"reason\": %s, \"golden_checked\": %u, \"row_independent\": %s, \"cost_fixed_us\": %.3f, "
      "\"cost_per_row_us\": %.3f, \"memory_bytes\": %llu, \"load_ms\": %.1f, \"sandbox\": %s}\n",
      word_for(outcome.verdict), reason.c_str(), found.golden_checked, found.row_independent ? "true" : "false",
      microseconds(found.cost.fixed), microseconds(found.cost.per_row),
      static_cast<unsigned long long>(found.memory.count), microseconds(found.load_time) / 1000,
      json_of(outcome.sandbox).c_str());
}

// Not a word while everything holds.
void warn_of_gaps(const std::vector<ports::SandboxLayer>& layers) {
  for (const ports::SandboxLayer& layer : layers) {
    if (layer.missing.empty()) continue;
    cli::complain("the sandbox is not whole: " + layer.name + ": " + cli::clean(layer.missing));
  }
}

void print_text(const ports::ProbeOutcome& outcome) {
  std::printf("%s\n", word_for(outcome.verdict));
  if (outcome.verdict != Verdict::Passed) {
    std::printf("  %s\n", cli::clean(outcome.reason).c_str());
    return;
  }
  const model::Verification& found = outcome.measured;
  std::printf("  golden examples  %u\n", found.golden_checked);
  std::printf("  batching         %s\n",
              found.row_independent ? "rows are independent: requests may be merged" : "requests are never merged");
  std::printf("  cost             %.1f us + %.2f us per row\n", microseconds(found.cost.fixed),
              microseconds(found.cost.per_row));
  std::printf("  memory           %s\n", cli::human_bytes(found.memory.count).c_str());
  std::printf("  load             %.1f ms\n", microseconds(found.load_time) / 1000);
}

SandboxPolicy sandbox_policy(const cli::Arguments& arguments) {
  return arguments.text("--sandbox") == "required" ? SandboxPolicy::Required : SandboxPolicy::Preferred;
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto package = open_local_package(arguments.at("PATH"));
  if (!package.ok()) {
    cli::complain(package.error().message);
    return cli::Exit::Refused;
  }
  if (const auto keys = arguments.all("--key"); !keys.empty()) {
    const auto found = check_local_signature(*package, arguments.at("PATH"), keys, arguments.text("--signature"));
    const bool is_verified = found.ok() && found->state == governance::SignatureState::Verified;
    const std::string told = found.ok() ? governance::describe(*found) : found.error().message;
    if (!is_verified) {
      cli::complain("signature " + cli::clean(told));
      return cli::Exit::Refused;
    }
    if (!arguments.has("--json")) cli::print("signature " + cli::clean(told) + "\n");
  }
  Log log({.level = LogLevel::Off});
  probe_process::ProbeProcess probe(*package->artifacts, log, {.sandbox = sandbox_policy(arguments)});
  const ports::ProbeOutcome outcome = probe.probe(package->version);
  warn_of_gaps(outcome.sandbox);
  if (arguments.has("--json")) {
    print_json(outcome);
  } else {
    print_text(outcome);
  }
  return outcome.verdict == Verdict::Passed ? cli::Exit::Done : cli::Exit::Refused;
}

}  // namespace

cli::Command verify_command() {
  return {.name = "verify",
          .summary = "Verify a package as the server would, without a server",
          .options = {{.name = "PATH",
                       .help = "a folder, an archive or a model file",
                       .required = true,
                       .offers = cli::Offers::Files},
                      {.name = "--sandbox",
                       .value = "POLICY",
                       .help = "preferred (default): with what walls this machine allows; required: not without all",
                       .choices = {"preferred", "required"}},
                      {.name = "--key",
                       .value = "FILE",
                       .help = "a public key: expect a signature by one of those said",
                       .repeated = true,
                       .offers = cli::Offers::Files},
                      {.name = "--signature",
                       .value = "FILE",
                       .help = "the signature; default: model.sig in the package, else PATH.sig",
                       .offers = cli::Offers::Files},
                      {.name = "--json", .value = "", .help = "as JSON"}},
          .examples = {"slipway verify model.onnx", "slipway verify wine.tar.gz --key release.pub",
                       "slipway verify examples/digits"},
          .run = run,
          .subcommands = {},
          .details =
              "Signature against the file, load, warm-up, golden examples, row independence, cost and memory, in a "
              "child process. Leaves with 0 only if all of it passed."};
}

}  // namespace slipway::app
