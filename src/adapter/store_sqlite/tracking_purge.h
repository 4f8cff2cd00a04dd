// TrackingPurge: what was deleted from a tracking database long ago goes for good.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "adapter/store_sqlite/connection.h"
#include "base/clock.h"
#include "base/digest.h"

namespace slipway::store_sqlite {

// Of runs and logged models that were deleted before a moment, and of experiments that were, with all that is in them;
// never of the default experiment. One thread. purge() needs the data directory's lock around it, the rest may be asked
// beside a server.
class TrackingPurge {
 public:
  // NotFound: there is no file; otherwise as DatabaseFile.
  static Result<TrackingPurge> open(const std::string& path, WallTime deleted_before);

  Result<std::uint64_t> count();  // entries that would go
  // The files of everything else.
  Result<void> kept(const std::function<void(const Digest& digest)>& each);
  // In one transaction, with their tags, parameters, metrics and lists of files.
  Result<void> purge();

 private:
  TrackingPurge(Connection connection, std::int64_t before) : connection_(std::move(connection)), before_(before) {}
  Result<Statement> of_gone(std::string_view rest);

  Connection connection_;
  std::int64_t before_;  // milliseconds, as entries have them
};

}  // namespace slipway::store_sqlite
