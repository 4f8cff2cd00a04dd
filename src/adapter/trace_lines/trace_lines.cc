#include "adapter/trace_lines/trace_lines.h"

#include <algorithm>
#include <array>

#include "adapter/codec/json_element.h"
#include "adapter/codec/json_reader.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace slipway::trace_lines {
namespace {

using codec::JsonReader;
using evidence::Observation;

constexpr std::array<std::string_view, 9> kKeys{"t",     "unit",       "arm",     "p",     "latency_ms",
                                                "error", "prediction", "outcome", "slices"};

// What stands for the key of a unit; never 0.
std::uint64_t hash_of(std::string_view unit) {
  const Digest digest = sha256(as_bytes(unit));
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 8; ++i) hash = hash << 8U | digest.bytes.at(i);
  return hash == 0 ? 1 : hash;
}

bool read_arm(JsonReader& reader, Observation& observation) {
  const std::size_t at = reader.offset();
  const auto word = reader.string();
  if (!word) return false;
  if (*word != "control" && *word != "candidate") {
    return reader.fail_at(at, "expected \"control\" or \"candidate\", found \"" + std::string(*word) + "\"");
  }
  observation.arm = *word == "candidate" ? stats::Arm::Candidate : stats::Arm::Control;
  return true;
}

bool read_unit(JsonReader& reader, Observation& observation) {
  const auto word = reader.string();
  if (!word) return false;
  if (!word->empty()) observation.unit = hash_of(*word);
  return true;
}

bool read_error(JsonReader& reader, Observation& observation) {
  const auto error = reader.boolean();
  if (error) observation.error = *error;
  return error.has_value();
}

bool read_predictions(JsonReader& reader, Observation& observation) {
  if (reader.peek() != JsonReader::Kind::Array) return codec::read_json_double(reader, observation.predictions[0]);
  if (!reader.enter_array()) return false;
  std::size_t count = 0;
  while (reader.next_element()) {
    if (count == observation.predictions.size()) return reader.fail("expected at most 4 numbers, found more");
    if (!codec::read_json_double(reader, observation.predictions.at(count++))) return false;
  }
  return !reader.failed();
}

bool read_slices(JsonReader& reader, std::span<const std::string> known, Observation& observation) {
  if (!reader.enter_array()) return false;
  while (reader.next_element()) {
    const auto word = reader.string();
    if (!word) return false;
    const auto found = std::ranges::find(known, *word);
    if (found != known.end()) observation.slices |= std::uint64_t{1} << (found - known.begin());
  }
  return !reader.failed();
}

bool read_optional(JsonReader& reader, std::optional<double>& value) {
  double number = 0;
  if (!codec::read_json_double(reader, number)) return false;
  value = number;
  return true;
}

bool read_key(JsonReader& reader, std::string_view key, std::span<const std::string> slices, Observation& to) {
  if (key == "t") return codec::read_json_double(reader, to.t);
  if (key == "p") return codec::read_json_double(reader, to.p);
  if (key == "arm") return read_arm(reader, to);
  if (key == "unit") return read_unit(reader, to);
  if (key == "error") return read_error(reader, to);
  if (key == "latency_ms") return read_optional(reader, to.latency_ms);
  if (key == "outcome") return read_optional(reader, to.outcome);
  if (key == "prediction") return read_predictions(reader, to);
  if (key == "slices") return read_slices(reader, slices, to);
  return reader.fail("unknown key \"" + std::string(key) +
                     "\"; known: t, unit, arm, p, latency_ms, error, prediction, outcome, slices");
}

Result<void> check_whole(const Observation& observation, std::uint32_t seen) {
  for (const std::size_t key : {0U, 2U, 3U}) {
    if ((seen >> key & 1U) == 0) return invalid_input("expected \"" + std::string(kKeys.at(key)) + "\", found none");
  }
  if (!std::isfinite(observation.t)) return invalid_input("t: expected a finite number of seconds");
  if (!(observation.p >= 0 && observation.p <= 1)) {
    return invalid_input("p: expected the probability of candidate, from 0 to 1, found " +
                         std::to_string(observation.p));
  }
  if (!observation.error && !observation.outcome) {
    return invalid_input("expected an answer (error, latency_ms or prediction) or an outcome, found neither");
  }
  return {};
}

}  // namespace

Result<Observation> TraceLines::read(std::string_view line) const {
  codec::Arena arena;
  JsonReader reader(line, arena);
  Observation observation;
  std::uint32_t seen = 0;
  if (reader.enter_object()) {
    while (const auto key = reader.next_key()) {
      const auto at = static_cast<std::uint32_t>(std::ranges::find(kKeys, *key) - kKeys.begin());
      if (at < kKeys.size() && (seen >> at & 1U) != 0) {
        reader.fail("expected each key once, found \"" + std::string(*key) + "\" again");
        break;
      }
      seen |= 1U << at;
      if (!read_key(reader, *key, slices_, observation)) break;
    }
  }
  if (reader.failed() || !reader.finish()) return reader.error();
  const bool is_answer = observation.latency_ms || !std::isnan(observation.predictions[0]);
  if (is_answer && !observation.error) observation.error = false;
  TRY(check_whole(observation, seen));
  return observation;
}

}  // namespace slipway::trace_lines
