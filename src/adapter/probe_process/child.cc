#include "adapter/probe_process/child.h"

#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iterator>
#include <new>

#include "adapter/probe_process/frame.h"
#include "adapter/probe_process/gate_frames.h"
#include "adapter/probe_process/memory_limit.h"
#include "adapter/probe_process/sandbox.h"
#include "service/validation/gate_steps.h"
#include "service/validation/measurement.h"

namespace slipway::probe_process {
namespace {

constexpr rlim_t kProcessorSeconds = 600;
constexpr rlim_t kOpenFiles = 256;
constexpr std::uint64_t kMostLayers = 16;

void limit(int resource, rlim_t most) {
  const rlimit both{most, most};
  setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

// When the machine's memory runs out, the kernel ends the candidate and not the server.
void volunteer_for_lack_of_memory() {
  std::FILE* file = std::fopen("/proc/self/oom_score_adj", "we");
  if (!file) return;
  std::fputs("1000", file);
  std::fclose(file);
}

}  // namespace

std::vector<ports::SandboxLayer> confine_this_process() {
  close_range(kAnswerDescriptor + 1, ~0U, 0);
  volunteer_for_lack_of_memory();
  auto layers = leave_the_machine();
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // after, as a change of privileges clears it
  prctl(PR_SET_DUMPABLE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kProcessorSeconds);
  limit(RLIMIT_NOFILE, kOpenFiles);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_MEMLOCK, 0);
  limit(RLIMIT_MSGQUEUE, 0);
  return layers;
}

Result<ByteSpan> map_request() {
  struct stat file{};
  if (fstat(kRequestDescriptor, &file) != 0 || file.st_size <= 0) {
    return invalid_input(
        "this command is run by the server to verify a version; to verify a package by hand use `slipway verify PATH`");
  }
  void* at = mmap(nullptr, static_cast<std::size_t>(file.st_size), PROT_READ, MAP_PRIVATE, kRequestDescriptor, 0);
  if (at == MAP_FAILED) return unavailable("the request cannot be mapped");
  close(kRequestDescriptor);
  return ByteSpan(static_cast<const std::byte*>(at), static_cast<std::size_t>(file.st_size));
}

void send_answer(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(kAnswerDescriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

namespace {

Result<validation::Candidate> read_candidate(FrameReader& frame, ports::PackageReader& packages) {
  const std::string manifest_text = TRY(frame.text());
  validation::Candidate candidate{.manifest = {}, .files = {}};
  candidate.manifest = TRY(packages.read_manifest(manifest_text));
  const std::uint64_t count = TRY(frame.number());
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string path = TRY(frame.text());
    const ByteSpan bytes = TRY(frame.span());
    candidate.files.push_back({std::move(path), bytes, nullptr});
  }
  return candidate;
}

void send(const FrameWriter& frame) {
  send_answer(frame.bytes());
}

// Told before the model is loaded: what comes after it could be its word.
void send_layers(const std::vector<ports::SandboxLayer>& layers) {
  FrameWriter frame;
  frame.number(layers.size());
  for (const ports::SandboxLayer& layer : layers) {
    frame.text(layer.name);
    frame.text(layer.missing);
  }
  send(frame);
}

void send_outcome(const ports::ProbeOutcome& outcome) {
  FrameWriter frame;
  frame.number(static_cast<std::uint64_t>(outcome.verdict));
  frame.text(outcome.reason);
  const model::Verification& measured = outcome.measured;
  for (const std::uint64_t value :
       {static_cast<std::uint64_t>(measured.cost.fixed.count()),
        static_cast<std::uint64_t>(measured.cost.per_row.count()), static_cast<std::uint64_t>(measured.row_independent),
        measured.memory.count, static_cast<std::uint64_t>(measured.load_time.count()),
        static_cast<std::uint64_t>(measured.golden_checked)}) {
    frame.number(value);
  }
  send(frame);
}

bool holds(const ports::SandboxLayer& layer) {
  return layer.missing.empty();
}

ports::ProbeOutcome inconclusive(std::string reason) {
  return {ports::ProbeOutcome::Verdict::Inconclusive, std::move(reason), {}};
}

ports::ProbeOutcome measure(const validation::Candidate& candidate, ports::Backend& backend, const MemoryGauge& gauge,
                            bool limited) {
  const Bytes allowed = candidate.manifest.limits.memory;
  const SystemClock clock;
  try {
    auto outcome = validation::measure(candidate, backend, {clock, [&] { return gauge.resident(); }});
    return limited ? judged(std::move(outcome), allowed) : outcome;
  } catch (const std::bad_alloc&) {
    auto outcome = inconclusive("out of memory");
    return limited ? judged(std::move(outcome), allowed) : outcome;
  }
}

void send_finding(const ports::GateFinding& finding) {
  FrameWriter frame;
  write_finding(frame, finding);
  send(frame);
}

void run_gates(const validation::Candidate& candidate, ports::Backend& backend, const MemoryGauge& gauge,
               const ports::GateRequest& request) {
  const SystemClock clock;
  try {
    validation::run_gate_steps(candidate, backend, {clock, [&] { return gauge.resident(); }}, request, send_finding);
  } catch (const std::bad_alloc&) {
    send_finding(gate::LoadMeasurement{.end = gate::LoadEnd::OutOfMemory, .detail = "out of memory"});
  }
}

// In this order: read what is asked, load the engine, close the doors, and only then look at the model.
Result<void> answer(std::vector<ports::SandboxLayer> layers, ports::PackageReader& packages,
                    ports::BackendCatalog& backends) {
  FrameReader request(TRY(map_request()));
  const bool required = TRY(request.number()) == static_cast<std::uint64_t>(SandboxPolicy::Required);
  const bool asks_gates = TRY(request.number()) != 0;
  const validation::Candidate candidate = TRY(read_candidate(request, packages));
  ports::GateRequest gates;
  if (asks_gates) gates = TRY(read_gate_request(request));
  auto backend = backends.find(candidate.manifest.format);
  const MemoryGauge gauge;
  // After the engine is there, so that what it takes for itself is not the candidate's.
  const bool limited = limit_memory(candidate.manifest.limits.memory);
  std::ranges::move(close_the_doors(), std::back_inserter(layers));
  send_layers(layers);
  std::string obstacle;
  if (!backend.ok()) {
    obstacle = backend.error().message;
  } else if (required && !std::ranges::all_of(layers, holds)) {
    obstacle = "expected the whole sandbox, as the policy asks for, found: " + describe(layers);
  }
  if (asks_gates && !obstacle.empty()) {
    send_finding(gate::LoadMeasurement{.detail = std::move(obstacle)});
  } else if (asks_gates) {
    run_gates(candidate, **backend, gauge, gates);
  } else if (!obstacle.empty()) {
    send_outcome(inconclusive(std::move(obstacle)));
  } else {
    send_outcome(measure(candidate, **backend, gauge, limited));
  }
  return {};
}

Result<std::vector<ports::SandboxLayer>> read_layers(FrameReader& frame) {
  const std::uint64_t count = TRY(frame.number());
  if (count > kMostLayers) return corrupt("more layers of a sandbox than there are");
  std::vector<ports::SandboxLayer> layers;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string name = TRY(frame.text());
    layers.push_back({std::move(name), TRY(frame.text())});
  }
  return layers;
}

}  // namespace

void run_child(ports::PackageReader& packages, ports::BackendCatalog& backends) {
  const auto answered = answer(confine_this_process(), packages, backends);
  if (!answered.ok()) std::fprintf(stderr, "slipway: %s\n", answered.error().message.c_str());
  std::fflush(nullptr);
  // Nothing is tidied up: what engines and sanitizers do at a process's end asks for more than is left to this one.
  _exit(answered.ok() ? 0 : 1);
}

Result<ports::ProbeOutcome> read_outcome(ByteSpan answer) {
  FrameReader frame(answer);
  ports::ProbeOutcome outcome;
  outcome.sandbox = TRY(read_layers(frame));
  const std::uint64_t verdict = TRY(frame.number());
  if (verdict > static_cast<std::uint64_t>(ports::ProbeOutcome::Verdict::Inconclusive))
    return corrupt("no such verdict");
  outcome.verdict = static_cast<ports::ProbeOutcome::Verdict>(verdict);
  outcome.reason = TRY(frame.text());
  outcome.measured.cost.fixed = Duration(static_cast<std::int64_t>(TRY(frame.number())));
  outcome.measured.cost.per_row = Duration(static_cast<std::int64_t>(TRY(frame.number())));
  outcome.measured.row_independent = TRY(frame.number()) != 0;
  outcome.measured.memory = {TRY(frame.number())};
  outcome.measured.load_time = Duration(static_cast<std::int64_t>(TRY(frame.number())));
  outcome.measured.golden_checked = static_cast<std::uint32_t>(TRY(frame.number()));
  if (!frame.is_at_end()) return corrupt("the answer is longer than expected");
  return outcome;
}

Result<void> read_after_layers(FrameReader& frame, ports::GateRun& run) {
  TRY(read_layers(frame));
  return read_findings(frame, run);
}

std::vector<ports::SandboxLayer> layers_told(ByteSpan answer) {
  FrameReader frame(answer);
  auto layers = read_layers(frame);
  return layers.ok() ? std::move(layers).value() : std::vector<ports::SandboxLayer>{};
}

}  // namespace slipway::probe_process
