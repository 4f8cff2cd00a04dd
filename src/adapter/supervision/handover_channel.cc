#include "adapter/supervision/handover_channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace slipway::supervision {
namespace {

constexpr Duration kGlance = std::chrono::milliseconds(50);  // between two questions whether to go on
constexpr Duration kSending = std::chrono::seconds(30);      // the other end waits for what is sent
constexpr std::size_t kMostText = 64 << 20;
constexpr std::size_t kMostDescriptors = 128;

// Before each message; it carries the descriptors.
struct Prefix {
  std::array<char, 8> mark;
  std::uint32_t text;
  std::uint32_t descriptors;
};
constexpr std::array<char, 8> kMark = {'s', 'l', 'i', 'p', 'w', 'a', 'y', '1'};

Error failed(const std::string& doing) {
  return unavailable(doing + ": " + std::generic_category().message(errno));
}
Error gone() {
  return {ErrorCode::Cancelled, "the other process ended"};
}

}  // namespace

Result<std::pair<Descriptor, Descriptor>> HandoverChannel::pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return failed("cannot make a pair of sockets");
  }
  return std::pair(Descriptor(ends[0]), Descriptor(ends[1]));
}

Result<void> HandoverChannel::wait(short events, TimePoint until, const std::function<bool()>& gives_up) const {
  while (true) {
    if (gives_up()) return Error{ErrorCode::Cancelled, "the server is being stopped"};
    const TimePoint now = clock_->now();
    if (now >= until) return deadline_exceeded("the other process did not answer in time");
    pollfd polled{.fd = socket_.fd(), .events = events, .revents = 0};
    const auto slice = std::chrono::ceil<std::chrono::milliseconds>(std::min<Duration>(until - now, kGlance));
    const int ready = ::poll(&polled, 1, static_cast<int>(slice.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return failed("cannot wait for the other process");
  }
}

Result<void> HandoverChannel::send(std::string_view text, std::span<const int> descriptors) {
  if (text.size() > kMostText || descriptors.size() > kMostDescriptors) {
    return invalid_input("a handover takes at most " + std::to_string(kMostDescriptors) + " descriptors, found " +
                         std::to_string(descriptors.size()));
  }
  const TimePoint until = clock_->now() + kSending;
  const auto never = [] { return false; };
  Prefix prefix{kMark, static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(descriptors.size())};
  iovec bytes{&prefix, sizeof prefix};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  }
  TRY(wait(POLLOUT, until, never));
  // The first bytes of a socket that nobody has filled: they go as a whole or not at all.
  if (::sendmsg(socket_.fd(), &message, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof prefix)) {
    return errno == EPIPE ? gone() : failed("cannot send descriptors");
  }
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_.fd(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      TRY(wait(POLLOUT, until, never));
    } else if (errno != EINTR) {
      return errno == EPIPE ? gone() : failed("cannot send");
    }
  }
  return {};
}

Result<void> HandoverChannel::read(char* into, std::size_t size, TimePoint until,
                                   const std::function<bool()>& gives_up) {
  while (size != 0) {
    TRY(wait(POLLIN, until, gives_up));
    const ssize_t count = ::recv(socket_.fd(), into, size, 0);
    if (count == 0) return gone();
    if (count < 0 && errno == ECONNRESET) return gone();
    if (count < 0 && errno != EAGAIN && errno != EINTR) return failed("cannot read");
    if (count < 0) continue;
    into += count;
    size -= static_cast<std::size_t>(count);
  }
  return {};
}

Result<HandoverChannel::Message> HandoverChannel::receive(const Patience& patience) {
  const TimePoint until = Deadline::after(clock_->now(), patience.allowed).at;
  Prefix prefix{};
  iovec bytes{&prefix, sizeof prefix};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  TRY(wait(POLLIN, until, patience.gives_up));
  const ssize_t count = ::recvmsg(socket_.fd(), &message, MSG_CMSG_CLOEXEC);
  if (count == 0 || (count < 0 && errno == ECONNRESET)) return gone();
  if (count < 0) return failed("cannot read");
  Message received;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t held = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < held; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      received.descriptors.emplace_back(fd);
    }
  }
  const bool is_whole = count == static_cast<ssize_t>(sizeof prefix) && (message.msg_flags & MSG_CTRUNC) == 0;
  if (!is_whole || prefix.mark != kMark || prefix.text > kMostText ||
      prefix.descriptors != received.descriptors.size()) {
    return corrupt("expected a message of a handover, found something else (or too few free descriptors)");
  }
  received.text.resize(prefix.text);
  TRY(read(received.text.data(), received.text.size(), until, patience.gives_up));
  return received;
}

bool HandoverChannel::is_open() const {
  pollfd polled{.fd = socket_.fd(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&polled, 1, 0) == 0;
}

}  // namespace slipway::supervision
