#include "adapter/api_oip/oip_fixture.h"

namespace slipway::api_oip {
namespace {

class InferRefusal : public OipFixture {};

struct Row {
  std::string_view what, body;
  int status;
  std::string_view error;  // part of the text; empty for 200
};

// The rows of reference "answers to odd and bad requests" that the body decides.
const Row kRows[] = {
    {"empty body", "", 400, "expected an object, found the end of the text at $, byte 0"},
    {"malformed", "{\"inputs\":[", 400, "expected a value or ']' at $.inputs[0], byte 11"},
    {"trailing garbage", R"({"inputs":[]} x)", 400, "found more at $, byte 14"},
    {"array", "[]", 400, "expected an object, found an array"},
    {"null", "null", 400, "expected an object, found null"},
    {"no inputs", "{}", 400, "expected the key \\\"inputs\\\""},
    {"inputs empty", R"({"inputs":[]})", 400, "input \\\"input\\\" is missing"},
    {"inputs an object", R"({"inputs":{}})", 400, "expected an array, found an object at $.inputs, byte 10"},
    {"input a number", R"({"inputs":[1]})", 400, "expected an object, found the number 1 at $.inputs[0]"},
    {"inputs twice", R"({"inputs":[],"inputs":[]})", 400, "expected the key \\\"inputs\\\" once"},
    {"missing name", R"({"inputs":[{"shape":[1,3],"datatype":"FP32","data":[1,2,3]}]})", 400, "key \\\"name\\\""},
    {"missing shape", R"({"inputs":[{"name":"input","datatype":"FP32","data":[1,2,3]}]})", 400, "key \\\"shape\\\""},
    {"missing datatype", R"({"inputs":[{"name":"input","shape":[1,3],"data":[1,2,3]}]})", 400, "\\\"datatype\\\""},
    {"missing data", R"({"inputs":[{"name":"input","shape":[1,3],"datatype":"FP32"}]})", 400, "key \\\"data\\\""},
    {"wrong datatype", R"({"inputs":[{"name":"input","shape":[1,3],"datatype":"FP64","data":[1,2,3]}]})", 400,
     "expected datatype FP32, found FP64"},
    {"int datatype, float data", R"({"inputs":[{"name":"input","shape":[1,3],"datatype":"INT32","data":[1.5,2,3]}]})",
     400,
     "input \\\"input\\\": expected a whole number without point and exponent for INT32, found 1.5 at "
     "$.inputs[0].data[0]"},
    {"unknown datatype", R"({"inputs":[{"name":"input","shape":[1,3],"datatype":"FOO","data":[1,2,3]}]})", 400,
     "found \\\"FOO\\\" at $.inputs[0].datatype"},
    {"lower-case datatype", R"({"inputs":[{"name":"input","shape":[1,3],"datatype":"fp32","data":[1,2,3]}]})", 400,
     "found \\\"fp32\\\""},
    {"datatype a number", R"({"inputs":[{"name":"input","shape":[1,3],"datatype":1,"data":[1,2,3]}]})", 400,
     "expected a string, found the number 1"},
    {"name a number", R"({"inputs":[{"name":1,"shape":[1,3],"datatype":"FP32","data":[1,2,3]}]})", 400, "a string"},
    {"wrong name", R"({"inputs":[{"name":"in","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]})", 400,
     "unknown input \\\"in\\\""},
    {"id a number", R"({"id":1,"inputs":[]})", 400, "expected a string, found the number 1 at $.id, byte 6"},
    {"parameter an object", R"({"parameters":{"x":{}},"inputs":[]})", 400, "expected a string, number or boolean"},
    {"timeout a string", R"({"parameters":{"timeout":"1"},"inputs":[]})", 400, "expected a number, found a string"},
    {"timeout negative", R"({"parameters":{"timeout":-1},"inputs":[]})", 400,
     "expected a whole number from 0, found -1"},
    {"shared memory", R"({"inputs":[{"name":"input","parameters":{"shared_memory_region":"r"}}]})", 400,
     "shared memory is not supported"},
    {"outputs a string", R"({"outputs":"x","inputs":[]})", 400, "expected an array, found a string"},
    {"output without name", R"({"outputs":[{}],"inputs":[]})", 400, "key \\\"name\\\""},
    {"output twice", R"({"outputs":[{"name":"a"},{"name":"a"}],"inputs":[]})", 400, "once, found it again"},
};

TEST_F(InferRefusal, bodies_that_are_not_requests_are_told_where) {
  for (const Row& row : kRows) {
    const auto& exchange = infer(std::string(row.body));
    EXPECT_EQ(exchange.status, row.status) << row.what;
    EXPECT_NE(exchange.answer.find(row.error), std::string::npos) << row.what << ": " << exchange.answer;
    EXPECT_EQ(exchange.answers, 1) << row.what;
  }
}

