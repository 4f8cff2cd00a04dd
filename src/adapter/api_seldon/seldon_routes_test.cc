// Seldon's feedback: what it joins, and what it refuses and how.
#include "adapter/api_seldon/seldon_routes.h"

#include <gmock/gmock.h>

#include "adapter/log_memory/memory_prediction_log.h"

namespace slipway::api_seldon {
namespace {

using ports::OutcomeRecord;
using testing::HasSubstr;
using testing::Not;

class Asked final : public net::BlockingRequest {
 public:
  Asked(std::string deployment, std::string body, const access::Principal& who)
      : deployment_(std::move(deployment)), body_(std::move(body)), who_(who) {}
  net::Method method() const override { return net::Method::Post; }
  std::string_view path() const override { return "/api/v1.0/feedback"; }
  std::string_view query(std::string_view) const override { return ""; }
  std::string_view header(std::string_view) const override { return ""; }
  std::string_view parameter(std::size_t index) const override {
    return index == 1 ? std::string_view(deployment_) : "shop";
  }
  const access::Principal& principal() const override { return who_; }
  std::string_view request_id() const override { return "0123456789abcdef"; }
  Result<std::size_t> read_body(MutableByteSpan) override { return std::size_t{0}; }
  Result<std::string> read_all(Bytes) override { return body_; }

 private:
  const std::string deployment_, body_;
  const access::Principal& who_;
};

class SeldonFeedback : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(predictions_.introduce(*model::ModelName::parse("fraud")).ok());
    ports::PredictionRecord record;
    record.request = model::RequestKey::of("r1");
    record.model = model::hash_of("fraud");
    record.version = 7;
    record.draw = {0, 3, 0.25, model::AssignedBy::Unit};
    record.at = clock_.wall_now();
    ASSERT_TRUE(predictions_.append(std::span<const ports::PredictionRecord>(&record, 1)).ok());
  }
  net::Reply give(const std::string& body, const std::string& deployment = "") {
    Asked request(deployment, body, who_);
    return std::get<net::BlockingHandler>(routes_[deployment.empty() ? 0 : 1].handler)(request);
  }
  std::vector<OutcomeRecord> outcomes() { return predictions_.read({}, 10)->outcomes; }

  ManualClock clock_;
  log_memory::MemoryPredictionLog predictions_;
  feedback::Feedback feedback_{{predictions_, clock_, "production", std::chrono::hours(48), nullptr}};
  access::Principal who_{.name = "eva"};
  std::vector<net::Route> routes_ = seldon_routes(&feedback_);
};

TEST_F(SeldonFeedback, a_reward_is_joined_to_the_arm_that_answered_and_known_when_it_comes_again) {
  const std::string body = R"({"request":{"data":{"names":["a"],"ndarray":[[1,2]]},"meta":{"tags":{"x":1}}},
    "response":{"meta":{"puid":"r1","routing":{"eg-router":1}},"data":{"ndarray":[[0.9]]}},"reward":0.5})";
  const auto first = give(body);
  EXPECT_EQ(first.status, 200);
  EXPECT_THAT(first.body, HasSubstr(R"({"meta":{"puid":"r1","tags":{"result":"joined","model":"fraud","version":7}})"));
  EXPECT_THAT(give(body).body, HasSubstr(R"("result":"known")"));
  ASSERT_EQ(outcomes().size(), 1U);
  EXPECT_EQ(outcomes()[0].kind, OutcomeRecord::Kind::Reward);
  EXPECT_EQ(outcomes()[0].value, 0.5);
  EXPECT_EQ(outcomes()[0].version, 7U);
}

TEST_F(SeldonFeedback, the_truth_is_a_label_in_each_of_its_forms) {
  for (const char* truth :
       {R"({"data":{"ndarray":[[1]]}})", R"({"data":{"tensor":{"shape":[1,1],"values":[1]}}})", R"({"jsonData":1})"}) {
    EXPECT_EQ(give(R"({"response":{"meta":{"puid":"r1"}},"truth":)" + std::string(truth) + "}").status, 200) << truth;
  }
  ASSERT_EQ(outcomes().size(), 1U);
  EXPECT_EQ(outcomes()[0].kind, OutcomeRecord::Kind::Label);
}

