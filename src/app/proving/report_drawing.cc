#include "app/proving/report_drawing.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/xml.h"

namespace slipway::proving {
namespace {

using proof::Rival;

// In pixels.
constexpr double kMargin = 16, kRow = 26, kName = 330, kCell = 112;
constexpr double kPanel = 320, kPlotLeft = 56, kPlotWidth = 240, kPlotHeight = 220;
constexpr std::size_t kPanelsInARow = 3;
constexpr double kLeastRequests = 1e2, kMostRequests = 1e6;  // of the vertical axis, which is logarithmic
constexpr double kRight = 0.08, kFound = 0.9;  // rolled back: at most so often what is equal, at least what is worse

constexpr std::string_view kStyle =
    "<style>text{font:12px sans-serif;fill:#1c2733}.head{font-weight:bold}.small{font-size:10px;fill:#5b6b7b}"
    ".right{fill:#dcefdc}.wrong{fill:#f6cfca}.none{fill:#f1f1ee}.axis{stroke:#5b6b7b;fill:none}"
    ".limit{stroke:#b3442f;stroke-dasharray:4 3}.ours{fill:#2f6fb3}.rule{fill:#9a9a90}</style>\n";

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string box(std::string_view kind, double x, double y, double width, double height) {
  return "<rect class=\"" + std::string(kind) + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" +
         number(width) + "\" height=\"" + number(height) + "\"/>\n";
}

std::string label(std::string_view kind, double x, double y, std::string_view text) {
  return "<text class=\"" + std::string(kind) + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\">" +
         escaped_xml(text, 160) + "</text>\n";
}

std::string line(std::string_view kind, double x1, double y1, double x2, double y2) {
  return "<path class=\"" + std::string(kind) + "\" d=\"M" + number(x1) + " " + number(y1) + " L" + number(x2) + " " +
         number(y2) + "\"/>\n";
}

// A rule and what it came to in one scenario.
struct Column {
  std::string name;
  double share = 0;
  std::optional<double> minutes, candidate;  // medians
  bool is_asked = true;
};

std::vector<Column> columns_of(const Played& played) {
  const auto& [scenario, score] = played;
  std::vector<Column> columns{{"evidence", score.share_rolled_back(), proof::median(score.minutes, score.rollouts),
                               proof::median(score.candidate, score.rollouts)}};
  for (std::size_t i = 0; i < proof::kRivals.size(); ++i) {
    const Rival rival = proof::kRivals.at(i);
    columns.push_back({std::string(name_of(rival)), score.share_of(rival),
                       proof::median(score.rival_minutes.at(i), score.rollouts),
                       proof::median(score.rival_candidate.at(i), score.rollouts), is_asked(scenario, rival)});
  }
  return columns;
}

std::string row_of(const Played& played, double top) {
  const proof::Target& target = played.scenario.target;
  std::string out = label("head", kMargin, top + 17, played.scenario.id) +
                    label("", kMargin + 44, top + 17, std::string_view(played.scenario.what).substr(0, 46));
  double x = kMargin + kName;
  for (const Column& column : columns_of(played)) {
    const bool is_right = target.least_rollbacks ? column.share >= kFound : column.share <= kRight;
    // At the margin our plan tolerates what other rules may call harm.
    const bool is_judged = column.is_asked && !target.most_safe;
    out += box(!is_judged ? "none" : is_right ? "right" : "wrong", x, top, kCell - 3, kRow - 3);
    if (column.is_asked) {
      std::string text = number(100 * column.share) + " %";
      if (column.minutes) text += ", " + number(std::round(10 * *column.minutes) / 10) + " min";
      out += label("", x + 6, top + 16, text);
    }
    x += kCell;
  }
  return out;
}

std::string table_of(std::span<const Played> played, double& top) {
  std::string out = label("head", kMargin, top + 12, "Rolled back, and when in the median of all rollouts");
  out += label("small", kMargin + kName + 6, top + 12,
               "AA: both versions are equal, and going back is wrong; P: the candidate is worse, and staying is. "
               "Green: right, red: wrong, grey: not asked, or at the margin");
  top += kRow;
  double x = kMargin + kName;
  out += label("head", x + 6, top + 14, "evidence");
  for (const Rival rival : proof::kRivals) out += label("head", (x += kCell) + 6, top + 14, name_of(rival));
  top += kRow;
  for (const Played& each : played) {
    if (each.scenario.rivals.empty()) continue;
    out += row_of(each, top);
    top += kRow;
  }
  return out;
}

const Played* find(std::span<const Played> played, std::string_view id) {
  const auto found = std::ranges::find(played, id, [](const Played& each) { return each.scenario.id; });
  return found == played.end() ? nullptr : &*found;
}

std::string panel_of(const proof::CostPair& pair, const Played& equal, const Played& worse, double left, double top) {
  const double x0 = left + kPlotLeft, bottom = top + 24 + kPlotHeight,
               decades = std::log10(kMostRequests / kLeastRequests);
  const auto height_of = [&](double requests) {
    const double bounded = std::clamp(requests, kLeastRequests, kMostRequests);
    return bottom - 20 - (kPlotHeight - 40) * std::log10(bounded / kLeastRequests) / decades;
  };
  std::string out = label("head", x0, top + 12, pair.title);
  out += line("axis", x0, top + 24, x0, bottom) + line("axis", x0, bottom, x0 + kPlotWidth, bottom);
  out += line("limit", x0 + 0.05 * kPlotWidth, top + 24, x0 + 0.05 * kPlotWidth, bottom);
  for (double requests = kLeastRequests; requests <= kMostRequests; requests *= 10) {
    out += label("small", left + 8, height_of(requests) + 4, requests < kMostRequests ? number(requests) : "never");
  }
  for (const int share : {0, 50, 100})
    out += label("small", x0 + share * kPlotWidth / 100 - 6, bottom + 14, number(share) + " %");
  const auto at = columns_of(equal), found = columns_of(worse);
  for (std::size_t i = at.size(); i-- > 0;) {
    if (!at[i].is_asked || !found[i].is_asked) continue;
    const double x = x0 + at[i].share * kPlotWidth, y = height_of(found[i].candidate.value_or(kMostRequests));
    out += "<circle class=\"" + std::string(i == 0 ? "ours" : "rule") + "\" cx=\"" + number(x) + "\" cy=\"" +
           number(y) + "\" r=\"5\"/>\n";
    // Rules at one place have their names below each other.
    const double shift = found[i].candidate ? 4 : 4 + 11 * static_cast<double>(i % 3);
    out += label("small", x + 8, y + shift, at[i].name);
  }
  return out;
}

std::string costs_of(std::span<const Played> played, double& top) {
  std::string out;
  std::size_t count = 0;
  const double first = top + kRow, high = 24 + kPlotHeight + 30;
  for (const proof::CostPair& pair : proof::kCostPairs) {
    const Played *equal = find(played, pair.equal), *worse = find(played, pair.worse);
    if (equal == nullptr || worse == nullptr) continue;
    const auto row = static_cast<double>(count / kPanelsInARow), place = static_cast<double>(count % kPanelsInARow);
    out += panel_of(pair, *equal, *worse, kMargin + place * kPanel, first + row * high);
    ++count;
  }
  if (count == 0) return out;
  out = label("head", kMargin, top + 12,
              "Requests that twice as many errors cost until the rollback, against false rollbacks (dashed: 5 %)") +
        out;
  top = first + high * static_cast<double>((count + kPanelsInARow - 1) / kPanelsInARow);
  return out;
}

}  // namespace

std::string drawing_of(std::span<const Played> played) {
  double top = kMargin;
  std::string body = table_of(played, top);
  top += kRow;
  body += costs_of(played, top);
  const std::string width = number(2 * kMargin + kName + kCell * static_cast<double>(1 + proof::kRivals.size()));
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + number(top) +
         "\" viewBox=\"0 0 " + width + " " + number(top) + "\">\n" + std::string(kStyle) +
         "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" + body + "</svg>\n";
}

}  // namespace slipway::proving
