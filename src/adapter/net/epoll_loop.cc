#include "adapter/net/epoll_loop.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <string>
#include <utility>

#include "adapter/net/tls_endpoint.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr std::size_t kEventsPerTick = 512;
constexpr std::uint64_t kIsWatched = 1;          // tag in the lowest bit of an event's pointer
constexpr std::size_t kFewSockets = 64;          // spare ones, always kept
constexpr std::size_t kWorthTrimming = 1 << 20;  // bytes

}  // namespace

EpollLoop::EpollLoop(ServerShared& shared, std::size_t index)
    : station_(shared, index), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  invariant(epoll_.fd() >= 0, "no epoll descriptor for a loop: too many open files");
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = 0}};
  invariant(epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, station_.mailbox->descriptor(), &event) == 0,
            "a loop cannot watch its mailbox");
}

EpollLoop::~EpollLoop() {
  stop();
}

void EpollLoop::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), ("loop-" + std::to_string(station_.loop_index)).c_str());
    run();
  });
}

void EpollLoop::stop() {
  if (!thread_.joinable()) return;
  post([this] { is_leaving_ = true; });
  thread_.join();
}

void EpollLoop::run() {
  while (!is_leaving_) tick();
  while (!open_.empty()) {
    open_.back()->connection->close();
    recycle_closed();
  }
  station_.mailbox->close();
}

void EpollLoop::tick() {
  std::array<epoll_event, kEventsPerTick> events;
  // At most half of the connections in one tick: while these are answered, the peers of the others can send. Taking all
  // of them would let a few peers and this loop fall into step, each sleeping while the other works.
  const std::size_t most = std::clamp<std::size_t>((open_.size() + 1) / 2, 4, events.size());
  const int count = epoll_wait(epoll_.fd(), events.data(), static_cast<int>(most), wait_milliseconds());
  invariant(count >= 0 || errno == EINTR, "epoll_wait failed");
  station_.now = station_.shared.parts.clock.now();
  station_.late_at = station_.now + Station::kTurnTime;
  station_.counters.ticks.add(1);
  station_.handshake_steps = Station::kHandshakeSteps;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t what = events[static_cast<std::size_t>(i)].data.u64;
    const std::uint32_t flags = events[static_cast<std::size_t>(i)].events;
    if (what == 0) {
      has_mail_ = true;
    } else if ((what & kIsWatched) != 0) {
      const auto* watched = reinterpret_cast<const Watched*>(what & ~kIsWatched);
      if (watched->readable) watched->readable();
    } else {
      Connection& connection = *reinterpret_cast<Socket*>(what)->connection;
      if ((flags & (EPOLLHUP | EPOLLERR)) != 0) connection.peer_is_gone();
      connection.on_ready((flags & EPOLLIN) != 0, (flags & EPOLLOUT) != 0,
                          (flags & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
    }
  }
  if (!station_.upgraded.empty()) upgrade();
  if (has_mail_) run_posted();
  if (!timed_.empty()) run_timed();
  station_.ring_alarms();
  station_.take_turns();
  if (!station_.upgraded.empty()) upgrade();  // also those that begin_drain() found
  if (listener_ != nullptr) listener_->end_of_tick(station_.loop_index);
  flush_dirty();
  end_connections();
  tidy();
  forgotten_.clear();
}

int EpollLoop::wait_milliseconds() {
  const bool has_ending = !station_.leaving.empty() || !station_.closed.empty();
  if (station_.has_turns() || has_ending || (listener_ != nullptr && listener_->has_pending_work(station_.loop_index)))
    return 0;
  TimePoint next = station_.alarms.empty() ? TimePoint::max() : station_.alarms.front().at;
  if (!timed_.empty()) next = std::min(next, timed_.front().at);
  next = std::min(next, tidy_at_);
  if (next == TimePoint::max()) return -1;
  if (next <= station_.now) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - station_.now).count();
  return static_cast<int>(std::min<std::int64_t>(left, 60'000));
}

void EpollLoop::run_at(TimePoint at, ports::Task task) {
  timed_.push_back({at, timed_order_++, std::move(task)});
  std::push_heap(timed_.begin(), timed_.end(), std::greater<>{});
}

void EpollLoop::run_timed() {
  while (!timed_.empty() && timed_.front().at <= station_.now) {
    std::pop_heap(timed_.begin(), timed_.end(), std::greater<>{});
    const ports::Task task = std::move(timed_.back().task);
    timed_.pop_back();
    task();
  }
}

void EpollLoop::run_posted() {
  has_mail_ = false;
  station_.mailbox->take(posted_);
  for (const ports::Task& task : posted_) task();
  posted_.clear();
}

void EpollLoop::flush_dirty() {
  std::swap(turn_, station_.dirty);
  for (Connection* connection : turn_) connection->flush();
  turn_.clear();
}

void EpollLoop::end_connections() {
  if (station_.leaving.empty() && station_.closed.empty()) return;
  station_.begin_turn_time();
  station_.work_through(station_.leaving, [](Connection& connection) { connection.leave_if_unanswered(); });
  if (!station_.closed.empty()) recycle_closed();
}

void EpollLoop::adopt(Descriptor socket, Peer peer) {
  if (spare_.empty()) add_socket();
  Socket* held = spare_.back();
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    .data = {.u64 = reinterpret_cast<std::uint64_t>(held)}};
  if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, socket.fd(), &event) != 0) {
    station_.counters.note(Trouble::NoDescriptors);
    forget(peer.key);
    return;
  }
  spare_.pop_back();
  spare_count_.taken(spare_.size());
  held->is_spare = false;
  held->attach(socket.fd());
  held->descriptor = std::move(socket);
  held->open_index = open_.size();
  held->key = peer.key;
  open_.push_back(held);
  held->connection = &held->http1;
  if (peer.tls != nullptr) held->tls = peer.tls->accept(*held, &handshakes_);
  held->http1.begin(held->tls ? static_cast<ByteStream&>(*held->tls) : *held, std::move(peer));
  if (station_.is_draining) held->connection->begin_drain();
}

