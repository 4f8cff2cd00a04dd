#include "service/tracking/search.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "service/tracking/entry_row.h"

namespace slipway::tracking {
namespace {

using training::Entry;

constexpr std::size_t kAtOnce = 32;  // read at once: each may hold 8 MiB
constexpr std::size_t kLongestPage = 50'000;
constexpr std::size_t kMostExperiments = 1'000;
constexpr std::size_t kPageBytes = std::size_t{16} << 20;  // of what a page's entries hold
constexpr std::size_t kPerEntry = 512, kPerPair = 48, kPerMetric = 128;

// The last entry of the page before, whose id the token is: what comes behind it as it is now is the next page. So no
// page costs more memory than the first, and entries that are made or removed meanwhile move none twice onto a page.
Result<std::optional<Entry>> last_before(ports::TrackingStore& store, const SearchRequest& request) {
  const std::string& token = request.page_token;
  if (token.empty()) return std::optional<Entry>();
  std::optional<ports::StoredEntry> found;
  if (is_id(request.kind, token)) found = TRY(store.entry({request.kind, token}));
  if (found && (!request.covers || request.covers(found->entry))) return std::optional(std::move(found->entry));
  return invalid_input("page_token: expected one that this server gave, of an entry that is still there, found \"" +
                       printable(token) + "\"");
}

bool is_asked(const Entry& entry, View view) {
  return view == View::All || entry.removed == (view == View::Removed);
}

// About what an entry takes, here and in an answer.
std::size_t bytes_of(const Entry& entry) {
  std::size_t bytes = kPerEntry + entry.name.size() + entry.owner.size() + entry.type.size();
  for (const auto& [key, value] : entry.tags) bytes += kPerPair + key.size() + value.size();
  for (const auto& [key, value] : entry.parameters) bytes += kPerPair + key.size() + value.size();
  for (const auto& [key, metric] : entry.metrics) bytes += kPerMetric + 2 * key.size();
  return bytes;
}

// The first entries in order behind `last`, of any number that is put in. A page ends after `limit` entries, or before
// the entry with which it would hold more than kPageBytes; one entry it always has.
class Best {
 public:
  Best(search::Order order, std::optional<Entry> last, std::size_t limit)
      : order_(std::move(order)), last_(std::move(last)), limit_(limit) {}

  void add(Entry entry) {
    if (last_ && !comes_first(*last_, entry)) return;
    added_bytes_ += bytes_of(entry);
    entries_.push_back(std::move(entry));
    if (entries_.size() >= 2 * limit_ + kAtOnce || added_bytes_ >= 2 * kPageBytes) cut();
  }
  Found take() {
    const std::size_t end = cut();
    Found found;
    if (entries_.size() > end) {
      found.next = entries_[end - 1].key.id;
      entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(end), entries_.end());
    }
    found.entries = std::move(entries_);
    return found;
  }

 private:
  // Keeps one entry more than the page, which tells whether there is more. What is cut away can never come back: an
  // entry that comes later moves all behind it further from the page. Returns the page's end.
  std::size_t cut() {
    std::ranges::sort(entries_, [this](const Entry& a, const Entry& b) { return comes_first(a, b); });
    added_bytes_ = 0;
    std::size_t end = 0;
    for (std::size_t bytes = 0; end < std::min(limit_, entries_.size()); ++end) {
      bytes += bytes_of(entries_[end]);
      if (bytes > kPageBytes && end > 0) break;
    }
    if (entries_.size() > end + 1)
      entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(end + 1), entries_.end());
    return end;
  }
  bool comes_first(const Entry& a, const Entry& b) const {
    const int order = order_.compare(EntryRow(a), EntryRow(b));
    if (order != 0) return order < 0;
    return a.started != b.started ? a.started > b.started : a.key < b.key;
  }

  search::Order order_;
  std::optional<Entry> last_;  // of the page before
  std::size_t limit_;
  std::size_t added_bytes_ = 0;  // since the last cut
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
  auto last = TRY(last_before(store, request));
  Best best(TRY(search::Order::parse(request.order_by, rules)), std::move(last), request.limit);
  const auto read_all = [&](const std::string& experiment) -> Result<void> {
    std::uint64_t after = 0;
    while (true) {
      auto page = TRY(store.entries(request.kind, experiment, after, kAtOnce));
      for (ports::StoredEntry& stored : page) {
        after = stored.sequence;
        const bool fits = is_asked(stored.entry, request.view) && (!request.covers || request.covers(stored.entry)) &&
                          filter.matches(EntryRow(stored.entry));
        if (fits) best.add(std::move(stored.entry));
      }
      if (page.size() < kAtOnce) return {};
    }
  };
  if (request.experiments.empty()) TRY(read_all(""));
  const std::set<std::string> experiments(request.experiments.begin(), request.experiments.end());
  for (const std::string& experiment : experiments) TRY(read_all(experiment));
  return best.take();
}

}  // namespace slipway::tracking
