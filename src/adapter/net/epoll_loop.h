// EpollLoop: one event loop and its thread: epoll, edge-triggered, each socket armed once for its whole life.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "adapter/net/http1_connection.h"
#include "adapter/net/http2_connection.h"
#include "adapter/net/socket.h"
#include "adapter/net/station.h"
#include "adapter/net/tls_stream.h"
#include "ports/loop.h"

namespace slipway::net {

// Owned by the server. A tick: read every ready connection, run what was posted and is due, let the listener work on
// what was gathered, send once per connection. It sleeps only when nothing of that is left to do.
class EpollLoop final : public ports::Loop {
 public:
  // Told on the loop's thread when a descriptor of add_descriptor() is readable.
  using Readable = std::function<void()>;

  EpollLoop(ServerShared& shared, std::size_t index);
  ~EpollLoop() override;

  void post(ports::Task task) override { station_.mailbox->post(std::move(task)); }
  void run_at(TimePoint at, ports::Task task) override;

  // Before start().
  void set_tick_listener(TickListener& listener) { listener_ = &listener; }
  void start();
  // From the owner's thread: leaves the loop after the current tick and joins; open connections are cut.
  void stop();

  // The loop's own thread.
  void adopt(Descriptor socket, Peer peer);
  void watch_descriptor(int fd, Readable readable);  // level-triggered
  void ignore_descriptor(int fd);
  void drain(IdleConnections idle, std::function<void()> done);  // `done` once no connection is left
  void close_idle();                                             // of a drain that let them wait
  Station& station() { return station_; }
  const Station& station() const { return station_; }

  // Any thread: connections held or on their way here.
  std::atomic<std::size_t> load{0};

 private:
  struct Socket final : SocketStream {
    explicit Socket(Station& station) : http1(station) {}
    Descriptor descriptor;
    std::unique_ptr<TlsStream> tls;  // over this socket; none: plain
    Http1Connection http1;
    std::unique_ptr<Http2Connection> http2;  // once a peer has spoken it
    Connection* connection = &http1;
    std::size_t open_index = 0;
    AddressKey key = AddressKey::Nobody;
    bool is_spare = true;
  };
  struct Watched {
    int fd;
    Readable readable;
  };
  struct Timed {
    TimePoint at;
    std::uint64_t order;
    ports::Task task;
    bool operator>(const Timed& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  void run();
  void tick();
  int wait_milliseconds();
  void take_events(int count);
  void run_posted();
  void run_timed();
  void flush_dirty();
  void end_connections();
  void add_socket();
  void recycle_closed();
  void recycle(Connection& connection);
  void forget(AddressKey key);
  void upgrade();
  void tidy();
  void drop_unused();
  void drop_sockets(std::size_t count);

  Station station_;
  TickListener* listener_ = nullptr;
  Descriptor epoll_;
  std::thread thread_;
  bool is_leaving_ = false, has_mail_ = false;
  TlsHandshakes handshakes_{station_.now};
  std::vector<std::unique_ptr<Socket>> sockets_;  // by seat; idle ones are in spare_
  SpareCount spare_count_;
  std::size_t untrimmed_ = 0;             // bytes that went back to the allocator
  TimePoint tidy_at_ = TimePoint::max();  // never: no pool has more than it keeps anyway
  std::vector<Socket*> spare_, open_;
  std::vector<std::unique_ptr<Watched>> watched_, forgotten_;
  std::vector<Timed> timed_;
  std::uint64_t timed_order_ = 0;
  std::vector<ports::Task> posted_;
  std::vector<Connection*> turn_;
  std::function<void()> drained_;
};

}  // namespace slipway::net
