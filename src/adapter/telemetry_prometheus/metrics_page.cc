#include "adapter/telemetry_prometheus/metrics_page.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace slipway::telemetry_prometheus {
namespace {

using ports::MetricKind;

// [a-zA-Z_:][a-zA-Z0-9_:]*; labels have no colon.
bool is_name(std::string_view text, bool colon) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && !(colon && c == ':')) return false;
  }
  return true;
}

// Invalid UTF-8 would make a scraper refuse the whole page.
std::string valid(std::string_view text) {
  return is_valid_utf8(text) ? std::string(text) : printable(text, text.size() * 4);
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : valid(text)) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    char digits[64];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
}

std::string_view name_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::Counter:
      return "counter";
    case MetricKind::Gauge:
      return "gauge";
    case MetricKind::Histogram:
      return "histogram";
  }
  return "untyped";
}

// name_suffix{labels,extra} value
void append_line(std::string& out, std::string_view name, std::string_view labels, std::string_view extra,
                 double value) {
  out += name;
  if (!labels.empty() || !extra.empty()) {
    out.append("{").append(labels).append(labels.empty() || extra.empty() ? "" : ",").append(extra).append("}");
  }
  out += ' ';
  append_number(out, value);
  out += '\n';
}

}  // namespace

void MetricsPage::family(std::string_view name, std::string_view help, MetricKind kind) {
  auto found = families_.find(name);
  if (found == families_.end()) {
    if (!is_name(name, true) || families_.size() >= limits_.families) {
      open_ = nullptr;
      return;
    }
    found = families_.emplace(std::string(name), Family{std::string(help), kind, {}}).first;
  }
  open_ = found->second.kind == kind ? &found->second : nullptr;
}

MetricsPage::Series* MetricsPage::series_of(ports::MetricLabels labels, bool histogram) {
  std::string key;
  bool good = open_ && (open_->kind == MetricKind::Histogram) == histogram;
  for (const ports::MetricLabel& label : labels) {
    good = good && is_name(label.key, false) && !(histogram && label.key == "le");
    key.append(key.empty() ? "" : ",").append(label.key).append("=\"");
    append_escaped(key, label.value, true);
    key += '"';
  }
  const auto found = good ? open_->series.find(key) : std::map<std::string, Series>::iterator{};
  if (good && found != open_->series.end()) return &found->second;
  if (!good || open_->series.size() >= limits_.series_per_family) {
    ++refused_;
    return nullptr;
  }
  return &open_->series[std::move(key)];
}

void MetricsPage::sample(ports::MetricLabels labels, double value) {
  if (Series* series = series_of(labels, false)) series->value += value;
}

void MetricsPage::histogram(ports::MetricLabels labels, std::span<const double> bounds,
                            std::span<const std::uint64_t> counts, double sum) {
  Series* series = counts.size() == bounds.size() + 1 ? series_of(labels, true) : nullptr;
  if (!series) {
    refused_ += counts.size() != bounds.size() + 1;
    return;
  }
  if (series->counts.empty()) {
    series->bounds.assign(bounds.begin(), bounds.end());
    series->counts.assign(counts.size(), 0);
  }
  if (!std::equal(bounds.begin(), bounds.end(), series->bounds.begin(), series->bounds.end())) {
    ++refused_;
    return;
  }
  for (std::size_t i = 0; i < counts.size(); ++i) series->counts[i] += counts[i];
  series->value += sum;
}

std::string MetricsPage::text() const {
  std::string out;
  for (const auto& [name, family] : families_) {
    if (family.series.empty()) continue;
    out.append("# HELP ").append(name).append(" ");
    append_escaped(out, family.help, false);
    out.append("\n# TYPE ").append(name).append(" ").append(name_of(family.kind)).append("\n");
    for (const auto& [labels, series] : family.series) {
      if (family.kind != MetricKind::Histogram) {
        append_line(out, name, labels, "", series.value);
        continue;
      }
      std::uint64_t seen = 0;
      for (std::size_t i = 0; i < series.counts.size(); ++i) {
        seen += series.counts[i];
        std::string bound = "le=\"";
        append_number(bound, i < series.bounds.size() ? series.bounds[i] : HUGE_VAL);
        append_line(out, name + "_bucket", labels, bound + '"', static_cast<double>(seen));
      }
      append_line(out, name + "_sum", labels, "", series.value);
      append_line(out, name + "_count", labels, "", static_cast<double>(seen));
    }
  }
  out +=
      "# HELP slipway_metrics_refused Samples left out of this page: over a limit or malformed.\n"
      "# TYPE slipway_metrics_refused gauge\n";
  append_line(out, "slipway_metrics_refused", "", "", static_cast<double>(refused_));
  return out;
}

}  // namespace slipway::telemetry_prometheus
