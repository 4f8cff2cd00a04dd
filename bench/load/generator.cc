#include "bench/load/generator.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>

namespace slipway::load {
namespace {

constexpr Duration kGrace = std::chrono::seconds(2);
constexpr Duration kReconnectPause = std::chrono::milliseconds(2);

TimePoint now() {
  return std::chrono::steady_clock::now();
}

// Seconds on a CPU of all threads of a process, to the nanosecond (schedstat).
double cpu_seconds(int pid) {
  double total = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
    std::ifstream file(task.path() / "schedstat");
    double nanoseconds = 0;
    file >> nanoseconds;
    total += nanoseconds / 1e9;
  }
  return total;
}

double own_cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

Error trouble(const std::string& what) {
  return unavailable(what + ": " + std::strerror(errno));
}

Result<int> connect_to(const Plan& plan) {
  sockaddr_storage address{};
  socklen_t size = 0;
  if (!plan.unix_path.empty()) {
    auto& to = reinterpret_cast<sockaddr_un&>(address);
    to.sun_family = AF_UNIX;
    plan.unix_path.copy(to.sun_path, sizeof to.sun_path - 1);
    size = sizeof to;
  } else {
    auto& to = reinterpret_cast<sockaddr_in&>(address);
    to.sin_family = AF_INET;
    to.sin_port = htons(plan.port);
    if (inet_pton(AF_INET, plan.host.c_str(), &to.sin_addr) != 1) {
      return invalid_input("expected an IPv4 address such as 127.0.0.1, found '" + plan.host + "'");
    }
    size = sizeof to;
  }
  int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return trouble("socket");
  // Loopback connects at once or not at all; blocking keeps this simple.
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), size) != 0) {
    Error error = trouble("connect to " +
                          (plan.unix_path.empty() ? plan.host + ":" + std::to_string(plan.port) : plan.unix_path));
    close(fd);
    return error;
  }
  int yes = 1;
  if (address.ss_family == AF_INET) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

