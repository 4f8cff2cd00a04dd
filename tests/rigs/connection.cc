#include "rigs/connection.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <tuple>

namespace slipway::rigs {
namespace {

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(2);
}

struct HttpAnswer {
  int status = 0;
  std::size_t body_at = 0;
  std::size_t end = 0;
};

// The first whole answer in `bytes`; nullopt while it is incomplete; status 0 when it is none.
std::optional<HttpAnswer> first_answer(std::string_view bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return std::nullopt;
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  constexpr std::string_view kLength = "\r\ncontent-length:";
  HttpAnswer made;
  std::size_t length = 0;
  bool has_length = false;
  for (std::size_t at = bytes.find("\r\n"); at < head; at = bytes.find("\r\n", at + 2)) {
    if (strncasecmp(bytes.data() + at, kLength.data(), kLength.size()) != 0) continue;
    const char* number = bytes.data() + at + kLength.size();
    while (*number == ' ') ++number;
    has_length = std::from_chars(number, bytes.data() + head, length).ec == std::errc{};
  }
  if (!bytes.starts_with(kVersion) || !has_length) return HttpAnswer{};
  std::from_chars(bytes.data() + kVersion.size(), bytes.data() + head, made.status);
  made.body_at = head + 4;
  made.end = made.body_at + length;
  if (bytes.size() < made.end) return std::nullopt;
  return made;
}

}  // namespace

Connection::Connection(sockaddr_in address, Habits habits, Asker& asker, Judge& judge, int epoll)
    : address_(address), habits_(habits), asker_(asker), judge_(judge), epoll_(epoll) {
  dial();
}

void Connection::dial() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("socket");
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0) fail("connect");
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = this}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &event) != 0) fail("epoll_ctl");
}

void Connection::hang_up() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  asked_.clear();
  out_.clear();
  in_.clear();
}

void Connection::ask() {
  asked_.push_back(asker_.next(judge_.epoch()));
  asker_.write(asked_.back(), out_);
}

// Hangs up in the middle of everything and comes back as somebody else.
void Connection::leave() {
  if (asker_.happens(habits_.leaves_mid_request)) {
    std::string request;
    asker_.write(asker_.next(judge_.epoch()), request);
    if (out_.empty()) {
      std::ignore = ::send(socket_, request.data(), asker_.up_to(request.size() - 1), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
  }
  judge_.cancelled(asked_.size());
  hang_up();
  dial();
}

bool Connection::serve(bool may_ask) {
  if (socket_ < 0) return false;
  while (true) {
    while (may_ask && asked_.size() < habits_.pipeline) ask();
    if (!flush() || !receive()) {
      judge_.broken("the server hung up", asked_.size());
      hang_up();
      if (!may_ask) return false;
      dial();
      return true;
    }
    const std::size_t before = asked_.size();
    if (!take_answers()) {
      judge_.broken("the server sent what is no answer: " + in_.substr(0, 200), asked_.size());
      hang_up();
      if (!may_ask) return false;
      dial();
      return true;
    }
    if (may_ask && asked_.size() < before && asker_.happens(habits_.leaves_early)) {
      while (asked_.size() < habits_.pipeline) ask();
      flush();
      leave();
      continue;
    }
    if (asked_.size() == before || !may_ask) return !asked_.empty() || may_ask;
  }
}

// False: the peer is gone.
bool Connection::flush() {
  while (!out_.empty()) {
    const ssize_t sent = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    out_.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

bool Connection::receive() {
  std::array<char, 64 * 1024> piece;
  while (true) {
    const ssize_t got = ::recv(socket_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    in_.append(piece.data(), static_cast<std::size_t>(got));
    if (static_cast<std::size_t>(got) < piece.size()) return true;
  }
}

// False: bytes that are no answer, or an answer to nothing.
bool Connection::take_answers() {
  std::size_t taken = 0;
  while (taken < in_.size()) {
    const std::string_view left = std::string_view(in_).substr(taken);
    const auto answer = first_answer(left);
    if (!answer) break;
    if (answer->status == 0 || asked_.empty()) return false;
    judge_.judge(asked_.front(), answer->status, left.substr(answer->body_at, answer->end - answer->body_at));
    asked_.pop_front();
    taken += answer->end;
  }
  in_.erase(0, taken);
  return true;
}

}  // namespace slipway::rigs
