// CsvLines: comma-separated values, quoted as RFC 4180 says, one line after the other.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "adapter/codec/arena.h"
#include "base/result.h"

namespace slipway::codec {

// One thread, one pass. Borrows the text; quoted quotes go through the arena, so cells live as long as both. A leading
// byte order mark is passed over. InvalidInput names the line.
class CsvLines {
 public:
  CsvLines(std::string_view text, Arena& arena);

  // The cells of the next line that is not empty; false at the end. A cell may hold line breaks.
  Result<bool> next(std::vector<std::string_view>& cells);
  std::uint64_t number() const { return number_; }  // of the line just read, counted from 1

 private:
  Result<std::string_view> cell();
  std::string_view undouble(std::string_view quoted);

  std::string_view left_;
  Arena& arena_;
  std::uint64_t number_ = 0;
};

}  // namespace slipway::codec
