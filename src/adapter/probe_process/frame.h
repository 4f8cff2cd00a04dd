// Frames: numbers and texts one after another, between the server and its prober. Both ends are the same binary.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::probe_process {

// 64-bit little-endian numbers; texts as their length and their bytes.
class FrameWriter {
 public:
  void number(std::uint64_t value);
  void text(std::string_view value);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Borrows what it reads. Every read is bounded: Corrupt past the end.
class FrameReader {
 public:
  explicit FrameReader(ByteSpan bytes) : left_(bytes) {}
  Result<std::uint64_t> number();
  Result<ByteSpan> span();
  Result<std::string> text();
  bool is_at_end() const { return left_.empty(); }

 private:
  ByteSpan left_;
};

}  // namespace slipway::probe_process
