#include "service/feedback/feedback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "adapter/log_memory/memory_prediction_log.h"

namespace slipway::feedback {
namespace {

using namespace std::chrono_literals;
using ports::OutcomeRecord;
using ::testing::HasSubstr;

class FeedbackTest : public testing::Test {
 protected:
  FeedbackTest() { predict("r1", "customer-1"); }
  static model::ModelName name(std::string_view text) { return *model::ModelName::parse(text); }
  ports::PredictionRecord record_of(const std::string& request, const std::string& unit,
                                    std::string_view model = "fraud") const {
    ports::PredictionRecord record;
    record.request = model::RequestKey::of(request);
    record.model = model::hash_of(model);
    record.version = 7;
    record.draw = {model::unit_of(model::assignment_salt("production", model), unit), 3, 0.25, model::AssignedBy::Unit};
    record.at = clock_.wall_now();
    return record;
  }
  void predict(const std::string& request, const std::string& unit, std::string_view model = "fraud") {
    EXPECT_TRUE(log_.introduce(name(model)).ok());
    const auto record = record_of(request, unit, model);
    EXPECT_TRUE(log_.append(std::span(&record, 1)).ok());
  }
  static Outcome of_request(const std::string& id, double value) {
    Outcome outcome;
    outcome.request_id = id;
    outcome.value = value;
    return outcome;
  }
  static Outcome of_request(const std::string& id, std::string_view model, double value) {
    Outcome outcome = of_request(id, value);
    outcome.model.emplace(name(model));
    return outcome;
  }
  static Outcome of_unit(const std::string& unit, double value) {
    Outcome outcome;
    outcome.model.emplace(name("fraud"));
    outcome.unit = unit;
    outcome.value = value;
    return outcome;
  }
  Result<Joined> take(const Outcome& outcome) {
    return feedback_.take(outcome, [this](const model::ModelName&) { return may_know_; });
  }
  std::string refusal(const Outcome& outcome) {
    const auto taken = take(outcome);
    return taken.ok() ? "taken" : std::string(slipway::name_of(taken.error().code)) + ": " + taken.error().message;
  }

