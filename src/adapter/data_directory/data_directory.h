// DataDirectory: the folder a server keeps everything in, and the lock that lets only one server have it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/result.h"

namespace slipway::data_directory {

// Owned by the application for the life of the process; its lock goes when it is destroyed or the process ends, however
// it ends. One thread. Fails at open(): Conflict (another server holds it; names its process), Unavailable (not
// writable, not ours).
class DataDirectory {
 public:
  // Creates `path` with its parents if it is not there, makes it 0700, and locks it. Does not wait for the lock.
  static Result<DataDirectory> open(const std::string& path);
  // The same with the lock of the server that hands over to this one, which holds it too until it ends; borrowed.
  // Conflict: it is another directory's. Nothing is written before claim().
  static Result<DataDirectory> take_over(const std::string& path, int lock);

  const std::string& path() const { return path_; }
  std::string database() const { return path_ + "/registry.db"; }
  std::string artifacts() const { return path_ + "/artifacts"; }
  std::string admin_token() const { return path_ + "/admin.token"; }

  // Leaves this process's number in the lock's file.
  Result<void> claim();
  int lock() const { return lock_.fd(); }  // for the process that follows; stays this one's

  // The file `name` holds exactly `text`, 0600, durable on return; an earlier one is replaced in one step.
  // Overloaded: no space left.
  Result<void> write_secret(std::string_view name, std::string_view text);
  // The text of the file `name`, at most 64 KiB; none if there is no such file.
  Result<std::optional<std::string>> read(std::string_view name) const;
  // One line more at the end of the file `name` (0600), durable on return. Overloaded: no space left.
  Result<void> append_line(std::string_view name, std::string_view line);

 private:
  DataDirectory(std::string path, Descriptor folder, Descriptor lock)
      : path_(std::move(path)), folder_(std::move(folder)), lock_(std::move(lock)) {}

  std::string path_;
  Descriptor folder_;
  Descriptor lock_;  // its file stays, since removing it could take it from under the next server
};

}  // namespace slipway::data_directory
