// TrackingStore: where experiments, runs and logged models live. Adapters: store_memory, store_sqlite, store_postgres.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "domain/training/entry.h"

namespace slipway::ports {

// An entry as stored. `revision` is 1 when created and grows with each PutEntry; `sequence` is the order of creation.
struct StoredEntry {
  training::Entry entry;
  std::uint64_t revision = 0;
  std::uint64_t sequence = 0;
};

// Creates an entry, or replaces what it says of itself: not its tags, parameters and metrics, which have changes of
// their own. `expected`: the revision the writer read; 0: must not exist.
struct PutEntry {
  training::Entry entry;
  std::uint64_t expected = 0;
};
struct SetTag {
  training::EntryKey of;
  std::string key, value;
};
struct RemoveTag {  // also when absent
  training::EntryKey of;
  std::string key;
};
struct SetParameter {  // once: Conflict when it has another value
  training::EntryKey of;
  std::string key, value;
};
struct AddMetric {  // one that is there already, bit for bit, is not there twice
  training::EntryKey of;
  training::Metric metric;
};
struct PutFile {  // in place of one of the same path
  training::EntryKey of;
  training::File file;
};
struct RemoveFile {  // also when absent
  training::EntryKey of;
  std::string path;
};
using TrackingChange = std::variant<PutEntry, SetTag, RemoveTag, SetParameter, AddMetric, PutFile, RemoveFile>;

// Any thread; every method blocks. Failures: as MetadataStore's.
class TrackingStore {
 public:
  virtual ~TrackingStore() = default;

  // All or nothing, durable on return, in their order. Conflict (and nothing changed): a revision is not as expected,
  // an experiment's name is taken, a parameter has another value; the message names it. NotFound: a change of an entry
  // that is not there.
  virtual Result<void> commit(const std::vector<TrackingChange>& changes) = 0;

  virtual Result<std::optional<StoredEntry>> entry(const training::EntryKey& key) = 0;
  virtual Result<std::optional<StoredEntry>> experiment_named(std::string_view name) = 0;
  // Of one kind, in order of creation after `after` (0: from the first); of one experiment, or of all when empty.
  virtual Result<std::vector<StoredEntry>> entries(training::Kind kind, std::string_view experiment,
                                                   std::uint64_t after, std::size_t limit) = 0;
  // In order of time, step and the bits of the value; `skip` that many first.
  virtual Result<std::vector<training::Metric>> history(const training::EntryKey& of, std::string_view metric,
                                                        std::size_t skip, std::size_t limit) = 0;
  virtual Result<std::optional<training::File>> file(const training::EntryKey& of, std::string_view path) = 0;
  // Of the paths that begin with `prefix` and lie behind `after`, in order of their bytes.
  virtual Result<std::vector<training::File>> files(const training::EntryKey& of, std::string_view prefix,
                                                    std::string_view after, std::size_t limit) = 0;
  // Of every file there is: what may not be collected.
  virtual Result<std::vector<Digest>> digests() = 0;
};

}  // namespace slipway::ports
