#include "adapter/worker_pool/worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace slipway::worker_pool {

WorkerPool::WorkerPool(Size size, std::string name, Log& log)
    : name_(std::move(name)), log_(log), queue_(std::max<std::size_t>(size.queue, 1)) {
  const std::size_t count = std::max<std::size_t>(size.threads, 1);
  threads_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this, i] { work(i); });
}

WorkerPool::~WorkerPool() {
  close();
}

bool WorkerPool::submit(ports::Task task) {
  return queue_.try_push(std::move(task));
}

void WorkerPool::close() {
  queue_.close();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::work(std::size_t index) {
  pthread_setname_np(pthread_self(), (name_ + "-" + std::to_string(index)).substr(0, 15).c_str());
  while (auto task = queue_.pop()) {
    try {
      (*task)();
    } catch (const std::exception& thrown) {
      log_.error("a task of the worker pool threw", {{"pool", name_}, {"what", std::string_view(thrown.what())}});
    } catch (...) {
      log_.error("a task of the worker pool threw something that is no std::exception", {{"pool", name_}});
    }
  }
}

}  // namespace slipway::worker_pool
