// The schema gate: the evaluation data has the columns that the model's inputs ask for, with values that fit.
#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {
namespace {

struct Share {
  const char* what;
  std::uint64_t count;
  double most;
};

Evidence judge_column(const SchemaPolicy& policy, const ColumnFacts& column, std::uint64_t rows) {
  Evidence row{.subject = "column '" + column.name + "'", .outcome = Outcome::Pass, .count = rows};
  if (!column.type_fits) {
    row.outcome = Outcome::Fail;
    row.detail = "expected " + column.expected_type + ", found " + column.found_type;
    return row;
  }
  for (const Share& share : {Share{"missing", column.missing, policy.most_missing},
                             Share{"out of range", column.out_of_range, policy.most_out_of_range},
                             Share{"not among the known categories", column.unseen, policy.most_unseen}}) {
    const double rate = static_cast<double>(share.count) / static_cast<double>(rows);
    if (rate <= share.most) continue;
    row.outcome = Outcome::Fail;
    row.found = rate;
    row.limit = share.most;
    row.detail += (row.detail.empty() ? "" : "; ") + std::to_string(share.count) + " of " + plural(rows, "value") +
                  " " + share.what + ", a rate of at most " + text_of(share.most) + " allowed";
  }
  if (row.detail.empty()) row.detail = column.found_type + " fits " + column.expected_type;
  return row;
}

}  // namespace

Verdict judge_schema(const SchemaPolicy& policy, const SchemaMeasurement& measured) {
  std::vector<Evidence> rows;
  const std::uint64_t least = std::max<std::uint64_t>(policy.least_rows, 1);
  for (const std::string& name : measured.absent) {
    rows.push_back(
        {.subject = "column '" + name + "'", .outcome = Outcome::Fail, .detail = "is expected and not there"});
  }
  for (const std::string& name : measured.unknown) {
    const bool allowed = policy.unknown_columns_allowed;
    rows.push_back({.subject = "column '" + name + "'",
                    .outcome = allowed ? Outcome::Pass : Outcome::Fail,
                    .detail = allowed ? "belongs to no input and is left out" : "belongs to no input"});
  }
  if (measured.rows < least) {
    rows.push_back({.subject = "rows",
                    .count = measured.rows,
                    .detail = "expected at least " + std::to_string(least) + ", found " +
                              std::to_string(measured.rows) + ": " + std::to_string(least - measured.rows) +
                              " more needed"});
  } else {
    for (const ColumnFacts& column : measured.columns) rows.push_back(judge_column(policy, column, measured.rows));
  }
  return conclude(std::move(rows),
                  plural(measured.columns.size(), "column") + " fit in " + plural(measured.rows, "row"),
                  "no column is expected");
}

}  // namespace slipway::gate
