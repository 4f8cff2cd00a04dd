#include <gtest/gtest.h>

#include "adapter/package_reader/onnx_check.h"
#include "adapter/package_reader/test_onnx.h"

namespace slipway::package_reader {
namespace {

using test::kFloat;
using test::kInt64;
using test::Proto;
using Labels = std::vector<std::string>;

Proto texts(std::string_view name, const Labels& values) {
  Proto attribute = Proto().text(1, name);
  for (const std::string& value : values) attribute.text(9, value);
  return attribute;
}
Proto numbers(std::string_view name, const std::vector<std::uint64_t>& values) {
  Proto attribute = Proto().text(1, name);
  for (const std::uint64_t value : values) attribute.number(8, value);
  return attribute;
}
Proto node(std::string_view op, const Labels& inputs, const Labels& outputs,
           const std::vector<Proto>& attributes = {}) {
  Proto made;
  for (const std::string& input : inputs) made.text(1, input);
  for (const std::string& output : outputs) made.text(2, output);
  made.text(4, op).text(7, "ai.onnx.ml");
  for (const Proto& attribute : attributes) made.message(5, attribute);
  return made;
}

// The labels of the outputs "class" [-1] and "scores" [-1,columns] of a graph of these nodes.
struct Derived {
  Labels of_class, of_scores;
};
Derived derived(const std::vector<Proto>& nodes, std::int64_t columns = 3) {
  Proto graph;
  for (const Proto& each : nodes) graph.message(1, each);
  graph.text(2, "g").message(11, test::value_info("x", kFloat, {-1, 4}));
  graph.message(12, test::value_info("class", kInt64, {-1}));
  graph.message(12, test::value_info("scores", kFloat, {-1, columns}));
  const std::string file =
      test::onnx_model(graph, Proto().message(8, Proto().text(1, "ai.onnx.ml").number(2, 3))).bytes();
  const auto model = check_onnx(as_bytes(file), "model.onnx", {});
  EXPECT_TRUE(model.ok()) << model.error().message;
  return {model->outputs[0].spec.labels, model->outputs[1].spec.labels};
}

const Labels kFlowers = {"rose", "tulip", "lily"};
const Labels kDigits = {"0", "1", "2"};

TEST(OnnxLabels, names_of_classes_stand_over_their_scores) {
  for (const std::string op : {"TreeEnsembleClassifier", "LinearClassifier", "SVMClassifier"}) {
    const Derived found = derived({node(op, {"x"}, {"class", "scores"}, {texts("classlabels_strings", kFlowers)})});
    EXPECT_EQ(found.of_scores, kFlowers) << op;
    EXPECT_EQ(found.of_class, Labels()) << op;
  }
}

TEST(OnnxLabels, numbers_of_classes_from_zero_on_label_both_outputs) {
  for (const std::string name : {"classlabels_int64s", "classlabels_ints"}) {
    const Derived found = derived({node("LinearClassifier", {"x"}, {"class", "scores"}, {numbers(name, {0, 1, 2})})});
    EXPECT_EQ(found.of_scores, kDigits);
    EXPECT_EQ(found.of_class, kDigits);
  }
  const Proto packed = Proto().text(1, "classlabels_ints").text(8, std::string("\0\1\2", 3));
  EXPECT_EQ(derived({node("LinearClassifier", {"x"}, {"class", "scores"}, {packed})}).of_scores, kDigits);
}

TEST(OnnxLabels, other_numbers_of_classes_label_the_scores_only) {
  const Derived found = derived({node("TreeEnsembleClassifier", {"x"}, {"class", "scores"},
                                      {numbers("classlabels_int64s", {3, 5, static_cast<std::uint64_t>(-7)})})});
  EXPECT_EQ(found.of_scores, Labels({"3", "5", "-7"}));
  EXPECT_EQ(found.of_class, Labels());
}

TEST(OnnxLabels, classes_are_followed_through_what_keeps_them_in_place) {
  const Derived found =
      derived({node("LinearClassifier", {"x"}, {"raw class", "raw"}, {numbers("classlabels_ints", {0, 1, 2})}),
               node("Normalizer", {"raw"}, {"normalized"}), node("Cast", {"normalized"}, {"scores"}),
               node("Cast", {"raw class"}, {"class"})});
  EXPECT_EQ(found.of_scores, kDigits);
  EXPECT_EQ(found.of_class, kDigits);
}

TEST(OnnxLabels, what_may_move_or_merge_classes_ends_the_search) {
  const Proto classifier =
      node("LinearClassifier", {"x"}, {"raw class", "raw"}, {texts("classlabels_strings", kFlowers)});
  EXPECT_EQ(derived({classifier, node("Gather", {"raw"}, {"scores"})}).of_scores, Labels());
  EXPECT_EQ(derived({classifier, node("Identity", {"scores"}, {"scores"})}).of_scores, Labels());
}

TEST(OnnxLabels, what_is_not_clear_stays_without_labels) {
  const auto of = [](const std::vector<Proto>& attributes, std::int64_t columns = 3) {
    return derived({node("LinearClassifier", {"x"}, {"class", "scores"}, attributes)}, columns).of_scores;
  };
  EXPECT_EQ(of({}), Labels());
  EXPECT_EQ(of({texts("classlabels_strings", kFlowers)}, 1), Labels());
  EXPECT_EQ(of({texts("classlabels_strings", kFlowers)}, 2), Labels());
  EXPECT_EQ(of({texts("classlabels_strings", {"a", "b", "a"})}), Labels());
  EXPECT_EQ(of({texts("classlabels_strings", {"a", "b", ""})}), Labels());
  EXPECT_EQ(of({texts("classlabels_strings", {"a", "b", "\n"})}), Labels());
  EXPECT_EQ(of({texts("classlabels_strings", {"a", "b", "\xff"})}), Labels());
  EXPECT_EQ(of({texts("classlabels_strings", kFlowers), numbers("classlabels_ints", {0, 1, 2})}), Labels());
}

TEST(OnnxLabels, more_than_a_manifest_could_hold_are_left_out) {
  const auto of = [](std::size_t classes) {
    std::vector<std::uint64_t> all(classes);
    for (std::size_t i = 0; i < classes; ++i) all[i] = i;
    return derived({node("LinearClassifier", {"x"}, {"class", "scores"}, {numbers("classlabels_ints", all)})},
                   static_cast<std::int64_t>(classes));
  };
  EXPECT_EQ(of(10'000).of_scores.size(), 10'000U);
  EXPECT_EQ(of(60'000).of_class, Labels());
  EXPECT_EQ(of(60'000).of_scores, Labels());
}

}  // namespace
}  // namespace slipway::package_reader
