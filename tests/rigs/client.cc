// rig_client: many connections that ask a model of the rigs and check every answer.
//   rig_client PORT MODEL [--requests N] [--connections N] [--pipeline N] [--rows N] [--leaves SHARE] [--refused SHARE]
//              [--seed N] [--constant-is-version]
// Lines on standard input: "allow 3 4" - from now on only these versions may answer, acknowledged by "ok"; "stop" - ask
// no more. The end is after N requests or "stop"; the last line written is the report, as JSON.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "rigs/connection.h"

namespace slipway::rigs {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);  // without one answer: the run has failed

struct Options {
  std::uint16_t port = 0;
  std::uint64_t requests = std::numeric_limits<std::uint64_t>::max();
  std::size_t connections = 16;
  std::uint64_t seed = 1;
  bool constant_is_version = false;
  Asker::Shape shape;
  Habits habits;
};

[[noreturn]] void refuse(const std::string& what) {
  std::cerr << "rig_client: " << what << "\n";
  std::exit(2);
}

double number_after(int argc, char** argv, int& i) {
  if (i + 1 >= argc) refuse(std::string("expected a number after ") + argv[i]);
  char* end = nullptr;
  const double number = std::strtod(argv[++i], &end);
  if (*end != '\0') refuse(std::string("expected a number, found ") + argv[i]);
  return number;
}

Options read_options(int argc, char** argv) {
  if (argc < 3) refuse("expected PORT MODEL [options]");
  Options made;
  made.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  made.shape.model = argv[2];
  for (int i = 3; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--requests") {
      made.requests = static_cast<std::uint64_t>(number_after(argc, argv, i));
    } else if (option == "--connections") {
      made.connections = static_cast<std::size_t>(number_after(argc, argv, i));
    } else if (option == "--pipeline") {
      made.habits.pipeline = static_cast<std::size_t>(number_after(argc, argv, i));
    } else if (option == "--rows") {
      made.shape.most_rows = static_cast<std::uint64_t>(number_after(argc, argv, i));
    } else if (option == "--leaves") {
      made.habits.leaves_early = number_after(argc, argv, i);
    } else if (option == "--refused") {
      made.shape.refused_share = number_after(argc, argv, i);
    } else if (option == "--seed") {
      made.seed = static_cast<std::uint64_t>(number_after(argc, argv, i));
    } else if (option == "--constant-is-version") {
      made.constant_is_version = true;
    } else {
      refuse("unknown option " + option);
    }
  }
  return made;
}

// The lines that have arrived on standard input. False: "stop" or its end.
bool take_commands(Judge& judge, std::string& pending) {
  std::array<char, 4096> piece;
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  if (::poll(&ready, 1, 0) <= 0) return true;
  const ssize_t got = ::read(STDIN_FILENO, piece.data(), piece.size());
  if (got <= 0) return false;
  pending.append(piece.data(), static_cast<std::size_t>(got));
  for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
    std::istringstream words(pending.substr(0, end));
    pending.erase(0, end + 1);
    std::string word;
    words >> word;
    if (word == "stop") return false;
    if (word != "allow") refuse("expected allow or stop, found " + word);
    std::vector<std::uint64_t> versions;
    for (std::uint64_t version = 0; words >> version;) versions.push_back(version);
    judge.allow(std::move(versions));
    std::cout << "ok" << std::endl;
  }
  return true;
}

int run(const Options& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  Asker asker(options.shape, options.seed);
  Judge judge(options.constant_is_version);
  std::vector<std::unique_ptr<Connection>> connections;
  for (std::size_t i = 0; i < options.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(address, options.habits, asker, judge, epoll));
  }
  bool may_ask = true;
  std::string pending;
  std::array<epoll_event, 256> events;
  auto last_progress = std::chrono::steady_clock::now();
  for (std::uint64_t answered = 0;;) {
    if (may_ask && judge.answered() >= options.requests) may_ask = false;
    if (may_ask && options.requests == std::numeric_limits<std::uint64_t>::max())
      may_ask = take_commands(judge, pending);
    bool under_way = false;
    if (!may_ask) {
      for (const auto& connection : connections) under_way |= connection->serve(false);
      if (!under_way) break;
    }
    const int count = ::epoll_wait(epoll, events.data(), events.size(), 5);
    for (int i = 0; i < count; ++i)
      static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr)->serve(may_ask);
    const auto now = std::chrono::steady_clock::now();
    if (judge.answered() != answered) last_progress = now;
    answered = judge.answered();
    if (now - last_progress > kPatience) {
      judge.broken("no answer at all for 60 s", 1);
      break;
    }
  }
  std::cout << judge.report() << std::endl;
  connections.clear();
  ::close(epoll);
  return 0;
}

}  // namespace
}  // namespace slipway::rigs

int main(int argc, char** argv) {
  return slipway::rigs::run(slipway::rigs::read_options(argc, argv));
}
