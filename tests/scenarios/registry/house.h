// A registry with everything it needs, and short words to tell stories about it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "adapter/signature_bundle/signature_bundle.h"
#include "adapter/store_memory/memory_artifacts.h"
#include "adapter/store_memory/memory_rollouts.h"
#include "adapter/store_memory/memory_store.h"
#include "service/registry/registry.h"

namespace slipway::registry_scenarios {

// Reads "NAME|CONTENT" as a package of two files, CONTENT and a manifest with that name. The content "broken" is
// refused after its files are stored, as a package whose last file is at fault. "child of X" has the parent X in its
// lineage; "# ..." is its own model card as well.
class ScriptedPackages final : public ports::PackageReader {
 public:
  Result<ports::OpenedPackage> open(const std::string& path, std::string_view filename,
                                    ports::ArtifactShelf& store) override;
  // The files as they are and a manifest; one of them called "broken" is refused.
  Result<ports::OpenedPackage> adopt(std::vector<model::PackageFile> files, ports::ArtifactShelf& store) override;
  Result<model::Manifest> read_manifest(std::string_view yaml) override;

  std::function<void()> after_storing;  // runs between the files' storing and the push's commit
  std::atomic<int> opened = 0;
};

// Answers Passed unless a content was given another outcome.
class ScriptedProbe final : public ports::CandidateProbe {
 public:
  ports::ProbeOutcome probe(const model::ModelVersion& version) override;

  using Verdict = ports::ProbeOutcome::Verdict;
  void answer(const std::string& content, Verdict verdict, std::string reason);
  std::function<void()> before_answer;
  std::atomic<int> probed = 0;

 private:
  Guarded<std::map<Digest, ports::ProbeOutcome>> outcomes_;
};

// Asks something of the model "fraud" once `asks` says so. Answers Pass unless a content was given another verdict.
class ScriptedGates final : public ports::VersionGates {
 public:
  bool has_plan(const model::ModelName& name) const override { return asks && name.text() == "fraud"; }
  ports::GateFindings run(const model::ModelVersion& candidate, const model::ModelVersion* live,
                          const std::function<void(std::string_view)>& progress) override;

  std::atomic<bool> asks = false;
  std::map<std::string, ports::GateFindings> answers;  // by content
  std::function<void()> before_answer;
  std::vector<model::VersionNumber> compared_with;  // 0: none was live
  std::string padding;                              // in the evidence
};

// In memory; away while it is told to be.
class ScriptedStore final : public store_memory::MemoryStore {
 public:
  Result<void> commit(const std::vector<ports::Change>& changes, const std::vector<model::Event>& events) override {
    if (is_away) return unavailable("the database cannot be reached");
    if (const auto meanwhile = std::exchange(before_commit, nullptr)) meanwhile();
    return MemoryStore::commit(changes, events);
  }
  std::atomic<bool> is_away = false;
  std::function<void()> before_commit;  // once
};

// In memory; their records cannot be read while they are told to be broken.
class ScriptedRollouts final : public store_memory::MemoryRollouts {
 public:
  Result<std::optional<ports::StoredRollout>> rollout(std::uint64_t number) override {
    if (is_broken) return corrupt("rollout.wanted: expected shares");
    return MemoryRollouts::rollout(number);
  }
  bool is_broken = false;
};

class House : public ::testing::Test {
 protected:
  using Verdict = ScriptedProbe::Verdict;

  House() { static_cast<void>(registry->collect_artifacts()); }  // as a server does when it starts
  // Another process over the same stores.
  void restart();

  // "fraud" with this content; the version's number, or 0 with a test failure.
  model::VersionNumber pushed(const std::string& content, const std::string& model = "fraud");
  // As many validated versions of "fraud".
  void given_versions(int count);
  Result<registry::Pushed> push(const std::string& model, const std::string& content,
                                const std::string& filename = "m.onnx");
  std::string stage_of(model::VersionNumber number, const std::string& model = "fraud");
  std::string reason_of(model::VersionNumber number);

  Result<std::uint64_t> deploy(model::VersionNumber number, std::string_view environment = "production");
  // ... and serving reports it live.
  void live(model::VersionNumber number, std::string_view environment = "production");
  std::string rolled_back(std::string_view environment = "production");  // what is served then, or the error's name
  std::string served(std::string_view environment = "production");       // "version 2", "nothing"
  std::string points_to(std::string_view alias);                         // "version 2", "NotFound"

  static model::ModelName name(std::string_view text) { return model::ModelName::parse(text).value(); }
  static model::Alias alias(std::string_view text) { return model::Alias::parse(text).value(); }
  template <class T>
  static std::string outcome(const Result<T>& result) {
    return result.ok() ? "ok" : std::string(name_of(result.error().code));
  }
  template <class T>
  static std::string message(const Result<T>& result) {
    return result.ok() ? "ok" : result.error().message;
  }

  ManualClock clock;
  Log log{{.format = LogFormat::Text, .level = LogLevel::Off, .descriptor = 2}};
  ScriptedStore metadata;
  store_memory::MemoryArtifacts artifacts;
  ScriptedPackages packages;
  ScriptedProbe probe;
  ScriptedGates gates;
  int gates_wanted = 0;
  bool may_record = true;  // what gates found; false: another process has taken over
  signature_bundle::BundleReader signature_reader;
  ScriptedRollouts rollouts;
  governance::Rules rules;  // taken at the next restart()
  registry::Refusals refusals;
  std::atomic<int> desired_changes = 0;
  std::atomic<int> token_changes = 0;
  std::vector<Digest> elsewhere;    // artifacts that something besides the registry needs
  bool may_remove = true;           // artifacts; false: another process has taken over
  std::atomic<int> holds_told = 0;  // to other processes
  std::unique_ptr<registry::Registry> registry = made();
  const registry::Author eva{"eva", "because"};

 private:
  std::unique_ptr<registry::Registry> made();
};

}  // namespace slipway::registry_scenarios