void EpollLoop::add_socket() {
  Socket& added = *sockets_.emplace_back(std::make_unique<Socket>(station_));
  added.http1.seat = sockets_.size() - 1;
  spare_.push_back(&added);
}

void EpollLoop::forget(AddressKey key) {
  load.fetch_sub(1, std::memory_order_relaxed);
  station_.shared.connections.fetch_sub(1, std::memory_order_relaxed);
  station_.shared.addresses.leave(key);
}

// From the first bytes of HTTP/1.1's connection on, HTTP/2's has the socket.
void EpollLoop::upgrade() {
  for (Http1Connection* left : station_.upgraded) {
    Socket& held = *sockets_[left->seat];
    if (!held.http2) {
      held.http2 = std::make_unique<Http2Connection>(station_);
      held.http2->seat = left->seat;
    }
    held.connection = held.http2.get();
    held.http2->begin(left->stream(), left->take_peer(), left->first_bytes());
    if (left->has_hung_up()) held.http2->on_ready(true, false, true);  // no further event will tell
    if (station_.is_draining) held.http2->begin_drain();
    left->recycle();
  }
  station_.upgraded.clear();
}

void EpollLoop::recycle_closed() {
  station_.work_through(station_.closed, [this](Connection& connection) { recycle(connection); });
  if (open_.empty() && drained_) std::exchange(drained_, nullptr)();
}

void EpollLoop::recycle(Connection& connection) {
  Socket* held = sockets_[connection.seat].get();
  // Listed twice: the peer left and the handler answered, and the first time it was recycled.
  if (held->is_spare || !connection.is_closed()) return;
  if (held->descriptor.fd() >= 0) {
    if (held->tls) held->tls->end_writing();
    // Closing does the same unless a child that is just beginning has a copy, and an event must not meet what is freed.
    epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, held->descriptor.fd(), nullptr);
    held->descriptor.close();
    open_.back()->open_index = held->open_index;
    std::swap(open_[held->open_index], open_.back());
    open_.pop_back();
    forget(held->key);
  }
  if (!connection.can_be_recycled()) return;  // a handler still holds it: it comes here again once answered
  connection.recycle();
  held->tls.reset();
  held->is_spare = true;
  spare_.push_back(held);
}

// Memory that a crowd needed and nobody has needed since goes back. Requires: the end of a tick, where nothing of it is
// being called.
void EpollLoop::tidy() {
  if (station_.now >= tidy_at_) {
    tidy_at_ = TimePoint::max();
    drop_unused();
  }
  const bool has_surplus = spare_.size() > kFewSockets || station_.has_surplus();
  if (tidy_at_ != TimePoint::max() || !has_surplus) return;
  tidy_at_ = station_.now + Station::kWatch;
  spare_count_.begin(spare_.size());
  station_.begin_watch();
}

void EpollLoop::drop_unused() {
  const std::size_t sockets = spare_count_.unused(spare_.size(), kFewSockets);
  if (sockets != 0) drop_sockets(sockets);
  untrimmed_ += station_.drop_unused() + sockets * sizeof(Socket);
  const bool is_quiet = spare_.size() <= kFewSockets && !station_.has_surplus();
  if (untrimmed_ < (is_quiet ? 1 : kWorthTrimming)) return;
  untrimmed_ = 0;
  // What lies between is the allocator's still. A worker's time, for there may be much; if none has any, it can wait.
  static_cast<void>(station_.shared.parts.body_workers.submit([] { malloc_trim(0); }));
}

// The coldest lie in front.
void EpollLoop::drop_sockets(std::size_t count) {
  station_.forget([this](const Connection& connection) { return sockets_[connection.seat]->is_spare; });
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t seat = spare_[i]->http1.seat;
    std::swap(sockets_[seat], sockets_.back());
    sockets_[seat]->http1.seat = seat;
    if (sockets_[seat]->http2) sockets_[seat]->http2->seat = seat;
    sockets_.pop_back();
  }
  spare_.erase(spare_.begin(), spare_.begin() + static_cast<std::ptrdiff_t>(count));
}

void EpollLoop::watch_descriptor(int fd, Readable readable) {
  auto watched = std::make_unique<Watched>(Watched{fd, std::move(readable)});
  epoll_event event{.events = EPOLLIN, .data = {.u64 = reinterpret_cast<std::uint64_t>(watched.get()) | kIsWatched}};
  invariant(epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event) == 0, "a loop cannot watch a descriptor");
  watched_.push_back(std::move(watched));
}

void EpollLoop::ignore_descriptor(int fd) {
  const auto found = std::find_if(watched_.begin(), watched_.end(), [fd](const auto& w) { return w->fd == fd; });
  if (found == watched_.end()) return;
  epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, fd, nullptr);
  // Events of this tick may still point to it, and its function may be the one that is running.
  forgotten_.push_back(std::move(*found));
  watched_.erase(found);
}

void EpollLoop::drain(IdleConnections idle, std::function<void()> done) {
  station_.is_draining = true;
  station_.idle = idle;
  drained_ = std::move(done);
  const std::vector<Socket*> open = open_;
  for (Socket* held : open) held->connection->begin_drain();
  if (open_.empty()) std::exchange(drained_, nullptr)();
}

void EpollLoop::close_idle() {
  station_.idle = IdleConnections::Close;
  const std::vector<Socket*> open = open_;
  for (Socket* held : open) held->connection->begin_drain();
}

}  // namespace slipway::net
