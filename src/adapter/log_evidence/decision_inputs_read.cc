// DecisionInputs from their JSON.
#include "adapter/codec/json_reader.h"
#include "adapter/log_evidence/decision_inputs.h"
#include "adapter/log_evidence/packed_words.h"
#include "domain/model/serving.h"
#include "domain/model/verdict.h"

namespace slipway::log_evidence {
namespace {

using codec::JsonReader;

constexpr std::size_t kMostCandidates = model::kMostShares;
constexpr std::size_t kMostBytes = 64U * 1024U * 1024U;  // of a state

bool read_text(JsonReader& reader, std::string& to) {
  const auto text = reader.string();
  if (text) to = *text;
  return text.has_value();
}

bool read_whole(JsonReader& reader, std::uint64_t& to) {
  const std::size_t at = reader.offset();
  const auto number = reader.number();
  if (!number) return false;
  const auto whole = codec::to_uint64(number);
  if (!whole) return reader.fail_at(at, "expected a whole number that is not negative");
  to = *whole;
  return true;
}

bool read_verdict(JsonReader& reader, model::Verdict& to) {
  const std::size_t at = reader.offset();
  const auto word = reader.string();
  if (!word) return false;
  const auto verdict = model::parse_verdict(*word);
  if (!verdict) return reader.fail_at(at, "expected a verdict, found \"" + std::string(*word) + "\"");
  to = *verdict;
  return true;
}

bool read_bytes(JsonReader& reader, std::vector<std::byte>& to) {
  const std::size_t at = reader.offset();
  const auto text = reader.string();
  if (!text) return false;
  auto bytes = unpacked(*text, kMostBytes);
  if (!bytes.ok()) return reader.fail_at(at, bytes.error().message);
  to = *std::move(bytes);
  return true;
}

bool read_candidate(JsonReader& reader, CandidateInputs& to) {
  if (!reader.enter_object()) return false;
  while (const auto key = reader.next_key()) {
    bool is_read = true;
    if (*key == "version") {
      is_read = read_whole(reader, to.version);
    } else if (*key == "alpha") {
      const auto number = reader.number();
      is_read = static_cast<bool>(number);
      if (is_read) to.alpha = codec::to_double(number);
    } else if (*key == "verdict") {
      is_read = read_verdict(reader, to.said.verdict);
    } else if (*key == "may_advance") {
      const auto value = reader.boolean();
      is_read = value.has_value();
      to.said.may_advance = value.value_or(false);
    } else if (*key == "reason") {
      is_read = read_text(reader, to.said.reason);
    } else if (*key == "state") {
      is_read = read_bytes(reader, to.state);
    } else if (*key == "pairs") {
      is_read = read_bytes(reader, to.pairs);
    } else if (*key == "hold") {
      is_read = read_text(reader, to.hold);
    } else {
      is_read = reader.skip();
    }
    if (!is_read) return false;
  }
  if (reader.failed()) return false;
  return !to.state.empty() || reader.fail("expected a candidate with a state, found none");
}

bool read_candidates(JsonReader& reader, std::vector<CandidateInputs>& to) {
  if (!reader.enter_array()) return false;
  while (reader.next_element()) {
    if (to.size() == kMostCandidates) return reader.fail("expected fewer candidates");
    if (!read_candidate(reader, to.emplace_back())) return false;
  }
  return !reader.failed();
}

bool read_limit(JsonReader& reader, std::optional<double>& to) {
  if (!reader.enter_object()) return false;
  while (const auto key = reader.next_key()) {
    if (*key != "value" || reader.peek() == JsonReader::Kind::Null) {
      if (!reader.skip()) return false;
      continue;
    }
    const auto number = reader.number();
    if (!number) return false;
    to = codec::to_double(number);
  }
  return !reader.failed();
}

bool read_limits(JsonReader& reader, std::vector<std::optional<double>>& to) {
  if (!reader.enter_array()) return false;
  while (reader.next_element()) {
    if (to.size() == evidence::kMostLimits) return reader.fail("expected fewer limits");
    if (!read_limit(reader, to.emplace_back())) return false;
  }
  return !reader.failed();
}

bool read_plan(JsonReader& reader, Digest& to) {
  const std::size_t at = reader.offset();
  const auto text = reader.string();
  if (!text) return false;
  const auto digest = parse_digest(*text);
  if (!digest.ok()) return reader.fail_at(at, digest.error().message);
  to = *digest;
  return true;
}

bool read_format(JsonReader& reader) {
  const std::size_t at = reader.offset();
  std::uint64_t format = 0;
  if (!read_whole(reader, format)) return false;
  return format == 1 || reader.fail_at(at, "expected format 1, found " + std::to_string(format));
}

bool read_all(JsonReader& reader, DecisionInputs& to) {
  bool has_format = false;
  if (!reader.enter_object()) return false;
  while (const auto key = reader.next_key()) {
    bool is_read = true;
    if (*key == "format") {
      is_read = has_format = read_format(reader);
    } else if (*key == "plan") {
      is_read = read_plan(reader, to.plan);
    } else if (*key == "hold") {
      is_read = read_text(reader, to.hold);
    } else if (*key == "limits") {
      is_read = read_limits(reader, to.limits);
    } else if (*key == "candidates") {
      is_read = read_candidates(reader, to.candidates);
    } else {
      is_read = reader.skip();
    }
    if (!is_read) return false;
  }
  if (reader.failed() || !reader.finish()) return false;
  return (has_format && !to.candidates.empty()) || reader.fail("expected a format and candidates, found none");
}

}  // namespace

Result<DecisionInputs> read_inputs(std::string_view text) {
  if (text.size() > kLargestInputs) {
    return invalid_input("inputs of a decision: expected at most " + std::to_string(kLargestInputs) + " bytes, found " +
                         std::to_string(text.size()));
  }
  codec::Arena arena;
  JsonReader reader(text, arena);
  DecisionInputs inputs;
  if (!read_all(reader, inputs)) return reader.error().within("inputs of a decision");
  return inputs;
}

}  // namespace slipway::log_evidence
