#include "domain/model/model_card.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace slipway::model {
namespace {

constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
    {"owners", "owner"},
    {"contact", "owner"},
    {"intended uses", "intended use"},
    {"limitations", "limits"},
    {"training data", "data"},
    {"dataset", "data"},
    {"datasets", "data"},
    {"evaluation", "metrics"},
    {"ethics", "ethical notes"},
    {"ethical considerations", "ethical notes"},
    {"license", "licence"},
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// ASCII letters; others stay as they are.
std::string named(std::string_view heading) {
  std::string name(trimmed(heading));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  while (name.ends_with(':')) name.pop_back();
  for (const auto& [other, own] : kOtherNames) {
    if (name == other) return std::string(own);
  }
  return name;
}

// A heading and the text up to the next one.
struct Part {
  std::size_t level = 0;  // 0: before the first heading
  std::string name;
  std::string text;
};

// "## Intended use ##"
std::optional<Part> heading_in(std::string_view line) {
  const std::size_t level = line.find_first_not_of('#');
  if (level == 0 || level > 6 || level == std::string_view::npos) return std::nullopt;
  if (line[level] != ' ' && line[level] != '\t') return std::nullopt;
  std::string_view text = trimmed(line.substr(level));
  const std::size_t last = text.find_last_not_of('#');
  if (last != std::string_view::npos && text[last] == ' ') text = text.substr(0, last);
  return Part{level, named(text), {}};
}

// The level that a line gives the one above it: all '=' or all '-'; 0: none.
std::size_t underline_in(std::string_view line) {
  line = trimmed(line);
  if (line.size() < 2 || (line[0] != '=' && line[0] != '-')) return 0;
  if (line.find_first_not_of(line[0]) != std::string_view::npos) return 0;
  return line[0] == '=' ? 1 : 2;
}

std::vector<Part> parts_of(std::string_view markdown) {
  std::vector<Part> parts(1);
  std::string_view fence;  // of the block we are in
  std::string_view above;  // the line above, where an underline may make it a heading
  while (!markdown.empty()) {
    const std::size_t end = std::min(markdown.find('\n'), markdown.size() - 1);
    const std::string_view line = markdown.substr(0, end + 1);
    markdown.remove_prefix(end + 1);
    const std::string_view bare = trimmed(line);
    const bool is_fence = bare.starts_with("```") || bare.starts_with("~~~");
    if (is_fence && fence.empty()) {
      fence = bare.substr(0, 3);
    } else if (is_fence && bare.starts_with(fence)) {
      fence = {};
    } else if (fence.empty()) {
      if (auto heading = heading_in(line)) {
        parts.push_back(*std::move(heading));
        above = {};
        continue;
      }
      if (const std::size_t level = underline_in(line); level > 0 && !trimmed(above).empty()) {
        std::string& text = parts.back().text;
        text.resize(text.size() - above.size());
        parts.push_back({level, named(above), {}});
        above = {};
        continue;
      }
    }
    above = is_fence || !fence.empty() ? std::string_view() : line;
    parts.back().text += line;
  }
  return parts;
}

void add_text(std::string& section, std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return;
  if (!section.empty()) section += "\n\n";
  section += text;
}

}  // namespace

std::map<std::string, std::string> card_sections(std::string_view markdown) {
  const std::vector<Part> parts = parts_of(markdown);
  std::map<std::string, std::string> sections;
  std::vector<std::pair<std::size_t, std::string*>> open;  // the headings a part lies under, by their levels
  for (const Part& part : parts) {
    if (part.level == 0) continue;
    while (!open.empty() && open.back().first >= part.level) open.pop_back();
    open.emplace_back(part.level, &sections[part.name]);
    for (const auto& [level, section] : open) add_text(*section, part.text);
  }
  return sections;
}

std::vector<std::string> missing_sections(const std::map<std::string, std::string>& sections) {
  std::vector<std::string> missing;
  for (const std::string_view name : kCardSections) {
    const auto found = sections.find(std::string(name));
    if (found == sections.end() || found->second.empty()) missing.emplace_back(name);
  }
  return missing;
}

}  // namespace slipway::model
