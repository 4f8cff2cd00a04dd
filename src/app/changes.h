// Changes: everything in this process that changes what is kept on disk, so that it can be stopped as one.
#pragma once

#include <functional>
#include <vector>

#include "adapter/net/route.h"
#include "base/clock.h"
#include "base/turnstile.h"
#include "ports/loop.h"

namespace slipway::app {

// Owned by the house; any thread. Requests that change something pass through `asked`, what this process does by itself
// through `own`, which goes on until those are done: a load waits for its version to be served.
class Changes {
 public:
  // The same routes; those whose permission allows changes answer Unavailable while changes are paused.
  std::vector<net::Route> guard(std::vector<net::Route> routes);
  // Does nothing while changes are paused.
  void as_asked(const ports::Task& task);
  void of_our_own(const ports::Task& task);

  // True: nothing changes any more. False: a change took longer than `allowed`; everything goes on.
  bool pause(Duration allowed);
  void resume();

 private:
  Turnstile asked_, own_;
};

}  // namespace slipway::app
