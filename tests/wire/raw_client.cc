#include "raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace slipway::wire {

std::string Answer::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_name) return value;
  }
  return {};
}

RawClient::RawClient(const std::string& address) {
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  int code = -1;
  if (address.starts_with("unix:")) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    std::strncpy(where.sun_path, address.c_str() + 5, sizeof where.sun_path - 1);
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    code = ::connect(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where);
  } else {
    const std::size_t colon = address.rfind(':');
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    code = ::connect(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (code != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

RawClient& RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return *this;
}

std::size_t RawClient::offer(std::string_view bytes) {
  const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

RawClient& RawClient::end_sending() {
  ::shutdown(fd_, SHUT_WR);
  return *this;
}

void RawClient::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd_);
  fd_ = -1;
}

void RawClient::receive_slowly() {
  const int size = 4096;
  setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool RawClient::fill() {
  char piece[64 << 10];
  const ssize_t count = ::recv(fd_, piece, sizeof piece, 0);
  is_at_end_ = count == 0;
  if (count <= 0) return false;
  buffer_.append(piece, static_cast<std::size_t>(count));
  return true;
}

std::string RawClient::receive_some() {
  if (buffer_.empty()) fill();
  return std::exchange(buffer_, {});
}

std::string RawClient::receive_rest() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

std::optional<Answer> RawClient::receive(bool to_head) {
  std::size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  Answer answer;
  answer.status = std::atoi(buffer_.c_str() + 9);
  std::size_t at = buffer_.find("\r\n") + 2;
  while (at < end + 2) {
    const std::size_t line_end = buffer_.find("\r\n", at);
    const std::size_t colon = buffer_.find(':', at);
    std::string name = buffer_.substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    const std::size_t value = std::min(buffer_.find_first_not_of(" \t", colon + 1), line_end);
    answer.headers.emplace_back(std::move(name), buffer_.substr(value, line_end - value));
    at = line_end + 2;
  }
  const std::string length = answer.header("content-length");
  const std::size_t size = to_head || length.empty() ? 0 : std::stoul(length);
  while (buffer_.size() < end + 4 + size) {
    if (!fill()) return std::nullopt;
  }
  answer.body = buffer_.substr(end + 4, size);
  buffer_.erase(0, end + 4 + size);
  return answer;
}

}  // namespace slipway::wire
