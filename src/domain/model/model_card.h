// The model card: what a version says of itself to people, in Markdown, and which of its sections are there.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace slipway::model {

// The file of a package that holds it; a package without one may say it as `model_card` in slipway.yaml.
inline constexpr std::string_view kCardFile = "MODEL_CARD.md";
inline constexpr Bytes kLargestCard = mebibytes(1);

// What every card should tell, as its headings are spelled here; card_sections() also takes their usual other names.
inline constexpr std::array<std::string_view, 7> kCardSections = {"owner",   "intended use",  "limits", "data",
                                                                  "metrics", "ethical notes", "licence"};

// The text under each heading (`# Owner`, or underlined) by its lower-case name, without blank lines around it; a
// heading within a fenced block is text, and a section goes on through deeper headings. Said twice: the texts together.
std::map<std::string, std::string> card_sections(std::string_view markdown);

// Those of kCardSections that are not there or have no text, in their order.
std::vector<std::string> missing_sections(const std::map<std::string, std::string>& sections);

}  // namespace slipway::model
