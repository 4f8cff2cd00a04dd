#include "adapter/store_sqlite/group_commit.h"

#include "adapter/sql_records/change_writer.h"

namespace slipway::store_sqlite {
namespace {

// What says something about this transaction alone; any other failure is of the database.
bool is_refusal(const Error& error) {
  return error.code == ErrorCode::Conflict || error.code == ErrorCode::InvalidInput;
}

}  // namespace

Result<void> GroupCommit::commit(const std::vector<ports::Change>& changes, const std::vector<model::Event>& events) {
  return turns_.take({changes, events}, [&](const Turns::Group& group) { return write(group); });
}

GroupCommit::Turns::Outcomes GroupCommit::write(const Turns::Group& group) {
  if (group.size() > 1 && !writer_.io_failed()) {
    auto together = write_together(group);
    if (together) return std::move(together).value();
    // After a failed write or fsync nothing is tried again; a disk that is full for all of them may do for one.
    if (writer_.io_failed()) return Turns::Outcomes(group.size(), together.error());
  }
  Turns::Outcomes outcomes;
  for (const Work* work : group) outcomes.push_back(write_alone(*work));
  return outcomes;
}

Result<GroupCommit::Turns::Outcomes> GroupCommit::write_together(const Turns::Group& group) {
  Turns::Outcomes outcomes;
  auto transaction = TRY(Transaction::begin(writer_, Transaction::Kind::Write));
  for (const Work* work : group) {
    TRY(writer_.execute("SAVEPOINT turn"));
    auto applied = apply_all(*work);
    if (!applied && !is_refusal(applied.error())) return std::move(applied).error();
    if (!applied) TRY(writer_.execute("ROLLBACK TO turn"));
    TRY(writer_.execute("RELEASE turn"));
    outcomes.push_back(std::move(applied));
  }
  TRY(transaction.commit());
  return outcomes;
}

Result<void> GroupCommit::write_alone(const Work& work) {
  if (writer_.io_failed()) {
    return unavailable(
        "the database takes no more changes: an earlier read, write or fsync failed; check the disk, then start the "
        "server again");
  }
  auto transaction = TRY(Transaction::begin(writer_, Transaction::Kind::Write));
  TRY(apply_all(work));
  return transaction.commit();
}

Result<void> GroupCommit::apply_all(const Work& work) {
  for (const ports::Change& change : work.changes) TRY(sql_records::apply(writer_, change));
  return append(writer_, work.events);
}

}  // namespace slipway::store_sqlite
