#include <cmath>
#include <cstdio>

#include "adapter/gate_report/gate_report.h"
#include "base/text.h"

namespace slipway::gate_report {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// JSON has no NaN and no infinity.
std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

std::string row_of(const gate::Evidence& row) {
  std::string text = "{\"subject\": " + quoted(row.subject) + ", \"outcome\": " + quoted(gate::name_of(row.outcome));
  if (row.found) text += ", \"found\": " + number(*row.found);
  if (row.interval) text += ", \"interval\": [" + number(row.interval->low) + ", " + number(row.interval->high) + "]";
  if (row.limit) text += ", \"limit\": " + number(*row.limit);
  if (row.reference) text += ", \"reference\": " + number(*row.reference);
  text += ", \"count\": " + std::to_string(row.count);
  if (!row.detail.empty()) text += ", \"detail\": " + quoted(row.detail);
  return text + "}";
}

template <class Item, class Write>
std::string list_of(const std::vector<Item>& items, Write&& write) {
  std::string text;
  for (const Item& item : items) text += (text.empty() ? "" : ",\n  ") + write(item);
  return "[" + text + "]";
}

}  // namespace

std::string to_json(const Subject& subject, const std::vector<gate::GateVerdict>& verdicts, gate::Outcome outcome,
                    const std::vector<ports::SandboxLayer>& sandbox) {
  std::string text = "{\"model\": " + quoted(subject.model) + ", \"digest\": " + quoted(subject.digest) +
                     ", \"plan\": " + quoted(subject.plan);
  if (!subject.data.empty()) text += ", \"data\": " + quoted(subject.data);
  text += ",\n \"outcome\": " + quoted(gate::name_of(outcome)) + ",\n \"gates\": ";
  text += list_of(verdicts, [](const gate::GateVerdict& one) {
    return "{\"gate\": " + quoted(one.gate) + ", \"outcome\": " + quoted(gate::name_of(one.verdict.outcome)) +
           ", \"reason\": " + quoted(one.verdict.reason) + ", \"evidence\": " + list_of(one.verdict.evidence, row_of) +
           "}";
  });
  text += ",\n \"sandbox\": " + list_of(sandbox, [](const ports::SandboxLayer& layer) {
            return "{\"name\": " + quoted(layer.name) + ", \"missing\": " + quoted(layer.missing) + "}";
          });
  return text + "}\n";
}

}  // namespace slipway::gate_report
