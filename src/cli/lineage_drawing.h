// How a line of versions is drawn: as text for terminals, as SVG for pages.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace slipway::cli {

// A version with what went into it. `inputs`: (kind, value), such as ("run", "abc"), ("data train", "sha256:...").
struct LineageNode {
  std::string title;   // "fraud:3"
  std::string detail;  // "validated, 2026-11-21, built by ci"
  std::vector<std::pair<std::string, std::string>> inputs;
};

// Youngest first, each the child of the next. The text is not cleaned for terminals; the SVG is one whole document.
std::string lineage_text(const std::vector<LineageNode>& line);
std::string lineage_svg(const std::vector<LineageNode>& line);

}  // namespace slipway::cli
