#include "adapter/prometheus_query/queried_values.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::prometheus_query {

Result<void> QueriedValues::check(const std::string& server) const {
  if (parts_.servers.contains(server)) return {};
  std::string known;
  for (const auto& [name, url] : parts_.servers) known += (known.empty() ? "" : ", ") + name;
  return invalid_input("server: expected one that the setting prometheus names (" +
                       (known.empty() ? std::string("it names none") : known) + "), found \"" + printable(server) +
                       "\"");
}

Result<double> QueriedValues::value(const std::string& server, const std::string& query) {
  const TimePoint now = parts_.clock.now();
  if (auto known = check(server); !known.ok()) return std::move(known).error();
  auto queries = queries_.lock();
  const auto found = queries->find({server, query});
  if (found == queries->end()) {
    std::erase_if(*queries, [&](const auto& each) { return now - each.second.wanted_at > kWantedFor; });
    if (queries->size() == kMostQueries) {
      return unavailable("expected at most " + std::to_string(kMostQueries) + " queries at once");
    }
    (*queries)[{server, query}].wanted_at = now;
    return unavailable("it was not asked yet");
  }
  Query& known = found->second;
  known.wanted_at = now;
  if (known.said.ok() && now - *known.asked_at > kGoodFor) {
    return unavailable("its last value is older than " + to_string(kGoodFor));
  }
  return known.said;
}

// The one that was asked longest ago.
std::optional<QueriedValues::Key> QueriedValues::due() const {
  const TimePoint now = parts_.clock.now();
  auto queries = queries_.lock();
  std::erase_if(*queries, [&](const auto& each) { return now - each.second.wanted_at > kWantedFor; });
  const auto longest = std::ranges::min_element(
      *queries, {}, [](const auto& each) { return each.second.asked_at.value_or(TimePoint::min()); });
  if (longest == queries->end()) return std::nullopt;
  if (longest->second.asked_at && now - *longest->second.asked_at < kAskedEvery) return std::nullopt;
  return longest->first;
}

void QueriedValues::tick() {
  for (std::size_t asked = 0; asked < kMostQueries; ++asked) {
    const auto key = due();
    if (!key) return;
    const TimePoint began = parts_.clock.now();
    auto said = parts_.ask(parts_.servers.at(key->first), key->second);
    auto queries = queries_.lock();
    const auto found = queries->find(*key);
    if (found == queries->end()) continue;
    found->second.asked_at = began;
    found->second.said = std::move(said);
  }
}

}  // namespace slipway::prometheus_query
