#include "adapter/probe_process/frame.h"

#include <cstring>

namespace slipway::probe_process {

void FrameWriter::number(std::uint64_t value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  bytes_.append(bytes, sizeof value);
}

void FrameWriter::text(std::string_view value) {
  number(value.size());
  bytes_.append(value);
}

Result<std::uint64_t> FrameReader::number() {
  std::uint64_t value;
  if (left_.size() < sizeof value) return corrupt("the frame ends within a number");
  std::memcpy(&value, left_.data(), sizeof value);
  left_ = left_.subspan(sizeof value);
  return value;
}

Result<ByteSpan> FrameReader::span() {
  const std::uint64_t length = TRY(number());
  if (left_.size() < length) return corrupt("the frame ends within a text of " + std::to_string(length) + " bytes");
  const ByteSpan found = left_.first(length);
  left_ = left_.subspan(length);
  return found;
}

Result<std::string> FrameReader::text() {
  return std::string(as_text(TRY(span())));
}

}  // namespace slipway::probe_process
