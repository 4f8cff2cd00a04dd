#include "cli/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/xml.h"

namespace slipway::cli {
namespace {

// In pixels, inside a chart's place.
constexpr double kLeft = 70, kRight = 16, kTop = 44, kBottom = 30;
constexpr std::size_t kLongestName = 60;
constexpr std::array<const char*, 4> kColours = {"#b3392f", "#2f6fb3", "#3b8f4f", "#8a6d1f"};
constexpr std::size_t kLabelColumns = 9;  // of values, left of a chart of text

struct Range {
  double from = 0, to = 1;
  double part(double value) const { return std::clamp((value - from) / (to - from), 0.0, 1.0); }
};

Range times_of(const Chart& chart) {
  std::optional<Range> range;
  for (const ChartLine& line : chart.lines) {
    for (const auto& [at, value] : line.points) {
      if (!std::isfinite(at)) continue;
      if (!range) range.emplace(Range{at, at});
      range->from = std::min(range->from, at);
      range->to = std::max(range->to, at);
    }
  }
  Range found = range.value_or(Range{0, 1});
  if (found.to - found.from < 1) found.to = found.from + 1;
  return found;
}

Range values_of(const Chart& chart) {
  return chart.highest > chart.lowest ? Range{chart.lowest, chart.highest} : Range{chart.lowest, chart.lowest + 1};
}

std::vector<std::pair<double, double>> drawn(const ChartLine& line, bool is_stepped) {
  std::vector<std::pair<double, double>> points;
  for (const auto& point : line.points) {
    if (!std::isfinite(point.first) || !std::isfinite(point.second)) continue;
    if (is_stepped && !points.empty()) points.emplace_back(point.first, points.back().second);
    points.push_back(point);
  }
  return points;
}

// The value of a line at a time, between its points.
std::optional<double> value_at(const std::vector<std::pair<double, double>>& points, double at) {
  if (points.empty() || at < points.front().first || at > points.back().first) return std::nullopt;
  const auto next = std::ranges::lower_bound(points, at, {}, &std::pair<double, double>::first);
  if (next == points.begin() || next->first == at) return next->second;
  const auto before = next - 1;
  const double width = next->first - before->first;
  return before->second + (next->second - before->second) * (at - before->first) / width;
}

std::string pixels(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string element(std::string_view kind, double x, double y, const std::string& more, const std::string& text) {
  return "<text class=\"" + std::string(kind) + "\" x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\"" + more + ">" +
         text + "</text>\n";
}

std::string rule(std::string_view kind, double x1, double y1, double x2, double y2) {
  return "<line class=\"" + std::string(kind) + "\" x1=\"" + pixels(x1) + "\" y1=\"" + pixels(y1) + "\" x2=\"" +
         pixels(x2) + "\" y2=\"" + pixels(y2) + "\"/>\n";
}

constexpr std::string_view kStyle =
    "<style>text{font:13px sans-serif;fill:#1c2733}.title{font-weight:bold}.mark{fill:#5b6b7b;font-size:11px}"
    ".axis{stroke:#b9b9ae}.bar{stroke:#5b6b7b;stroke-dasharray:5 4}.line{fill:none;stroke-width:1.8}</style>\n";

}  // namespace

std::string shown_number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string shown_seconds(double seconds) {
  const auto rounded = [](double value) { return shown_number(std::round(value * 10) / 10); };
  if (!(seconds >= 0)) return "?";
  if (seconds < 120) return shown_number(std::ceil(seconds)) + " s";
  if (seconds < 7'200) return rounded(seconds / 60) + " min";
  if (seconds < 172'800) return rounded(seconds / 3'600) + " h";
  return rounded(seconds / 86'400) + " d";
}

std::string chart_text(const Chart& chart, std::size_t columns, std::size_t rows) {
  const std::size_t width = std::max<std::size_t>(columns, 30) - kLabelColumns - 1;
  rows = std::max<std::size_t>(rows, 3);
  const Range times = times_of(chart), values = values_of(chart);
  std::vector<std::string> grid(rows, std::string(width, ' '));
  const auto row_of = [&](double value) {
    return rows - 1 - static_cast<std::size_t>(std::lround(values.part(value) * static_cast<double>(rows - 1)));
  };
  for (const auto& [name, level] : chart.bars) {
    for (std::size_t column = 0; column < width; column += 2) grid[row_of(level)][column] = '-';
  }
  for (const ChartLine& line : chart.lines) {
    const auto points = drawn(line, chart.is_stepped);
    for (std::size_t column = 0; column < width; ++column) {
      const double part = width < 2 ? 0 : static_cast<double>(column) / static_cast<double>(width - 1);
      const auto value = value_at(points, times.from + part * (times.to - times.from));
      if (value) grid[row_of(*value)][column] = line.mark;
    }
  }
  std::string text = chart.title + "\n";
  for (std::size_t row = 0; row < rows; ++row) {
    std::string label;
    if (row == 0) label = shown_number(values.to);
    if (row + 1 == rows) label = shown_number(values.from);
    for (const auto& [name, level] : chart.bars) {
      if (row_of(level) == row) label = shown_number(level);
    }
    label.resize(std::min(label.size(), kLabelColumns));
    std::string line = std::string(kLabelColumns - label.size(), ' ') + label + "|" + grid[row];
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  text += std::string(kLabelColumns, ' ') + "+" + std::string(width, '-') + "\n";
  const std::string end = shown_seconds(times.to - times.from);
  text += std::string(kLabelColumns + 1, ' ') + "0" +
          std::string(width > end.size() + 1 ? width - end.size() - 1 : 1, ' ') + end + "\n";
  text += std::string(kLabelColumns + 1, ' ');
  for (const ChartLine& line : chart.lines) text += std::string(1, line.mark) + " " + line.name + "   ";
  for (const auto& [name, level] : chart.bars) text += "- " + name + "   ";
  while (text.ends_with(' ')) text.pop_back();
  return text + "\n";
}

std::string chart_svg(const Chart& chart, std::size_t top) {
  const Range times = times_of(chart), values = values_of(chart);
  const double width = kChartWidth - kLeft - kRight, height = kChartHeight - kTop - kBottom;
  const double base = static_cast<double>(top) + kTop;
  const auto x_of = [&](double at) { return kLeft + times.part(at) * width; };
  const auto y_of = [&](double value) { return base + (1 - values.part(value)) * height; };
  std::string svg =
      element("title", kLeft, static_cast<double>(top) + 18, "", escaped_xml(chart.title, kLongestName * 2));
  svg += rule("axis", kLeft, base, kLeft, base + height);
  svg += rule("axis", kLeft, base + height, kLeft + width, base + height);
  const auto value_label = [&](double value) {
    svg += element("mark", kLeft - 6, y_of(value) + 4, " text-anchor=\"end\"", shown_number(value));
  };
  value_label(values.from);
  value_label(values.to);
  svg += element("mark", kLeft, base + height + 18, "", "0");
  svg += element("mark", kLeft + width, base + height + 18, " text-anchor=\"end\"",
                 escaped_xml(shown_seconds(times.to - times.from), kLongestName));
  for (const auto& [name, level] : chart.bars) {
    svg += rule("bar", kLeft, y_of(level), kLeft + width, y_of(level));
    svg += element("mark", kLeft + width - 4, y_of(level) - 4, " text-anchor=\"end\"", escaped_xml(name, kLongestName));
  }
  double legend = kLeft;
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    const std::string colour = kColours.at(i % kColours.size());
    std::string points;
    for (const auto& [at, value] : drawn(chart.lines[i], chart.is_stepped)) {
      points += (points.empty() ? "" : " ") + pixels(x_of(at)) + "," + pixels(y_of(value));
    }
    svg += "<polyline class=\"line\" stroke=\"" + colour + "\" points=\"" + points + "\"/>\n";
    svg += element("mark", legend, static_cast<double>(top) + 36, " style=\"fill:" + colour + "\"",
                   escaped_xml(chart.lines[i].name, kLongestName));
    legend += 8.0 * static_cast<double>(std::min(chart.lines[i].name.size(), kLongestName)) + 24;
  }
  return svg;
}

std::string charts_svg(const std::vector<Chart>& charts) {
  std::string body;
  for (std::size_t i = 0; i < charts.size(); ++i) body += chart_svg(charts[i], i * kChartHeight);
  const std::string width = std::to_string(kChartWidth);
  const std::string height = std::to_string(std::max<std::size_t>(charts.size(), 1) * kChartHeight);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height + "\" viewBox=\"0 0 " +
         width + " " + height + "\">\n" + std::string(kStyle) + body + "</svg>\n";
}

}  // namespace slipway::cli
