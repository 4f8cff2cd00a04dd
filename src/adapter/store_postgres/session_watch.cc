#include "adapter/store_postgres/session_watch.h"

#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>

namespace slipway::store_postgres {
namespace {

constexpr Duration kLongestPause = std::chrono::seconds(1);

}  // namespace

SessionWatch::Watched::Watched(SessionWatch& watch, int socket) : watch_(watch), socket_(socket) {
  watch_.state_.lock()->watched.insert(this);
}

SessionWatch::Watched::~Watched() {
  watch_.state_.lock()->watched.erase(this);
}

SessionWatch::SessionWatch(Duration longest) : longest_(longest), thread_([this] { run(); }) {
  ::pthread_setname_np(thread_.native_handle(), "postgres-watch");
}

SessionWatch::~SessionWatch() {
  state_.lock()->is_over = true;
  over_.notify_all();
  thread_.join();
}

void SessionWatch::run() {
  const Duration pause = std::min(kLongestPause, longest_ / 4);
  auto state = state_.lock();
  while (!over_.wait_for(state.lock(), pause, [&] { return state->is_over; })) {
    const TimePoint now = SystemClock().now();
    for (Watched* watched : state->watched) {
      const TimePoint::rep since = watched->since_;
      if (since != 0 && now.time_since_epoch().count() - since >= longest_.count())
        ::shutdown(watched->socket_, SHUT_RDWR);
    }
  }
}

}  // namespace slipway::store_postgres
