#include "adapter/net/request_body.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace slipway::net {

BodyReader::BodyReader(const RequestHead& head, Coding coding, std::uint64_t limit, ChunkLimits chunks)
    : is_chunked_(head.is_chunked), left_(head.content_length.value_or(0)), limit_(limit), chunks_(chunks) {
  if (coding != Coding::Identity) inflater_.emplace(coding);
}

BodyReader::BodyReader(Coding coding, std::uint64_t limit)
    : is_chunked_(false), left_(std::numeric_limits<std::uint64_t>::max()), limit_(limit) {
  if (coding != Coding::Identity) inflater_.emplace(coding);
}

BodyReader::Outcome BodyReader::refuse(int status, std::string_view why) {
  refusal_ = {status, why};
  return Outcome::Refused;
}

BodyReader::Outcome BodyReader::feed(ByteSpan& input, BodySink& sink) {
  for (;;) {
    if (is_chunked_) {
      switch (chunks_.advance(input)) {
        case ChunkDecoder::Outcome::NeedsInput:
          return Outcome::NeedsInput;
        case ChunkDecoder::Outcome::Done:
          return finish(sink);
        case ChunkDecoder::Outcome::Refused:
          return refuse(chunks_.refusal().status, chunks_.refusal().why);
        case ChunkDecoder::Outcome::HasContent:
          break;
      }
    } else if (left_ == 0) {
      return finish(sink);
    }
    const std::uint64_t left = is_chunked_ ? chunks_.content_left() : left_;
    const auto available = static_cast<std::size_t>(std::min<std::uint64_t>(left, input.size()));
    if (available == 0) return Outcome::NeedsInput;
    if (auto stopped = pass(input, available, sink)) return *stopped;
  }
}

// Moves content from the input to the sink once; an Outcome when it cannot go on.
std::optional<BodyReader::Outcome> BodyReader::pass(ByteSpan& input, std::size_t available, BodySink& sink) {
  const MutableByteSpan room = sink.room(inflater_ ? 0 : available);
  if (room.empty()) return Outcome::SinkFull;
  std::size_t consumed = 0, produced = 0;
  if (inflater_) {
    if (inflater_->has_ended()) return refuse(400, "bytes follow the end of the compressed body");
    const Inflater::Step step = inflater_->inflate(input.first(available), room);
    if (step.outcome == Inflater::Outcome::Broken || step.outcome == Inflater::Outcome::Stuck) {
      return refuse(400, "the body is not what its Content-Encoding says: it does not inflate");
    }
    consumed = step.consumed;
    produced = step.produced;
  } else {
    consumed = produced = std::min(available, room.size());
    if (room.data() != input.data()) std::memmove(room.data(), input.data(), consumed);  // else it was read in place
  }
  input = input.subspan(consumed);
  if (is_chunked_) {
    if (consumed != 0) chunks_.took(consumed);
  } else {
    left_ -= consumed;
  }
  return account(consumed, produced, sink);
}

std::optional<BodyReader::Outcome> BodyReader::account(std::size_t consumed, std::size_t produced, BodySink& sink) {
  raw_ += consumed;
  decoded_ += produced;
  if (decoded_ > limit_)
    return refuse(413, inflater_ ? "the inflated body is larger than the limit of this route"
                                 : "the body is larger than the limit of this route");
  if (inflater_ && decoded_ > kFreeOfRatio && decoded_ > raw_ * kMostRatio) {
    return refuse(413, "the body inflates to more than 100 times its size");
  }
  sink.commit(produced);
  return std::nullopt;
}

BodyReader::Outcome BodyReader::took_plain(std::size_t count, BodySink& sink) {
  left_ -= count;
  if (auto stopped = account(count, count, sink)) return *stopped;
  return left_ == 0 ? Outcome::Done : Outcome::NeedsInput;
}

// The framing has ended: what zlib still holds comes out, and the compressed stream must have ended, too.
BodyReader::Outcome BodyReader::finish(BodySink& sink) {
  while (inflater_ && !inflater_->has_ended() && raw_ != 0) {
    const MutableByteSpan room = sink.room(0);
    if (room.empty()) return Outcome::SinkFull;
    const Inflater::Step step = inflater_->inflate({}, room);
    if (step.outcome == Inflater::Outcome::Broken || step.outcome == Inflater::Outcome::Stuck) {
      return refuse(400, "the compressed body ends too early");
    }
    if (auto stopped = account(0, step.produced, sink)) return *stopped;
  }
  return Outcome::Done;
}

}  // namespace slipway::net
