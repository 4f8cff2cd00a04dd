// Searches the tables in memory row by row, as domain/search says: what every other store must agree with.
#pragma once

#include "adapter/store_memory/memory_store.h"

namespace slipway::store_memory {

ports::ModelSummary summary_of(const MemoryStore::Tables& tables, const ports::ModelRecord& record);

ports::FoundPage<ports::FoundVersion> search_versions(const MemoryStore::Tables& tables, const search::Query& query);
ports::FoundPage<ports::ModelSummary> search_models(const MemoryStore::Tables& tables, const search::Query& query);

}  // namespace slipway::store_memory
