#include "adapter/package_reader/onnx_check.h"

#include <gtest/gtest.h>

#include "adapter/package_reader/test_onnx.h"

namespace slipway::package_reader {
namespace {

using test::graph;
using test::node;
using test::onnx_model;
using test::Proto;
using test::value_info;

Result<OnnxModel> check(const Proto& model, const OnnxLimits& limits = {}) {
  return check_onnx(as_bytes(model.bytes()), "model.onnx", {}, limits);
}

std::string refusal(const Proto& model, const OnnxLimits& limits = {}) {
  const auto checked = check(model, limits);
  return checked.ok() ? "accepted" : checked.error().message;
}

Proto interface(const Proto& input, const Proto& output) {
  return onnx_model(Proto().message(1, node("Identity")).message(11, input).message(12, output));
}

Proto with_output_type(const Proto& type) {
  return interface(value_info("x", test::kFloat, {-1}), Proto().text(1, "y").message(2, type));
}

TEST(OnnxCheck, inputs_and_outputs_give_the_signature) {
  const auto model = check(interface(value_info("x", 7, {-1, 3, 8}), value_info("y", 10, {})));
  ASSERT_TRUE(model.ok()) << model.error().message;
  ASSERT_EQ(model->inputs.size(), 1U);
  EXPECT_EQ(model->inputs[0].spec.name, "x");
  EXPECT_EQ(model->inputs[0].spec.datatype, tensor::DataType::Int64);
  EXPECT_EQ(model->inputs[0].spec.shape, (tensor::Shape{-1, 3, 8}));
  EXPECT_EQ(model->outputs[0].spec.datatype, tensor::DataType::FP16);
  EXPECT_EQ(model->outputs[0].spec.shape, tensor::Shape{});
}

TEST(OnnxCheck, inputs_that_are_initializers_are_none) {
  const Proto rest =
      Proto().message(11, value_info("w", test::kFloat, {4})).message(5, test::inline_tensor("w", test::kFloat, 4));
  const auto model = check(onnx_model(graph(rest)));
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->inputs.size(), 1U);
}

TEST(OnnxCheck, a_tensor_without_shape_has_an_unknown_rank) {
  const Proto type = Proto().message(1, Proto().number(1, 1));
  const auto model = check(with_output_type(type));
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_FALSE(model->outputs[0].rank_is_known);
}

TEST(OnnxCheck, other_files_are_no_models) {
  EXPECT_NE(refusal(Proto().raw("\x89PNG\r\n")), "accepted");
  EXPECT_NE(refusal(Proto().raw("hello, this is text")), "accepted");
  EXPECT_NE(refusal(Proto()), "accepted");
  EXPECT_EQ(refusal(Proto().number(1, 8)),
            "model.onnx: it is no ONNX model: expected a ModelProto with ir_version and graph");
}

TEST(OnnxCheck, a_model_that_is_cut_off_anywhere_is_refused) {
  const std::string whole = onnx_model(graph(Proto().message(5, test::inline_tensor("w", test::kFloat, 4)))).bytes();
  ASSERT_TRUE(check_onnx(as_bytes(whole), "m", {}).ok());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(check_onnx(as_bytes(std::string_view(whole).substr(0, length)), "m", {}).ok()) << length;
  }
}

TEST(OnnxCheck, operators_of_unknown_domains_are_refused) {
  EXPECT_EQ(
      refusal(onnx_model(graph(Proto().message(1, node("Run", "my.domain"))))),
      "model.onnx: node \"n\" (Run): the operator is of the domain \"my.domain\"; known are ai.onnx, ai.onnx.ml and "
      "com.microsoft, and functions of the model itself");
  EXPECT_NE(refusal(onnx_model(graph(), Proto().message(8, Proto().text(1, "my.domain")))), "accepted");
  EXPECT_NE(refusal(onnx_model(graph(Proto().message(1, node("Adagrad", "ai.onnx.preview.training"))))), "accepted");
}

TEST(OnnxCheck, operators_of_known_domains_are_accepted) {
  for (const std::string_view domain : {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}) {
    EXPECT_EQ(refusal(onnx_model(graph(Proto().message(1, node("Something", domain))))), "accepted") << domain;
  }
}

TEST(OnnxCheck, operators_that_carry_code_are_refused_in_every_domain) {
  for (const std::string_view type : {"EPContext", "PyOp", "PythonOp", "ATen"}) {
    EXPECT_NE(refusal(onnx_model(graph(Proto().message(1, node(type, "com.microsoft"))))), "accepted") << type;
    EXPECT_NE(refusal(onnx_model(graph(Proto().message(1, node(type))))), "accepted") << type;
  }
}

Proto function(std::string_view name, const std::vector<Proto>& nodes) {
  Proto proto = Proto().text(1, name).text(10, "local");
  for (const Proto& each : nodes) proto.message(7, each);
  return proto;
}

TEST(OnnxCheck, functions_of_the_model_give_their_domain) {
  const Proto functions = Proto().message(25, function("f", {node("Add")})).message(8, Proto().text(1, "local"));
  EXPECT_EQ(refusal(onnx_model(graph(Proto().message(1, node("f", "local"))), functions)), "accepted");
  EXPECT_NE(refusal(onnx_model(graph(Proto().message(1, node("g", "local"))), functions)), "accepted");
}

TEST(OnnxCheck, functions_that_call_themselves_are_refused) {
  const Proto functions =
      Proto().message(25, function("f", {node("g", "local")})).message(25, function("g", {node("f", "local")}));
  EXPECT_EQ(refusal(onnx_model(graph(Proto().message(1, node("f", "local"))), functions)),
            "model.onnx: functions call each other more than 32 levels deep");
}

