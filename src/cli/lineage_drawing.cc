#include "cli/lineage_drawing.h"

#include <algorithm>

#include "base/xml.h"

namespace slipway::cli {
namespace {

// In pixels: a column of inputs at the left, one of versions at the right.
constexpr std::size_t kMargin = 16;
constexpr std::size_t kInputWidth = 380;
constexpr std::size_t kInputHeight = 26;
constexpr std::size_t kGap = 70;
constexpr std::size_t kVersionWidth = 380;
constexpr std::size_t kVersionHeight = 48;
constexpr std::size_t kBetween = 40;
constexpr std::size_t kLongestInput = 52;  // characters that fit into a box
constexpr std::size_t kLongestTitle = 44;

std::string number(std::size_t value) {
  return std::to_string(value);
}

std::string box(std::string_view kind, std::size_t x, std::size_t y, std::size_t width, std::size_t height) {
  return "<rect class=\"" + std::string(kind) + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" +
         number(width) + "\" height=\"" + number(height) + "\" rx=\"6\"/>\n";
}
std::string label(std::string_view kind, std::size_t x, std::size_t y, const std::string& text) {
  return "<text class=\"" + std::string(kind) + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\">" + text +
         "</text>\n";
}
std::string arrow(std::size_t x1, std::size_t y1, std::size_t x2, std::size_t y2) {
  return "<path class=\"arrow\" d=\"M" + number(x1) + " " + number(y1) + " L" + number(x2) + " " + number(y2) +
         "\" marker-end=\"url(#end)\"/>\n";
}

std::size_t height_of(const LineageNode& node) {
  return std::max(kVersionHeight, node.inputs.size() * (kInputHeight + 6));
}

constexpr std::string_view kStyle =
    "<style>text{font:13px sans-serif;fill:#1c2733}.title{font-weight:bold}.detail,.kind{fill:#5b6b7b}"
    ".version{fill:#e8f1fb;stroke:#2f6fb3}.input{fill:#f6f6f3;stroke:#b9b9ae}"
    ".arrow{stroke:#5b6b7b;stroke-width:1.5;fill:none}</style>\n"
    "<defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
    "orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"#5b6b7b\"/></marker></defs>\n";

}  // namespace

std::string lineage_text(const std::vector<LineageNode>& line) {
  std::string out;
  std::string indent;
  for (const LineageNode& node : line) {
    out +=
        indent + (indent.empty() ? "" : "from ") + node.title + (node.detail.empty() ? "" : "  " + node.detail) + "\n";
    const bool has_parent = &node != &line.back();
    for (const auto& [kind, value] : node.inputs)
      out += indent + (has_parent ? "|  " : "   ") + kind + "  " + value + "\n";
    indent += "   ";
  }
  return out;
}

std::string lineage_svg(const std::vector<LineageNode>& line) {
  constexpr std::size_t kVersionsAt = kMargin + kInputWidth + kGap;
  std::string body;
  std::size_t top = kMargin;
  for (const LineageNode& node : line) {
    const std::size_t height = height_of(node);
    const std::size_t middle = top + height / 2;
    const std::size_t version_top = middle - kVersionHeight / 2;
    body += box("version", kVersionsAt, version_top, kVersionWidth, kVersionHeight);
    body += label("title", kVersionsAt + 12, version_top + 20, escaped_xml(node.title, kLongestTitle));
    body += label("detail", kVersionsAt + 12, version_top + 38, escaped_xml(node.detail, kLongestTitle + 8));
    std::size_t y = middle - node.inputs.size() * (kInputHeight + 6) / 2;
    for (const auto& [kind, value] : node.inputs) {
      body += box("input", kMargin, y, kInputWidth, kInputHeight);
      body += label("kind", kMargin + 10, y + 17, escaped_xml(kind + "  " + value, kLongestInput));
      body += arrow(kMargin + kInputWidth, y + kInputHeight / 2, kVersionsAt - 2, middle);
      y += kInputHeight + 6;
    }
    if (&node != &line.back()) {
      const std::size_t next = middle + kVersionHeight / 2;
      const std::size_t below = top + height + kBetween + height_of(*(&node + 1)) / 2 - kVersionHeight / 2;
      body += arrow(kVersionsAt + kVersionWidth / 2, below, kVersionsAt + kVersionWidth / 2, next + 2);
    }
    top += height + kBetween;
  }
  const std::size_t width = kVersionsAt + kVersionWidth + kMargin;
  const std::size_t bottom = line.empty() ? 2 * kMargin : top - kBetween + kMargin;
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(width) + "\" height=\"" + number(bottom) +
         "\" viewBox=\"0 0 " + number(width) + " " + number(bottom) + "\">\n" + std::string(kStyle) + body + "</svg>\n";
}

}  // namespace slipway::cli
