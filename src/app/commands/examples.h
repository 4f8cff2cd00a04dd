// ExamplesPublisher: pushes and deploys the example models as a user would, by running the slipway command.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "app/assembly.h"
#include "base/guarded.h"

namespace slipway::app {

// Works in a thread of its own until done; the destructor ends the command in progress. Models that are served
// already are left alone. What is live, and what to paste, is printed at the end.
class ExamplesPublisher {
 public:
  explicit ExamplesPublisher(const House& house);
  ~ExamplesPublisher();
  ExamplesPublisher(const ExamplesPublisher&) = delete;
  ExamplesPublisher& operator=(const ExamplesPublisher&) = delete;

 private:
  void publish();
  bool run_slipway(const std::vector<std::string>& words, const std::string& url);

  const House& house_;
  std::atomic<bool> stopping_{false};
  Guarded<pid_t> child_;  // the command in progress; 0: none
  std::thread thread_;
};

}  // namespace slipway::app