TEST_F(InferRefusal, shapes_and_data_that_do_not_fit_are_told) {
  struct Case {
    std::string_view shape, data, error;
  };
  for (const Case& row : std::initializer_list<Case>{
           {"[1,4]", "[1,2,3,4]", "dimension 1 must be 3"},
           {"[1,4]", "[1,2,3]", "expected 4 elements for shape [1,4], found 3 at $.inputs[0].data"},
           {"[1,3]", "[1,2]", "expected 3 elements for shape [1,3], found 2"},
           {"[1,3]", "[1,2,3,4]", "expected 3 elements for shape [1,3], found 4"},
           {"[3]", "[1,2,3]", "expected shape [-1,3] of 2 dimensions, found [3]"},
           {"[1,1,3]", "[1,2,3]", "of 2 dimensions"},
           {"[0,3]", "[]", "at least one row"},
           {"[65,3]", "[]", "expected 195 elements"},
           {"[-1,3]", "[1,2,3]", "found -1 at $.inputs[0].shape[0]"},
           {"[1.5,3]", "[1,2,3]", "found 1.5"},
           {"[\"1\",3]", "[1,2,3]", "expected a number, found a string at $.inputs[0].shape[0]"},
           {"[]", "[1]", "of 2 dimensions, found []"},
           {"3", "[1,2,3]", "expected an array, found the number 3 at $.inputs[0].shape"},
           {"[1099511627776,3]", "[1,2,3]", "too short"},
           {"[9223372036854775807,3]", "[1,2,3]", "less than 2^63"},
           {"[1,3]", "[[1,2],[3]]", "along dimension 1"},
           {"[1,3]", "[\"1\",2,3]", "expected a number, found a string at $.inputs[0].data[0]"},
           {"[1,3]", "[1,null,3]", "found null at $.inputs[0].data[1]"},
           {"[1,3]", "[1,true,3]", "found a boolean"},
           {"[1,3]", "{}", "expected an array, found an object"},
           {"[1,3]", "1", "expected an array, found the number 1"},
           {"[1,3]", "[1,2,1e400]", "found 1e400 at $.inputs[0].data[2]"},
       }) {
    const auto& exchange = infer(request(row.data, row.shape));
    EXPECT_EQ(exchange.status, 400) << row.shape << row.data;
    EXPECT_NE(exchange.answer.find(row.error), std::string::npos) << exchange.answer;
  }
}

TEST_F(InferRefusal, bombs_are_refused_in_time_linear_in_their_size) {
  EXPECT_EQ(infer(std::string(200'000, '[')).status, 400);
  EXPECT_EQ(infer("{\"x\":" + std::string(200'000, '[')).status, 400);
  EXPECT_EQ(infer(request("[1,2," + std::string(1'000'000, '9') + "]")).status, 400);
  EXPECT_EQ(infer(request("[1,2,0." + std::string(1'000'000, '9') + "]")).status, 200);
  std::string keys = "{";
  for (int i = 0; i < 100'000; ++i) keys += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(infer(keys + "\"inputs\":[]}").status, 400);
  std::string inputs;
  for (int i = 0; i < 2000; ++i) inputs += R"({"name":"x","shape":[0],"datatype":"FP32","data":[]},)";
  inputs.pop_back();
  EXPECT_NE(infer("{\"inputs\":[" + inputs + "]}").answer.find("at most 1024 inputs"), std::string::npos);
}

TEST_F(InferRefusal, an_input_given_twice_or_in_excess_is_named) {
  const std::string one = R"({"name":"input","shape":[1,3],"datatype":"FP32","data":[1,2,3]})";
  EXPECT_NE(infer("{\"inputs\":[" + one + "," + one + "]}").answer.find("is given twice"), std::string::npos);
  EXPECT_NE(infer(R"({"inputs":[)" + one + R"(,{"name":"more","shape":[1],"datatype":"FP32","data":[1]}]})")
                .answer.find("unknown input \\\"more\\\""),
            std::string::npos);
}

TEST_F(InferRefusal, what_triton_accepts_is_accepted) {
  const std::string usual = request("[1,2,3]");
  EXPECT_EQ(infer("\xEF\xBB\xBF" + usual).status, 200);
  EXPECT_EQ(infer(request("[1,2,3]", "[1,3]", R"(,"unknown":{"a":[null]})")).status, 200);
  EXPECT_EQ(infer(request("[1,2,1e39]")).status, 200);
}

TEST_F(InferRefusal, unknown_models_and_outputs_are_told) {
  EXPECT_EQ(infer(request("[1,2,3]"), "nobody").status, 404);
  EXPECT_NE(infer(request("[1,2,3]", "[1,3]", R"(,"outputs":[{"name":"none"}])")).answer.find("unknown output"),
            std::string::npos);
}

}  // namespace
}  // namespace slipway::api_oip
