// Chart: lines over time, as text for terminals and as SVG for pages, in one style.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway::cli {

struct ChartLine {
  std::string name;
  char mark = '*';                                // in text
  std::vector<std::pair<double, double>> points;  // (seconds, value), in order of time; what is not finite is left out
};

// A value. All lines share the axes; values outside the range are drawn at its edge.
struct Chart {
  std::string title;
  std::vector<ChartLine> lines;
  std::vector<std::pair<std::string, double>> bars;  // levels to be reached, with their names
  double lowest = 0, highest = 1;                    // of values
  bool is_stepped = false;                           // a value holds until the next one
};

// At most `columns` wide. The text is not cleaned for terminals.
std::string chart_text(const Chart& chart, std::size_t columns, std::size_t rows);
// A group for an SVG document, `kChartWidth` by `kChartHeight` at (0, top); everything is escaped.
inline constexpr std::size_t kChartWidth = 860;
inline constexpr std::size_t kChartHeight = 260;
std::string chart_svg(const Chart& chart, std::size_t top);
// A whole document of charts, one below the other.
std::string charts_svg(const std::vector<Chart>& charts);

// "90 s", "12 min", "3.5 h", "2 d"
std::string shown_seconds(double seconds);
// Four digits, as people read them.
std::string shown_number(double value);

}  // namespace slipway::cli
