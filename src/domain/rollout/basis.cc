#include "domain/rollout/basis.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "domain/rollout/traffic_text.h"

namespace slipway::rollout {
namespace {

constexpr std::array<std::string_view, 4> kOccasions = {"start", "look", "command", "withdrawal"};
constexpr std::string_view kHead = "basis of a decision, 1";
constexpr std::string_view kNone = "-";
constexpr std::size_t kMostLines = 1'000;

// Writes what the template below names; Reader takes the same back.
class Writer {
 public:
  Writer() { text_.append(kHead).push_back('\n'); }
  std::string take() { return std::move(text_); }

  void operator()(std::string_view key, std::string_view value) { line(key, value); }
  void operator()(std::string_view key, const std::string& value) { line(key, value); }
  void operator()(std::string_view key, bool value) { line(key, value ? "yes" : "no"); }
  void operator()(std::string_view key, std::uint64_t value) { number(key, value); }
  void operator()(std::string_view key, double value) { number(key, value); }  // the shortest that is exact
  void operator()(std::string_view key, Duration value) { number(key, value.count()); }
  void operator()(std::string_view key, WallTime value) { number(key, value.time_since_epoch().count()); }
  void operator()(std::string_view key, const Traffic& value) { line(key, text_of(value)); }
  void operator()(std::string_view key, State value) { line(key, name_of(value)); }
  void operator()(std::string_view key, model::Verdict value) { line(key, model::name_of(value)); }
  void operator()(std::string_view key, const model::ModelName& value) { line(key, value.text()); }
  void operator()(std::string_view key, Occasion value) { line(key, name_of(value)); }
  void operator()(std::string_view key, const std::optional<std::uint64_t>& value) {
    value ? number(key, *value) : line(key, kNone);
  }
  // A line that earlier versions did not have: there only if there is something to say.
  void if_said(std::string_view key, const std::string& value) {
    if (!value.empty()) line(key, value);
  }
  template <class List, class Each>
  void list(std::string_view key, const List& all, Each&&) {
    (*this)(key, std::uint64_t{all.size()});
  }

