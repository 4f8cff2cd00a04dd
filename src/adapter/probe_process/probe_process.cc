#include "adapter/probe_process/probe_process.h"

#include <algorithm>

#include "adapter/probe_process/child_process.h"
#include "adapter/probe_process/gate_frames.h"
#include "adapter/probe_process/sandbox.h"

namespace slipway::probe_process {
namespace {

using Verdict = ports::ProbeOutcome::Verdict;

constexpr std::size_t kLongestAnswer = 1U << 20;
constexpr std::size_t kLongestFindings = 512U << 20;

ports::ProbeOutcome inconclusive(std::string reason) {
  return {Verdict::Inconclusive, std::move(reason), {}};
}

std::string too_late(Duration timeout) {
  return "verification did not finish within " + std::to_string(timeout / std::chrono::seconds(1)) + " s";
}

std::string forbidden(const Heard& heard) {
  return "the model asked the system for what no model has a need of: " + last_words(heard);
}

bool holds(const ports::SandboxLayer& layer) {
  return layer.missing.empty();
}

ports::ProbeOutcome conclude(const Heard& heard, Duration timeout) {
  auto outcome = read_outcome(as_bytes(heard.answer));
  if (left_well(heard) && outcome.ok()) return std::move(outcome).value();
  std::vector<ports::SandboxLayer> layers = layers_told(as_bytes(heard.answer));
  if (!heard.in_time) return {Verdict::Inconclusive, too_late(timeout), {}, std::move(layers)};
  if (asked_for_what_is_forbidden(heard)) return {Verdict::Failed, forbidden(heard), {}, std::move(layers)};
  return {Verdict::Inconclusive, "the prober " + how_it_ended(heard), {}, std::move(layers)};
}

// What the end of the process says beyond the findings it told before.
void conclude(const Heard& heard, Duration timeout, ports::GateRun& run) {
  if (left_well(heard)) return;
  const bool is_loaded = run.load.end == gate::LoadEnd::Loaded;
  gate::LoadEnd end = gate::LoadEnd::Crashed;
  if (!heard.in_time) {
    run.ended_early = too_late(timeout);
    end = gate::LoadEnd::TimedOut;
  } else {
    const bool by_itself = asked_for_what_is_forbidden(heard) || ended_itself(heard);
    run.ended_early = asked_for_what_is_forbidden(heard) ? forbidden(heard) : "the process " + how_it_ended(heard);
    run.crashed = is_loaded && by_itself;
    if (!by_itself) end = gate::LoadEnd::Stopped;
  }
  const bool told = run.load.end != gate::LoadEnd::Stopped || !run.load.detail.empty();
  if (!told) run.load = {.end = end, .detail = run.ended_early};
}

}  // namespace

ProbeProcess::ProbeProcess(ports::ArtifactStore& artifacts, Log& log, Settings settings)
    : artifacts_(artifacts), log_(log), settings_(std::move(settings)) {}

void ProbeProcess::warn_of_gaps(const model::ModelVersion& version, const std::vector<ports::SandboxLayer>& layers) {
  if (std::ranges::all_of(layers, holds)) return;
  log_.warning("verified without the whole sandbox", {{"model", version.name.text()}, {"layers", describe(layers)}});
}

ports::ProbeOutcome ProbeProcess::probe(const model::ModelVersion& version) {
  const ports::ProbeOutcome interrupted{Verdict::Interrupted, "verification was stopped", {}};
  if (stopped_) return interrupted;
  const auto request = write_request({settings_.sandbox, settings_.largest_package}, version, artifacts_, nullptr);
  if (!request.ok()) {
    const bool damaged = request.error().code == ErrorCode::Corrupt;
    return {damaged ? Verdict::Failed : Verdict::Inconclusive, request.error().message, {}};
  }
  const auto heard = run_child_process({settings_.program, settings_.timeout, kLongestAnswer}, request->fd(), stopped_);
  if (!heard.ok()) return inconclusive(heard.error().message);
  if (!heard->in_time && stopped_) return interrupted;
  ports::ProbeOutcome outcome = conclude(*heard, settings_.timeout);
  if (outcome.verdict != Verdict::Passed) {
    log_.warning("not verified", {{"model", version.name.text()}, {"why", outcome.reason}});
  }
  warn_of_gaps(version, outcome.sandbox);
  return outcome;
}

ports::GateRun ProbeProcess::run(const model::ModelVersion& version, const ports::GateRequest& request) {
  ports::GateRun run;
  const auto stop_with = [&](std::string why) {
    run.load.detail = why;
    run.ended_early = std::move(why);
    return run;
  };
  const auto interrupted = [&] {
    run.interrupted = true;
    return stop_with("validation was stopped");
  };
  if (stopped_) return interrupted();
  const auto file = write_request({settings_.sandbox, settings_.largest_package}, version, artifacts_, &request);
  if (!file.ok()) return stop_with(file.error().message);
  const auto heard = run_child_process({settings_.program, settings_.timeout, kLongestFindings}, file->fd(), stopped_);
  if (!heard.ok()) return stop_with(heard.error().message);
  run.sandbox = layers_told(as_bytes(heard->answer));
  warn_of_gaps(version, run.sandbox);
  FrameReader frame(as_bytes(heard->answer));
  const auto read = read_after_layers(frame, run);
  if (stopped_ && !heard->in_time) return interrupted();
  conclude(*heard, settings_.timeout, run);
  if (left_well(*heard) && !read.ok()) return stop_with("the process answered nonsense: " + read.error().message);
  if (!run.ended_early.empty()) {
    log_.warning("the gate process ended early", {{"model", version.name.text()}, {"why", run.ended_early}});
  }
  return run;
}

}  // namespace slipway::probe_process
