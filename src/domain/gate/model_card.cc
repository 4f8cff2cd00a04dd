// The model card gate: the required fields are there and say something.
#include <algorithm>
#include <array>
#include <cctype>

#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {
namespace {

std::string plain(std::string_view text) {  // lower case, without what is not a letter or digit at either end
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0; };
  while (!text.empty() && !is_word(text.front())) text.remove_prefix(1);
  while (!text.empty() && !is_word(text.back())) text.remove_suffix(1);
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// What people leave behind in a template.
bool is_placeholder(const std::string& said) {
  constexpr std::array kPlaceholders{"todo", "tbd", "tba", "fixme", "xxx", "lorem ipsum", "to be done", "fill in"};
  return std::any_of(kPlaceholders.begin(), kPlaceholders.end(), [&](std::string_view word) { return said == word; });
}

}  // namespace

Verdict judge_model_card(const ModelCardPolicy& policy, const ModelCardMeasurement& measured) {
  std::vector<Evidence> rows;
  for (const std::string& field : policy.required) {
    Evidence row{.subject = "field '" + field + "'", .outcome = Outcome::Fail, .count = 1};
    const auto found = std::find_if(measured.fields.begin(), measured.fields.end(),
                                    [wanted = plain(field)](const auto& one) { return plain(one.first) == wanted; });
    if (found == measured.fields.end()) {
      row.detail = "is required and not in the model card";
    } else if (const std::string said = plain(found->second); said.empty()) {
      row.detail = "is empty";
    } else if (is_placeholder(said)) {
      row.detail = "says only '" + said + "'";
    } else {
      row.outcome = Outcome::Pass;
      row.detail = "is filled in";
    }
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return {Outcome::Pass, "no field is required", {}};
  return conclude(std::move(rows), plural(policy.required.size(), "required field") + " filled in", "");
}

}  // namespace slipway::gate
