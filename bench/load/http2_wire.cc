#include <nghttp2/nghttp2.h>

#include <charconv>
#include <deque>
#include <unordered_map>

#include "bench/load/wire.h"

namespace slipway::load {
namespace {

// Frame types and flags of RFC 9113 §6.
enum class Frame : std::uint8_t {
  Data,
  Headers,
  Priority,
  ResetStream,
  Settings,
  PushPromise,
  Ping,
  GoAway,
  Window,
  Continuation
};
constexpr std::uint8_t kEndStream = 0x1, kAck = 0x1, kEndHeaders = 0x4, kPadded = 0x8, kPriority = 0x20;
constexpr std::size_t kFrameHead = 9;
constexpr std::uint32_t kMyWindow = 1u << 30;  // announced once; a bench reads everything at once
constexpr std::int64_t kDefaultWindow = 65'535;

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

void put_head(std::string& out, std::size_t length, Frame type, std::uint8_t flags, std::uint32_t stream) {
  put(out, static_cast<std::uint32_t>(length), 3);
  out.push_back(static_cast<char>(type));
  out.push_back(static_cast<char>(flags));
  put(out, stream, 4);
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  auto bytes = [](std::string_view text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

// Frames are written and read here, cheaper than a full session; HPACK is nghttp2's.
class Http2Wire final : public Wire {
 public:
  Http2Wire(const Request& request, Protocol protocol) : request_(request), is_grpc_(protocol == Protocol::Grpc) {
    nghttp2_hd_deflate_new(&deflater_, 4096);
    nghttp2_hd_inflate_new(&inflater_);
    if (is_grpc_) {
      std::string prefix(1, '\0');
      put(prefix, static_cast<std::uint32_t>(request.body.size()), 4);
      body_ = prefix + request.body;
    } else {
      body_ = request.body;
    }
  }
  ~Http2Wire() override {
    nghttp2_hd_deflate_del(deflater_);
    nghttp2_hd_inflate_del(inflater_);
  }
  Http2Wire(const Http2Wire&) = delete;
  Http2Wire& operator=(const Http2Wire&) = delete;

  void open(std::string& out) override {
    out += "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    put_head(out, 12, Frame::Settings, 0, 0);
    put(out, NGHTTP2_SETTINGS_ENABLE_PUSH, 2);
    put(out, 0, 4);
    put(out, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 2);
    put(out, kMyWindow, 4);
    put_head(out, 4, Frame::Window, 0, 0);
    put(out, kMyWindow, 4);
  }

  void send(std::uint64_t slot, std::string& out) override {
    std::uint32_t id = next_id_;
    next_id_ += 2;
    streams_[id].slot = slot;
    streams_[id].window = peer_window_;
    write_headers(id, out);
    if (!body_.empty() && !write_body(id, streams_[id], out)) blocked_.push_back(id);
  }

  bool accepts_requests() const override { return !is_leaving_ && next_id_ < (1u << 31) - 2; }

  Result<void> read(std::string_view bytes, std::string& out, AnswerListener& listener) override {
    if (!pending_.empty()) {
      pending_.append(bytes);
      bytes = pending_;
    }
    std::size_t used = 0;
    while (bytes.size() - used >= kFrameHead) {
      std::string_view rest = bytes.substr(used);
      std::size_t length = number(rest.substr(0, 3));
      if (rest.size() < kFrameHead + length) break;
      TRY(take(static_cast<Frame>(rest[3]), static_cast<std::uint8_t>(rest[4]), number(rest.substr(5, 4)),
               rest.substr(kFrameHead, length), out, listener));
      used += kFrameHead + length;
    }
    std::string left(bytes.substr(used));
    pending_.swap(left);
    if (received_ >= kMyWindow / 2) {
      put_head(out, 4, Frame::Window, 0, 0);
      put(out, received_, 4);
      received_ = 0;
    }
    return {};
  }

 private:
  struct Stream {
    std::uint64_t slot = 0;
    std::size_t sent = 0;
    std::int64_t window = 0;
    int status = 0;
    int grpc_status = -1;
    std::string body;
  };

  // From the third request on the block is the same bytes: every field stands in the peer's table.
  void write_headers(std::uint32_t id, std::string& out) {
    if (block_ == previous_block_ && !block_.empty()) {
      append_headers(id, out);
      return;
    }
    previous_block_ = block_;
    std::vector<nghttp2_nv> fields = {field(":method", request_.is_post() ? "POST" : "GET"), field(":scheme", "http"),
                                      field(":path", request_.path), field(":authority", request_.authority)};
    if (is_grpc_) {
      fields.push_back(field("content-type", "application/grpc"));
      fields.push_back(field("te", "trailers"));
    }
    for (const auto& [name, value] : request_.headers) fields.push_back(field(name, value));
    block_.resize(nghttp2_hd_deflate_bound(deflater_, fields.data(), fields.size()));
    ssize_t size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(block_.data()), block_.size(),
                                         fields.data(), fields.size());
    block_.resize(static_cast<std::size_t>(size));
    append_headers(id, out);
  }

  void append_headers(std::uint32_t id, std::string& out) {
    std::uint8_t flags = kEndHeaders | (body_.empty() ? kEndStream : 0);
    put_head(out, block_.size(), Frame::Headers, flags, id);
    out += block_;
  }

  // True when the whole body is out; false when a window is closed.
  bool write_body(std::uint32_t id, Stream& stream, std::string& out) {
    while (stream.sent < body_.size()) {
      std::int64_t room =
          std::min<std::int64_t>({connection_window_, stream.window, static_cast<std::int64_t>(peer_frame_)});
      if (room <= 0) return false;
      std::size_t size = std::min(body_.size() - stream.sent, static_cast<std::size_t>(room));
      bool is_last = stream.sent + size == body_.size();
      put_head(out, size, Frame::Data, is_last ? kEndStream : 0, id);
      out.append(body_, stream.sent, size);
      stream.sent += size;
      stream.window -= static_cast<std::int64_t>(size);
      connection_window_ -= static_cast<std::int64_t>(size);
    }
    return true;
  }

  void write_blocked(std::string& out) {
    for (std::size_t turns = blocked_.size(); turns > 0; --turns) {
      std::uint32_t id = blocked_.front();
      blocked_.pop_front();
      auto found = streams_.find(id);
      if (found != streams_.end() && !write_body(id, found->second, out)) blocked_.push_back(id);
    }
  }

  Result<void> take(Frame type, std::uint8_t flags, std::uint32_t id, std::string_view payload, std::string& out,
                    AnswerListener& listener) {
    switch (type) {
      case Frame::Data: {
        received_ += static_cast<std::uint32_t>(payload.size());
        if (flags & kPadded) payload = unpadded(payload);
        auto found = streams_.find(id);
        if (found == streams_.end()) return {};
        found->second.body.append(payload);
        if (flags & kEndStream) conclude(id, found->second, listener);
        return {};
      }
      case Frame::Headers:
        if (flags & kPadded) payload = unpadded(payload);
        if (flags & kPriority) payload.remove_prefix(std::min<std::size_t>(5, payload.size()));
        ends_stream_ = flags & kEndStream;
        return take_block(flags, id, payload, listener);
      case Frame::Continuation:
        return take_block(flags, id, payload, listener);
      case Frame::ResetStream: {
        auto found = streams_.find(id);
        if (found == streams_.end()) return {};
        found->second.status = 1000 + static_cast<int>(number(payload));
        found->second.grpc_status = found->second.status;
        conclude(id, found->second, listener);
        return {};
      }
      case Frame::Settings:
        if (!(flags & kAck)) take_settings(payload, out);
        return {};
      case Frame::Ping:
        if (!(flags & kAck)) {
          put_head(out, payload.size(), Frame::Ping, kAck, 0);
          out += payload;
        }
        return {};
      case Frame::GoAway:
        is_leaving_ = true;
        if (std::uint32_t code = number(payload.substr(4, 4)); code != 0) {
          return corrupt("the server said GOAWAY with error " + std::to_string(code) + " " +
                         std::string(payload.substr(8)));
        }
        return {};
      case Frame::Window:
        if (id == 0) connection_window_ += number(payload);
        if (auto found = streams_.find(id); found != streams_.end()) found->second.window += number(payload);
        write_blocked(out);
        return {};
      case Frame::Priority:
      case Frame::PushPromise:
        return {};
    }
    return {};  // frames of unknown types are passed over (RFC 9113 §4.1)
  }

  static std::string_view unpadded(std::string_view payload) {
    if (payload.empty()) return payload;
    std::size_t padding = static_cast<std::uint8_t>(payload[0]);
    return payload.size() < 1 + padding ? std::string_view{} : payload.substr(1, payload.size() - 1 - padding);
  }

  Result<void> take_block(std::uint8_t flags, std::uint32_t id, std::string_view part, AnswerListener& listener) {
    if (!(flags & kEndHeaders)) {
      header_block_.append(part);
      return {};
    }
    std::string whole;
    if (!header_block_.empty()) {
      whole = std::exchange(header_block_, {}) + std::string(part);
      part = whole;
    }
    auto found = streams_.find(id);
    const auto* at = reinterpret_cast<const std::uint8_t*>(part.data());
    std::size_t left = part.size();
    while (true) {
      nghttp2_nv read;
      int state = 0;
      ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &read, &state, at, left, 1);
      if (used < 0) return corrupt("a header block that HPACK cannot read");
      at += used;
      left -= static_cast<std::size_t>(used);
      if ((state & NGHTTP2_HD_INFLATE_EMIT) && found != streams_.end()) note(found->second, read);
      if (state & NGHTTP2_HD_INFLATE_FINAL) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    if (ends_stream_ && found != streams_.end()) conclude(id, found->second, listener);
    return {};
  }

  static void note(Stream& stream, const nghttp2_nv& read) {
    std::string_view name(reinterpret_cast<const char*>(read.name), read.namelen);
    const char* value = reinterpret_cast<const char*>(read.value);
    if (name == ":status") std::from_chars(value, value + read.valuelen, stream.status);
    if (name == "grpc-status") std::from_chars(value, value + read.valuelen, stream.grpc_status);
  }

  void take_settings(std::string_view payload, std::string& out) {
    for (; payload.size() >= 6; payload.remove_prefix(6)) {
      std::uint32_t value = number(payload.substr(2, 4));
      switch (number(payload.substr(0, 2))) {
        case NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE:
          for (auto& [id, stream] : streams_) stream.window += std::int64_t{value} - peer_window_;
          peer_window_ = value;
          break;
        case NGHTTP2_SETTINGS_MAX_FRAME_SIZE:
          peer_frame_ = value;
          break;
        case NGHTTP2_SETTINGS_HEADER_TABLE_SIZE:
          nghttp2_hd_deflate_change_table_size(deflater_, std::min<std::uint32_t>(value, 4096));
          block_.clear();
          previous_block_.clear();
          break;
        default:
          break;
      }
    }
    put_head(out, 0, Frame::Settings, kAck, 0);
    write_blocked(out);
  }

  void conclude(std::uint32_t id, Stream& stream, AnswerListener& listener) {
    int status = stream.status;
    if (is_grpc_) status = stream.grpc_status >= 0 ? stream.grpc_status : 200 + status;
    listener.answered({stream.slot, status, stream.body});
    streams_.erase(id);
  }

  Request request_;
  bool is_grpc_;
  std::string body_;
  nghttp2_hd_deflater* deflater_ = nullptr;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::unordered_map<std::uint32_t, Stream> streams_;
  std::deque<std::uint32_t> blocked_;  // streams whose body waits for a window
  std::string pending_, header_block_, block_, previous_block_;
  bool ends_stream_ = false, is_leaving_ = false;
  std::uint32_t next_id_ = 1, received_ = 0;
  std::int64_t connection_window_ = kDefaultWindow, peer_window_ = kDefaultWindow;
  std::uint32_t peer_frame_ = 16'384;
};

}  // namespace

std::unique_ptr<Wire> make_http2_wire(const Request& request, Protocol protocol) {
  return std::make_unique<Http2Wire>(request, protocol);
}

}  // namespace slipway::load
