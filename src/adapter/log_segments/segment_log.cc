#include "adapter/log_segments/segment_log.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "adapter/log_segments/packed_predictions.h"

namespace slipway::log_segments {
namespace {

constexpr std::size_t kMostAtOnce = 8192;
constexpr std::size_t kMostLookedAt = 1024;  // frames with records of one key
constexpr int kTriesAtNumber = 16;
constexpr Duration kShortestSpan = std::chrono::minutes(1), kLongestSpan = std::chrono::hours(24);  // of one segment
constexpr Duration kRetiresEvery = std::chrono::minutes(10);
constexpr auto kBegins = std::chrono::minutes(10);  // without a head for as long, a segment never gets one

// The numbers of the segments of a folder, ascending.
Result<std::vector<std::uint64_t>> numbers_in(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return unavailable("prediction log: " + folder + " cannot be read: " + std::strerror(errno));
  std::vector<std::uint64_t> numbers;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    std::uint64_t number = 0;
    if (name.size() != 20 || !name.ends_with(".log")) continue;
    const auto [end, status] = std::from_chars(name.data(), name.data() + 16, number, 16);
    if (status == std::errc{} && end == name.data() + 16) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<void> take(const Frame& frame, ports::LogPage& page) {
  const auto take_all = [](auto& into, auto&& records) { into.insert(into.end(), records.begin(), records.end()); };
  if (frame.kind == FrameKind::Predictions) take_all(page.predictions, TRY(unpack(frame.payload, frame.records)));
  if (frame.kind == FrameKind::Outcomes) take_all(page.outcomes, TRY(read_outcomes(frame.payload)));
  return {};
}

Result<std::vector<ports::PredictionRecord>> records_of(const Frame& frame, const ports::PredictionRecord*) {
  if (frame.kind != FrameKind::Predictions) return corrupt("prediction log: expected predictions");
  return unpack(frame.payload, frame.records);
}

Result<std::vector<ports::OutcomeRecord>> records_of(const Frame& frame, const ports::OutcomeRecord*) {
  if (frame.kind != FrameKind::Outcomes) return corrupt("prediction log: expected outcomes");
  return read_outcomes(frame.payload);
}

}  // namespace

Result<std::unique_ptr<SegmentLog>> SegmentLog::open(std::string folder, Retention retention, const Clock& clock) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return unavailable("prediction log: " + folder + " cannot be created: " + std::strerror(errno));
  }
  std::unique_ptr<SegmentLog> log(new SegmentLog(std::move(folder), retention, clock));
  auto state = log->state_.lock();
  auto left_out = log->take_in(*state);
  if (!left_out) return std::move(left_out).error();
  log->retire(*state);
  log->left_out_ = *std::move(left_out);
  return log;
}

SegmentLog::~SegmentLog() {
  auto state = state_.lock();
  end_segment(*state);
}

Result<void> SegmentLog::append(std::span<const ports::PredictionRecord> predictions) {
  return append_all(predictions);
}

Result<void> SegmentLog::append(std::span<const ports::OutcomeRecord> outcomes) {
  return append_all(outcomes);
}

template <class Record>
Result<void> SegmentLog::append_all(std::span<const Record> records) const {
  while (!records.empty()) {
    const auto part = records.first(std::min(records.size(), kMostAtOnce));
    records = records.subspan(part.size());
    FrameBatch batch;
    batch.add(part);
    TRY(append(*state_.lock(), batch));
  }
  return {};
}

Result<void> SegmentLog::append(State& state, const FrameBatch& batch) const {
  if (state.writes && is_full(state, batch.frames.size())) end_segment(state);
  if (!state.writes) TRY(begin_segment(state));
  if (clock_.now() >= state.retires_at) retire(state);
  return state.segments.back().append(batch.frames, batch.entries);
}

// Also once it has the records of a good part of what is kept: as long as it is written, the first of them stay.
bool SegmentLog::is_full(const State& state, std::size_t more) const {
  const SegmentFile& segment = state.segments.back();
  const Duration span = std::clamp(retention_.age / 7, kShortestSpan, kLongestSpan);
  return segment.is_sealed() || segment.size() + more > retention_.segment.count || clock_.now() - state.began > span;
}