 private:
  void line(std::string_view key, std::string_view value) {
    text_.append(key).push_back(' ');
    for (const char each : value) {
      if (each == '\\' || each == '\n') {
        text_.append(each == '\n' ? "\\n" : "\\\\");
      } else {
        text_.push_back(each);
      }
    }
    text_.push_back('\n');
  }
  template <class Number>
  void number(std::string_view key, Number value) {
    std::array<char, 40> digits{};
    char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    line(key, {digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  std::string text_;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {
    if (next_line() != kHead) fail(kHead);
  }
  Result<void> finish() {
    if (!failure_ && !rest_.empty()) fail("the end");
    if (failure_) return *failure_;
    return {};
  }
  bool has_failed() const { return failure_.has_value(); }

  void operator()(std::string_view key, std::string& value) {
    value.clear();
    const std::string_view written = value_of(key);
    for (std::size_t i = 0; i < written.size(); ++i) {
      if (written[i] != '\\') {
        value += written[i];
      } else if (++i < written.size() && (written[i] == 'n' || written[i] == '\\')) {
        value += written[i] == 'n' ? '\n' : '\\';
      } else {
        return fail(key, " with \\n and \\\\ only");
      }
    }
  }
  void operator()(std::string_view key, bool& value) {
    const std::string_view written = value_of(key);
    value = written == "yes";
    if (!value && written != "no") fail(key, " yes or no");
  }
  void operator()(std::string_view key, std::uint64_t& value) { number(key, value_of(key), value); }
  void operator()(std::string_view key, double& value) { number(key, value_of(key), value); }
  void operator()(std::string_view key, Duration& value) {
    Duration::rep count = 0;
    number(key, value_of(key), count);
    value = Duration(count);
  }
  void operator()(std::string_view key, WallTime& value) {
    WallTime::rep count = 0;
    number(key, value_of(key), count);
    value = WallTime(WallTime::duration(count));
  }
  void operator()(std::string_view key, Traffic& value) {
    auto read = parse_traffic(value_of(key));
    read.ok() ? void(value = *std::move(read)) : fail(key, " with shares such as 1=9900 2=100");
  }
  void operator()(std::string_view key, State& value) { named(key, value, parse_state(value_of(key)), " and a state"); }
  void operator()(std::string_view key, model::Verdict& value) {
    named(key, value, model::parse_verdict(value_of(key)), " and pass, fail or inconclusive");
  }
  void operator()(std::string_view key, Occasion& value) {
    const auto at = std::ranges::find(kOccasions, value_of(key));
    if (at == kOccasions.end()) return fail(key, " start, look, command or withdrawal");
    value = static_cast<Occasion>(at - kOccasions.begin());
  }
  void operator()(std::string_view key, model::ModelName& value) {
    auto read = model::ModelName::parse(value_of(key));
    read.ok() ? void(value = *std::move(read)) : fail(key, " and the name of a model");
  }
  void operator()(std::string_view key, std::optional<std::uint64_t>& value) {
    const std::string_view written = value_of(key);
    value.reset();
    if (written != kNone) number(key, written, value.emplace(0));
  }
  void if_said(std::string_view key, std::string& value) {
    if (!failure_ && rest_.starts_with(std::string(key) + " ")) (*this)(key, value);
  }
  template <class List, class Each>
  void list(std::string_view key, List& all, Each&& make) {
    std::uint64_t size = 0;
    (*this)(key, size);
    if (size > kMostLines) return fail(key, " of at most 1000");
    for (std::uint64_t i = 0; i < size; ++i) all.push_back(make());
  }
  // For what the lines cannot say of themselves.
  void fail(std::string_view expected, std::string_view more = {}) {
    if (failure_) return;
    std::string message = "line " + std::to_string(line_);
    message.append(": expected ").append(expected).append(more);
    message.append(", found \"").append(printable(found_)).append("\"");
    failure_.emplace(invalid_input(std::move(message)));
  }

 private:
  std::string_view next_line() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    found_ = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++line_;
    return found_;
  }
  std::string_view value_of(std::string_view key) {
    if (failure_) return {};
    const std::string_view line = next_line();
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ' ')
      return line.substr(key.size() + 1);
    fail(std::string(key));
    return {};
  }
  template <class Number>
  void number(std::string_view key, std::string_view written, Number& value) {
    const auto read = std::from_chars(written.data(), written.data() + written.size(), value);
    if (read.ec != std::errc{} || read.ptr != written.data() + written.size()) fail(key, " and a number");
  }
  template <class Value>
  void named(std::string_view key, Value& value, const std::optional<Value>& read, std::string_view what) {
    read ? void(value = *read) : fail(key, what);
  }

  std::string_view rest_, found_;
  std::size_t line_ = 0;
  std::optional<Error> failure_;
};

// The one list of what is kept of a rollout, for both ways.
template <class Codec, class Kept>
void keep_rollout(Codec& codec, Kept& rollout) {
  codec("environment", rollout.environment);
  codec("model", rollout.model);
  codec("control", rollout.control);
  codec.list("candidates", rollout.candidates, [] { return model::VersionNumber{0}; });
  for (auto& each : rollout.candidates) codec("candidate", each);
  codec("state", rollout.state);
  codec("position", rollout.position);
  codec("reason", rollout.reason);
  bool is_paused = rollout.paused.has_value();
  Pause pause = rollout.paused.value_or(Pause{});
  codec("paused", is_paused);
  codec("paused_by", pause.by);
  codec("paused_reason", pause.reason);
  if constexpr (!std::is_const_v<Kept>) {
    if (is_paused) rollout.paused.emplace(std::move(pause));
  }
  codec("wanted", rollout.wanted);
  codec("earlier", rollout.before);
  codec("revision", rollout.revision);
  codec("dwelt", rollout.dwelt);
  codec("updated", rollout.updated);
  codec("seen_at", rollout.seen_at);
  codec("approved", rollout.approved);
  codec.list("frozen", rollout.frozen, [] { return false; });
  for (std::size_t i = 0; i < rollout.frozen.size(); ++i) {
    bool is_frozen = rollout.frozen[i];
    codec("is_frozen", is_frozen);
    if constexpr (!std::is_const_v<Kept>) rollout.frozen[i] = is_frozen;
  }
  codec("winner", rollout.winner);
  codec("decisions", rollout.decisions);
  bool is_late = rollout.late.has_value();
  Traffic late = rollout.late.value_or(Traffic{});
  codec("is_late", is_late);
  codec("late", late);
  if constexpr (!std::is_const_v<Kept>) {
    if (is_late) rollout.late.emplace(std::move(late));
  }
  bool is_rehearsed = rollout.rehearsal.has_value();
  Rehearsal rehearsal = rollout.rehearsal.value_or(Rehearsal{});
  codec("is_rehearsed", is_rehearsed);
  codec("rehearsed_after", rehearsal.after);
  codec("rehearsed_since", rehearsal.since);
  if constexpr (!std::is_const_v<Kept>) {
    if (is_rehearsed) rollout.rehearsal.emplace(std::move(rehearsal));
  }
}

// A regression's sums, a line each.
template <class Codec>
struct SumLines {
  Codec& codec;
  template <class... Lists>
  void operator()(Lists&... lists) {
    const auto lines = [&](auto& list) {
      for (double& each : list) codec("by_time", each);
    };
    (lines(lists), ...);
  }
};

template <class Codec, class Kept>
void keep_sight(Codec& codec, Kept& sight) {
  bool is_served = sight.served.has_value();
  Traffic served = sight.served.value_or(Traffic{});
  codec("is_served", is_served);
  codec("served", served);
  if constexpr (!std::is_const_v<Kept>) {
    if (is_served) sight.served.emplace(std::move(served));
  }
  codec("served_revision", sight.revision);
  codec("is_live", sight.is_live);
  codec("load_failure", sight.load_failure);
  codec("is_turn", sight.is_turn);
  codec.if_said("unapproved", sight.unapproved);
  codec.list("evidence", sight.evidence, [] { return Evidence{}; });
  for (auto& each : sight.evidence) {
    codec("verdict", each.verdict);
    codec("may_advance", each.may_advance);
    codec("says", each.reason);
  }
  codec.list("rewards", sight.rewards, [] { return Arm{}; });
  for (auto& each : sight.rewards) {
    codec("rewarded", each.rewards);
    codec("mean", each.mean);
    codec("variance", each.variance);
    stats::LinearReward by_time = each.by_time;
    SumLines<Codec> lines{codec};
    by_time.keep(lines);
    if constexpr (!std::is_const_v<Kept>) each.by_time = std::move(by_time);
  }
}

// A command is its name and a number that two of them have.
std::uint64_t amount_of(const Command& command) {
  if (const auto* promote = std::get_if<Promote>(&command)) return promote->to_the_end ? 1 : 0;
  if (const auto* weight = std::get_if<SetWeight>(&command)) return weight->weight.count;
  if (const auto* drill = std::get_if<Drill>(&command)) {
    return static_cast<std::uint64_t>(drill->now.time_since_epoch().count());
  }
  return 0;
}

std::optional<Command> command_of(std::string_view name, std::uint64_t amount) {
  const WallTime time{WallTime::duration(static_cast<WallTime::rep>(amount))};
  const std::array<Command, 7> all = {
      PauseNow{}, Resume{},   Promote{amount == 1}, Abort{}, SetWeight{{static_cast<std::uint32_t>(amount)}},
      Approve{},  Drill{time}};
  static_assert(all.size() == std::variant_size_v<Command>);
  const auto found = std::ranges::find_if(all, [&](const Command& each) { return name_of(each) == name; });
  if (found == all.end() || amount_of(*found) != amount) return std::nullopt;
  return *found;
}

}  // namespace

std::string_view name_of(Occasion occasion) {
  return kOccasions[static_cast<std::size_t>(occasion)];
}

std::string text_of(const Basis& basis) {
  Writer writer;
  writer("occasion", basis.occasion);
  writer("now", basis.now);
  keep_rollout(writer, basis.before);
  keep_sight(writer, basis.sight);
  writer("command", basis.command ? name_of(*basis.command) : kNone);
  writer("amount", basis.command ? amount_of(*basis.command) : 0);
  writer("person", basis.person.name);
  writer("because", basis.person.reason);
  writer("started_by", basis.started_by);
  writer("plan", basis.plan);
  return writer.take();
}

Result<Basis> parse_basis(std::string_view text) {
  model::ModelName unnamed = TRY(model::ModelName::parse("unnamed"));
  Basis basis{.before = {.environment = {}, .model = std::move(unnamed)}};
  Reader reader(text);
  reader("occasion", basis.occasion);
  reader("now", basis.now);
  keep_rollout(reader, basis.before);
  keep_sight(reader, basis.sight);
  std::string command;
  std::uint64_t amount = 0;
  reader("command", command);
  reader("amount", amount);
  if (!reader.has_failed() && command != kNone) {
    basis.command = command_of(command, amount);
    if (!basis.command) reader.fail("a command and an amount that it takes, of ", command);
  }
  reader("person", basis.person.name);
  reader("because", basis.person.reason);
  reader("started_by", basis.started_by);
  reader("plan", basis.plan);
  TRY(reader.finish());
  if (basis.before.frozen.size() != basis.before.candidates.size()) {
    return invalid_input("frozen: expected one for each of " + std::to_string(basis.before.candidates.size()) +
                         " candidates, found " + std::to_string(basis.before.frozen.size()));
  }
  if ((basis.occasion == Occasion::Asked) != basis.command.has_value()) {
    return invalid_input("command: expected one exactly where the occasion is a command");
  }
  return basis;
}

}  // namespace slipway::rollout
