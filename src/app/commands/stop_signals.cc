#include "app/commands/stop_signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace slipway::app {
namespace {

constexpr int kEndedByImpatience = 130;  // as a shell reports death by SIGINT

sigset_t stop_signals() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  return stops;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t stops = stop_signals();
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  thread_ = std::thread([this] { listen(); });
  pthread_setname_np(thread_.native_handle(), "signals");
}

StopSignals::~StopSignals() {
  phase_ = Phase::Ended;
  pthread_kill(thread_.native_handle(), SIGTERM);  // wakes it
  thread_.join();
}

void StopSignals::started() {
  auto starting = Phase::Starting;
  phase_.compare_exchange_strong(starting, Phase::Running);
}

void StopSignals::wait() {
  phase_.wait(Phase::Running);
}

void StopSignals::listen() {
  const sigset_t stops = stop_signals();
  while (true) {
    int number = 0;
    sigwait(&stops, &number);
    auto running = Phase::Running;
    if (phase_.compare_exchange_strong(running, Phase::Stopping)) {
      phase_.notify_all();
      continue;
    }
    if (running == Phase::Ended) return;
    _exit(running == Phase::Starting ? 0 : kEndedByImpatience);
  }
}

}  // namespace slipway::app
