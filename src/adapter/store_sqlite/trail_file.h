// TrailFile: the history in a registry's database, read without its server.
#pragma once

#include <string>
#include <vector>

#include "adapter/store_sqlite/connection.h"
#include "domain/model/audit_head.h"
#include "domain/model/event.h"

namespace slipway::store_sqlite {

// For the commands that check and export; a server may be using the database meanwhile. One thread.
class TrailFile {
 public:
  // Changes nothing. NotFound: there is no file; InvalidInput: it is no registry, or one from before the chain.
  static Result<TrailFile> open(const std::string& path);

  // As ports::MetadataStore.
  Result<std::vector<model::Event>> trail(std::uint64_t after, std::size_t limit);
  Result<std::vector<model::AuditHead>> heads(std::uint64_t after, std::size_t limit);

 private:
  explicit TrailFile(Connection connection) : connection_(std::move(connection)) {}
  Connection connection_;
};

}  // namespace slipway::store_sqlite
