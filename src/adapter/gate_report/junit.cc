#include <algorithm>
#include <cstdio>

#include "adapter/gate_report/gate_report.h"
#include "base/xml.h"

namespace slipway::gate_report {
namespace {

constexpr std::size_t kLongest = 100'000;  // of one text

std::string escaped(std::string_view text) {
  return escaped_xml(text, kLongest);
}

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string line_of(const gate::Evidence& row) {
  std::string text = std::string(gate::name_of(row.outcome)) + ": " + escaped(row.subject);
  if (row.found) text += ": " + shown(*row.found);
  if (row.interval) text += " [" + shown(row.interval->low) + ", " + shown(row.interval->high) + "]";
  if (row.limit) text += ", limit " + shown(*row.limit);
  if (row.reference) text += ", reference " + shown(*row.reference);
  if (!row.detail.empty()) text += ": " + escaped(row.detail);
  return text + "\n";
}

std::string lines_of(const gate::Verdict& verdict) {
  std::string text;
  for (const gate::Evidence& row : verdict.evidence) text += line_of(row);
  return text;
}

std::string case_of(const Subject& subject, const gate::GateVerdict& one) {
  std::string text = "  <testcase classname=\"" + escaped(subject.model) + "\" name=\"" + escaped(one.gate) + "\">\n";
  const std::string rows = lines_of(one.verdict);
  if (one.verdict.outcome == gate::Outcome::Pass) {
    text += "    <system-out>" + escaped(one.verdict.reason) + "\n" + rows + "</system-out>\n";
  } else {
    const std::string tag = one.verdict.outcome == gate::Outcome::Fail ? "failure" : "error";
    text += "    <" + tag + " type=\"" + std::string(gate::name_of(one.verdict.outcome)) + "\" message=\"" +
            escaped(one.verdict.reason) + "\">" + rows + "</" + tag + ">\n";
  }
  return text + "  </testcase>\n";
}

}  // namespace

std::string to_junit(const Subject& subject, const std::vector<gate::GateVerdict>& verdicts) {
  const auto count = [&](gate::Outcome outcome) {
    return std::to_string(
        std::ranges::count_if(verdicts, [&](const gate::GateVerdict& one) { return one.verdict.outcome == outcome; }));
  };
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"slipway validate " +
                     escaped(subject.model) + "\" tests=\"" + std::to_string(verdicts.size()) + "\" failures=\"" +
                     count(gate::Outcome::Fail) + "\" errors=\"" + count(gate::Outcome::Inconclusive) +
                     "\" skipped=\"0\">\n  <properties>\n    <property name=\"digest\" value=\"" +
                     escaped(subject.digest) + "\"/>\n    <property name=\"plan\" value=\"" + escaped(subject.plan) +
                     "\"/>\n  </properties>\n";
  for (const gate::GateVerdict& one : verdicts) text += case_of(subject, one);
  return text + "</testsuite>\n";
}

}  // namespace slipway::gate_report
