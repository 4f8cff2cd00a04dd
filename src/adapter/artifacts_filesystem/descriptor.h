// Descriptor: an open file or folder, closed by its owner.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace slipway::artifacts_filesystem {

// Owned by one; moves, does not copy. Any one thread at a time. Cannot fail.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close();

 private:
  int number_;
};

// Opens the folder `name` inside `parent`, never through a link. `name` may be a path when `parent` is AT_FDCWD.
Result<Descriptor> open_folder(int parent, const std::string& name, const std::string& shown);
// Creates it first if it is not there, 0700. Its entry is durable once `parent` is.
Result<Descriptor> ensure_folder(int parent, const std::string& name, const std::string& shown);

// The error of a system call that just failed: Overloaded when there is no space left, NotFound, else Unavailable.
// "`doing` `shown`: reason".
Error system_error(const std::string& doing, const std::string& shown);

}  // namespace slipway::artifacts_filesystem
