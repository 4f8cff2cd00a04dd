#include "adapter/net/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "base/invariant.h"

namespace slipway::net {

Mailbox::Mailbox() : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  invariant(static_cast<bool>(event_), "no event descriptor for a loop's mailbox: too many open files");
}

void Mailbox::post(ports::Task task) {
  bool wakes = false;
  {
    auto state = state_.lock();
    if (state->closed) return;
    wakes = state->tasks.empty();
    state->tasks.push_back(std::move(task));
  }
  const std::uint64_t one = 1;
  // An eventfd refuses only when its counter is full, and then the loop is woken anyway.
  if (wakes && ::write(event_.fd(), &one, sizeof one) < 0) return;
}

void Mailbox::take(std::vector<ports::Task>& into) {
  std::swap(state_.lock()->tasks, into);
}

void Mailbox::close() {
  std::vector<ports::Task> dropped;
  {
    auto state = state_.lock();
    state->closed = true;
    std::swap(state->tasks, dropped);
  }
}

}  // namespace slipway::net
