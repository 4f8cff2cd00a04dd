// ContentPlan: where the next bytes of a connection go, when they are likely to be content of one stream.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "base/bytes.h"

namespace slipway::net {

// A value of one read; borrows the room. It begins with what is left of a frame of DATA, if anything; then heads of
// frames and contents take turns, each frame as long as that one. The contents lie in the room one behind the other,
// where the body wants them, and the heads apart.
class ContentPlan {
 public:
  static constexpr std::size_t kHead = 9;           // bytes of a frame's head (RFC 9113, 4.1)
  static constexpr std::size_t kMostFrames = 8;     // that are guessed
  static constexpr std::size_t kLeastFrame = 4096;  // bytes; shorter ones are not worth a guess

  // `frame`: its whole length, 0 when no other like it is expected.
  ContentPlan(std::size_t left, std::size_t frame, MutableByteSpan room, std::size_t most)
      : begins_with_head_(left == 0) {
    const auto add = [&](MutableByteSpan part) {
      parts_[count_++] = part;
      size_ += part.size();
    };
    const std::size_t begun = std::min({left, most, room.size()});
    if (begun != 0) add(room.first(begun));
    if (begun < left || frame < kLeastFrame) return;
    room = room.subspan(begun);
    for (std::size_t i = 0; i < kMostFrames && !room.empty() && size_ + kHead < most; ++i) {
      add(MutableByteSpan(heads_).subspan(i * kHead, kHead));
      add(room.first(std::min({frame, room.size(), most - size_})));
      room = room.subspan(parts_[count_ - 1].size());
    }
  }
  ContentPlan(const ContentPlan&) = delete;
  ContentPlan& operator=(const ContentPlan&) = delete;

  std::span<const MutableByteSpan> parts() const { return {parts_.data(), count_}; }
  bool is_head(std::size_t part) const { return (part % 2 == 0) == begins_with_head_; }
  std::size_t size() const { return size_; }  // of all parts; at most `most`

 private:
  const bool begins_with_head_;
  std::array<std::byte, kMostFrames * kHead> heads_;
  std::array<MutableByteSpan, 2 * kMostFrames + 1> parts_;
  std::size_t count_ = 0, size_ = 0;
};

}  // namespace slipway::net
