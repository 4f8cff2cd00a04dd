#include "faulty_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/invariant.h"

namespace slipway::testing_ground {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

// More bytes into `text`; false at the end.
bool receive(int peer, std::string& text) {
  char piece[65536];
  const ssize_t got = ::recv(peer, piece, sizeof piece, 0);
  if (got > 0) text.append(piece, static_cast<std::size_t>(got));
  return got > 0;
}

bool send_all(int peer, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(peer, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// The value of a header line, and where the line stands; the names are asked for in lower case.
struct Line {
  std::size_t begin, length;
  std::string value;
};
std::optional<Line> header(const std::string& head, std::string_view name) {
  std::string lower = head;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t begin = lower.find("\r\n" + std::string(name) + ":");
  if (begin == std::string::npos) return std::nullopt;
  const std::size_t end = lower.find("\r\n", begin + 2);
  return Line{begin, end - begin, head.substr(begin + 3 + name.size(), end - begin - 3 - name.size())};
}

struct Request {
  std::string head;  // with its empty line
  std::string body;
};

std::optional<Request> receive_request(int client) {
  std::string text;
  std::size_t end = std::string::npos;
  while ((end = text.find(kHeadEnd)) == std::string::npos) {
    if (!receive(client, text)) return std::nullopt;
  }
  Request request{text.substr(0, end + kHeadEnd.size()), text.substr(end + kHeadEnd.size())};
  if (const auto expect = header(request.head, "expect")) {
    request.head.erase(expect->begin, expect->length);
    if (!send_all(client, "HTTP/1.1 100 Continue\r\n\r\n")) return std::nullopt;
  }
  const auto length = header(request.head, "content-length");
  const std::size_t wanted = length ? std::stoul(length->value) : 0;
  while (request.body.size() < wanted) {
    if (!receive(client, request.body)) return std::nullopt;
  }
  request.head.insert(request.head.size() - 2, "Connection: close\r\n");
  return request;
}

std::string ask(const std::string& upstream, const Request& request) {
  const Descriptor server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  upstream.copy(address.sun_path, sizeof address.sun_path - 1);
  std::string answer;
  if (::connect(server.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return answer;
  if (!send_all(server.fd(), request.head) || !send_all(server.fd(), request.body)) return answer;
  while (receive(server.fd(), answer)) {
  }
  return answer;
}

void reset(int client) {
  const linger hard{1, 0};
  ::setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

std::string error_answer(std::string_view status, std::string_view code) {
  const std::string body =
      "<?xml version=\"1.0\"?><Error><Code>" + std::string(code) + "</Code><Message>by the test</Message></Error>";
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

// False: there is nothing to flip.
bool flip(std::string& text, std::size_t from) {
  if (text.size() <= from) return false;
  text[from + (text.size() - from) / 2] ^= 0x20;
  return true;
}

}  // namespace

FaultyProxy::FaultyProxy(std::string upstream_socket, Script script)
    : upstream_(std::move(upstream_socket)),
      script_(std::move(script)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool is_there = ::bind(listener_.fd(), reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                        ::listen(listener_.fd(), 128) == 0 &&
                        ::getsockname(listener_.fd(), reinterpret_cast<sockaddr*>(&address), &size) == 0;
  invariant(is_there, "a loopback port can be listened on");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

FaultyProxy::~FaultyProxy() {
  ends_ = true;
  ::shutdown(listener_.fd(), SHUT_RDWR);
  acceptor_.join();
  {
    auto clients = clients_.lock();
    for (const int client : *clients) ::shutdown(client, SHUT_RDWR);
  }
  for (std::thread& thread : *threads_.lock()) thread.join();
}

void FaultyProxy::accept_all() {
  while (!ends_) {
    const int client = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    clients_.lock()->insert(client);
    threads_.lock()->emplace_back([this, client] { serve(client); });
  }
}

void FaultyProxy::serve(int client) {
  handle(client);
  auto clients = clients_.lock();
  clients->erase(client);
  ::close(client);
}

void FaultyProxy::handle(int client) {
  auto request = receive_request(client);
  if (!request) return;
  ++requests_;
  const Fault fault = script_(request->head);
  const bool is_flip = fault == Fault::FlippedSent || fault == Fault::FlippedBack;
  if (fault != Fault::None && !is_flip) ++faults_;
  std::string ignored;
  if (fault == Fault::Reset) return reset(client);
  if (fault == Fault::Error500)
    return void(send_all(client, error_answer("500 Internal Server Error", "InternalError")));
  if (fault == Fault::SlowDown) return void(send_all(client, error_answer("503 Slow Down", "SlowDown")));
  if (fault == Fault::Expired) return void(send_all(client, error_answer("400 Bad Request", "ExpiredToken")));
  if (fault == Fault::Denied) return void(send_all(client, error_answer("403 Forbidden", "AccessDenied")));
  if (fault == Fault::Silent) {
    while (receive(client, ignored)) {
    }
    return;
  }
  if (fault == Fault::FlippedSent && flip(request->body, 0)) ++faults_;
  std::string answer = ask(upstream_, *request);
  const std::size_t body = std::min(answer.find(kHeadEnd) + kHeadEnd.size(), answer.size());
  if (fault == Fault::LostAnswer) return reset(client);
  if (fault == Fault::FlippedBack && flip(answer, body)) ++faults_;
  const bool is_cut = fault == Fault::Truncated || fault == Fault::ResetMiddle;
  if (is_cut) answer.resize(body < answer.size() ? body + (answer.size() - body) / 2 : answer.size() / 2);
  send_all(client, answer);
  if (fault == Fault::ResetMiddle) reset(client);
}

}  // namespace slipway::testing_ground
