// Words: a search text taken apart, one word at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/search/filter.h"

namespace slipway::search {

enum class WordKind : std::uint8_t { End, Name, Quoted, Text, Number, Sign };

struct Word {
  WordKind kind = WordKind::End;
  std::string text;    // without quotes
  std::size_t at = 0;  // its place in the text
};

// One pass; borrows the text. A name may hold dots; what stands in ` is Quoted, in ' is Text, in " is either.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  const Word& now() const { return now_; }
  Result<void> next();
  bool is_keyword(std::string_view upper) const;  // whatever its case
  bool is_sign(std::string_view sign) const { return now_.kind == WordKind::Sign && now_.text == sign; }
  // InvalidInput: "expected ..., found ... at 12".
  Error expected(std::string_view what) const;

 private:
  Result<void> quoted(char quote);

  std::string_view text_;
  std::size_t at_ = 0;
  Word now_;
};

// A field as it stands there, known to `rules`; moves behind it.
struct KnownField {
  Field field;
  Type type = Type::Text;
};
Result<KnownField> read_field(Words& words, const Rules& rules);

}  // namespace slipway::search
