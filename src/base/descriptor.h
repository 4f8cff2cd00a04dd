// Descriptor: an open file, folder or socket, closed by its owner.
#pragma once

#include <utility>

namespace slipway {

// Owned by one; moves, does not copy. Any one thread at a time. Cannot fail.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}  // negative: none
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }  // to another owner
  void close();

 private:
  int fd_;
};

}  // namespace slipway
