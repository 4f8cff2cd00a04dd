#include <charconv>
#include <deque>

#include "bench/load/wire.h"

namespace slipway::load {
namespace {

// Several slots are pipelined: answers come in the order of requests. Content-Length and chunked bodies.
class Http1Wire final : public Wire {
 public:
  explicit Http1Wire(const Request& request) {
    bytes_ = (request.is_post() ? "POST " : "GET ") + request.path + " HTTP/1.1\r\nhost: " + request.authority + "\r\n";
    for (const auto& [name, value] : request.headers) bytes_ += name + ": " + value + "\r\n";
    if (request.is_post()) bytes_ += "content-length: " + std::to_string(request.body.size()) + "\r\n";
    bytes_ += "\r\n" + request.body;
  }

  void open(std::string&) override {}
  void send(std::uint64_t slot, std::string& out) override {
    waiting_.push_back(slot);
    out += bytes_;
  }
  bool accepts_requests() const override { return !closes_; }

  Result<void> read(std::string_view bytes, std::string&, AnswerListener& listener) override {
    if (pending_.empty()) {
      std::size_t used = TRY(take(bytes, listener));
      pending_.assign(bytes.substr(used));
      return {};
    }
    pending_.append(bytes);
    std::size_t used = TRY(take(pending_, listener));
    pending_.erase(0, used);
    return {};
  }

 private:
  // Whole answers at the front of `bytes`; how many bytes they took.
  Result<std::size_t> take(std::string_view bytes, AnswerListener& listener) {
    std::size_t used = 0;
    while (used < bytes.size()) {
      std::size_t one = TRY(take_one(bytes.substr(used), listener));
      if (one == 0) break;
      used += one;
    }
    return used;
  }

  Result<std::size_t> take_one(std::string_view bytes, AnswerListener& listener) {
    std::size_t head_end = bytes.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return std::size_t{0};
    std::string_view head = bytes.substr(0, head_end + 2);
    int status = 0;
    if (!head.starts_with("HTTP/1.") || head.size() < 12 ||
        std::from_chars(head.data() + 9, head.data() + 12, status).ec != std::errc{}) {
      return corrupt("expected an HTTP/1.1 status line, found '" + std::string(head.substr(0, 40)) + "'");
    }
    if (status == 100) return head_end + 4;
    std::size_t length = 0, at = head.find("\r\n") + 2;
    bool is_chunked = false;
    while (at < head.size()) {
      std::size_t end = head.find("\r\n", at);
      std::string_view line = head.substr(at, end - at);
      at = end + 2;
      // The names that matter have 10, 14 and 17 letters; others are passed over by one comparison.
      std::size_t colon = line.find(':');
      if (colon == 14 && is_name(line, "content-length")) {
        std::string_view value = value_of(line);
        std::from_chars(value.data(), value.data() + value.size(), length);
      } else if (colon == 17 && is_name(line, "transfer-encoding")) {
        is_chunked = true;
      } else if (colon == 10 && is_name(line, "connection") && is_name(value_of(line), "close")) {
        closes_ = true;
      }
    }
    if (is_chunked) return take_chunked(bytes, head_end + 4, status, listener);
    if (bytes.size() - head_end - 4 < length) return std::size_t{0};
    if (!tell(status, bytes.substr(head_end + 4, length), listener)) return unasked();
    return head_end + 4 + length;
  }

  Result<std::size_t> take_chunked(std::string_view bytes, std::size_t at, int status, AnswerListener& listener) {
    body_.clear();
    while (true) {
      std::size_t line_end = bytes.find("\r\n", at);
      if (line_end == std::string_view::npos) return std::size_t{0};
      std::size_t size = 0;
      if (std::from_chars(bytes.data() + at, bytes.data() + line_end, size, 16).ec != std::errc{}) {
        return corrupt("expected the size of a chunk, found '" + std::string(bytes.substr(at, 20)) + "'");
      }
      at = line_end + 2;
      if (bytes.size() < at + size + 2) return std::size_t{0};
      if (size == 0) {
        if (!tell(status, body_, listener)) return unasked();
        return at + 2;
      }
      body_.append(bytes.substr(at, size));
      at += size + 2;
    }
  }

  bool tell(int status, std::string_view body, AnswerListener& listener) {
    if (waiting_.empty()) return false;
    std::uint64_t slot = waiting_.front();
    waiting_.pop_front();
    listener.answered({slot, status, body});
    return true;
  }

  static Error unasked() { return corrupt("the server answered more often than it was asked"); }
  static bool is_name(std::string_view line, std::string_view lower) {
    for (std::size_t i = 0; i < lower.size(); ++i) {
      if (i >= line.size() || (line[i] | 0x20) != (lower[i] | 0x20)) return false;
    }
    return true;
  }
  static std::string_view value_of(std::string_view line) {
    std::string_view value = line.substr(line.find(':') + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return value;
  }

  std::string bytes_, pending_, body_;
  std::deque<std::uint64_t> waiting_;
  bool closes_ = false;
};

}  // namespace

std::unique_ptr<Wire> make_http1_wire(const Request& request) {
  return std::make_unique<Http1Wire>(request);
}

}  // namespace slipway::load
