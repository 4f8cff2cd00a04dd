#include "domain/search/words.h"

#include <array>

#include "base/text.h"

namespace slipway::search {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.' || c == '-' ||
         c == '/' || c == '@' || c == ':';
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

struct Prefix {
  std::string_view word;
  Part part;
};
constexpr std::array<Prefix, 14> kPrefixes = {{{"attribute", Part::Attribute},
                                               {"attributes", Part::Attribute},
                                               {"attr", Part::Attribute},
                                               {"run", Part::Attribute},
                                               {"metric", Part::Metric},
                                               {"metrics", Part::Metric},
                                               {"param", Part::Parameter},
                                               {"params", Part::Parameter},
                                               {"parameter", Part::Parameter},
                                               {"parameters", Part::Parameter},
                                               {"tag", Part::Tag},
                                               {"tags", Part::Tag},
                                               {"model_tag", Part::ModelTag},
                                               {"model_tags", Part::ModelTag}}};

std::string list_of(const Rules& rules) {
  std::string text;
  for (const Attribute& attribute : rules.attributes) text += (text.empty() ? "" : ", ") + std::string(attribute.name);
  if (rules.metrics) text += ", metrics.KEY";
  if (rules.parameters) text += ", params.KEY";
  if (rules.tags) text += ", tags.KEY";
  if (rules.model_tags) text += ", model_tags.KEY";
  return text;
}

}  // namespace

Result<void> Words::quoted(char quote) {
  now_.kind = quote == '\'' ? WordKind::Text : WordKind::Quoted;
  for (++at_; at_ < text_.size(); ++at_) {
    if (text_[at_] != quote) {
      now_.text += text_[at_];
    } else if (quote == '\'' && at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
      now_.text += text_[++at_];  // '' stands for one
    } else {
      ++at_;
      return {};
    }
  }
  return invalid_input("expected a closing " + std::string(1, quote) + " for that at " + std::to_string(now_.at) +
                       ", found the end of the search text");
}

Result<void> Words::next() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  now_ = {.kind = WordKind::End, .text = {}, .at = at_};
  if (at_ == text_.size()) return {};
  const char c = text_[at_];
  if (c == '\'' || c == '"' || c == '`') return quoted(c);
  const bool is_signed =
      (c == '-' || c == '+') && at_ + 1 < text_.size() && (is_digit(text_[at_ + 1]) || text_[at_ + 1] == '.');
  if (is_digit(c) || is_signed) {
    now_.kind = WordKind::Number;
    const auto goes_on = [&](char next_one) {
      const bool after_e = !now_.text.empty() && upper(now_.text.back()) == 'E';
      return is_name(next_one) || ((next_one == '+' || next_one == '-') && after_e);
    };
    now_.text += text_[at_++];
    while (at_ < text_.size() && goes_on(text_[at_])) now_.text += text_[at_++];
    return {};
  }
  if (is_name(c)) {
    now_.kind = WordKind::Name;
    while (at_ < text_.size() && is_name(text_[at_])) now_.text += text_[at_++];
    return {};
  }
  now_.kind = WordKind::Sign;
  now_.text = c;
  ++at_;
  const bool takes_equals = c == '!' || c == '<' || c == '>' || c == '=';
  if (takes_equals && at_ < text_.size() && (text_[at_] == '=' || (c == '<' && text_[at_] == '>')))
    now_.text += text_[at_++];
  return {};
}

bool Words::is_keyword(std::string_view wanted) const {
  if (now_.kind != WordKind::Name || now_.text.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (upper(now_.text[i]) != wanted[i]) return false;
  }
  return true;
}

Error Words::expected(std::string_view what) const {
  const std::string found = now_.kind == WordKind::End ? "the end" : "\"" + printable(now_.text) + "\"";
  return invalid_input("in the search text: expected " + std::string(what) + ", found " + found + " at " +
                       std::to_string(now_.at));
}

Result<KnownField> read_field(Words& words, const Rules& rules) {
  const Word first = words.now();
  if (first.kind != WordKind::Name && first.kind != WordKind::Quoted)
    return words.expected("a field: " + list_of(rules));
  TRY(words.next());
  KnownField known{.field = {Part::Attribute, first.text}};
  const std::size_t dot = first.text.find('.');
  if (first.kind == WordKind::Name && dot != std::string::npos) {
    for (const Prefix& prefix : kPrefixes) {
      if (prefix.word != std::string_view(first.text).substr(0, dot)) continue;
      known.field = {prefix.part, first.text.substr(dot + 1)};
      const Word& rest = words.now();
      const bool is_quoted = known.field.key.empty() && rest.kind == WordKind::Quoted && rest.at == first.at + dot + 1;
      if (is_quoted) {
        known.field.key = rest.text;
        TRY(words.next());
      }
    }
  }
  const bool is_open = (known.field.part == Part::Metric && rules.metrics) ||
                       (known.field.part == Part::Tag && rules.tags) ||
                       (known.field.part == Part::ModelTag && rules.model_tags) ||
                       (known.field.part == Part::Parameter && rules.parameters);
  if (is_open && !known.field.key.empty()) {
    known.type = known.field.part == Part::Metric ? Type::Number : Type::Text;
    for (const auto& [tag, value] : rules.tags_otherwise) {
      if (known.field.part == Part::Tag && known.field.key == tag) known.field.otherwise = std::string(value);
    }
    return known;
  }
  for (const Attribute& attribute : rules.attributes) {
    if (known.field.part != Part::Attribute || attribute.name != known.field.key) continue;
    known.field.key = attribute.means;
    known.type = attribute.type;
    return known;
  }
  return invalid_input("in the search text: expected one of " + list_of(rules) + ", found \"" + printable(first.text) +
                       "\" at " + std::to_string(first.at));
}

}  // namespace slipway::search
