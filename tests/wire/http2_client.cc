#include "http2_client.h"

#include <nghttp2/nghttp2.h>

namespace slipway::wire {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

std::string number(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::uint32_t number_at(std::string_view payload, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4 && at + i < payload.size(); ++i) {
    value = value << 8 | static_cast<std::uint8_t>(payload[at + i]);
  }
  return value;
}

std::string bytes_of(const Frame& frame) {
  const auto size = static_cast<std::uint32_t>(frame.payload.size());
  return number(size).substr(1) + static_cast<char>(frame.type) + static_cast<char>(frame.flags) +
         number(frame.stream) + frame.payload;
}

std::string literal_fields(const Fields& fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    block += '\x10';
    block += static_cast<char>(name.size());
    block += name;
    block += static_cast<char>(value.size());
    block += value;
  }
  return block;
}

Fields request_fields(std::string method, std::string path, Fields more) {
  Fields fields = {
      {":method", std::move(method)}, {":scheme", "http"}, {":path", std::move(path)}, {":authority", "localhost"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

std::string Http2Client::Answer2::header(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  for (const auto& [key, value] : trailers) {
    if (key == name) return value;
  }
  return {};
}

Http2Client::Http2Client(const std::string& address, std::string settings) : raw_(address) {
  nghttp2_hd_inflate_new(&inflater_);
  raw_.send(kPreface);
  send({FrameType::Settings, 0, 0, std::move(settings)});
}

Http2Client::~Http2Client() {
  nghttp2_hd_inflate_del(inflater_);
}

Http2Client& Http2Client::send(const Frame& frame) {
  return send_bytes(bytes_of(frame));
}

Http2Client& Http2Client::send_bytes(std::string_view bytes) {
  raw_.send(bytes);
  return *this;
}

Http2Client& Http2Client::request(std::uint32_t stream, const Fields& fields, std::string_view body) {
  const auto end = static_cast<std::uint8_t>(body.empty() ? kEndStream | kEndHeaders : kEndHeaders);
  send({FrameType::Headers, end, stream, literal_fields(fields)});
  while (!body.empty()) {
    const std::string_view piece = body.substr(0, 16'384);
    body.remove_prefix(piece.size());
    send({FrameType::Data, body.empty() ? kEndStream : std::uint8_t{0}, stream, std::string(piece)});
  }
  return *this;
}

std::optional<std::string> Http2Client::read(std::size_t count) {
  while (buffer_.size() < count) {
    const std::string more = raw_.receive_some();
    if (more.empty()) return std::nullopt;
    buffer_ += more;
  }
  std::string taken = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return taken;
}

std::optional<Frame> Http2Client::receive() {
  for (;;) {
    const auto head = read(9);
    if (!head) return std::nullopt;
    auto payload = read(number_at(std::string(1, '\0') + head->substr(0, 3), 0));
    if (!payload) return std::nullopt;
    Frame frame{static_cast<FrameType>((*head)[3]), static_cast<std::uint8_t>((*head)[4]), number_at(*head, 5),
                std::move(*payload)};
    if (frame.type == FrameType::Settings && (frame.flags & kAck) == 0) send({FrameType::Settings, kAck, 0, ""});
    take(frame);
    if (frame.type != FrameType::Settings && frame.type != FrameType::WindowUpdate) return frame;
  }
}

void Http2Client::take(const Frame& frame) {
  if (frame.type == FrameType::GoAway) goaway_ = number_at(frame.payload, 4);
  if (frame.stream == 0) return;
  Stream& stream = streams_[frame.stream];
  if (frame.type == FrameType::Reset) stream.reset = number_at(frame.payload, 0);
  if (frame.type == FrameType::Data) {
    stream.answer.body += frame.payload;
    send({FrameType::WindowUpdate, 0, 0, number(static_cast<std::uint32_t>(frame.payload.size() + 1))});
  }
  if (frame.type == FrameType::Headers) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(frame.payload.data());
    std::size_t left = frame.payload.size();
    for (;;) {
      nghttp2_nv field{};
      int flags = 0;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
      if (used < 0) break;
      at += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        (stream.has_head ? stream.answer.trailers : stream.answer.fields)
            .emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<char*>(field.value), field.valuelen));
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
        nghttp2_hd_inflate_end_headers(inflater_);
        break;
      }
    }
    if (stream.answer.header(":status") == "100") {
      stream.answer.fields.clear();
    } else {
      stream.has_head = true;
    }
  }
  const bool has_end = frame.type == FrameType::Data || frame.type == FrameType::Headers;
  if (has_end && (frame.flags & kEndStream) != 0) stream.is_complete = true;
}

std::optional<Http2Client::Answer2> Http2Client::answer(std::uint32_t stream) {
  while (!streams_[stream].is_complete && !streams_[stream].reset) {
    if (!receive()) return std::nullopt;
  }
  if (!streams_[stream].is_complete) return std::nullopt;
  return streams_[stream].answer;
}

std::optional<std::uint32_t> Http2Client::reset_code(std::uint32_t stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? std::nullopt : found->second.reset;
}

std::optional<std::uint32_t> Http2Client::end_code() {
  while (receive()) {
  }
  return goaway_;
}

}  // namespace slipway::wire
