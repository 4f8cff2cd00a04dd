// Mailbox: tasks on their way to a loop. Outlives the loop, so that a late worker may still post.
#pragma once

#include <memory>
#include <vector>

#include "base/descriptor.h"
#include "base/guarded.h"
#include "ports/loop.h"

namespace slipway::net {

// post(): any thread. take() and descriptor(): the loop's thread.
class Mailbox {
 public:
  Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // After close() tasks are destroyed unrun.
  void post(ports::Task task);
  // Swaps what has come into `into`. Requires: `into` is empty.
  void take(std::vector<ports::Task>& into);
  void close();
  int descriptor() const { return event_.fd(); }  // an eventfd, edge-triggered

 private:
  struct State {
    std::vector<ports::Task> tasks;
    bool closed = false;
  };
  Guarded<State> state_;
  Descriptor event_;
};

}  // namespace slipway::net
