// Guarded<T>: data that can be reached only under its lock. As base/guarded.h: a backend sees nothing of src/.
#pragma once

#include <mutex>

namespace slipway::onnx {

// Any thread. with() calls `work` under the lock; it must not call back into foreign code.
template <class T>
class Guarded {
 public:
  template <class Work>
  auto with(const Work& work) {
    const std::scoped_lock lock(mutex_);
    return work(value_);
  }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace slipway::onnx
