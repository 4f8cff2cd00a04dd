// TestRegistry: a registry that keeps everything in memory, for the tests of those who use one.
#pragma once

#include <atomic>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "adapter/store_memory/memory_artifacts.h"
#include "adapter/store_memory/memory_store.h"
#include "base/clock.h"
#include "base/log.h"
#include "service/registry/registry.h"

namespace slipway::store_memory::test {

// Takes every upload as a package of one file, unread.
class UnreadPackages final : public ports::PackageReader {
 public:
  Result<ports::OpenedPackage> open(const std::string& path, std::string_view, ports::ArtifactShelf& store) override {
    std::ifstream file(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    auto writer = TRY(store.create());
    TRY(writer->write(as_bytes(content)));
    ports::OpenedPackage package;
    package.files.push_back({"package.tar", content.size(), TRY(writer->finish())});
    return package;
  }
  Result<ports::OpenedPackage> adopt(std::vector<model::PackageFile> files, ports::ArtifactShelf&) override {
    ports::OpenedPackage package;
    package.files = std::move(files);
    return package;
  }
  Result<model::Manifest> read_manifest(std::string_view) override { return model::Manifest{}; }
};

// Answers every version with one verdict.
class OneVerdict final : public ports::CandidateProbe {
 public:
  using Verdict = ports::ProbeOutcome::Verdict;
  ports::ProbeOutcome probe(const model::ModelVersion&) override {
    ++probed;
    if (meanwhile) meanwhile();
    return {verdict, verdict == Verdict::Passed ? "" : "as the test says", {}};
  }
  std::atomic<Verdict> verdict = Verdict::Passed;
  std::atomic<int> probed = 0;
  std::function<void()> meanwhile;  // while a version is being verified
};

// One thread, but for the probe. To be derived from, or held.
struct TestRegistry {
  ManualClock clock;
  Log log{{.format = LogFormat::Text, .level = LogLevel::Off, .descriptor = 2}};
  store_memory::MemoryStore metadata;
  store_memory::MemoryArtifacts artifacts;
  UnreadPackages packages;
  OneVerdict probe;
  registry::Registry registry{{.metadata = metadata,
                               .artifacts = artifacts,
                               .packages = packages,
                               .probe = probe,
                               .clock = clock,
                               .log = log,
                               .desired_changed = [] {},
                               .tokens_changed = [] {}}};
};

}  // namespace slipway::store_memory::test
