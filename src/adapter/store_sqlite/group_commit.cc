#include "adapter/store_sqlite/group_commit.h"

#include <algorithm>

#include "adapter/sql_records/change_writer.h"

namespace slipway::store_sqlite {
namespace {

constexpr std::size_t kMostTogether = 64;

// What says something about this transaction alone; any other failure is of the database.
bool is_refusal(const Error& error) {
  return error.code == ErrorCode::Conflict || error.code == ErrorCode::InvalidInput;
}

}  // namespace

Result<void> GroupCommit::commit(const std::vector<ports::Change>& changes, const std::vector<model::Event>& events) {
  Turn turn{changes, events};
  auto queue = queue_.lock();
  queue->turns.push_back(&turn);
  while (true) {
    changed_.wait(queue.lock(), [&] { return turn.outcome || !queue->is_writing; });
    if (turn.outcome) return *std::move(turn.outcome);
    queue->is_writing = true;
    const std::vector<Turn*> group = next_group(*queue);
    queue.lock().unlock();
    Outcomes outcomes = write(group);
    queue.lock().lock();
    for (std::size_t i = 0; i < group.size(); ++i) group[i]->outcome = std::move(outcomes[i]);
    queue->is_writing = false;
    changed_.notify_all();
  }
}

std::vector<GroupCommit::Turn*> GroupCommit::next_group(Queue& queue) {
  const auto end = queue.turns.begin() + static_cast<std::ptrdiff_t>(std::min(queue.turns.size(), kMostTogether));
  std::vector<Turn*> group(queue.turns.begin(), end);
  queue.turns.erase(queue.turns.begin(), end);
  return group;
}

GroupCommit::Outcomes GroupCommit::write(const std::vector<Turn*>& group) {
  if (group.size() > 1 && !writer_.io_failed()) {
    auto together = write_together(group);
    if (together) return std::move(together).value();
    // After a failed write or fsync nothing is tried again; a disk that is full for all of them may do for one.
    if (writer_.io_failed()) return Outcomes(group.size(), together.error());
  }
  Outcomes outcomes;
  for (const Turn* turn : group) outcomes.push_back(write_alone(*turn));
  return outcomes;
}

Result<GroupCommit::Outcomes> GroupCommit::write_together(const std::vector<Turn*>& group) {
  Outcomes outcomes;
  auto transaction = TRY(Transaction::begin(writer_, Transaction::Kind::Write));
  for (const Turn* turn : group) {
    TRY(writer_.execute("SAVEPOINT turn"));
    auto applied = apply_all(*turn);
    if (!applied && !is_refusal(applied.error())) return std::move(applied).error();
    if (!applied) TRY(writer_.execute("ROLLBACK TO turn"));
    TRY(writer_.execute("RELEASE turn"));
    outcomes.push_back(std::move(applied));
  }
  TRY(transaction.commit());
  return outcomes;
}

Result<void> GroupCommit::write_alone(const Turn& turn) {
  if (writer_.io_failed()) {
    return unavailable(
        "the database takes no more changes: an earlier read, write or fsync failed; check the disk, then start the "
        "server again");
  }
  auto transaction = TRY(Transaction::begin(writer_, Transaction::Kind::Write));
  TRY(apply_all(turn));
  return transaction.commit();
}

Result<void> GroupCommit::apply_all(const Turn& turn) {
  for (const ports::Change& change : turn.changes) TRY(sql_records::apply(writer_, change));
  return append(writer_, turn.events);
}

}  // namespace slipway::store_sqlite
