// Tracking: the only writer of experiments, runs and logged models, and of the files kept with them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/training/entry.h"
#include "ports/artifact_store.h"
#include "ports/tracking_store.h"
#include "service/tracking/search.h"

namespace slipway::tracking {

using training::Entry;
using training::EntryKey;

inline constexpr std::string_view kDefaultExperiment = "0";

struct NewEntry {
  training::Kind kind = training::Kind::Run;
  std::string experiment;                     // its id; none for an experiment
  std::string name, owner, source_run, type;  // owner: the principal that makes it
  std::optional<std::int64_t> started;        // else now
  std::vector<std::pair<std::string, std::string>> tags, parameters;
};
struct EntryChange {
  std::optional<std::string> name;
  std::optional<training::State> state;
  std::optional<std::int64_t> ended;
  std::optional<bool> removed;
  std::vector<std::pair<std::string, std::string>> tags;  // that are set with it
};
// What is written down at once: all of it or nothing.
struct Notes {
  std::vector<training::Metric> metrics;
  std::vector<std::pair<std::string, std::string>> parameters, tags;
};
// A file, or a folder of files (digest and size are of no meaning then).
struct Listed {
  training::File file;
  bool is_folder = false;
};

// A file on its way in; dropping it without finish() leaves nothing. One thread. Must not outlive its Tracking.
class FileUpload {
 public:
  virtual ~FileUpload() = default;
  virtual Result<void> write(ByteSpan bytes) = 0;
  virtual Result<void> finish() = 0;  // durable, and listed, on return; in place of a file of that path
};

// Any thread; every method blocks. InvalidInput: what domain/training does not allow, or an entry that was removed.
class Tracking {
 public:
  struct Parts {
    ports::TrackingStore& store;
    ports::ArtifactStore& artifacts;
    const Clock& clock;
    // While what it returns lives, no artifact is collected.
    std::function<std::shared_ptr<void>()> hold_artifacts;
    std::function<std::shared_ptr<void>()> read_artifacts;  // the same for those in use
  };
  explicit Tracking(Parts parts) : parts_(std::move(parts)) {}

  // The experiment that is there from the start. Once, before anything else.
  Result<void> ensure_default_experiment();

  Result<Entry> create(const NewEntry& asked);            // Conflict: an experiment has that name, also a removed one
  Result<Entry> entry(const EntryKey& key);               // NotFound
  Result<Entry> experiment_named(std::string_view name);  // NotFound
  Result<Entry> change(const EntryKey& key, const EntryChange& asked);
  Result<void> log(const EntryKey& key, const Notes& notes) { return log_all({{key, notes}}); }
  Result<void> log_all(const std::map<EntryKey, Notes>& notes);  // of several entries: all of it or nothing
  // `next` is told the tag's value ("": none), and may be called again: no other's change is lost.
  Result<void> update_tag(const EntryKey& key, const std::string& tag,
                          const std::function<Result<std::string>(const std::string& before)>& next);
  Result<void> remove_tag(const EntryKey& key, const std::string& tag);  // NotFound
  Result<std::vector<training::Metric>> history(const EntryKey& key, std::string_view metric, std::size_t skip,
                                                std::size_t limit);  // NotFound: no such entry
  Result<Found> search(const SearchRequest& request) { return tracking::search(parts_.store, request); }

  // `path`: of a file; `by`: the principal. InvalidInput: it lies below a file, or is a folder.
  Result<std::unique_ptr<FileUpload>> upload(const EntryKey& key, const std::string& path, std::string by);
  Result<training::File> file(const EntryKey& key, const std::string& path);  // NotFound
  // Its bytes, piece by piece, checked.
  Result<std::unique_ptr<ports::Content>> content(const EntryKey& key, const std::string& path);
  // What lies directly in a folder ("": the topmost), in order; of a file, itself. Empty: there is nothing.
  Result<std::vector<Listed>> list(const EntryKey& key, const std::string& folder);
  // All files in a folder and below, or the one file, with their whole paths. InvalidInput: more than `most`.
  Result<std::vector<training::File>> files(const EntryKey& key, const std::string& folder, std::size_t most);
  // A file, or a folder with all in it; also when there is none.
  Result<void> remove_files(const EntryKey& key, const std::string& path);

 private:
  Result<ports::StoredEntry> stored(const EntryKey& key);
  Result<ports::StoredEntry> active(const EntryKey& key);
  Result<Entry> rewrite(const EntryKey& key, bool also_removed, const std::function<Result<Notes>(Entry&)>& change);

  Parts parts_;
};

}  // namespace slipway::tracking
