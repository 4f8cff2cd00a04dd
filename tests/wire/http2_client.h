// Http2Client: speaks HTTP/2 frame by frame over a RawClient: it sends exactly the frames a test says.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "raw_client.h"

struct nghttp2_hd_inflater;

namespace slipway::wire {

enum class FrameType : std::uint8_t {
  Data = 0,
  Headers = 1,
  Priority = 2,
  Reset = 3,
  Settings = 4,
  Ping = 6,
  GoAway = 7,
  WindowUpdate = 8,
  Continuation = 9
};
inline constexpr std::uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4;

struct Frame {
  FrameType type;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};
std::string bytes_of(const Frame& frame);
std::uint32_t number_at(std::string_view payload, std::size_t at);  // 32 bits, big endian
std::string number(std::uint32_t value);

using Fields = std::vector<std::pair<std::string, std::string>>;
// HPACK without tables: each field literally, never indexed. Shorter than 127 bytes each.
std::string literal_fields(const Fields& fields);
Fields request_fields(std::string method, std::string path, Fields more = {});

// One thread. Every read gives up after ten seconds and then reports the connection as ended.
class Http2Client {
 public:
  explicit Http2Client(const std::string& address, std::string settings = {});
  ~Http2Client();

  Http2Client& send(const Frame& frame);
  Http2Client& send_bytes(std::string_view bytes);
  Http2Client& request(std::uint32_t stream, const Fields& fields, std::string_view body = {});
  // The next frame but SETTINGS and WINDOW_UPDATE; nullopt at the end.
  std::optional<Frame> receive();
  // Reads until the answer of `stream` is complete, its head's fields and body; trailers after them. Frames of other
  // streams are kept for their own calls. nullopt: the stream was reset (see reset_code) or the connection ended.
  struct Answer2 {
    Fields fields, trailers;
    std::string body;
    std::string header(std::string_view name) const;
  };
  std::optional<Answer2> answer(std::uint32_t stream);
  std::optional<std::uint32_t> reset_code(std::uint32_t stream) const;
  // Reads to the end: the code of the last GOAWAY, none if there was none.
  std::optional<std::uint32_t> end_code();
  RawClient& raw() { return raw_; }

 private:
  struct Stream {
    Answer2 answer;
    bool has_head = false, is_complete = false;
    std::optional<std::uint32_t> reset;
  };
  void take(const Frame& frame);
  std::optional<std::string> read(std::size_t count);

  RawClient raw_;
  std::string buffer_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::map<std::uint32_t, Stream> streams_;
  std::optional<std::uint32_t> goaway_;
};

}  // namespace slipway::wire