  ManualClock clock_;
  log_memory::MemoryPredictionLog log_;
  bool may_know_ = true;
  std::function<void()> on_its_way_;
  Feedback feedback_{{log_, clock_, "production", 48h, [this] {
                        if (on_its_way_) on_its_way_();
                      }}};
};

TEST_F(FeedbackTest, joins_an_outcome_to_the_prediction_of_its_request) {
  clock_.advance(3h);
  const auto joined = take(of_request("r1", 1)).value();
  EXPECT_EQ(joined.model.text(), "fraud");
  EXPECT_EQ(joined.record.version, 7U);
  EXPECT_EQ(joined.record.draw.probability, 0.25);
  EXPECT_EQ(joined.record.at - joined.record.predicted_at, 3h);
  EXPECT_EQ(log_.read({}, 10)->outcomes.at(0), joined.record);
}

TEST_F(FeedbackTest, joins_by_unit_to_the_newest_prediction_before_it_happened) {
  clock_.advance(1h);
  Outcome outcome = of_unit("customer-1", 1);
  outcome.at = clock_.wall_now();
  clock_.advance(1h);
  predict("r2", "customer-1");
  EXPECT_EQ(take(outcome)->record.request.text(), "r1");
  EXPECT_EQ(take(of_unit("customer-1", 1))->record.request.text(), "r2");
}

TEST_F(FeedbackTest, takes_the_same_outcome_once) {
  EXPECT_FALSE(take(of_request("r1", 1))->was_known);
  clock_.advance(1min);
  EXPECT_TRUE(take(of_request("r1", 1))->was_known);
  EXPECT_EQ(log_.read({}, 10)->outcomes.size(), 1U);
}

TEST_F(FeedbackTest, refuses_another_value_unless_it_has_a_key_of_its_own) {
  EXPECT_TRUE(take(of_request("r1", 1)).ok());
  EXPECT_THAT(refusal(of_request("r1", 0)), HasSubstr("Conflict: request \"r1\": its label was given before as 1.0"));
  Outcome second = of_request("r1", 0);
  second.key = "second look";
  EXPECT_TRUE(take(second).ok());
  Outcome cost = of_request("r1", 12.5);
  cost.kind = OutcomeRecord::Kind::Cost;
  EXPECT_TRUE(take(cost).ok());
}

TEST_F(FeedbackTest, books_nothing_to_another_model_than_was_said) {
  predict("r1", "customer-1", "churn");
  EXPECT_EQ(take(of_request("r1", "churn", 2))->model.text(), "churn");
  EXPECT_THAT(refusal(of_request("r1", "fraud", 1)), HasSubstr("NotFound: request \"r1\" of model \"fraud\""));
}

TEST_F(FeedbackTest, keeps_the_keys_of_each_model_apart) {
  predict("r2", "customer-1", "churn");
  Outcome of_fraud = of_request("r1", 1), of_churn = of_request("r2", 0);
  of_fraud.key = of_churn.key = "order-5";
  EXPECT_FALSE(take(of_fraud)->was_known);
  EXPECT_FALSE(take(of_churn)->was_known);
  EXPECT_TRUE(take(of_churn)->was_known);
}

TEST_F(FeedbackTest, keeps_requests_of_two_models_at_one_time_apart) {
  EXPECT_TRUE(take(of_request("r1", 1)).ok());
  predict("r1", "customer-1", "churn");
  EXPECT_FALSE(take(of_request("r1", 0))->was_known);
}

TEST_F(FeedbackTest, says_that_a_prediction_is_unknown) {
  EXPECT_THAT(refusal(of_request("r9", 1)), HasSubstr("NotFound: request \"r9\""));
  EXPECT_THAT(refusal(of_unit("customer-9", 1)), HasSubstr("NotFound: unit \"customer-9\" of model \"fraud\""));
  may_know_ = false;
  EXPECT_THAT(refusal(of_request("r1", 1)), HasSubstr("NotFound: request \"r1\""));
}

TEST_F(FeedbackTest, waits_for_records_that_are_on_their_way) {
  on_its_way_ = [this] { predict("r2", "customer-2"); };
  EXPECT_TRUE(take(of_request("r2", 1)).ok());
}

TEST_F(FeedbackTest, says_that_an_outcome_comes_too_late) {
  clock_.advance(48h + 1s);
  EXPECT_THAT(refusal(of_request("r1", 1)), HasSubstr("Conflict: request \"r1\": too late"));
}

TEST_F(FeedbackTest, refuses_what_cannot_be) {
  EXPECT_THAT(refusal(of_request("r1", std::numeric_limits<double>::quiet_NaN())),
              HasSubstr("expected a finite number"));
  EXPECT_THAT(refusal(of_request("r1", std::numeric_limits<double>::infinity())),
              HasSubstr("expected a finite number"));
  EXPECT_THAT(refusal(Outcome{}), HasSubstr("expected request_id, or model and unit, found neither"));
  Outcome both = of_unit("customer-1", 1);
  both.request_id = "r1";
  EXPECT_THAT(refusal(both), HasSubstr("found both"));
  Outcome early = of_request("r1", 1), future = early, long_key = early;
  early.at = clock_.wall_now() - 1h;
  EXPECT_THAT(refusal(early), HasSubstr("expected a time after the request was received"));
  future.at = clock_.wall_now() + 1h;
  EXPECT_THAT(refusal(future), HasSubstr("expected a time that has come"));
  long_key.key.assign(257, 'k');
  EXPECT_THAT(refusal(long_key), HasSubstr("key: expected at most 256 bytes"));
}

TEST_F(FeedbackTest, finds_the_prediction_of_a_request) {
  const auto found = feedback_.find("r1", [](const model::ModelName&) { return true; }).value();
  EXPECT_EQ(found.model.text(), "fraud");
  EXPECT_EQ(found.record.version, 7U);
}

}  // namespace
}  // namespace slipway::feedback
