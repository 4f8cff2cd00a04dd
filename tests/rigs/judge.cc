#include "rigs/judge.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

namespace slipway::rigs {

struct Judge::Answered {
  std::uint64_t id = 0;
  std::uint64_t version = 0;
  std::vector<std::int64_t> nonces;
  std::vector<std::int64_t> constants;
};

struct Judge::Reader {
  simdjson::dom::parser parser;
  std::optional<Answered> read(std::string_view body);
};

namespace {

constexpr std::array<std::string_view, kFindings> kNames = {"good",       "refused", "busy",         "failed",
                                                            "mismatched", "mixed",   "wrong_version"};

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string in_quotes(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    made += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return made + "\"";
}

}  // namespace

std::optional<Judge::Answered> Judge::Reader::read(std::string_view body) {
  simdjson::dom::element document;
  simdjson::dom::array outputs;
  if (parser.parse(body.data(), body.size()).get(document)) return std::nullopt;
  if (document["outputs"].get(outputs)) return std::nullopt;
  Answered made;
  std::string_view id, version;
  if (document["id"].get(id) || document["model_version"].get(version)) return std::nullopt;
  made.id = number_of(id);
  made.version = number_of(version);
  for (const simdjson::dom::element output : outputs) {
    std::string_view name;
    simdjson::dom::array values;
    if (output["name"].get(name) || output["data"].get(values)) return std::nullopt;
    auto& into = name == "nonce_out" ? made.nonces : made.constants;
    for (const simdjson::dom::element value : values) {
      std::int64_t number = 0;
      if (value.get(number)) return std::nullopt;
      into.push_back(number);
    }
  }
  return made;
}

Judge::Judge(bool constant_is_version)
    : constant_is_version_(constant_is_version), reader_(std::make_unique<Reader>()) {}
Judge::~Judge() = default;

void Judge::judge(const Expectation& asked, int status, std::string_view body) {
  const Finding finding = find(asked, status, body);
  ++counts_[static_cast<std::size_t>(finding)];
  if (finding == Finding::Good) rows_ += asked.nonces.size();
  if (finding <= Finding::Busy || !first_problem_.empty()) return;
  first_problem_ = std::string(kNames[static_cast<std::size_t>(finding)]) + ": request " + std::to_string(asked.id) +
                   " with " + std::to_string(asked.nonces.size()) + " rows from " + std::to_string(asked.nonces[0]) +
                   " was answered " + std::to_string(status) + " " + std::string(body.substr(0, 400));
}

Finding Judge::find(const Expectation& asked, int status, std::string_view body) {
  if (status == 429 || status == 503) return Finding::Busy;
  if (asked.refused) return status == 400 ? Finding::Refused : Finding::Failed;
  if (status != 200) return Finding::Failed;
  const auto answered = reader_->read(body);
  return answered ? compare(asked, *answered) : Finding::Failed;
}

Finding Judge::compare(const Expectation& asked, const Answered& answered) const {
  if (answered.id != asked.id || answered.nonces != asked.nonces) return Finding::Mismatched;
  if (answered.constants.size() != asked.nonces.size()) return Finding::Mismatched;
  if (constant_is_version_) {
    const auto own = static_cast<std::int64_t>(answered.version);
    if (!std::ranges::all_of(answered.constants, [own](std::int64_t c) { return c == own; })) return Finding::Mixed;
  }
  return is_allowed(asked.epoch, answered.version) ? Finding::Good : Finding::WrongVersion;
}

bool Judge::is_allowed(std::size_t since, std::uint64_t version) const {
  for (std::size_t i = since; i < epochs_.size(); ++i) {
    if (epochs_[i].empty() || std::ranges::find(epochs_[i], version) != epochs_[i].end()) return true;
  }
  return false;
}

void Judge::broken(std::string_view how, std::uint64_t unanswered) {
  ++broken_;
  counts_[static_cast<std::size_t>(Finding::Failed)] += unanswered;
  if (first_problem_.empty()) {
    first_problem_ = std::string(how) + " with " + std::to_string(unanswered) + " requests unanswered";
  }
}

std::uint64_t Judge::answered() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::string Judge::report() const {
  std::string line = "{\"answered\": " + std::to_string(answered()) + ", \"rows\": " + std::to_string(rows_) +
                     ", \"cancelled\": " + std::to_string(cancelled_) + ", \"broken\": " + std::to_string(broken_);
  for (std::size_t i = 0; i < kFindings; ++i) {
    line.append(", \"").append(kNames[i]).append("\": ").append(std::to_string(counts_[i]));
  }
  return line + ", \"first_problem\": " + in_quotes(first_problem_) + "}";
}

}  // namespace slipway::rigs
