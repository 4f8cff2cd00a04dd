// Station: what the connections of one event loop share: the server's parts, buffers, the tick's time, and the lists of
// connections that want something before the tick ends.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/net/address_limit.h"
#include "adapter/net/body_buffer.h"
#include "adapter/net/counters.h"
#include "adapter/net/http1_head_start.h"
#include "adapter/net/http2_memory.h"
#include "adapter/net/mailbox.h"
#include "adapter/net/server.h"
#include "adapter/net/spare_count.h"

namespace slipway::net {

class Connection;
class Http1Connection;
class Http2Streams;
struct Http2Field;

// The same for all loops; owned by the server.
struct ServerShared {
  ServerShared(ServerParts parts_, Limits limits_)
      : parts(std::move(parts_)),
        limits(limits_),
        bodies(std::make_shared<MemoryBudget>(limits_.bodies_in_memory)),
        answers(limits_.answers_in_memory),
        addresses(limits_.connections_per_address) {}
  const ServerParts parts;
  const Limits limits;
  const std::shared_ptr<MemoryBudget> bodies;  // a worker may hold a body longer than the server lives
  MemoryBudget answers;
  AddressLimit addresses;
  std::atomic<std::size_t> connections{0};
};

// Blocks of input, handed out last in first out so that a busy loop stays in cache.
class InputBlocks {
 public:
  static constexpr std::size_t kSize = 16 << 10;
  struct Block {
    std::unique_ptr<char[]> bytes;  // kBodyPadding more than capacity
    std::size_t capacity = 0;
  };
  Block take(std::size_t at_least = kSize);
  void give_back(Block block);
  bool has_surplus() const { return free_.size() > kKept; }
  void begin_watch() { count_.begin(free_.size()); }
  std::size_t drop_unused();  // since begin_watch(); bytes

 private:
  static constexpr std::size_t kKept = 16;
  std::vector<Block> free_;
  SpareCount count_;
};

// Request ids of 24 characters: a random start per loop, then a count. No system call after the first.
class RequestIds {
 public:
  static constexpr std::size_t kSize = 24;
  RequestIds();
  void write_next(char* into);

 private:
  std::array<char, 16> prefix_;
  std::uint32_t next_ = 0;
};

// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
class DateText {
 public:
  std::string_view at(TimePoint now, const Clock& clock);
  TimePoint until() const { return until_; }  // of what at() said last

 private:
  TimePoint until_{};
  std::array<char, 32> text_{};
  std::size_t size_ = 0;
};

// What a drain does to a connection of HTTP/1.1 between two requests: closes it, or waits for its next request, which
// is its last.
enum class IdleConnections : std::uint8_t { Close, Wait };

// Owned by its loop; that loop's thread only (counters may be read by any).
struct Station {
  Station(ServerShared& shared_, std::size_t index);
  ~Station();

  ServerShared& shared;
  const std::size_t loop_index;
  const std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
  Counters counters;
  InputBlocks blocks;
  RequestIds request_ids;
  DateText date;
  Http1HeadStart head_start;
  TimePoint now;  // of this tick
  bool is_draining = false;
  IdleConnections idle = IdleConnections::Close;  // while draining
  int pourings = 0;                               // answers whose content is read while it is sent

  // HTTP/2.
  Http2Memory http2_memory;
  const std::unique_ptr<Http2Streams> streams;
  std::vector<Http2Field> fields;          // of the answer that is being submitted
  std::vector<Http1Connection*> upgraded;  // their peers speak HTTP/2: another connection takes over
  MutableByteSpan wide_input();            // to read into what is used up before the next read

  // Steps of TLS handshakes that this tick may still take; the others wait for the next, in the order they came. A step
  // may be a signature: a flood of handshakes must not hold up those who are connected.
  static constexpr int kHandshakeSteps = 4;
  int handshake_steps = kHandshakeSteps;

  // Each connection is in a list at most once.
  std::vector<Connection*> dirty;       // have output to send
  std::vector<Connection*> resumed;     // can go on without an event
  std::vector<Connection*> crowd;       // the same, of those that are not Light
  std::vector<Connection*> handshakes;  // the same, of those that agree on TLS
  std::vector<Connection*> leaving;     // their peer ended while an answer is awaited
  std::vector<Connection*> closed;      // to be recycled

  // How long a tick works for connections that are not Light, and as long again to be rid of those that end: a crowd of
  // them must not hold up who asks little. Whoever comes first has a turn in each tick.
  static constexpr Duration kTurnTime = std::chrono::microseconds(250);
  TimePoint late_at = TimePoint::max();
  bool is_late() const { return shared.parts.clock.now() >= late_at; }
  void begin_turn_time() { late_at = shared.parts.clock.now() + kTurnTime; }
  bool has_turns() const { return !resumed.empty() || !crowd.empty() || !handshakes.empty(); }
  // Those that can go on: all of `resumed`, and of the others, in the order they came, while there is time, and of
  // handshakes as many as there are steps.
  void take_turns();
  // Calls `work` for the connections of one of the lists, in order, until the time is over; the rest stays. Those that
  // come meanwhile are behind them.
  template <class Work>
  void work_through(std::vector<Connection*>& list, const Work& work) {
    work_through(list, work, [] { return true; });
  }

  // Wake-ups, a heap by time. An entry whose generation is not the connection's any more means nothing.
  struct Alarm {
    TimePoint at;
    Connection* connection;
    std::uint64_t generation;
    bool operator>(const Alarm& other) const { return at > other.at; }
  };
  std::vector<Alarm> alarms;
  // An alarm that its connection does not expect any more goes when they have become many.
  void set_alarm(Alarm alarm);
  // Rings what is due, while there is time; the time of the next one, or never.
  TimePoint ring_alarms();

  // Spare buffers for what is written: an empty text without capacity gets one, and gives it back.
  void ensure_output(std::string& output);
  void give_back_output(std::string& output);

  // What a crowd left in the pools goes once nobody has needed it for a while: drop_unused() is called that long after
  // begin_watch(), and gives the bytes that went.
  static constexpr Duration kWatch = std::chrono::seconds(2);
  bool has_surplus() const;
  void begin_watch();
  std::size_t drop_unused();
  // Takes those of which `is_gone` says so out of every list, and the alarms that mean nothing.
  template <class IsGone>
  void forget(const IsGone& is_gone) {
    for (auto* list : {&dirty, &resumed, &crowd, &handshakes, &leaving, &closed}) {
      std::erase_if(*list, [&](const Connection* connection) { return is_gone(*connection); });
    }
    drop_old_alarms();
  }

 private:
  template <class Work, class MayGoOn>
  void work_through(std::vector<Connection*>& list, const Work& work, const MayGoOn& may_go_on);

  void drop_old_alarms();

  static constexpr std::size_t kFewAlarms = 1024, kFewOutputs = 16;
  std::unique_ptr<std::byte[]> wide_input_;
  std::vector<Connection*> turn_;
  std::size_t most_alarms_ = kFewAlarms;  // then those that mean nothing go
  std::vector<std::string> outputs_;      // spare, empty, with capacity
  SpareCount output_count_;
};

template <class Work, class MayGoOn>
void Station::work_through(std::vector<Connection*>& list, const Work& work, const MayGoOn& may_go_on) {
  if (list.empty()) return;
  std::swap(turn_, list);
  std::size_t done = 0;
  do {
    work(*turn_[done++]);
  } while (done < turn_.size() && may_go_on() && !is_late());
  list.insert(list.begin(), turn_.begin() + static_cast<std::ptrdiff_t>(done), turn_.end());
  turn_.clear();
}

}  // namespace slipway::net
