// DatabaseFile: a registry's, a tracking or the data sets' database, checked and copied without its server or beside
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapter/store_sqlite/connection.h"
#include "base/digest.h"

namespace slipway::store_sqlite {

// Changes nothing of it. One thread. Fails as Connection does.
class DatabaseFile {
 public:
  enum class Holds : std::uint8_t { Registry, Tracking, Datasets, Rollouts };
  enum class Server : std::uint8_t { Maybe, None };  // None: nobody writes it; nothing is written beside it either

  // NotFound: there is no file; InvalidInput: it is another program's, or newer than this program.
  static Result<DatabaseFile> open(const std::string& path, Holds holds, Server server = Server::Maybe);

  // What is wrong with it, in at most `most` sentences; empty: nothing.
  std::vector<std::string> damage(std::size_t most);
  // Every file that something in it needs, as often as it is needed.
  Result<void> needed(const std::function<void(const Digest& digest, std::uint64_t size)>& each);
  // What needs it: `version 3 of model "fraud" (weights.bin)`; at most `most`.
  Result<std::vector<std::string>> who_needs(const Digest& digest, std::size_t most);
  // The event of a registry's history with this number, by its hash in the chain; none: there is none, or the registry
  // is of a schema from before the chain.
  Result<std::optional<Digest>> event(std::uint64_t sequence);
  Result<std::uint64_t> newest_event();  // 0: none, or from before the chain
  // All of it as it is at one moment, while others go on writing, into a file that is not there yet (0600), durable on
  // return. The moment lies between call and return.
  Result<void> copy_to(const std::string& path);

 private:
  DatabaseFile(Connection connection, Holds holds) : connection_(std::move(connection)), holds_(holds) {}
  Result<void> check(std::string_view pragma, std::size_t most, std::vector<std::string>& found);

  Connection connection_;
  Holds holds_;
};

}  // namespace slipway::store_sqlite
