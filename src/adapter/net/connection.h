// Connection: one peer of a loop, whichever protocol it speaks, as the loop drives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapter/net/address_limit.h"
#include "adapter/net/byte_stream.h"
#include "base/clock.h"

namespace slipway::net {

class TlsEndpoint;
struct Station;

struct Peer {
  bool is_loopback = false;
  std::string name;  // "127.0.0.1:50712" or "unix"
  AddressKey key = AddressKey::Nobody;
  const TlsEndpoint* tls = nullptr;                           // of its listener; none: plain
  std::optional<std::vector<std::string>> certificate_names;  // none: it has shown no certificate
  std::string accepted_host;  // the Host it was last found to be right to ask for: each is looked up once
};

// Owned by its loop and recycled for the next peer; the loop's thread only. A connection that wants to be called again
// in this tick puts itself into one of its Station's lists.
//
// A turn is what a connection reads and works on before the others get theirs. Its standing says when that is:
//
//   standing  means                                         its turn
//   New       none of its requests was answered well yet    while the tick has time for such turns; else in the next
//   Light     its last turn brought little                  in every tick
//   Heavy     its last turn brought much                    as New
class Connection {
 public:
  enum class Standing : std::uint8_t { New, Light, Heavy };
  static constexpr std::size_t kLightTurn = 16 << 10;  // bytes

  explicit Connection(Station& station) : home_(station) {}
  virtual ~Connection() = default;

  virtual void on_ready(bool is_readable, bool is_writable, bool has_hung_up) = 0;
  void peer_is_gone() { is_gone_ = true; }  // both ways, before on_ready(): no answer can reach it
  virtual void resume() = 0;                // was in Station::resumed, crowd or handshakes
  virtual void flush() = 0;                 // was in Station::dirty: sends once
  virtual void leave_if_unanswered() = 0;   // was in Station::leaving
  virtual void on_alarm(TimePoint at) = 0;
  virtual void begin_drain() = 0;
  // Puts itself into Station::closed. What a handler still holds stays until it answers; then it is listed again.
  virtual void close() = 0;
  virtual bool is_closed() const = 0;
  virtual bool can_be_recycled() const = 0;
  virtual void recycle() = 0;

  // Changes when the peer does; alarms set for another generation mean nothing.
  std::uint64_t generation() const { return generation_; }
  // Else nobody waits for that alarm any more.
  bool expects(TimePoint at, std::uint64_t generation) const { return generation == generation_ && at == alarm_at_; }
  std::size_t seat = 0;  // the loop's own: which of its sockets this is
  Standing standing() const { return standing_; }

 protected:
  static constexpr Duration kMostLingering = std::chrono::seconds(1);

  void forget_peer();  // of recycle()
  bool is_gone() const { return is_gone_; }
  void mark_dirty();
  void mark_resumed();
  void mark_handshaking();  // the same, of a handshake that goes on
  void mark_leaving();
  void set_alarm(TimePoint at);   // unless an earlier one is set
  bool take_alarm(TimePoint at);  // of on_alarm(); false: an earlier one was set since
  bool may_take_turn() const;     // else it is to be marked resumed: others wait, or the tick has no time left
  bool may_read_on(std::size_t bytes) const;  // in a turn that has brought so many
  void end_turn(std::size_t bytes);
  void was_answered_well() {
    if (standing_ == Standing::New) standing_ = Standing::Light;
  }

  // After the last bytes were written: what still comes is read and dropped, so that the peer gets them and not a
  // reset.
  void begin_lingering(ByteStream& stream);
  bool linger(ByteStream& stream);  // false: it is over

  std::uint64_t generation_ = 1;
  bool is_readable_ = false;  // the stream may have more to read
  bool is_dirty_ = false, is_resumed_ = false, is_leaving_ = false, is_gone_ = false;
  TimePoint lingering_since_{};

 private:
  Station& home_;
  std::uint64_t lingered_bytes_ = 0;
  TimePoint alarm_at_ = TimePoint::max();
  Standing standing_ = Standing::New;
};

}  // namespace slipway::net
