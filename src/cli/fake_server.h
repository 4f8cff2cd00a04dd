// FakeServer: answers the requests of the tests of this room as told, over a UNIX socket, and remembers them.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"

namespace slipway::cli {

// A folder that goes with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "slipway-cli-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// One thread of its own; one connection per request. Requests without a scripted answer get 404.
class FakeServer {
 public:
  struct Seen {
    std::string line;  // "GET /api/v1/status"
    std::string head;
    std::string body;  // chunks joined
  };

  FakeServer() : path_(folder_ / "s") {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    ready_ = ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
             ::listen(listener_, 16) == 0;
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  // Answers of one request line come in turn; the last one stays. `status`: "200", or "429\r\nRetry-After: 1", or
  // "lost": the connection ends without one.
  void when(const std::string& line, const std::string& body, const std::string& status = "200") {
    script_.lock()->answers[line].push_back(status + " x|" + body);
  }
  std::vector<Seen> seen() const { return script_.lock()->seen; }
  std::string url() const { return "unix:" + path_; }
  bool is_ready() const { return ready_; }

 private:
  struct Script {
    std::map<std::string, std::vector<std::string>> answers;
    std::vector<Seen> seen;
  };

  void serve() {
    while (true) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      exchange(connection);
      ::close(connection);
    }
  }

  static bool read_more(int connection, std::string& text) {
    char piece[65536];
    const ssize_t size = ::recv(connection, piece, sizeof piece, 0);
    if (size > 0) text.append(piece, static_cast<std::size_t>(size));
    return size > 0;
  }

  static std::string joined_chunks(const std::string& raw) {
    std::string body;
    for (std::size_t at = 0; at < raw.size();) {
      const std::size_t size = std::strtoull(raw.c_str() + at, nullptr, 16);
      if (size == 0) break;
      body.append(raw, raw.find("\r\n", at) + 2, size);
      at = raw.find("\r\n", at) + 2 + size + 2;
    }
    return body;
  }

  static std::string read_body(int connection, const std::string& head, std::string text) {
    if (head.find("Expect: 100-continue") != std::string::npos) {
      ::send(connection, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
    }
    if (head.find("Transfer-Encoding: chunked") != std::string::npos) {
      while (!text.ends_with("0\r\n\r\n") && read_more(connection, text)) {
      }
      return joined_chunks(text);
    }
    const std::size_t length = head.find("Content-Length: ");
    const std::size_t size = length == std::string::npos ? 0 : std::strtoull(head.c_str() + length + 16, nullptr, 10);
    while (text.size() < size && read_more(connection, text)) {
    }
    return text;
  }

  std::string answer_to(const std::string& line) {
    auto script = script_.lock();
    auto& answers = script->answers[line];
    if (answers.empty()) return "404 x|{\"error\":\"nothing at " + line + "\",\"code\":\"NotFound\"}";
    std::string answer = answers.front();
    if (answers.size() > 1) answers.erase(answers.begin());
    return answer;
  }

  void exchange(int connection) {
    std::string text;
    while (text.find("\r\n\r\n") == std::string::npos) {
      if (!read_more(connection, text)) return;
    }
    Seen seen;
    seen.head = text.substr(0, text.find("\r\n\r\n") + 2);
    seen.line = seen.head.substr(0, seen.head.find(" HTTP/"));
    seen.body = read_body(connection, seen.head, text.substr(seen.head.size() + 2));
    const std::string line = seen.line;
    script_.lock()->seen.push_back(std::move(seen));
    const std::string answer = answer_to(line);
    if (answer.starts_with("lost")) return;
    const std::size_t bar = answer.find('|');
    std::string status = answer.substr(0, bar);  // "200 x", or with headers after the status
    const std::size_t more = status.find("\r\n");
    std::string headers;
    if (more != std::string::npos) {
      headers = status.substr(more + 2, status.size() - more - 4) + "\r\n";
      status = status.substr(0, more) + " x";
    }
    const std::string body = answer.substr(bar + 1);
    const std::string reply = "HTTP/1.1 " + status + "\r\n" + headers +
                              "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    ::send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
  }

  TemporaryFolder folder_;
  std::string path_;
  int listener_ = -1;
  bool ready_ = false;
  Guarded<Script> script_;
  std::thread thread_;
};

}  // namespace slipway::cli
