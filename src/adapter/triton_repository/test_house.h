// A repository on disk with a registry in memory, and short words to tell stories about it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>

#include "adapter/store_memory/memory_artifacts.h"
#include "adapter/store_memory/memory_store.h"
#include "adapter/triton_repository/test_folder.h"
#include "adapter/triton_repository/triton_repository.h"

namespace slipway::triton_repository::test {

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

class House : public ::testing::Test {
 protected:
  using Verdict = OneVerdict::Verdict;

  void open(Control control = Control::Poll) {
    Settings settings;
    settings.path = models.path().string();
    settings.control = control;
    settings.environment = "production";
    settings.packages = (state.path() / "imports").string();
    settings.records = (state.path() / "imports.json").string();
    settings.patience = patience;
    repository.reset();
    repository = TritonRepository::open({registry, clock, log}, settings).value();
  }
  // What was found at one look is taken at the next.
  void look_twice() {
    repository->look();
    repository->look();
  }
  // The registry's numbers, as in "1 2"; nothing: "".
  std::string served(std::string_view model) {
    std::string text;
    const auto desired = registry.desired("production").value();
    for (const auto& stored : desired) {
      if (stored.record.model.text() != model) continue;
      for (const auto& share : stored.record.split.shares())
        text += (text.empty() ? "" : " ") + std::to_string(share.version);
    }
    return text;
  }
  std::string reason(std::string_view model, model::VersionNumber version) {
    for (const auto& each : repository->findings()) {
      if (each.model == model && each.version == version) return each.reason;
    }
    return "not there";
  }
  static model::ModelName name(std::string_view text) { return model::ModelName::parse(text).value(); }

  TestFolder models;
  TestFolder state;
  Duration patience = std::chrono::minutes(5);
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
  std::unique_ptr<TritonRepository> repository;
};

}  // namespace slipway::triton_repository::test
