// A Gathering as text, and back. Sections of words, each with its size before it: what it is, what is kept always; and,
// while all is small enough, the records and the evidence of each candidate.
#include "adapter/log_evidence/gathering.h"
#include "adapter/log_evidence/packed_words.h"
#include "domain/stats/kept_state.h"

namespace slipway::log_evidence {
namespace {

using Words = std::vector<std::byte>;

constexpr std::uint64_t kFormat = 2;                     // 1: twins had one word more; what is kept always is the same
constexpr std::size_t kMostBytes = 64U * 1024U * 1024U;  // of a state that was unpacked

void append_section(Words& to, Words section) {
  stats::StateWriter writer;
  std::uint64_t size = section.size();
  writer(size);
  const Words head = writer.take();
  to.insert(to.end(), head.begin(), head.end());
  to.insert(to.end(), section.begin(), section.end());
}

Result<std::span<const std::byte>> take_section(std::span<const std::byte>& from) {
  std::uint64_t size = 0;
  if (from.size() >= sizeof size) {
    stats::StateReader reader(from.first(sizeof size));
    reader(size);
    from = from.subspan(sizeof size);
    if (size <= from.size()) {
      const auto section = from.first(size);
      from = from.subspan(size);
      return section;
    }
  }
  return corrupt("kept evidence: expected another section, found the end");
}

struct Head {
  std::uint64_t format = kFormat, log = 0, plan = 0, is_whole = 0;
  template <class State>
  void keep(State& state) {
    state(format, log, plan, is_whole);
  }
};

Result<void> check(const Head& head, std::uint64_t plan, std::uint64_t log) {
  if (head.plan != plan) return conflict("kept evidence: expected that of this plan, found another's");
  if (head.log == log) return {};
  return conflict("the evidence so far is of another server's prediction log: only that server goes on with it");
}

Result<Words> words_of(const ports::RolloutRecord& rollout) {
  auto words = unpacked(rollout.evidence, kMostBytes);
  if (!words.ok()) return corrupt("kept evidence: " + words.error().message);
  return words;
}

Result<Head> take_head(std::span<const std::byte>& from) {
  Head head;
  stats::StateReader reader(TRY(take_section(from)));
  reader(head);
  TRY(reader.finish());
  return head;
}

template <class Write>
Words written(Write&& write) {
  stats::StateWriter writer;
  write(writer);
  return writer.take();
}

}  // namespace

std::string Gathering::state(std::uint64_t log) const {
  std::uint64_t remembered = rewarded_.size();
  for (const evidence::Evidence& each : evidence_) remembered += each.remembered_units();
  if (agreement_) remembered += agreement_->remembered_units() + 4 * twins_.waiting();
  const auto text = [&](bool is_whole) {
    Head head{.log = log, .plan = plan_, .is_whole = is_whole ? 1U : 0U};
    Words words;
    append_section(words, written([&](auto& writer) { writer(head); }));
    Gathering copy = is_whole ? *this : begun();
    append_section(words, written([&](auto& writer) { copy.keep_head(writer); }));
    if (is_whole) {
      append_section(words, written([&](auto& writer) { copy.keep_records(writer); }));
      for (const evidence::Evidence& each : evidence_) append_section(words, each.state());
      if (agreement_) {
        append_section(words, agreement_->state());
        append_section(words, written([&](auto& writer) { writer(copy.twins_); }));
      }
    }
    return packed(words);
  };
  // A unit that is remembered takes some 20 characters.
  if (remembered <= kLargestState / 16) {
    std::string whole = text(true);
    if (whole.size() <= kLargestState) return whole;
  }
  return text(false);
}

// As it was before the first record, but for what is not in the log.
Gathering Gathering::begun() const {
  Gathering first = *this;
  first.reading_ = {
      .begun = reading_.begun, .at = reading_.begun, .revision = reading_.revision, .missing = reading_.missing};
  first.parts_.clear();
  first.arms_.assign(arms_.size(), {});
  first.rewarded_ = evidence::SeenUnits(evidence_.front().plan().most_units);
  for (evidence::Evidence& each : first.evidence_) each = evidence::Evidence::create(each.plan()).value();
  if (agreement_) first.agreement_.emplace(evidence::Agreement::create(evidence_.front().plan()).value());
  first.twins_ = evidence::Twins();
  return first;
}

Result<void> Gathering::restore(std::span<const std::byte> sections, std::size_t candidates) {
  stats::StateReader records(TRY(take_section(sections)));
  keep_records(records);
  TRY(records.finish());
  if (!rewarded_.is_sound()) return corrupt("kept evidence: expected a table of requests, found another");
  for (std::size_t i = 0; i < candidates; ++i) {
    evidence_[i] = TRY(evidence::Evidence::restore(evidence_[i].plan(), TRY(take_section(sections))));
  }
  if (agreement_) {
    agreement_.emplace(TRY(evidence::Agreement::restore(evidence_.front().plan(), TRY(take_section(sections)))));
    stats::StateReader twins(TRY(take_section(sections)));
    twins(twins_);
    TRY(twins.finish());
  }
  if (!sections.empty()) return corrupt("kept evidence: expected its end, found more");
  return {};
}

Result<void> Gathering::check_kept(const ports::RolloutRecord& rollout, std::uint64_t log) const {
  const Words words = TRY(words_of(rollout));
  std::span<const std::byte> rest(words);
  return check(TRY(take_head(rest)), plan_, log);
}

Result<Gathering> Gathering::resume(const ports::RolloutRecord& rollout, const evidence::EvidencePlan& plan,
                                    std::uint64_t log) {
  const Words words = TRY(words_of(rollout));
  std::span<const std::byte> rest(words);
  const Head head = TRY(take_head(rest));
  Gathering gathering = TRY(create(rollout, plan, {}));
  TRY(check(head, gathering.plan_, log));
  if (head.format > kFormat) {  // a later program's: where its log was begun is not known
    gathering.reading_.gaps = 1;
    return gathering;
  }
  stats::StateReader kept(TRY(take_section(rest)));
  gathering.keep_head(kept);
  TRY(kept.finish());
  if (head.is_whole == 0) return gathering;
  if (head.format != kFormat) return gathering.begun();
  Gathering whole = gathering;
  if (whole.restore(rest, whole.evidence_.size()).ok()) return whole;
  return gathering.begun();  // another program kept it otherwise
}

}  // namespace slipway::log_evidence
