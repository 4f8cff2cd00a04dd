#include "adapter/store_postgres/writer.h"

namespace slipway::store_postgres {
namespace {

constexpr int kMostAttempts = 8;  // a database that goes down each time is given up

// What says something about one work alone; any other failure is of the database.
bool is_refusal(const Error& error) {
  return error.code == ErrorCode::Conflict || error.code == ErrorCode::InvalidInput ||
         error.code == ErrorCode::NotFound;
}

}  // namespace

Writer::Writer(Connector& connector, std::string name, std::string what)
    : connector_(connector), name_(std::move(name)), what_(std::move(what)) {}

Result<void> Writer::write(const Work& work) {
  return turns_.take(work, [&](const Group& group) { return write_all(group); });
}

Writer::Outcomes Writer::write_all(const Group& group) {
  auto together = write_surely(group);
  if (together.ok()) return std::move(together).value();
  // One that is alone, or a database that is gone: the same for all. What it refuses of many may do for one.
  if (group.size() == 1 || together.error().code == ErrorCode::Unavailable) {
    return Outcomes(group.size(), together.error());
  }
  Outcomes outcomes;
  for (const Work* work : group) {
    auto alone = write_surely({work});
    outcomes.push_back(alone.ok() ? std::move(alone.value().front()) : std::move(alone).error());
  }
  return outcomes;
}

// Until it is made or refused, whatever becomes of the connection.
Result<Writer::Outcomes> Writer::write_surely(const Group& group) {
  std::optional<Outcomes> in_doubt;  // made if the transaction before was
  for (int attempt = 1;; ++attempt) {
    auto begun = begin();
    if (begun.ok() && in_doubt) {
      auto made = was_made(number_);
      if (made.ok() && *made) {
        session_->end();
        return *std::move(in_doubt);
      }
      if (made.ok()) in_doubt.reset();
      begun = made.ok() ? Result<void>() : Result<void>(std::move(made).error());
    }
    auto applied = begun.ok() ? apply(group, ++number_) : Result<Outcomes>(begun.error());
    if (applied.ok()) {
      const auto committed = session_->commit();
      if (committed.ok()) return applied;
      if (session_->is_broken()) in_doubt = *applied;
      applied = committed.error();
    }
    const bool was_lost = session_ && session_->is_broken();
    if (session_) session_->end();
    if (was_lost) session_.reset();
    if (was_lost && attempt < kMostAttempts) continue;
    if (!in_doubt) return applied;
    return unavailable("the database was lost while it committed, and whether the change was made is not known: look " +
                       std::string("before it is made again: ") + applied.error().message);
  }
}

// With the lock that makes this transaction the only one of all servers that writes.
Result<void> Writer::begin() {
  if (session_ && session_->is_broken()) session_.reset();
  if (!session_) session_ = TRY(connector_.open());
  TRY(session_->begin(Session::Kind::Write));
  auto lock = TRY(session_->prepare("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext(?))"));
  return lock.bind(what_).run();
}

Result<bool> Writer::was_made(std::uint64_t number) {
  auto row = TRY(session_->prepare("SELECT number FROM writer WHERE name = ?"));
  row.bind(name_);
  return TRY(row.step()) && static_cast<std::uint64_t>(row.integer(0)) == number;
}

Result<Writer::Outcomes> Writer::apply(const Group& group, std::uint64_t number) {
  auto mark =
      TRY(session_->prepare("INSERT INTO writer (name, number, at) VALUES (?, ?, now()) "
                            "ON CONFLICT (name) DO UPDATE SET number = excluded.number, at = excluded.at"));
  TRY(mark.bind(name_).bind(number).run());
  Outcomes outcomes;
  for (const Work* work : group) {
    if (group.size() > 1) TRY(session_->execute("SAVEPOINT turn"));
    auto applied = (*work)(*session_);
    if (!applied.ok() && (!is_refusal(applied.error()) || group.size() == 1)) return std::move(applied).error();
    if (group.size() > 1) {
      if (!applied.ok()) TRY(session_->execute("ROLLBACK TO turn"));
      TRY(session_->execute("RELEASE turn"));
    }
    outcomes.push_back(std::move(applied));
  }
  return outcomes;
}

}  // namespace slipway::store_postgres
