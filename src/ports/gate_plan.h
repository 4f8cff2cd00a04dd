// GatePlan: what a version of a model has to pass, and what is measured for it. Adapter of its reader: plan_yaml.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "domain/gate/measurements.h"
#include "domain/gate/plan.h"

namespace slipway::ports {

// How evaluation data and a model's answers belong together.
struct EvaluationRules {
  std::optional<Digest> dataset;  // the evaluation data, registered with the server; none: given by who validates
  gate::Task task = gate::Task::Classification;
  std::string label = "label";       // the column with the truth
  std::string output;                // whose values are looked at; empty: the one that fits the task
  std::vector<std::string> classes;  // in the order of the output's columns; empty: the output's labels, else 0, 1, ...
};

// One change of one column; numbers are changed by arithmetic, any column may be set.
struct ColumnChange {
  std::string column;
  std::optional<std::string> set;
  std::optional<double> add;
  std::optional<double> multiply;
};

// What has to come of it. MinimumFunctionality: rows that hold `where` have the class or value `expect`, without a
// change. Invariance: after the change the answer stays within `tolerance`. Directional: it does not fall (or rise).
enum class Direction : std::uint8_t { Rises, Falls };
struct BehaviourTest {
  std::string name;
  gate::BehaviourKind kind = gate::BehaviourKind::Invariance;
  std::map<std::string, std::string> where;  // only rows with these texts in these columns
  std::vector<ColumnChange> changes;
  std::string expect;  // MinimumFunctionality
  Direction direction = Direction::Rises;
  double tolerance = 0;  // of the answer's value, or of the positive class's probability
};

struct RobustnessTest {
  std::string name;
  gate::Disturbance kind = gate::Disturbance::Noise;
  std::vector<std::string> columns;  // empty: every one it can be done to
  double scale = 0.01;               // Noise: standard deviation, in those of the column; OutOfRange: ranges beyond
  double bound = 0.1;                // how far an answer may move
};

// A value. `gates` says what is asked, the rest what is measured for it.
struct GatePlan {
  gate::Plan gates;
  EvaluationRules data;
  std::vector<std::uint64_t> latency_rows;  // the batch sizes of the latency budgets
  std::vector<std::string> slices_by;       // columns; each of their values is a slice
  std::vector<std::string> fairness_by;     // columns; each of their values is a group
  std::vector<BehaviourTest> behaviour;
  std::vector<RobustnessTest> robustness;
  // With the evaluation data's columns: a file beside the plan, or the "sha256:..." of a registered data set; empty:
  // none.
  std::string regression_cases;
};

// Any thread.
class GatePlanReader {
 public:
  virtual ~GatePlanReader() = default;
  // The plan of `model` in the text of a plan file; `name` stands in messages. InvalidInput names file, line, column,
  // key, what was expected and what was found. NotFound: the file has no plan for this model.
  virtual Result<GatePlan> read(std::string_view yaml, std::string_view name, std::string_view model) = 0;
};

}  // namespace slipway::ports
