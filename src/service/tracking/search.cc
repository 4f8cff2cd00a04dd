#include "service/tracking/search.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "service/tracking/entry_row.h"

namespace slipway::tracking {
namespace {

using training::Entry;

constexpr std::size_t kAtOnce = 256;
constexpr std::size_t kDeepest = 1'000'000;  // entries before the page
constexpr std::size_t kLongestPage = 50'000;
constexpr std::size_t kMostExperiments = 1'000;

Result<std::size_t> offset_of(std::string_view token) {
  std::size_t offset = 0;
  if (token.empty()) return offset;
  const auto read = std::from_chars(token.data(), token.data() + token.size(), offset);
  if (read.ec == std::errc{} && read.ptr == token.data() + token.size() && offset <= kDeepest) return offset;
  return invalid_input("page_token: expected one that this server gave, found \"" + printable(token) + "\"");
}

bool is_asked(const Entry& entry, View view) {
  return view == View::All || entry.removed == (view == View::Removed);
}

// The first `most` entries in order, of any number that is put in.
class Best {
 public:
  Best(search::Order order, std::size_t most) : order_(std::move(order)), most_(most) {}

  void add(Entry entry) {
    entries_.push_back(std::move(entry));
    if (entries_.size() >= 2 * most_ + kAtOnce) cut();
  }
  std::vector<Entry> take() {
    cut();
    return std::move(entries_);
  }

 private:
  void cut() {
    std::ranges::sort(entries_, [this](const Entry& a, const Entry& b) { return comes_first(a, b); });
    if (entries_.size() > most_) entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(most_), entries_.end());
  }
  bool comes_first(const Entry& a, const Entry& b) const {
    const int order = order_.compare(EntryRow(a), EntryRow(b));
    if (order != 0) return order < 0;
    return a.started != b.started ? a.started > b.started : a.key < b.key;
  }

  search::Order order_;
  std::size_t most_;
  std::vector<Entry> entries_;
};

Result<void> check(const SearchRequest& request) {
  if (request.limit == 0 || request.limit > kLongestPage) {
    return invalid_input("max_results: expected 1 to " + std::to_string(kLongestPage) + ", found " +
                         std::to_string(request.limit));
  }
  if (request.experiments.size() <= kMostExperiments) return {};
  return invalid_input("expected at most " + std::to_string(kMostExperiments) + " experiments, found " +
                       std::to_string(request.experiments.size()));
}

}  // namespace

Result<Found> search(ports::TrackingStore& store, const SearchRequest& request) {
  TRY(check(request));
  const search::Rules rules = rules_for(request.kind);
  const auto filter = TRY(search::Filter::parse(request.filter, rules));
  const std::size_t offset = TRY(offset_of(request.page_token));
  const std::size_t end = offset + request.limit;
  Best best(TRY(search::Order::parse(request.order_by, rules)), end + 1);  // one more tells whether there is more
  const auto read_all = [&](const std::string& experiment) -> Result<void> {
    std::uint64_t after = 0;
    while (true) {
      auto page = TRY(store.entries(request.kind, experiment, after, kAtOnce));
      for (ports::StoredEntry& stored : page) {
        after = stored.sequence;
        const bool fits = is_asked(stored.entry, request.view) && filter.matches(EntryRow(stored.entry));
        if (fits) best.add(std::move(stored.entry));
      }
      if (page.size() < kAtOnce) return {};
    }
  };
  if (request.experiments.empty()) TRY(read_all(""));
  for (const std::string& experiment : request.experiments) TRY(read_all(experiment));
  Found found{.entries = best.take(), .next = {}};
  if (found.entries.size() > end) {
    found.entries.pop_back();
    found.next = std::to_string(end);
  }
  const std::size_t before = std::min(offset, found.entries.size());
  found.entries.erase(found.entries.begin(), found.entries.begin() + static_cast<std::ptrdiff_t>(before));
  return found;
}

}  // namespace slipway::tracking
