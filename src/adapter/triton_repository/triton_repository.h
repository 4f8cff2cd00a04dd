// TritonRepository: serves the models of a Triton repository through the registry, and follows its changes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
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
  std::string packages;                          // folder of this room alone, for archives on their way
  std::string records;                           // file that remembers what was taken
  Duration patience = std::chrono::seconds(60);  // of a load or unload while others have their turn
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
  // it changed for an interval; it goes when two looks in a row missed it. What failed for a reason that may pass is
  // taken again after a pause, which doubles from 5 s to 10 min. Blocks for as long as imports take.
  void look();
  // Begins no further import; one under way is not written down if the end of the server made it fail.
  void stop() { stopping_.store(true); }

  Result<model::TrafficSplit> import(const model::ModelName& name, const ports::RepositoryOverrides& overrides,
                                     std::string_view principal) override;
  Result<void> unload(const model::ModelName& name, std::string_view principal) override;
  bool has(const model::ModelName& name) const override { return folder_.has(name.text()); }
  std::vector<ports::RepositoryFinding> findings() const override { return *findings_.current(); }
  std::optional<std::vector<Started>> started() const override { return *started_.current(); }

 private:
  TritonRepository(const Parts& parts, Settings settings, RepositoryFolder folder, ImportRecords records);

  class Turn;  // one model's import or unload at a time
  struct Line {
    std::uint64_t last = 0;
    std::deque<std::uint64_t> waiting;  // the first has its turn
  };
  // An import that failed and may end otherwise.
  struct Retry {
    Digest stamp;  // of the folder as it was
    Duration pause{};
    TimePoint not_before{};
  };
  ImportParts import_parts() const;
  bool look_at_each(const std::vector<std::string>& names);  // false: the server is stopping, or has no time
  void look_at(const std::string& name);
  bool is_pausing(const ModelFolder& folder) const;
  void pause(const ModelFolder& folder);
  void take(const ModelFolder& folder);
  void finish_start();
  void drop_undeployed();
  void drop_missing(const std::vector<std::string>& names);
  Result<Imported> import_now(const model::ModelName& name, const ports::RepositoryOverrides& overrides,
                              const registry::Author& author);
  void keep();  // writes the records and publishes the findings, if they changed
  void complain(const std::string& what, const Error& error);

  Parts parts_;
  const Settings settings_;
  const RepositoryFolder folder_;
  std::atomic<bool> stopping_{false};
  Guarded<Line> line_;  // who has the turn owns what follows
  std::condition_variable freed_;
  ImportRecords records_;
  ImportRecords kept_;
  std::map<std::string, Digest> seen_;     // by the last look, and not taken yet
  std::map<std::string, Retry> retries_;   // of models whose import failed for a reason that may pass
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
