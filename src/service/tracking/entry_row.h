// EntryRow: an entry as a search sees it, and what may be asked of each kind.
#pragma once

#include <optional>
#include <string_view>

#include "domain/search/filter.h"
#include "domain/training/entry.h"

namespace slipway::tracking {

search::Rules rules_for(training::Kind kind);

// Borrows the entry.
class EntryRow final : public search::Row {
 public:
  explicit EntryRow(const training::Entry& entry) : entry_(entry) {}
  std::optional<double> number(const search::Field& field) const override;
  std::optional<std::string_view> text(const search::Field& field) const override;

 private:
  std::optional<std::string_view> attribute(std::string_view key) const;
  const training::Entry& entry_;
};

}  // namespace slipway::tracking
