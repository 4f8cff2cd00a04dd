// Http2Connection: reading long bodies to where they stay.
#include <algorithm>
#include <array>
#include <cstring>

#include "adapter/net/http2_connection.h"
#include "adapter/net/http2_content_plan.h"
#include "adapter/net/http2_stream.h"

namespace slipway::net {
namespace {

constexpr std::size_t kWorthPlanning = 4 << 10;  // bytes

// Of a frame's head, or what came of it (RFC 9113, 4.1): DATA with something in it, which no head alone can end. Any
// other frame may be all there with its head, and end a body: empty DATA, or trailers without a field.
bool is_of_content(ByteSpan head) {
  constexpr std::byte kNone{0}, kData{0};
  constexpr std::size_t kType = 3;
  return head.size() == ContentPlan::kHead && head[kType] == kData &&
         (head[0] != kNone || head[1] != kNone || head[2] != kNone);
}

}  // namespace

// None: the next bytes are read like any others.
Http2Stream* Http2Connection::stream_of_next_content() const {
  const Http2Session::Coming coming = session_->coming();
  const bool has_others = !coming.is_last && coming.frame >= ContentPlan::kLeastFrame;
  if (coming.stream == nullptr || (coming.left == 0 && !has_others)) return nullptr;
  return coming.stream->room_in_place().size() < kWorthPlanning ? nullptr : coming.stream;
}

// As the stream's read(), and feeds what came.
StreamResult Http2Connection::read_in_place(Http2Stream& stream, std::size_t most) {
  const Http2Session::Coming coming = session_->coming();
  const ContentPlan plan(coming.left, coming.is_last ? 0 : coming.frame, stream.room_in_place(), most);
  StreamResult result = stream_->read_parts(plan.parts());
  if (result.outcome != StreamResult::Outcome::Progress) return result;
  if (result.count == plan.size()) result.is_cut = true;  // there may be more
  was_long_ = true;
  stream.pin_body(true);
  feed_parts(plan, stream, result.count);
  stream.pin_body(false);
  return result;
}

// Content that came where it belongs is fed from there. What is behind something else than was expected is moved away
// before that is fed, which may end the body: its room is then the handler's, or a worker's.
void Http2Connection::feed_parts(const ContentPlan& plan, const Http2Stream& stream, std::size_t count) {
  const auto parts = plan.parts();
  std::size_t part = 0, at = 0;  // what is fed next
  const auto next = [&](std::size_t most) {
    const ByteSpan bytes = ByteSpan(parts[part]).subspan(at, std::min({most, parts[part].size() - at, count}));
    count -= bytes.size();
    at += bytes.size();
    if (at == parts[part].size()) {
      ++part;
      at = 0;
    }
    return bytes;
  };
  const auto move_away = [&] {
    const MutableByteSpan away = station_.wide_input();
    std::size_t moved = 0;
    while (count != 0) {
      const ByteSpan bytes = next(count);
      std::memcpy(away.data() + moved, bytes.data(), bytes.size());
      moved += bytes.size();
    }
    return ByteSpan(away).first(moved);
  };
  const auto feed_last = [&](ByteSpan bytes) {
    const ByteSpan rest = move_away();
    feed(bytes);
    if (!rest.empty() && phase_ != Phase::Closed) feed(rest);
  };
  while (count != 0 && phase_ != Phase::Closed) {
    if (plan.is_head(part)) {
      const ByteSpan head = next(ContentPlan::kHead);
      if (!is_of_content(head)) return feed_last(head);
      feed(head);
      if (count == 0) return;
    }
    const Http2Session::Coming coming = session_->coming();
    if (coming.stream != &stream || coming.left == 0) return feed(move_away());
    const std::size_t expected = parts[part].size();
    const bool is_expected = coming.left == expected || (coming.left > expected && part + 1 == parts.size());
    const ByteSpan content = next(coming.left);
    if (!is_expected || coming.is_last) return feed_last(content);
    feed(content);
  }
}

}  // namespace slipway::net
