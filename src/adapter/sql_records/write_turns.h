// WriteTurns: turns at the one connection that writes.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"

namespace slipway::sql_records {

// Any thread. The first to come writes for all who wait by then, so that they share a transaction; the others wait for
// their outcome, or for their turn to write.
template <class Work>
class WriteTurns {
 public:
  using Group = std::vector<const Work*>;
  using Outcomes = std::vector<Result<void>>;  // one for each of a group, in its order

  // Blocks. `write` makes Outcomes of a Group of at most kMostTogether; it runs on one thread at a time.
  template <class Write>
  Result<void> take(const Work& work, Write write) {
    Turn turn{&work, {}};
    auto queue = queue_.lock();
    queue->turns.push_back(&turn);
    while (true) {
      changed_.wait(queue.lock(), [&] { return turn.outcome || !queue->is_writing; });
      if (turn.outcome) return *std::move(turn.outcome);
      queue->is_writing = true;
      const std::vector<Turn*> turns = next(*queue);
      queue.lock().unlock();
      Group group;
      for (const Turn* waiting : turns) group.push_back(waiting->work);
      Outcomes outcomes = write(group);
      queue.lock().lock();
      for (std::size_t i = 0; i < turns.size(); ++i) turns[i]->outcome = std::move(outcomes[i]);
      queue->is_writing = false;
      changed_.notify_all();
    }
  }
  // Callers whose group has not begun.
  std::size_t waiting() const { return queue_.lock()->turns.size(); }

 private:
  static constexpr std::size_t kMostTogether = 64;
  struct Turn {
    const Work* work;
    std::optional<Result<void>> outcome;
  };
  struct Queue {
    std::deque<Turn*> turns;  // as many as there are calling threads, at most
    bool is_writing = false;
  };
  static std::vector<Turn*> next(Queue& queue) {
    const auto end = queue.turns.begin() + static_cast<std::ptrdiff_t>(std::min(queue.turns.size(), kMostTogether));
    std::vector<Turn*> group(queue.turns.begin(), end);
    queue.turns.erase(queue.turns.begin(), end);
    return group;
  }

  Guarded<Queue> queue_;
  std::condition_variable changed_;
};

}  // namespace slipway::sql_records
