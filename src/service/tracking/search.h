// Searching experiments, runs and logged models.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/training/entry.h"
#include "ports/tracking_store.h"

namespace slipway::tracking {

enum class View : std::uint8_t { Active, Removed, All };

struct SearchRequest {
  training::Kind kind = training::Kind::Run;
  std::vector<std::string> experiments;  // none: all; one that is named twice counts once
  View view = View::Active;
  std::string filter;
  std::vector<std::string> order_by;  // then the newest first, then by id
  std::size_t limit = 100;
  std::string page_token;                                // of the page before
  std::function<bool(const training::Entry&)> covers{};  // others are as if they were not there; none: all are
};
struct Found {
  std::vector<training::Entry> entries;
  std::string next;  // the token of the page behind; empty: that was all
};

// Reads every entry of the kind and experiments, a page at a time, and keeps those up to the asked page alone.
// A page ends early when its entries hold about 16 MiB.
// InvalidInput tells what is wrong with filter, order or token.
Result<Found> search(ports::TrackingStore& store, const SearchRequest& request);

}  // namespace slipway::tracking
