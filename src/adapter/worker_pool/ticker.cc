#include "adapter/worker_pool/ticker.h"

#include <pthread.h>

namespace slipway::worker_pool {

Ticker::Ticker(std::string name, Duration interval, ports::Task task)
    : name_(std::move(name)), interval_(interval), task_(std::move(task)) {}

Ticker::~Ticker() {
  stop();
}

void Ticker::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), name_.c_str());
}

void Ticker::wake() {
  state_.lock()->woken = true;
  changed_.notify_one();
}

void Ticker::stop() {
  state_.lock()->stopped = true;
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Ticker::run() {
  while (true) {
    {
      auto state = state_.lock();
      changed_.wait_for(state.lock(), interval_, [&] { return state->woken || state->stopped; });
      if (state->stopped) return;
      state->woken = false;
    }
    task_();
  }
}

}  // namespace slipway::worker_pool
