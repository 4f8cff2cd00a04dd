// RawClient: a socket that sends exactly the bytes a test says and reads answers apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::wire {

struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string header(std::string_view lower_name) const;
  bool operator==(const Answer&) const = default;
};

// One thread. Every read gives up after ten seconds and then reports the connection as ended.
class RawClient {
 public:
  // "127.0.0.1:PORT" or "unix:PATH".
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  RawClient& send(std::string_view bytes);    // what the peer refuses to take is dropped
  std::size_t offer(std::string_view bytes);  // sends what fits without waiting; how much that was
  RawClient& end_sending();                   // half-close
  void reset();                               // closes with a reset
  // The next answer; nullopt when the connection ends before it is complete. `to_head`: no body follows.
  std::optional<Answer> receive(bool to_head = false);
  // Reads until the end; what came before it, unparsed.
  std::string receive_rest();
  std::string receive_some();  // what comes next; empty at the end
  bool is_closed_by_peer() { return receive_rest().empty(); }
  bool is_at_end() const { return is_at_end_; }  // the peer's end was read, and not waited for in vain
  // Shrinks the receive buffer, so that the server cannot write far ahead.
  void receive_slowly();

 private:
  bool fill();
  int fd_;
  bool is_at_end_ = false;
  std::string buffer_;
};

}  // namespace slipway::wire
