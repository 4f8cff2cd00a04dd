// Answers searches: finds which rows, by the SQL of search_sql.h, then reads what belongs to each.
#pragma once

#include "adapter/sql_records/connection.h"
#include "adapter/sql_records/search_sql.h"
#include "ports/metadata_store.h"

namespace slipway::sql_records {

// These: requires that one transaction is open around the call, so that the rows belong together.
Result<ports::FoundPage<ports::FoundVersion>> search_versions(Connection& connection, const search::Query& query,
                                                              Dialect dialect);
Result<ports::FoundPage<ports::ModelSummary>> search_models(Connection& connection, const search::Query& query,
                                                            Dialect dialect);
Result<std::vector<model::ModelVersion>> read_without_facts(Connection& connection, std::size_t limit);

}  // namespace slipway::sql_records
