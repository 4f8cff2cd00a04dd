// HandoverChannel: messages with descriptors between a server and the process that follows it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/result.h"

namespace slipway::supervision {

// One end of a connected pair of UNIX sockets. Owned by whoever hands over or takes over; one thread. Cancelled: the
// other end is gone, or `gives_up` said so; DeadlineExceeded: nothing came in time; Corrupt: not what this program
// says.
class HandoverChannel {
 public:
  struct Message {
    std::string text;
    std::vector<Descriptor> descriptors;
  };
  // How long to wait; asked several times a second whether to go on.
  struct Patience {
    Duration allowed;
    std::function<bool()> gives_up = [] { return false; };
  };

  HandoverChannel(Descriptor socket, const Clock& clock) : socket_(std::move(socket)), clock_(&clock) {}
  // Both ends.
  static Result<std::pair<Descriptor, Descriptor>> pair();

  Result<void> send(std::string_view text, std::span<const int> descriptors = {});
  Result<Message> receive(const Patience& patience);
  // False once the other end is gone. Does not wait.
  bool is_open() const;

 private:
  Result<void> wait(short events, TimePoint until, const std::function<bool()>& gives_up) const;
  Result<void> read(char* into, std::size_t size, TimePoint until, const std::function<bool()>& gives_up);

  Descriptor socket_;
  const Clock* clock_;
};

}  // namespace slipway::supervision
