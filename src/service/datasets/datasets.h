// Datasets: the evaluation data that gate plans name by digest. The only writer of registered data sets.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "ports/artifact_store.h"
#include "ports/dataset_store.h"
#include "ports/metadata_store.h"
#include "ports/table_reader.h"

namespace slipway::datasets {

inline constexpr Bytes kLargest = mebibytes(256);  // of one; it is read into memory
inline constexpr std::size_t kMost = 10'000;       // in all

// Who changes something, and why: for the history.
struct Author {
  std::string principal;
  std::string reason;
  std::optional<ports::IdempotencyRecord> once = {};  // the request's mark, written with the event
};
struct NewDataset {
  std::vector<std::byte> content;
  std::string name;  // of the file; its ending says what it is
  Author author;
};
struct Added {
  ports::DatasetRecord record;
  bool created = false;  // false: it was there already
};

// Any thread; every method blocks.
class Datasets {
 public:
  struct Parts {
    ports::DatasetStore& store;
    ports::ArtifactStore& artifacts;
    ports::MetadataStore& metadata;  // for the history
    ports::TableReader& tables;
    const Clock& clock;
    std::function<std::shared_ptr<void>()> hold_artifacts;  // while it lives, no artifact is collected
  };
  explicit Datasets(Parts parts) : parts_(std::move(parts)) {}

  // Only what can be read as a table with rows. InvalidInput names line and column; Unimplemented: an ending that no
  // reader knows; Overloaded: there are kMost.
  Result<Added> add(const NewDataset& data);
  Result<std::vector<ports::DatasetRecord>> list(const std::optional<Digest>& after, std::size_t limit);
  Result<ports::DatasetRecord> find(const Digest& digest);  // NotFound
  // Its bytes go with the next collection of artifacts. Evidence goes on naming its digest.
  Result<void> remove(const Digest& digest, const Author& author);
  // Of all: what may not be collected.
  Result<std::vector<Digest>> digests();
  // Checked against its digest. NotFound: it is not registered.
  Result<ports::Table> table(const Digest& digest);

 private:
  Result<std::shared_ptr<void>> keep(ByteSpan content);  // while the result lives, it is not collected
  Result<void> note(const Author& author, const std::string& from, const std::string& to);
  const Parts parts_;
};

}  // namespace slipway::datasets