// What the folder has and `state` has not: of processes before, and of one that writes beside this.
Result<std::vector<Error>> SegmentLog::take_in(State& state) const {
  const auto numbers = TRY(numbers_in(folder_));
  std::vector<Error> left_out;
  for (const std::uint64_t number : numbers) {
    state.highest = std::max(state.highest, number);
    const auto at = std::ranges::lower_bound(state.segments, number, {}, &SegmentFile::number);
    if (at != state.segments.end() && at->number() == number) continue;
    auto segment = SegmentFile::open(folder_, number, state.names);
    if (segment.ok()) {
      state.segments.insert(at, *std::move(segment));
      continue;
    }
    SegmentFile left = SegmentFile::left_out(folder_, number);
    if (segment.error().code == ErrorCode::NotReady) {
      const auto changed = left.changed_at();
      if (changed.ok() && *changed + kBegins < clock_.wall_now()) left.remove();
      continue;
    }
    left_out.push_back(segment.error());
    state.segments.insert(at, std::move(left));
  }
  return left_out;
}

Result<void> SegmentLog::begin_segment(State& state) const {
  for (int tries = 0; tries < kTriesAtNumber; ++tries) {
    TRY(take_in(state));
    if (state.highest == UINT64_MAX) break;
    auto made = SegmentFile::create(folder_, state.highest + 1);
    if (!made && made.error().code == ErrorCode::Conflict) continue;  // another process's, just now
    if (!made) return std::move(made).error();
    if (!state.names.empty()) {
      FrameBatch names;
      names.add(state.names);
      if (auto told = made->append(names.frames, {}); !told) {
        made->remove();
        return told;
      }
    }
    state.highest = made->number();
    state.segments.push_back(*std::move(made));
    state.writes = true;
    state.began = clock_.now();
    retire(state);
    return {};
  }
  return unavailable("prediction log: " + folder_ + ": no free number for a segment");
}

// Without its index a segment is read as a whole by the next process; that must not stop the records of this one.
void SegmentLog::end_segment(State& state) {
  if (std::exchange(state.writes, false)) static_cast<void>(state.segments.back().seal(state.names));
}

// By size and by age, the oldest first; never the newest, whose number the next ones follow. By age one at a time: a
// clock that jumped for a moment must not take all.
void SegmentLog::retire(State& state) const {
  state.retires_at = clock_.now() + kRetiresEvery;
  std::uint64_t total = 0;
  for (const SegmentFile& segment : state.segments) total += segment.size_with_index();
  const WallTime oldest = clock_.wall_now() - std::chrono::duration_cast<std::chrono::microseconds>(retention_.age);
  bool may_be_old = true;
  while (state.segments.size() > 1) {
    SegmentFile& first = state.segments.front();
    const auto changed = first.changed_at();
    const bool is_old = std::exchange(may_be_old, false) && (!changed || *changed < oldest);  // or gone
    if (!is_old && total + retention_.segment.count <= retention_.size.count) return;
    total -= first.size_with_index();
    first.remove();
    state.segments.erase(state.segments.begin());
  }
}

Result<void> SegmentLog::introduce(const model::ModelName& model) {
  auto state = state_.lock();
  const std::uint64_t hash = model::hash_of(model.text());
  if (!state->names.emplace(hash, model).second || !state->writes) return {};  // a new segment begins with all of them
  FrameBatch name;
  name.add(ModelNames{{hash, model}});
  auto told = append(*state, name);
  if (!told) state->names.erase(hash);  // so that the next try writes it
  return told;
}

Result<std::optional<model::ModelName>> SegmentLog::model_of(std::uint64_t hash) {
  auto state = state_.lock();
  const auto found = state->names.find(hash);
  return found == state->names.end() ? std::nullopt : std::optional(found->second);
}