class Generator final : public AnswerListener {
 public:
  Generator(const Plan& plan, const Request& request, Expectation expectation)
      : plan_(plan),
        request_(request),
        expectation_(std::move(expectation)),
        schedule_(plan.arrivals, plan.rate, plan.seed, now()),
        epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    began_.resize(plan.connections * plan.streams);
  }
  ~Generator() override {
    for (Connection& connection : connections_) {
      if (connection.fd >= 0) close(connection.fd);
    }
    close(epoll_);
  }
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  Result<Report> run() {
    connections_.resize(plan_.connections);
    for (std::size_t index = 0; index < connections_.size(); ++index) TRY(open(index));
    TimePoint measured = now() + plan_.warm_up, end = measured + plan_.duration;
    run_until(measured, true);
    report_ = Report{.statuses = {}, .first_trouble = report_.first_trouble};
    double server = server_cpu(), own = own_cpu_seconds();
    TimePoint start = now();
    run_until(end, true);
    report_.took = now() - start;
    report_.server_cpu_seconds = server_cpu() - server;
    report_.own_cpu_seconds = own_cpu_seconds() - own;
    while (!due_.empty() && due_.front() < end) {
      report_.unsent += 1;
      due_.pop_front();
    }
    is_counting_ = false;
    run_until(end + kGrace, false);
    for (const Connection& connection : connections_) report_.unanswered += connection.in_flight;
    return std::move(report_);
  }

  void answered(const Answer& answer) override {
    Connection& connection = connections_[answer.slot / plan_.streams];
    connection.in_flight -= 1;
    connection.free.push_back(answer.slot);
    free_total_ += 1;
    bool is_success = plan_.protocol == Protocol::Grpc ? answer.status == 0 : answer.status / 100 == 2;
    bool is_expected = !is_success || expectation_.accepts(answer.body);
    if ((!is_success || !is_expected) && report_.first_trouble.empty()) {
      report_.first_trouble = "status " + std::to_string(answer.status) +
                              (is_success ? ", an unexpected body: " : ": ") + std::string(answer.body.substr(0, 300));
    }
    if (!is_counting_) return;
    report_.statuses[answer.status].latency.add(read_at_ - began_[answer.slot]);
    (is_success && is_expected ? report_.good : report_.mismatched) += is_success;
  }

 private:
  struct Connection {
    int fd = -1;
    std::unique_ptr<Wire> wire;
    std::string out;
    std::size_t sent = 0, in_flight = 0;
    std::vector<std::uint64_t> free;  // slots without a request
    bool waits_for_room = false, is_dirty = false;
    TimePoint retry_at{};
  };

  double server_cpu() const {
    double total = 0;
    for (int pid : plan_.server_pids) total += cpu_seconds(pid);
    return total;
  }

  Result<void> open(std::size_t index) {
    Connection& connection = connections_[index];
    connection.fd = TRY(connect_to(plan_));
    connection.wire =
        plan_.protocol == Protocol::Http1 ? make_http1_wire(request_) : make_http2_wire(request_, plan_.protocol);
    connection.out.clear();
    connection.sent = connection.in_flight = 0;
    connection.waits_for_room = false;
    free_total_ -= connection.free.size();
    connection.free.clear();
    for (std::size_t slot = 0; slot < plan_.streams; ++slot) connection.free.push_back(index * plan_.streams + slot);
    free_total_ += connection.free.size();
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
    connection.wire->open(connection.out);
    touch(index);
    return {};
  }

  void lose(std::size_t index, const std::string& why) {
    Connection& connection = connections_[index];
    if (connection.in_flight > 0 && report_.first_trouble.empty()) report_.first_trouble = "a connection ended: " + why;
    if (is_counting_) report_.cut += connection.in_flight;
    close(connection.fd);
    connection.fd = -1;
    connection.in_flight = 0;
    free_total_ -= connection.free.size();
    connection.free.clear();
    connection.retry_at = now() + kReconnectPause;
    lost_ += 1;
  }

  void reopen_lost() {
    for (std::size_t index = 0; index < connections_.size(); ++index) {
      if (connections_[index].fd >= 0 || connections_[index].retry_at > now()) continue;
      if (open(index).ok()) {
        lost_ -= 1;
        report_.reconnects += 1;
      } else {
        connections_[index].retry_at = now() + kReconnectPause;
      }
    }
  }

  void touch(std::size_t index) {
    if (connections_[index].is_dirty) return;
    connections_[index].is_dirty = true;
    dirty_.push_back(index);
  }

  void begin_request(std::size_t index, TimePoint at) {
    Connection& connection = connections_[index];
    std::uint64_t slot = connection.free.back();
    connection.free.pop_back();
    free_total_ -= 1;
    connection.in_flight += 1;
    began_[slot] = at;
    connection.wire->send(slot, connection.out);
    touch(index);
  }

  bool can_send(const Connection& connection) const {
    return connection.fd >= 0 && !connection.free.empty() && connection.wire->accepts_requests();
  }

  void send_due(bool may_send) {
    if (!may_send) return;
    if (!schedule_.is_open()) {
      if (free_total_ == 0) return;
      TimePoint at = now();
      for (std::size_t index = 0; index < connections_.size(); ++index) {
        while (can_send(connections_[index])) begin_request(index, at);
      }
      return;
    }
    for (TimePoint at = now(); schedule_.next() <= at; schedule_.advance()) due_.push_back(schedule_.next());
    for (std::size_t passed = 0; !due_.empty() && passed < connections_.size();) {
      turn_ = (turn_ + 1) % connections_.size();
      if (can_send(connections_[turn_])) {
        begin_request(turn_, due_.front());
        due_.pop_front();
        passed = 0;
      } else {
        ++passed;
      }
    }
  }

  void write_dirty() {
    std::vector<std::size_t> turn;
    turn.swap(dirty_);
    for (std::size_t index : turn) {
      connections_[index].is_dirty = false;
      write(index);
    }
    turn.clear();
    if (dirty_.empty()) dirty_.swap(turn);
  }

  void write(std::size_t index) {
    Connection& connection = connections_[index];
    while (connection.fd >= 0 && connection.sent < connection.out.size()) {
      ssize_t count = ::send(connection.fd, connection.out.data() + connection.sent,
                             connection.out.size() - connection.sent, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count > 0) {
        connection.sent += static_cast<std::size_t>(count);
      } else if (errno == EAGAIN) {
        wait_for_room(index, true);
        return;
      } else if (errno != EINTR) {
        return lose(index, std::strerror(errno));
      }
    }
    if (connection.fd < 0) return;
    connection.out.clear();
    connection.sent = 0;
    wait_for_room(index, false);
  }

  void wait_for_room(std::size_t index, bool waits) {
    Connection& connection = connections_[index];
    if (connection.waits_for_room == waits) return;
    connection.waits_for_room = waits;
    epoll_event event{.events = EPOLLIN | (waits ? EPOLLOUT : 0u), .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
  }

  void read(std::size_t index) {
    Connection& connection = connections_[index];
    if (connection.fd < 0) return;
    ssize_t count = recv(connection.fd, input_.data(), input_.size(), MSG_DONTWAIT);
    if (count > 0) {
      Result<void> read =
          connection.wire->read({input_.data(), static_cast<std::size_t>(count)}, connection.out, *this);
      if (!read.ok()) return lose(index, read.error().message);
      bool is_done = !connection.wire->accepts_requests() && connection.in_flight == 0;
      if (is_done) return lose(index, "the server closes it");
      touch(index);
    } else if (count == 0) {
      lose(index, "the server closed it");
    } else if (errno != EAGAIN && errno != EINTR) {
      lose(index, std::strerror(errno));
    }
  }

  bool has_in_flight() const {
    return std::any_of(connections_.begin(), connections_.end(), [](const auto& each) { return each.in_flight > 0; });
  }

  void run_until(TimePoint end, bool may_send) {
    std::array<epoll_event, 256> events;
    while (now() < end && (may_send || has_in_flight())) {
      if (lost_ > 0 && may_send) reopen_lost();
      send_due(may_send);
      write_dirty();
      TimePoint wake = end;
      if (may_send && schedule_.is_open()) wake = std::min(wake, schedule_.next());
      if (lost_ > 0 && may_send) wake = std::min(wake, now() + kReconnectPause);
      std::int64_t wait = std::max<std::int64_t>(0, (wake - now()).count());
      timespec timeout{.tv_sec = wait / 1'000'000'000, .tv_nsec = wait % 1'000'000'000};
      int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
      read_at_ = now();
      for (int i = 0; i < count; ++i) {
        std::size_t index = events[static_cast<std::size_t>(i)].data.u64;
        if (events[static_cast<std::size_t>(i)].events & EPOLLOUT) touch(index);
        if (events[static_cast<std::size_t>(i)].events & ~EPOLLOUT) read(index);
      }
    }
  }

  const Plan& plan_;
  const Request& request_;
  Expectation expectation_;
  Schedule schedule_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<TimePoint> began_;  // by slot
  std::deque<TimePoint> due_;     // meant for these times, and waiting for a free slot
  std::vector<std::size_t> dirty_;
  std::size_t turn_ = 0, free_total_ = 0, lost_ = 0;
  bool is_counting_ = true;
  TimePoint read_at_{};
  Report report_;
  std::array<char, 256 << 10> input_;
};

}  // namespace

std::uint64_t Report::answers() const {
  std::uint64_t total = 0;
  for (const auto& [status, seen] : statuses) total += seen.latency.count();
  return total;
}

Result<Report> generate(const Plan& plan, const Request& request, Expectation expectation) {
  return std::make_unique<Generator>(plan, request, std::move(expectation))->run();
}

}  // namespace slipway::load
