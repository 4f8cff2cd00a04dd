#include "adapter/net/station.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <utility>

#include "adapter/net/connection.h"
#include "adapter/net/http2_stream.h"

namespace slipway::net {
namespace {

constexpr std::size_t kSpareBlocks = 256;
constexpr std::size_t kWideInput = 64 << 10;
constexpr std::size_t kSpareOutputs = 256;
constexpr std::size_t kLeastOutput = 64;  // less is kept within a string itself
constexpr std::size_t kKeptOutput = 64 << 10;

void write_hex(char* into, std::uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value >>= 4) into[i] = "0123456789abcdef"[value & 15];
}

}  // namespace

InputBlocks::Block InputBlocks::take(std::size_t at_least) {
  if (at_least <= kSize && !free_.empty()) {
    Block block = std::move(free_.back());
    free_.pop_back();
    count_.taken(free_.size());
    return block;
  }
  const std::size_t capacity = std::max(at_least, kSize);
  Block block{std::make_unique_for_overwrite<char[]>(capacity + kBodyPadding), capacity};
  std::memset(block.bytes.get() + capacity, 0, kBodyPadding);
  return block;
}

void InputBlocks::give_back(Block block) {
  if (block.capacity == kSize && free_.size() < kSpareBlocks) free_.push_back(std::move(block));
}

// The coldest lie in front.
std::size_t InputBlocks::drop_unused() {
  const std::size_t count = count_.unused(free_.size(), kKept);
  free_.erase(free_.begin(), free_.begin() + static_cast<std::ptrdiff_t>(count));
  return count * kSize;
}

RequestIds::RequestIds() {
  std::random_device random;
  const std::uint64_t start = static_cast<std::uint64_t>(random()) << 32 | random();
  write_hex(prefix_.data(), start, 16);
}

void RequestIds::write_next(char* into) {
  std::memcpy(into, prefix_.data(), prefix_.size());
  write_hex(into + prefix_.size(), next_++, 8);
}

std::string_view DateText::at(TimePoint now, const Clock& clock) {
  if (now >= until_ || size_ == 0) {
    const WallTime wall = clock.wall_now();
    const auto whole = std::chrono::floor<std::chrono::seconds>(wall);
    const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int written = std::snprintf(text_.data(), text_.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                      kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                      kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                                      parts.tm_hour, parts.tm_min, parts.tm_sec);
    size_ = std::min<std::size_t>(static_cast<std::size_t>(written), text_.size() - 1);
    until_ = now + (std::chrono::seconds(1) - (wall - whole));
  }
  return {text_.data(), size_};
}

Station::Station(ServerShared& shared_, std::size_t index)
    : shared(shared_),
      loop_index(index),
      now(shared_.parts.clock.now()),
      streams(std::make_unique<Http2Streams>(*this)) {}

Station::~Station() = default;

MutableByteSpan Station::wide_input() {
  if (!wide_input_) wide_input_ = std::make_unique_for_overwrite<std::byte[]>(kWideInput);
  return {wide_input_.get(), kWideInput};
}

void Station::set_alarm(Alarm alarm) {
  if (alarms.size() >= most_alarms_) drop_old_alarms();
  alarms.push_back(alarm);
  std::push_heap(alarms.begin(), alarms.end(), std::greater<>{});
}

// Connections that come and go leave alarms that are due in a minute.
void Station::drop_old_alarms() {
  std::erase_if(alarms, [](const Alarm& set) { return !set.connection->expects(set.at, set.generation); });
  std::make_heap(alarms.begin(), alarms.end(), std::greater<>{});
  most_alarms_ = std::max(kFewAlarms, 2 * alarms.size());
  if (alarms.capacity() > 2 * most_alarms_) alarms.shrink_to_fit();
}

void Station::take_turns() {
  std::swap(turn_, resumed);
  for (Connection* connection : turn_) connection->resume();
  turn_.clear();
  const auto resume = [](Connection& connection) { connection.resume(); };
  work_through(crowd, resume);
  work_through(handshakes, resume, [this] { return handshake_steps > 0; });
}

TimePoint Station::ring_alarms() {
  constexpr int kBetweenLooks = 8;
  for (int rung = 1; !alarms.empty() && alarms.front().at <= now; ++rung) {
    if (rung % kBetweenLooks == 0 && is_late()) break;
    const Alarm due = alarms.front();
    std::pop_heap(alarms.begin(), alarms.end(), std::greater<>{});
    alarms.pop_back();
    if (due.connection->generation() == due.generation) due.connection->on_alarm(due.at);
  }
  return alarms.empty() ? TimePoint::max() : alarms.front().at;
}

void Station::ensure_output(std::string& output) {
  if (!output.empty() || output.capacity() >= kLeastOutput) return;
  if (outputs_.empty()) {
    output.reserve(4096);
  } else {
    output = std::move(outputs_.back());
    outputs_.pop_back();
    output_count_.taken(outputs_.size());
  }
}

void Station::give_back_output(std::string& output) {
  std::string given = std::exchange(output, std::string());
  if (given.capacity() < kLeastOutput || given.capacity() > kKeptOutput || outputs_.size() >= kSpareOutputs) return;
  given.clear();
  outputs_.push_back(std::move(given));
}

bool Station::has_surplus() const {
  return blocks.has_surplus() || streams->has_surplus() || outputs_.size() > kFewOutputs;
}

void Station::begin_watch() {
  blocks.begin_watch();
  streams->begin_watch();
  output_count_.begin(outputs_.size());
}

std::size_t Station::drop_unused() {
  std::size_t bytes = blocks.drop_unused() + streams->drop_unused();
  const auto end = outputs_.begin() + static_cast<std::ptrdiff_t>(output_count_.unused(outputs_.size(), kFewOutputs));
  for (auto output = outputs_.begin(); output != end; ++output) bytes += output->capacity();
  outputs_.erase(outputs_.begin(), end);
  return bytes;
}

}  // namespace slipway::net
