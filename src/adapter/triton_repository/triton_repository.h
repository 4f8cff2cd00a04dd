// TritonRepository: serves the models of a Triton repository through the registry, and follows its changes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adapter/triton_repository/import_record.h"
#include "adapter/triton_repository/model_import.h"
#include "adapter/triton_repository/repository_folder.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/snapshot.h"
#include "ports/model_repository.h"
#include "service/registry/registry.h"

namespace slipway::triton_repository {

// Poll: what changes on disk is taken. Explicit: only what a load asks for.
enum class Control : std::uint8_t { Poll, Explicit };

struct Settings {
  std::string path;
  Control control = Control::Poll;
  Duration interval = std::chrono::seconds(2);  // between two looks; what changed less long ago is being written
  std::string environment;
  std::string packages;  // folder of this room alone, for archives on their way
  std::string records;   // file that remembers what was taken
  FolderLimits limits;
};

// Owned by the application, which calls look() on a thread of its own at the interval, and stop() before that thread
// ends. Everything else: any thread.
class TritonRepository final : public ports::ModelRepository {
 public:
  struct Parts {
    registry::Registry& registry;
    const Clock& clock;
    Log& log;
  };
  // NotFound, InvalidInput: the folder. Unavailable: packages or records cannot be kept.
  static Result<std::unique_ptr<TritonRepository>> open(const Parts& parts, Settings settings);

  // One look at the folder. A model is taken when two looks in a row saw the same, or at the first look when nothing in
  // it changed for an interval; it goes when two looks in a row missed it. Blocks for as long as imports take.
  void look();
  // Begins no further import; one under way is not written down if the end of the server made it fail.
  void stop() { stopping_.store(true); }

  Result<model::TrafficSplit> import(const model::ModelName& name, const ports::RepositoryOverrides& overrides,
                                     std::string_view principal) override;
  void forget(const model::ModelName& name) override;
  bool has(const model::ModelName& name) const override { return folder_.has(name.text()); }
  std::vector<ports::RepositoryFinding> findings() const override { return *findings_.current(); }
  std::optional<std::vector<Started>> started() const override { return *started_.current(); }

 private:
  TritonRepository(const Parts& parts, Settings settings, RepositoryFolder folder, ImportRecords records);

  class Turn;  // one import at a time
  ImportParts import_parts() const;
  void look_at(const std::string& name);
  void take(const ModelFolder& folder);
  void finish_start();
  void drop_missing(const std::vector<std::string>& names);
  Result<Imported> import_now(const model::ModelName& name, const ports::RepositoryOverrides& overrides,
                              const registry::Author& author);
  void keep();  // writes the records and publishes the findings, if they changed
  void complain(const std::string& what, const Error& error);

  Parts parts_;
  const Settings settings_;
  const RepositoryFolder folder_;
  std::atomic<bool> stopping_{false};
  Guarded<bool> taken_{false};  // the turn; who has it owns what follows
  std::condition_variable freed_;
  ImportRecords records_;
  ImportRecords kept_;
  std::map<std::string, Digest> seen_;     // by the last look, and not taken yet
  std::set<std::string> missed_;           // by the last look
  std::vector<std::string> unloaded_;      // folders nobody asked for, with Control::Explicit
  std::map<std::string, Error> failures_;  // of models whose folder cannot be read
  std::string complaint_;                  // so that it is said once
  bool first_look_ = true;
  bool is_starting_ = true;
  std::vector<Started> first_taken_;
  Snapshot<std::optional<std::vector<Started>>> started_;
  Snapshot<std::vector<ports::RepositoryFinding>> findings_;
};

}  // namespace slipway::triton_repository
