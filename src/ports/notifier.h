// Notifier: tells somebody outside what happened. Adapter: webhook.
#pragma once

#include "base/result.h"
#include "domain/model/event.h"

namespace slipway::ports {

// tell(): one thread; blocks, for a bounded time. stop(): any thread.
class Notifier {
 public:
  virtual ~Notifier() = default;
  // Ok: it was taken. InvalidInput: it was refused, and will hardly be taken later. Cancelled: by stop(). Anything
  // else: perhaps later.
  virtual Result<void> tell(const model::Event& event) = 0;
  // Ends what is being told, and everything after.
  virtual void stop() = 0;
};

}  // namespace slipway::ports
