// The lists of tests that a plan declares over columns.
#include "adapter/plan_yaml/gate_policies.h"
#include "adapter/plan_yaml/values.h"

namespace slipway::plan_yaml {
namespace {

using yaml::Field;

constexpr std::array<std::string_view, 9> kBehaviourKeys = {"name", "kind",     "where",  "column",   "set",
                                                            "add",  "multiply", "expect", "tolerance"};
constexpr std::array<std::string_view, 5> kRobustnessKeys = {"name", "kind", "columns", "scale", "bound"};
constexpr std::array<std::string_view, 4> kKinds = {"minimum_functionality", "invariance", "rises", "falls"};
constexpr std::array<std::string_view, 4> kDisturbances = {"noise", "missing", "out_of_range", "unseen_category"};

Result<std::map<std::string, std::string>> read_where(const Field& field) {
  std::map<std::string, std::string> rows;
  for (const auto& [column, value] : TRY(field.entries(kMostItems))) rows.emplace(column, TRY(value.text()));
  return rows;
}

Result<ports::ColumnChange> read_change(const Field& field) {
  ports::ColumnChange change;
  TRY(take(field, "column", change.column, name));
  TRY(take(field, "set", change.set, [](const Field& value) { return value.text(); }));
  TRY(take(field, "add", change.add, any_number));
  TRY(take(field, "multiply", change.multiply, any_number));
  if (change.column.empty()) return field.wrong("expected column, the one to change, found none");
  if (change.set.has_value() + change.add.has_value() + change.multiply.has_value() != 1) {
    return field.wrong("expected one of set, add and multiply");
  }
  return change;
}

Result<ports::BehaviourTest> read_behaviour_test(const Field& field) {
  TRY(field.check_keys(kBehaviourKeys));
  ports::BehaviourTest test;
  TRY(take(field, "name", test.name, name));
  if (test.name.empty()) return field.wrong("expected name, found none");
  const auto kind_field = field.find("kind");
  if (!kind_field) return field.wrong("expected kind, found none");
  const std::size_t kind = TRY(one_of(*kind_field, kKinds));
  TRY(take(field, "where", test.where, read_where));
  TRY(take(field, "tolerance", test.tolerance, not_negative));
  TRY(take(field, "expect", test.expect, name));
  test.kind = kind == 0   ? gate::BehaviourKind::MinimumFunctionality
              : kind == 1 ? gate::BehaviourKind::Invariance
                          : gate::BehaviourKind::Directional;
  test.direction = kind == 3 ? ports::Direction::Falls : ports::Direction::Rises;
  if (kind == 0) {
    if (test.expect.empty()) return field.wrong("expected expect, the class or value of these rows, found none");
    if (field.find("column")) return field.wrong("expected no column: nothing is changed for minimum_functionality");
    return test;
  }
  if (!test.expect.empty()) return field.wrong("expected no expect: only minimum_functionality has one");
  test.changes.push_back(TRY(read_change(field)));
  return test;
}

Result<ports::RobustnessTest> read_robustness_test(const Field& field) {
  TRY(field.check_keys(kRobustnessKeys));
  ports::RobustnessTest test;
  const auto kind = field.find("kind");
  if (!kind) return field.wrong("expected kind, found none");
  const std::size_t which = TRY(one_of(*kind, kDisturbances));
  test.kind = static_cast<gate::Disturbance>(which);
  test.name = std::string(kDisturbances[which]);
  if (test.kind == gate::Disturbance::OutOfRange) test.scale = 1;
  TRY(take(field, "name", test.name, name));
  TRY(take(field, "columns", test.columns, names));
  TRY(take(field, "scale", test.scale, not_negative));
  TRY(take(field, "bound", test.bound, not_negative));
  return test;
}

template <class Test, class Read>
Result<std::vector<Test>> read_tests(const Field& field, Read&& read) {
  std::vector<Test> tests;
  for (const Field& item : TRY(field.items(kMostItems))) {
    tests.push_back(TRY(read(item)));
    for (std::size_t i = 0; i + 1 < tests.size(); ++i) {
      if (tests[i].name == tests.back().name) return item.wrong("the name \"" + tests[i].name + "\" is there twice");
    }
  }
  if (tests.empty()) return field.expected("at least one test");
  return tests;
}

}  // namespace

Result<std::vector<ports::BehaviourTest>> read_behaviour_tests(const Field& field) {
  return read_tests<ports::BehaviourTest>(field, read_behaviour_test);
}

Result<std::vector<ports::RobustnessTest>> read_robustness_tests(const Field& field) {
  return read_tests<ports::RobustnessTest>(field, read_robustness_test);
}

}  // namespace slipway::plan_yaml
