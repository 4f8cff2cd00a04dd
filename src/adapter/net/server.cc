#include "adapter/net/server.h"

#include <condition_variable>
#include <utility>

#include "adapter/net/acceptor.h"
#include "adapter/net/counters.h"
#include "adapter/net/epoll_loop.h"
#include "base/guarded.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

class LoopServer final : public Server {
 public:
  LoopServer(ServerParts parts, Limits limits, std::size_t loops)
      : shared_(std::move(parts), limits), acceptor_(shared_, loops_) {
    for (std::size_t i = 0; i < loops; ++i) loops_.push_back(std::make_unique<EpollLoop>(shared_, i));
  }
  ~LoopServer() override { stop(Duration{0}, Ending::Leave); }

  std::size_t loop_count() const override { return loops_.size(); }
  ports::Loop& loop(std::size_t index) override { return *loops_.at(index); }
  void set_tick_listener(TickListener& listener) override {
    for (const auto& loop : loops_) loop->set_tick_listener(listener);
  }
  Result<void> listen(Listen where) override { return acceptor_.listen(std::move(where)); }
  std::vector<std::string> addresses() const override { return acceptor_.addresses(); }
  std::vector<int> sockets() const override { return acceptor_.sockets(); }
  Result<void> start(Accepting accepting) override;
  void accept() override;
  void stop(Duration allowed, Ending ending) override;
  void collect(ports::MetricVisitor& visitor) const override {
    std::vector<const Counters*> counters;
    for (const auto& loop : loops_) counters.push_back(&loop->station().counters);
    net::collect(counters, visitor);
  }

 private:
  ServerShared shared_;
  std::vector<std::unique_ptr<EpollLoop>> loops_;
  Acceptor acceptor_;
  bool is_running_ = false;
};

Result<void> LoopServer::start(Accepting accepting) {
  if (acceptor_.addresses().empty()) return invalid_input("the server has no address to listen on");
  is_running_ = true;
  if (accepting == Accepting::Now) accept();
  for (const auto& loop : loops_) loop->start();
  return {};
}

void LoopServer::accept() {
  loops_.front()->post([this] { acceptor_.resume(); });
}

void LoopServer::stop(Duration allowed, Ending ending) {
  if (!std::exchange(is_running_, false)) return;
  struct Waiting {
    Guarded<std::size_t> left;
    std::condition_variable changed;
  };
  const auto waiting = std::make_shared<Waiting>();
  *waiting->left.lock() = loops_.size();
  // The other loops drain after the first has handed them what was accepted last.
  const IdleConnections idle = ending == Ending::HandedOver ? IdleConnections::Wait : IdleConnections::Close;
  loops_.front()->post([this, waiting, ending, idle] {
    acceptor_.stop(ending);
    for (const auto& loop : loops_) {
      loop->post([&loop = *loop, waiting, idle] {
        loop.drain(idle, [waiting] {
          --*waiting->left.lock();
          waiting->changed.notify_all();
        });
      });
    }
  });
  const auto wait_for = [&](Duration most) {
    auto left = waiting->left.lock();
    return waiting->changed.wait_for(left.lock(), std::min<Duration>(most, std::chrono::hours(24)),
                                     [&] { return *left == 0; });
  };
  if (idle == IdleConnections::Wait && !wait_for(allowed / 2)) {
    for (const auto& loop : loops_) loop->post([&loop = *loop] { loop.close_idle(); });
    wait_for(allowed - allowed / 2);
  } else if (idle == IdleConnections::Close) {
    wait_for(allowed);
  }
  for (const auto& loop : loops_) loop->stop();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::create(ServerParts parts, Limits limits, std::size_t loops) {
  if (loops == 0) return invalid_input("a server needs at least one loop");
  if (limits.header_fields > RequestHead::kMostFields) {
    return invalid_input("the limit of header fields is at most " + std::to_string(RequestHead::kMostFields) +
                         "; found " + std::to_string(limits.header_fields));
  }
  if (limits.uri > mebibytes(1) || limits.head > mebibytes(1)) {
    return invalid_input("the limits of the head and of the target are at most 1MiB each");
  }
  return std::unique_ptr<Server>(std::make_unique<LoopServer>(std::move(parts), limits, loops));
}

}  // namespace slipway::net
