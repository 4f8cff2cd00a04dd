// Entry: an experiment, a run or a logged model, with all that training code has written down about it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace slipway::training {

enum class Kind : std::uint8_t { Experiment, Run, Model };
std::string_view name_of(Kind kind);  // "experiment", "run", "model"

// Of runs and logged models; an experiment has none.
enum class State : std::uint8_t { None, Running, Scheduled, Finished, Failed, Killed, Pending, Ready, UploadFailed };
std::string_view name_of(State state);                    // "RUNNING", as clients say it; "" for None
std::optional<State> parse_state(std::string_view name);  // not for ""
bool fits(State state, Kind kind);

// A run's id is 32 hexadecimal digits, a logged model's "m-" and as many, an experiment's a number.
struct EntryKey {
  Kind kind = Kind::Run;
  std::string id;
  auto operator<=>(const EntryKey&) const = default;
};
bool is_id(Kind kind, std::string_view text);

// One value of a metric. Times are milliseconds since 1970, as clients write them.
struct Metric {
  std::string key;
  double value = 0;
  std::int64_t timestamp = 0;
  std::int64_t step = 0;
};
// Same bits, so that one NaN is another.
bool operator==(const Metric& a, const Metric& b);
// Whether `a` counts as the latest value rather than `b`: by step, then time, then value; NaN below all numbers.
bool is_later(const Metric& a, const Metric& b);

// A value; its key names it for ever.
struct Entry {
  EntryKey key;
  std::string experiment;  // the id of the one it belongs to; its own for an experiment
  std::string name;
  std::string owner;       // the principal that made it
  std::string source_run;  // of a logged model: the run that made it; empty: none
  std::string type;        // of a logged model, as its maker says it
  State state = State::None;
  std::int64_t started = 0;
  std::optional<std::int64_t> ended;
  std::int64_t changed = 0;
  bool removed = false;  // still there, and can be restored
  std::map<std::string, std::string> tags, parameters;
  std::map<std::string, Metric> metrics;  // the latest of each
  bool operator==(const Entry&) const = default;
};

// A file that training code has kept with a run or a logged model. `path` as that of a package's file.
struct File {
  std::string path;
  std::uint64_t size = 0;
  Digest digest;
  std::string put_by;  // the principal; empty: nobody knows any more
  bool operator==(const File&) const = default;
};

}  // namespace slipway::training
