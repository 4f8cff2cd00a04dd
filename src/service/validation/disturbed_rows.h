// Disturbed rows: a table changed as a behavioural or robustness test asks.
#pragma once

#include "domain/tensor/row_plan.h"
#include "ports/gate_plan.h"
#include "ports/table_reader.h"

namespace slipway::validation {

// The rows of `table` that the test is about, by number. InvalidInput: a column of `where` is not there.
Result<std::vector<std::uint32_t>> rows_where(const ports::Table& table,
                                              const std::map<std::string, std::string>& where);

// InvalidInput: a column is not there, or arithmetic is asked of texts.
Result<ports::Table> changed(ports::Table table, const std::vector<ports::ColumnChange>& changes);

// Deterministic in `seed`. InvalidInput: no column it can be done to.
Result<ports::Table> disturbed(ports::Table table, const ports::RobustnessTest& test, const tensor::RowPlan& plan,
                               std::uint64_t seed);

}  // namespace slipway::validation
