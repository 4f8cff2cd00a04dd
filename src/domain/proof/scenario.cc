#include "domain/proof/scenario.h"

#include "domain/proof/scenario_plans.h"

namespace slipway::proof {

std::string slices(int count) {
  std::string text = "slices: [";
  for (int i = 0; i < count; ++i) text += (i > 0 ? ", s" : "s") + std::to_string(i);
  return text + "]\n";
}

std::string ten_metrics() {
  std::string text = slices(20) + plan(kShortRamp, kErrors, kLatency, kRevenue);
  text += "  - {name: error_rate_2, source: errors, tolerance_ratio: 1.1}\n";
  text += "  - {name: latency_2, source: latency, tolerance_ratio: 1.1}\n";
  text += "  - {name: orders, source: amount}\n";
  for (int i = 0; i < 4; ++i) {
    text += "  - {name: value_" + std::to_string(i) + ", source: prediction, column: " + std::to_string(i) +
            (i < 2 ? ", direction: either_way}\n" : "}\n");
  }
  return text;
}

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all = equal_versions();
  for (Scenario& scenario : worse_versions()) all.push_back(std::move(scenario));
  return all;
}

}  // namespace slipway::proof
