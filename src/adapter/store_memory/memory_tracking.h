// MemoryTracking: experiments and runs in memory, with the promises of ports/tracking_store.h but durability.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "ports/tracking_store.h"

namespace slipway::store_memory {

// For tests and trials. Any thread. Fails only by Conflict and NotFound.
class MemoryTracking final : public ports::TrackingStore {
 public:
  Result<void> commit(const std::vector<ports::TrackingChange>& changes) override;
  Result<std::optional<ports::StoredEntry>> entry(const training::EntryKey& key) override;
  Result<std::optional<ports::StoredEntry>> experiment_named(std::string_view name) override;
  Result<std::vector<ports::StoredEntry>> entries(training::Kind kind, std::string_view experiment, std::uint64_t after,
                                                  std::size_t limit) override;
  Result<std::vector<training::Metric>> history(const training::EntryKey& of, std::string_view metric, std::size_t skip,
                                                std::size_t limit) override;
  Result<std::optional<training::File>> file(const training::EntryKey& of, std::string_view path) override;
  Result<std::vector<training::File>> files(const training::EntryKey& of, std::string_view prefix,
                                            std::string_view after, std::size_t limit) override;
  Result<std::vector<Digest>> digests() override;

  using Moment = std::tuple<std::int64_t, std::int64_t, std::uint64_t>;  // timestamp, step, bits of the value
  struct Held {
    ports::StoredEntry stored;
    std::map<std::string, std::set<Moment>> history;
    std::map<std::string, training::File> files;
  };
  struct Tables {
    std::map<training::EntryKey, Held> entries;
    std::uint64_t last_sequence = 0;
  };

 private:
  Guarded<Tables> tables_;
};

}  // namespace slipway::store_memory
