// Guarded<T>: data that can be reached only under its lock.
#pragma once

#include <mutex>
#include <utility>

namespace slipway {

// Any thread. Never call back into foreign code while a Locked is alive.
template <class T>
class Guarded {
 public:
  class Locked {
   public:
    T& operator*() { return *value_; }
    T* operator->() { return value_; }
    std::unique_lock<std::mutex>& lock() { return lock_; }  // for std::condition_variable

   private:
    friend class Guarded;
    Locked(std::mutex& mutex, T& value) : lock_(mutex), value_(&value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  Locked lock() const { return Locked(mutex_, value_); }

 private:
  mutable std::mutex mutex_;
  mutable T value_;
};

}  // namespace slipway