TEST_F(SeldonFeedback, truth_and_reward_are_two_outcomes) {
  EXPECT_EQ(give(R"({"response":{"meta":{"puid":"r1"}},"truth":{"jsonData":1},"reward":2})").status, 200);
  EXPECT_EQ(outcomes().size(), 2U);
}

TEST_F(SeldonFeedback, a_message_that_leaves_its_reward_out_has_one_of_0_as_protobuf_writes_it) {
  EXPECT_EQ(give(R"({"response":{"meta":{"puid":"r1"}}})").status, 200);
  ASSERT_EQ(outcomes().size(), 1U);
  EXPECT_EQ(outcomes()[0].value, 0);
}

TEST_F(SeldonFeedback, the_deployment_of_the_path_is_the_model) {
  const std::string body = R"({"response":{"meta":{"puid":"r1"}},"reward":1})";
  EXPECT_EQ(give(body, "prices").status, 404);
  EXPECT_EQ(give(body, "fraud").status, 200);
}

TEST_F(SeldonFeedback, what_cannot_be_taken_is_refused_in_seldons_form) {
  const std::string one = R"({"response":{"meta":{"puid":"r1"}},)";
  const std::pair<std::string, const char*> rows[] = {
      {R"({"reward":1})", "response.meta.puid: expected the id of the prediction"},
      {R"({"request":{"meta":{"puid":"r2"}},"response":{"meta":{"puid":"r1"}}})", "expected one prediction"},
      {one + R"("reward":"high"})", "reward: expected a finite number"},
      {one + R"("reward":NaN})", "expected a JSON object"},
      {one + R"("reward":1,"reward":2})", "the key \\\"reward\\\" twice"},
      {one + R"("reword":1})", "expected keys out of request, response, reward, truth"},
      {one + R"("truth":{"data":{"ndarray":[[0,1]]}}})", "truth.data.ndarray: expected one number, found 2 elements"},
      {one + R"("truth":{"strData":"yes"}})", "truth: expected a number in data.ndarray"},
      {R"({"response":[],"reward":1})", "response: expected an object, found an array"},
      {R"({"response":{"meta":{"puid":7}},"reward":1})", "response.meta.puid: expected a string, found 7"},
      {"[]", "expected a JSON object, found an array"},
      {one + R"("truth":{"jsonData":)" + std::string(100, '[') + std::string(100, ']') + "}}", "nesting deeper"},
  };
  for (const auto& [body, expected] : rows) {
    const auto answer = give(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr(R"({"status":{"code":400,"info":")")) << body;
    EXPECT_THAT(answer.body, HasSubstr(R"("reason":"InvalidInput","status":"FAILURE"}})")) << body;
    EXPECT_THAT(answer.body, HasSubstr(expected)) << body;
  }
  EXPECT_TRUE(outcomes().empty());
}

TEST_F(SeldonFeedback, nothing_is_told_of_predictions_the_caller_may_not_know) {
  access::Scope scope;
  scope.models.push_back(*access::NamePattern::parse("prices-*"));
  who_.scope = std::make_shared<access::Scope>(std::move(scope));
  const auto answer = give(R"({"response":{"meta":{"puid":"r1"}},"reward":1})");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, Not(HasSubstr("fraud")));
}

TEST_F(SeldonFeedback, another_reward_for_the_same_prediction_is_refused) {
  EXPECT_EQ(give(R"({"response":{"meta":{"puid":"r1"}},"reward":1})").status, 200);
  const auto answer = give(R"({"response":{"meta":{"puid":"r1"}},"reward":0.5})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.body, HasSubstr("its reward was given before"));
}

TEST_F(SeldonFeedback, a_server_that_records_nothing_says_so) {
  routes_ = seldon_routes(nullptr);
  const auto answer = give(R"({"response":{"meta":{"puid":"r1"}},"reward":1})");
  EXPECT_EQ(answer.status, 501);
  EXPECT_THAT(answer.body, HasSubstr("prediction_log is 0"));
}

}  // namespace
}  // namespace slipway::api_seldon
