// The licence gate: the package's SPDX expression can be met with licences from the allow-list.
//
//   expression := term { OR term }      any of them may be chosen
//   term       := factor { AND factor } all of them bind
//   factor     := identifier [ WITH exception ] | '(' expression ')'
#include <algorithm>
#include <cctype>
#include <optional>

#include "domain/gate/gates.h"

namespace slipway::gate {
namespace {

constexpr int kMostDepth = 32;
constexpr std::size_t kMostLength = 4'096;

bool equal_words(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Reads an expression and says whether it is allowed; nullopt where it is none.
class Reader {
 public:
  Reader(std::string_view text, const std::vector<std::string>& allowed) : rest_(text), allowed_(allowed) {}

  std::optional<bool> read() {
    const std::optional<bool> value = any(0);
    return value && word().empty() ? value : std::nullopt;
  }
  // The identifiers that are not on the list, in the order read.
  const std::vector<std::string>& strange() const { return strange_; }

 private:
  std::string_view word() {  // the next one, not yet taken
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0) rest_.remove_prefix(1);
    if (rest_.empty() || rest_.front() == '(' || rest_.front() == ')') return rest_.substr(0, rest_.empty() ? 0 : 1);
    const std::size_t end = rest_.find_first_of(" \t\r\n()");
    return rest_.substr(0, end);
  }
  bool take(std::string_view wanted) {
    const std::string_view next = word();
    if (next.empty() || !equal_words(next, wanted)) return false;
    rest_.remove_prefix(next.size());
    return true;
  }

  std::optional<bool> any(int depth) {
    std::optional<bool> value = all(depth);
    while (value && take("OR")) {
      const std::optional<bool> next = all(depth);
      if (!next) return std::nullopt;
      value = *value || *next;
    }
    return value;
  }
  std::optional<bool> all(int depth) {
    std::optional<bool> value = one(depth);
    while (value && take("AND")) {
      const std::optional<bool> next = one(depth);
      if (!next) return std::nullopt;
      value = *value && *next;
    }
    return value;
  }
  std::optional<bool> one(int depth) {
    if (depth > kMostDepth) return std::nullopt;
    if (take("(")) {
      const std::optional<bool> value = any(depth + 1);
      return value && take(")") ? value : std::nullopt;
    }
    std::string licence = identifier();
    if (licence.empty()) return std::nullopt;
    if (take("WITH")) {
      const std::string exception = identifier();
      if (exception.empty()) return std::nullopt;
      if (is_allowed(licence)) return true;  // an exception only permits more
      licence += " WITH " + exception;
    }
    if (is_allowed(licence)) return true;
    strange_.push_back(std::move(licence));
    return false;
  }
  std::string identifier() {
    const std::string_view next = word();
    const auto fits = [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '+' || c == ':' || c == '_';
    };
    if (next.empty() || !std::all_of(next.begin(), next.end(), fits)) return {};
    for (const std::string_view keyword : {"AND", "OR", "WITH"}) {
      if (equal_words(next, keyword)) return {};
    }
    rest_.remove_prefix(next.size());
    return std::string(next);
  }
  bool is_allowed(const std::string& licence) const {
    return std::any_of(allowed_.begin(), allowed_.end(),
                       [&](const std::string& known) { return equal_words(known, licence); });
  }

  std::string_view rest_;
  const std::vector<std::string>& allowed_;
  std::vector<std::string> strange_;
};

Verdict say(Outcome outcome, std::string detail) {
  std::vector<Evidence> rows{{.subject = "licence", .outcome = outcome, .count = 1, .detail = detail}};
  return {outcome, std::move(detail), std::move(rows)};
}

}  // namespace

Verdict judge_licence(const LicencePolicy& policy, const LicenceMeasurement& measured) {
  const std::string& declared = measured.expression;
  const bool is_blank = std::all_of(declared.begin(), declared.end(), [](unsigned char c) { return std::isspace(c); });
  if (is_blank || equal_words(declared, "NONE") || equal_words(declared, "NOASSERTION")) {
    return say(Outcome::Fail, "expected a licence from the allow-list, found none declared");
  }
  if (declared.size() > kMostLength) {
    return say(Outcome::Fail,
               "expected an SPDX expression of at most 4096 characters, found " + std::to_string(declared.size()));
  }
  Reader reader(declared, policy.allowed);
  const std::optional<bool> allowed = reader.read();
  if (!allowed)
    return say(Outcome::Fail, "expected an SPDX expression such as 'MIT OR Apache-2.0', found '" + declared + "'");
  if (*allowed) return say(Outcome::Pass, "'" + declared + "' is allowed");
  std::string strange;
  for (const std::string& licence : reader.strange()) strange += (strange.empty() ? "'" : ", '") + licence + "'";
  return say(Outcome::Fail, strange + " not on the allow-list");
}

}  // namespace slipway::gate
