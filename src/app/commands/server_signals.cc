#include "app/commands/server_signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace slipway::app {
namespace {

constexpr int kEndedByImpatience = 130;  // as a shell reports death by SIGINT

sigset_t all_signals() {
  sigset_t all;
  sigemptyset(&all);
  for (const int number : {SIGINT, SIGTERM, SIGUSR2}) sigaddset(&all, number);
  return all;
}

}  // namespace

ServerSignals::ServerSignals() {
  const sigset_t all = all_signals();
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  thread_ = std::thread([this] { listen(); });
  pthread_setname_np(thread_.native_handle(), "signals");
}

ServerSignals::~ServerSignals() {
  phase_ = Phase::Ended;
  pthread_kill(thread_.native_handle(), SIGTERM);  // wakes it
  thread_.join();
}

bool ServerSignals::move(Phase from, Phase to) {
  if (!phase_.compare_exchange_strong(from, to)) return false;
  phase_.notify_all();
  return true;
}

void ServerSignals::started() {
  move(Phase::Starting, Phase::Running);
}

ServerSignals::Request ServerSignals::wait() {
  phase_.wait(Phase::Running);
  return phase_ == Phase::HandingOver ? Request::HandOver : Request::Stop;
}

void ServerSignals::not_handed_over() {
  move(Phase::HandingOver, Phase::Running);
}

void ServerSignals::listen() {
  const sigset_t all = all_signals();
  while (true) {
    int number = 0;
    sigwait(&all, &number);
    if (number == SIGUSR2) {
      move(Phase::Running, Phase::HandingOver);
      continue;
    }
    if (move(Phase::Running, Phase::Stopping) || move(Phase::HandingOver, Phase::Stopping)) continue;
    if (phase_ == Phase::Ended) return;
    _exit(phase_ == Phase::Starting ? 0 : kEndedByImpatience);
  }
}

}  // namespace slipway::app
