#include "adapter/net/connection.h"

#include <array>
#include <utility>

#include "adapter/net/station.h"

namespace slipway::net {
namespace {

constexpr std::size_t kMostLingered = 32 << 20;  // bytes thrown away while the peer takes the last answer
constexpr int kReadsPerTurn = 4;

}  // namespace

void Connection::forget_peer() {
  ++generation_;
  is_readable_ = is_dirty_ = is_resumed_ = is_leaving_ = is_gone_ = false;
  alarm_at_ = TimePoint::max();
  standing_ = Standing::New;
}

void Connection::mark_dirty() {
  if (!std::exchange(is_dirty_, true)) home_.dirty.push_back(this);
}

void Connection::mark_resumed() {
  if (std::exchange(is_resumed_, true)) return;
  (standing_ == Standing::Light ? home_.resumed : home_.crowd).push_back(this);
}

void Connection::mark_handshaking() {
  if (!std::exchange(is_resumed_, true)) home_.handshakes.push_back(this);
}

void Connection::mark_leaving() {
  if (!std::exchange(is_leaving_, true)) home_.leaving.push_back(this);
}

void Connection::set_alarm(TimePoint at) {
  if (at >= alarm_at_) return;
  alarm_at_ = at;
  home_.set_alarm({at, this, generation_});
}

bool Connection::take_alarm(TimePoint at) {
  if (at != alarm_at_) return false;
  alarm_at_ = TimePoint::max();
  return true;
}

bool Connection::may_take_turn() const {
  return standing_ == Standing::Light || (home_.crowd.empty() && !home_.is_late());
}

bool Connection::may_read_on(std::size_t bytes) const {
  return bytes <= kLightTurn || !home_.is_late();
}

void Connection::end_turn(std::size_t bytes) {
  if (standing_ != Standing::New) standing_ = bytes > kLightTurn ? Standing::Heavy : Standing::Light;
}

void Connection::begin_lingering(ByteStream& stream) {
  stream.end_writing();
  lingering_since_ = home_.now;
  lingered_bytes_ = 0;
  is_readable_ = true;
}

bool Connection::linger(ByteStream& stream) {
  std::array<std::byte, 16 << 10> thrown_away;
  for (int reads = 0; is_readable_ && reads < kReadsPerTurn; ++reads) {
    const StreamResult result = stream.read(thrown_away);
    if (result.outcome == StreamResult::Outcome::WouldBlock) {
      is_readable_ = result.is_cut;
      break;
    }
    lingered_bytes_ += result.count;
    if (result.outcome != StreamResult::Outcome::Progress || lingered_bytes_ > kMostLingered) return false;
  }
  if (is_readable_) mark_resumed();
  return true;
}

}  // namespace slipway::net