Result<ports::LogPage> SegmentLog::read(ports::LogPosition position, std::size_t limit) {
  auto state = state_.lock();
  ports::LogPage page;
  page.next = position;
  auto segment =
      std::ranges::lower_bound(state->segments, position.segment, {}, [](const auto& each) { return each.number(); });
  if (segment != state->segments.end() && segment->number() != position.segment) {
    page.skipped = position.segment != 0;
    page.next = {segment->number(), kHeadSize};
  }
  for (; segment != state->segments.end(); ++segment) {
    if (segment->number() != page.next.segment) page.next = {segment->number(), kHeadSize};
    const bool is_held = segment->is_held();  // asked first: what comes until it is let go is read below
    if (!TRY(read_frames(*segment, limit, page))) return page;
    if (TRY(segment->is_damaged_at(page.next.offset))) page.skipped = true;
    if (is_held) return page;
  }
  return page;
}

// True: up to its end.
Result<bool> SegmentLog::read_frames(const SegmentFile& segment, std::size_t limit, ports::LogPage& page) {
  std::string buffer;
  while (page.predictions.size() + page.outcomes.size() < limit) {
    const auto frame = TRY(segment.frame_at(page.next.offset, buffer));
    if (!frame) return true;
    TRY(take(*frame, page));
    page.next.offset += kFrameHead + frame->payload.size();
  }
  return false;
}

Result<ports::LogPosition> SegmentLog::end() {
  auto state = state_.lock();
  if (state->segments.empty()) return ports::LogPosition{};
  TRY(state->segments.back().catch_up(state->names));
  return ports::LogPosition{state->segments.back().number(), state->segments.back().size()};
}

template <class Record, class Fits>
Result<std::optional<Record>> SegmentLog::newest(std::uint64_t hash, KeyKind kind, Fits fits) {
  auto state = state_.lock();
  std::optional<Record> found;
  std::string buffer;
  std::size_t looked_at = 0;
  for (auto segment = state->segments.rbegin(); segment != state->segments.rend(); ++segment) {
    const bool is_ours = state->writes && segment == state->segments.rbegin();
    auto seen = is_ours ? Result<void>() : segment->catch_up(state->names);
    if (!seen && seen.error().code != ErrorCode::Corrupt) return std::move(seen).error();
    for (const std::uint32_t place : segment->find(hash, kind)) {
      if (++looked_at > kMostLookedAt) return found;  // none: an older one would be a wrong one
      const auto frame = TRY(segment->frame_at(place, buffer));
      if (!frame) continue;  // a damaged one is a lost one
      const auto records = records_of(*frame, static_cast<const Record*>(nullptr));
      if (!records) continue;
      const auto fitting = std::find_if(records->rbegin(), records->rend(), fits);
      if (fitting == records->rend()) continue;
      found.emplace(*fitting);
      return found;
    }
  }
  return found;
}

Result<std::optional<ports::PredictionRecord>> SegmentLog::find(const model::RequestKey& request) {
  return newest<ports::PredictionRecord>(model::hash_of(request.text()), KeyKind::Request, [&](const auto& record) {
    return record.request == request && record.traffic != ports::Traffic::Shadow;
  });
}

Result<std::optional<ports::PredictionRecord>> SegmentLog::find_unit(std::uint64_t model, std::uint64_t unit,
                                                                     WallTime until) {
  return newest<ports::PredictionRecord>(unit_hash(model, unit), KeyKind::Unit, [&](const auto& record) {
    return record.model == model && record.draw.unit == unit && record.at <= until &&
           record.traffic != ports::Traffic::Shadow;
  });
}

Result<std::optional<ports::PredictionRecord>> SegmentLog::find_twin(const ports::PredictionRecord& mirrored) {
  return newest<ports::PredictionRecord>(twin_hash(mirrored), KeyKind::Twin,
                                         [&](const auto& record) { return ports::is_twin_of(record, mirrored); });
}

Result<std::optional<ports::OutcomeRecord>> SegmentLog::find_outcome(std::uint64_t key) {
  return newest<ports::OutcomeRecord>(key, KeyKind::Outcome, [&](const auto& record) { return record.key == key; });
}

}  // namespace slipway::log_segments
