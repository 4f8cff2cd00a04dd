// Successor: the process that is to follow this one, as a child of it; and the way back to the process before.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "adapter/supervision/handover_channel.h"

namespace slipway::supervision {

// Owned by the serve command; one thread. Unless release() was called, its end is the process's: killed and waited for.
class Successor {
 public:
  // Runs `command` (found as a shell finds it) with a channel to this process. Unavailable: it cannot be run.
  static Result<Successor> start(const std::vector<std::string>& command, const Clock& clock);
  ~Successor();
  Successor(Successor&& other) noexcept
      : process_(std::exchange(other.process_, 0)), channel_(std::move(other.channel_)) {}
  Successor& operator=(Successor&&) = delete;

  HandoverChannel& channel() { return channel_; }
  pid_t process() const { return process_; }
  // It has taken over: it lives on without this process.
  void release() { process_ = 0; }
  // "it left with code 2", "signal 9 ended it"; for a process that closed its channel.
  std::string ending();

 private:
  Successor(pid_t process, HandoverChannel channel) : process_(process), channel_(std::move(channel)) {}
  pid_t process_;
  HandoverChannel channel_;
};

// The channel that Successor::start() gave this process; none: it was started otherwise. Takes it out of the
// environment; to be called once, before any thread is made. InvalidInput: the variable is malformed.
Result<std::optional<HandoverChannel>> channel_to_predecessor(const Clock& clock);

// The words this process was started with.
Result<std::vector<std::string>> own_command_line();

}  // namespace slipway::supervision
