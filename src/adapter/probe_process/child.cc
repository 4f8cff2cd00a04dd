#include "adapter/probe_process/child.h"

#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <new>

#include "adapter/probe_process/frame.h"
#include "adapter/probe_process/memory_limit.h"
#include "service/validation/measurement.h"

namespace slipway::probe_process {
namespace {

constexpr rlim_t kProcessorSeconds = 600;
constexpr rlim_t kOpenFiles = 256;

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

void limit_this_process() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  volunteer_for_lack_of_memory();
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kProcessorSeconds);
  limit(RLIMIT_NOFILE, kOpenFiles);
  close_range(kAnswerDescriptor + 1, ~0U, 0);
}

Result<ByteSpan> map_request() {
  struct stat file{};
  if (fstat(kRequestDescriptor, &file) != 0 || file.st_size <= 0) {
    return invalid_input(
        "this command is run by the server to verify a version; to verify a package by hand use `slipway verify PATH`");
  }
  void* at = mmap(nullptr, static_cast<std::size_t>(file.st_size), PROT_READ, MAP_PRIVATE, kRequestDescriptor, 0);
  if (at == MAP_FAILED) return unavailable("the request cannot be mapped");
  return ByteSpan(static_cast<const std::byte*>(at), static_cast<std::size_t>(file.st_size));
}

Result<validation::Candidate> read_candidate(ByteSpan request, ports::PackageReader& packages) {
  FrameReader frame(request);
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

Result<ports::ProbeOutcome> probe(ports::PackageReader& packages, ports::BackendCatalog& backends) {
  const validation::Candidate candidate = TRY(read_candidate(TRY(map_request()), packages));
  auto backend = backends.find(candidate.manifest.format);
  if (!backend.ok()) {
    return ports::ProbeOutcome{ports::ProbeOutcome::Verdict::Inconclusive, backend.error().message, {}};
  }
  // After the engine is there, so that what it takes for itself is not the candidate's.
  const Bytes allowed = candidate.manifest.limits.memory;
  const bool limited = limit_memory(allowed);
  const SystemClock clock;
  try {
    auto outcome = validation::measure(candidate, **backend, {clock, resident_memory});
    return limited ? judged(std::move(outcome), allowed) : outcome;
  } catch (const std::bad_alloc&) {
    ports::ProbeOutcome outcome{ports::ProbeOutcome::Verdict::Inconclusive, "out of memory", {}};
    return limited ? judged(std::move(outcome), allowed) : outcome;
  }
}

void write_answer(const ports::ProbeOutcome& outcome) {
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
  std::string_view left = frame.bytes();
  while (!left.empty()) {
    const ssize_t written = write(kAnswerDescriptor, left.data(), left.size());
    if (written <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

int run_child(ports::PackageReader& packages, ports::BackendCatalog& backends) {
  limit_this_process();
  const auto outcome = probe(packages, backends);
  if (!outcome.ok()) {
    std::fprintf(stderr, "slipway: %s\n", outcome.error().message.c_str());
    return 1;
  }
  write_answer(*outcome);
  return 0;
}

Result<ports::ProbeOutcome> read_outcome(ByteSpan answer) {
  FrameReader frame(answer);
  ports::ProbeOutcome outcome;
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

}  // namespace slipway::probe_process
