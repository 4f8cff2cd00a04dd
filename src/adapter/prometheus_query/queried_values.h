// QueriedValues: what queries to monitoring servers said last, for who must not wait for them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"

namespace slipway::prometheus_query {

inline constexpr std::size_t kMostQueries = 64;  // at once
inline constexpr Duration kAskedEvery = std::chrono::seconds(5);
inline constexpr Duration kGoodFor = std::chrono::seconds(20);    // a value that is older counts as none
inline constexpr Duration kWantedFor = std::chrono::seconds(60);  // since somebody looked at it

// value() and check(): any thread, without waiting. tick(): one thread, which waits for the servers. Only servers that
// the configuration names are asked.
class QueriedValues {
 public:
  struct Parts {
    std::map<std::string, std::string> servers;  // name -> URL
    const Clock& clock;
    std::function<Result<double>(const std::string& url, const std::string& query)> ask;
  };
  explicit QueriedValues(Parts parts) : parts_(std::move(parts)) {}

  Result<void> check(const std::string& server) const;  // InvalidInput: there is none of that name
  // Unavailable: it was not asked yet, or gave no value, with the reason; from now on it is asked.
  Result<double> value(const std::string& server, const std::string& query);
  void tick();  // asks what is due

 private:
  struct Query {
    TimePoint wanted_at{};
    std::optional<TimePoint> asked_at;
    Result<double> said = unavailable("it was not asked yet");
  };
  using Key = std::pair<std::string, std::string>;  // server, query
  std::optional<Key> due() const;

  const Parts parts_;
  mutable Guarded<std::map<Key, Query>> queries_;
};

}  // namespace slipway::prometheus_query
