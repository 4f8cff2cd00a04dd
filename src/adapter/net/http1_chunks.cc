#include "adapter/net/http1_chunks.h"

#include "adapter/net/characters.h"

namespace slipway::net {

ChunkDecoder::Outcome ChunkDecoder::advance(ByteSpan& input) {
  std::size_t used = 0;
  while (state_ != State::Content && state_ != State::Done && state_ != State::Refused && used < input.size()) {
    take(static_cast<std::uint8_t>(input[used++]));
  }
  input = input.subspan(used);
  if (state_ == State::Refused) return Outcome::Refused;
  if (state_ == State::Done) return Outcome::Done;
  return state_ == State::Content && !input.empty() ? Outcome::HasContent : Outcome::NeedsInput;
}

void ChunkDecoder::took(std::uint64_t count) {
  left_ -= count;
  if (left_ == 0) state_ = State::ContentReturn;
}

void ChunkDecoder::refuse(int status, std::string_view why) {
  refusal_ = {status, why};
  state_ = State::Refused;
}

void ChunkDecoder::take(std::uint8_t byte) {
  switch (state_) {
    case State::Size:
    case State::Extension:
      return take_size(byte);
    case State::SizeLineFeed:
      if (byte != '\n') return refuse(400, "a chunk's size does not end with CR LF");
      return end_size_line();
    case State::ContentReturn:
      if (byte != '\r') return refuse(400, "a chunk is longer than its size says");
      state_ = State::ContentLineFeed;
      return;
    case State::ContentLineFeed:
      if (byte != '\n') return refuse(400, "a chunk does not end with CR LF");
      state_ = State::Size;
      digits_ = line_ = 0;
      return;
    case State::TrailerStart:
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLineFeed:
    case State::LastLineFeed:
      return take_trailer(byte);
    case State::Content:
    case State::Done:
    case State::Refused:
      return;
  }
}

void ChunkDecoder::take_size(std::uint8_t byte) {
  if (++line_ > limits_.line) return refuse(400, "a chunk's size line is longer than 256 bytes");
  if (byte == '\r') {
    if (digits_ == 0) return refuse(400, "a chunk has no size");
    state_ = State::SizeLineFeed;
    return;
  }
  if (state_ == State::Extension) {
    if (!kIsFieldValue[byte]) refuse(400, "a chunk extension holds a control character");
    return;
  }
  if (byte == ';' && digits_ != 0) {
    state_ = State::Extension;
    return;
  }
  const int digit = hex_digit(static_cast<char>(byte));
  if (digit < 0) return refuse(400, "a chunk's size is not a hexadecimal number");
  if (++digits_ > 15) return refuse(400, "a chunk's size has more than 15 digits");
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
}

void ChunkDecoder::end_size_line() {
  if (left_ == 0) {
    state_ = State::TrailerStart;
    return;
  }
  if (++chunks_ > limits_.chunks) return refuse(400, "the body has more chunks than the limit");
  state_ = State::Content;
}

void ChunkDecoder::take_trailer(std::uint8_t byte) {
  if (++trailer_bytes_ > limits_.trailer_bytes) return refuse(431, "the trailer fields are longer than 8192 bytes");
  switch (state_) {
    case State::TrailerStart:
      if (byte == '\r') {
        state_ = State::LastLineFeed;
        return;
      }
      if (++trailer_fields_ > limits_.trailer_fields) return refuse(431, "there are more than 100 trailer fields");
      if (kTokenLower[byte] == 0) return refuse(400, "a trailer field does not begin with a name");
      state_ = State::TrailerName;
      return;
    case State::TrailerName:
      if (byte == ':') {
        state_ = State::TrailerValue;
        return;
      }
      if (kTokenLower[byte] == 0) refuse(400, "a trailer field is not a name followed at once by a colon");
      return;
    case State::TrailerValue:
      if (byte == '\r') {
        state_ = State::TrailerLineFeed;
        return;
      }
      if (!kIsFieldValue[byte]) refuse(400, "a trailer field's value holds a control character");
      return;
    case State::TrailerLineFeed:
      if (byte != '\n') return refuse(400, "a trailer field does not end with CR LF");
      state_ = State::TrailerStart;
      return;
    case State::LastLineFeed:
      if (byte != '\n') return refuse(400, "the body does not end with CR LF");
      state_ = State::Done;
      return;
    case State::Size:
    case State::Extension:
    case State::SizeLineFeed:
    case State::Content:
    case State::ContentReturn:
    case State::ContentLineFeed:
    case State::Done:
    case State::Refused:
      return;
  }
}

}  // namespace slipway::net
