// What became known of predictions, over HTTP.
#include <gmock/gmock.h>

#include "admin/admin_house.h"

namespace slipway::admin_scenarios {
namespace {

using testing::HasSubstr;

const std::string kFeedback = "/api/v1/feedback";
const std::string kPrediction = "/api/v1/predictions/{request}";

class FeedbackOverHttp : public AdminHouse {
 protected:
  void SetUp() override {
    AdminHouse::SetUp();
    ASSERT_TRUE(predictions.introduce(*model::ModelName::parse("fraud")).ok());
    ports::PredictionRecord record;
    record.request = model::RequestKey::of("r1");
    record.model = model::hash_of("fraud");
    record.version = 7;
    record.draw = {model::unit_of(model::assignment_salt("production", "fraud"), "customer-1"), 3, 0.25,
                   model::AssignedBy::Unit};
    record.value_count = 2;
    record.values = {1, 0.5F, 0, 0};
    record.rows = 1;
    record.latency = std::chrono::microseconds(250);
    record.at = clock.wall_now();
    ASSERT_TRUE(predictions.append(std::span<const ports::PredictionRecord>(&record, 1)).ok());
  }
  Answered give(const std::string& body) { return post(kFeedback, {}, body); }
};

TEST_F(FeedbackOverHttp, an_outcome_is_taken_once) {
  const auto first = give(R"({"request_id":"r1","kind":"label","value":1})");
  EXPECT_EQ(first.status, 200);
  EXPECT_THAT(first.body, HasSubstr(R"("result":"joined","model":"fraud","version":7,"request_id":"r1")"));
  EXPECT_THAT(give(R"({"request_id":"r1","kind":"label","value":1})").body, HasSubstr(R"("result":"known")"));
  EXPECT_EQ(give(R"({"request_id":"r1","kind":"label","value":0})").status, 409);
  EXPECT_EQ(predictions.read({}, 10)->outcomes.size(), 1U);
}

TEST_F(FeedbackOverHttp, each_of_several_stands_for_itself) {
  const auto answer =
      give(R"({"outcomes":[{"model":"fraud","unit":"customer-1","kind":"reward","value":2.5},)"
           R"({"request_id":"r9","kind":"label","value":1},{"request_id":"r1","kind":"size","value":1},)"
           R"({"request_id":"r1","kind":"reward","value":2.5}]})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("result":"refused","code":"NotFound","error":"request \"r9\")"));
  EXPECT_THAT(answer.body, HasSubstr("kind: expected label, reward, conversion or cost, found size"));
  EXPECT_THAT(answer.body, HasSubstr(R"("joined":1,"known":1,"refused":2)"));
}

TEST_F(FeedbackOverHttp, what_cannot_be_an_outcome_is_refused_by_name) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"request_id":"r1","value":1})", "kind: expected label"},
      {R"({"request_id":"r1","kind":"label"})", "value: expected a number, found none"},
      {R"({"request_id":"r1","kind":"label","value":"1"})", "value: expected a number"},
      {R"({"request_id":"r1","kind":"label","value":NaN})", "expected a JSON object, found a parse error at line 1"},
      {R"({"request_id":"r1","kind":"label","value":1e999})", "expected a JSON object"},
      {R"({"request_id":"r1","kind":"label","value":1,"at":"yesterday"})", "expected a time such as"},
      {R"({"request_id":"r1","kind":"label","value":1,"colour":"blue"})", "colour"},
      {R"({"outcomes":[],"value":1})", "expected outcomes alone, found value beside it"},
      {R"({"kind":"label","value":1})", "expected request_id, or model and unit, found neither"},
  };
  for (const auto& [body, expected] : rows) {
    const auto answer = give(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr(expected)) << body;
  }
  EXPECT_EQ(give(R"({"request_id":"r9","kind":"label","value":1})").status, 404);
}

TEST_F(FeedbackOverHttp, what_is_recorded_of_a_request_is_shown) {
  const auto answer = get(kPrediction, {"r1"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("model":"fraud","version":7)"));
  EXPECT_THAT(answer.body,
              HasSubstr(R"("status":"ok","latency_ms":0.25,"rows":1,"assigned_by":"unit","probability":0.25,)"
                        R"("revision":3,"values":[1,0.5]})"));
  EXPECT_EQ(get(kPrediction, {"r9"}).status, 404);
}

}  // namespace
}  // namespace slipway::admin_scenarios