TEST(OnnxCheck, functions_that_unfold_without_end_are_refused) {
  Proto functions;
  for (int i = 0; i < 25; ++i) {
    const Proto call = node("f" + std::to_string(i + 1), "local");
    functions.message(25, function("f" + std::to_string(i), {call, call}));
  }
  functions.message(25, function("f25", {node("Add")}));
  EXPECT_EQ(refusal(onnx_model(graph(Proto().message(1, node("f0", "local"))), functions)),
            "model.onnx: expected at most 1000000 nodes with every function put in place, found more");
}

TEST(OnnxCheck, nodes_and_depth_are_bounded) {
  Proto branch = graph();
  for (int i = 0; i < 40; ++i) {
    branch = graph(Proto().message(1, node("If", "", {Proto().text(1, "then_branch").message(6, branch)})));
  }
  EXPECT_NE(refusal(onnx_model(branch)).find("32 levels of sub-graphs"), std::string::npos);
  Proto nodes;
  for (int i = 0; i < 5; ++i) nodes.message(1, node("Add"));
  EXPECT_EQ(refusal(onnx_model(graph(nodes)), {.nodes = 5}), "model.onnx: expected at most 5 nodes, found more");
  EXPECT_NE(refusal(onnx_model(graph()), {.size = {10}}), "accepted");
}

TEST(OnnxCheck, outputs_that_are_no_tensors_are_refused_with_advice) {
  const std::string sequence = refusal(with_output_type(Proto().message(4, Proto())));
  EXPECT_EQ(
      sequence,
      "model.onnx: output \"y\": it is a sequence, expected a tensor; export classifiers without ZipMap (skl2onnx: "
      "options={'zipmap': False}; onnxmltools: zipmap=False)");
  EXPECT_NE(refusal(with_output_type(Proto().message(5, Proto()))).find("a map"), std::string::npos);
  EXPECT_NE(refusal(with_output_type(Proto().message(9, Proto()))).find("an optional type"), std::string::npos);
  EXPECT_NE(refusal(with_output_type(Proto())).find("no type"), std::string::npos);
}

TEST(OnnxCheck, element_types_outside_the_protocol_are_refused) {
  EXPECT_EQ(
      refusal(interface(value_info("x", 14, {-1}), value_info("y", 1, {-1}))),
      "model.onnx: input \"x\": its elements are complex64, which the Open Inference Protocol cannot carry; add a "
      "Cast to the model");
}

TEST(OnnxCheck, nine_dimensions_are_refused) {
  EXPECT_EQ(refusal(interface(value_info("x", 1, {-1, 1, 1, 1, 1, 1, 1, 1, 1}), value_info("y", 1, {-1}))),
            "model.onnx: input \"x\": it has 9 dimensions, expected at most 8");
}

TEST(OnnxCheck, fields_protobuf_would_merge_are_refused) {
  EXPECT_NE(refusal(onnx_model(graph(), Proto().message(7, graph()))), "accepted");
  const Proto hidden = test::external_tensor("w", 1, 4, {{"location", "/etc/passwd"}});
  const Proto twice = Proto().text(1, "value").message(5, test::inline_tensor("w", 1, 4)).message(5, hidden);
  EXPECT_NE(refusal(onnx_model(graph(Proto().message(1, node("Constant", "", {twice}))))), "accepted");
  EXPECT_NE(refusal(interface(value_info("x", 1, {-1}).text(1, "z"), value_info("y", 1, {-1}))), "accepted");
}

TEST(OnnxCheck, tensors_hold_as_much_as_their_shape_says) {
  const auto initializer = [](const Proto& tensor) { return refusal(onnx_model(graph(Proto().message(5, tensor)))); };
  EXPECT_EQ(initializer(Proto().number(1, 4).number(2, 1).text(8, "w").text(9, "1234")),
            "model.onnx: tensor \"w\": expected 16 bytes of data, found 4");
  EXPECT_NE(initializer(Proto().number(1, UINT64_MAX).number(2, 1)), "accepted");
  EXPECT_NE(initializer(Proto().number(1, 1ULL << 40).number(1, 1ULL << 40).number(2, 1)), "accepted");
  EXPECT_NE(initializer(Proto().number(1, 1000).number(2, 1).text(4, "1234")), "accepted");
  EXPECT_NE(initializer(Proto().number(1, 1).number(2, 99).text(9, "1")), "accepted");
  EXPECT_NE(initializer(Proto().number(1, 2).number(2, 8).text(6, "one")), "accepted");
  EXPECT_EQ(initializer(Proto().text(1, "\x02\x02").number(2, 1).text(4, std::string(16, 'f'))), "accepted");
  EXPECT_EQ(initializer(Proto().number(1, 3).number(2, 22).text(9, "ab")), "accepted");
}

TEST(OnnxCheck, an_old_ir_version_and_a_missing_opset_are_told) {
  EXPECT_NE(refusal(Proto().number(1, 2).message(7, graph()).message(8, Proto())).find("ir_version 3 or newer"),
            std::string::npos);
  EXPECT_NE(refusal(Proto().number(1, 8).message(7, graph())).find("opset_import"), std::string::npos);
}

TEST(OnnxCheck, names_that_are_missing_or_twice_are_refused) {
  EXPECT_NE(refusal(interface(value_info("", 1, {-1}), value_info("y", 1, {-1}))), "accepted");
  EXPECT_NE(refusal(onnx_model(graph(Proto().message(11, value_info("x", 1, {-1}))))), "accepted");
  EXPECT_NE(refusal(interface(value_info("a\nb", 1, {-1}), value_info("y", 1, {-1}))), "accepted");
}

}  // namespace
}  // namespace slipway::package_reader
