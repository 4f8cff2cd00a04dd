// What every PredictionLog does.
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "adapter/log_memory/memory_prediction_log.h"
#include "adapter/log_segments/segment_log.h"
#include "prediction_logs.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

struct Kind {
  const char* name;
  std::function<std::unique_ptr<ports::PredictionLog>(const std::string& folder, const Clock& clock)> open;
};

class PredictionLogs : public testing::TestWithParam<Kind> {
 protected:
  testing_ground::ScratchFolder folder_;
  ManualClock clock_;
  std::unique_ptr<ports::PredictionLog> log_ = GetParam().open(folder_.path() + "/predictions", clock_);
};

TEST_P(PredictionLogs, give_back_what_they_were_given_in_its_order) {
  const std::vector first = {prediction("r1", 1, 11), prediction("r2", 2)};
  const std::vector second = {prediction("r3", 3, 11)};
  const std::vector outcomes = {outcome(5, 1.5)};
  ASSERT_TRUE(log_->append(std::span(first)).ok());
  ASSERT_TRUE(log_->append(std::span(outcomes)).ok());
  ASSERT_TRUE(log_->append(std::span(second)).ok());
  const auto page = log_->read({}, 100).value();
  EXPECT_EQ(page.predictions, (std::vector{first[0], first[1], second[0]}));
  EXPECT_EQ(page.outcomes, outcomes);
  EXPECT_FALSE(page.skipped);
  EXPECT_EQ(page.next, log_->end().value());
  EXPECT_EQ(log_->read(page.next, 100)->next, page.next);
}

TEST_P(PredictionLogs, are_read_on_from_where_a_page_ended) {
  std::vector<ports::PredictionRecord> all;
  for (int i = 0; i < 40; ++i) {
    all.push_back(prediction("r" + std::to_string(i), i));
    ASSERT_TRUE(log_->append(std::span(&all.back(), 1)).ok());
  }
  std::vector<ports::PredictionRecord> read;
  ports::LogPosition at;
  for (auto page = log_->read(at, 7).value(); page.next != at; page = log_->read(at, 7).value()) {
    read.insert(read.end(), page.predictions.begin(), page.predictions.end());
    at = page.next;
  }
  EXPECT_EQ(read, all);
}

TEST_P(PredictionLogs, find_the_newest_of_a_request) {
  const std::string longest(100, 'i');
  const std::vector records = {prediction("r1", 1), prediction(longest, 2), prediction("r1", 3)};
  ASSERT_TRUE(log_->append(std::span(records)).ok());
  EXPECT_EQ(log_->find(model::RequestKey::of("r1")).value(), records[2]);
  EXPECT_EQ(log_->find(model::RequestKey::of(longest)).value(), records[1]);
  EXPECT_FALSE(log_->find(model::RequestKey::of("r9")).value().has_value());
}

TEST_P(PredictionLogs, find_the_newest_of_a_unit_that_is_early_enough) {
  const std::vector records = {prediction("r1", 10, 11), prediction("r2", 20, 11), prediction("r3", 20, 12)};
  ASSERT_TRUE(log_->append(std::span(records)).ok());
  const std::uint64_t fraud = model::hash_of("fraud");
  EXPECT_EQ(log_->find_unit(fraud, 11, log_time(15)).value(), records[0]);
  EXPECT_EQ(log_->find_unit(fraud, 11, log_time(20)).value(), records[1]);
  EXPECT_FALSE(log_->find_unit(fraud, 11, log_time(9)).value().has_value());
  EXPECT_FALSE(log_->find_unit(model::hash_of("churn"), 11, log_time(20)).value().has_value());
}

TEST_P(PredictionLogs, find_the_twin_of_a_mirrored_request) {
  const auto live = prediction("r1", 10, 11);
  auto twin = live;
  twin.traffic = ports::Traffic::Shadow;
  twin.version = 8;
  twin.at += std::chrono::milliseconds(300);
  std::vector records = {live, twin};
  for (const auto change : {1, 2, 3, 4, 5}) {
    auto other = twin;
    if (change == 1) other.request = model::RequestKey::of("r2");
    if (change == 2) other.pair = 7;
    if (change == 3) other.draw.unit = 12;
    if (change == 4) other.model = model::hash_of("churn");
    if (change == 5) other.at += std::chrono::seconds(30);
    records.push_back(other);
  }
  ASSERT_TRUE(log_->append(std::span<const ports::PredictionRecord>(records)).ok());
  EXPECT_EQ(log_->find_twin(live).value(), twin);
  auto alone = live;
  alone.pair = 9;
  EXPECT_FALSE(log_->find_twin(alone).value().has_value());
}

TEST_P(PredictionLogs, keep_twins_and_find_them_by_nothing_else) {
  std::vector records = {prediction("r1", 10, 11), prediction("r1", 20, 11)};
  records[1].traffic = ports::Traffic::Shadow;
  ASSERT_TRUE(log_->append(std::span(records)).ok());
  EXPECT_EQ(log_->find(model::RequestKey::of("r1")).value(), records[0]);
  EXPECT_EQ(log_->find_unit(model::hash_of("fraud"), 11, log_time(30)).value(), records[0]);
  EXPECT_EQ(log_->read({}, 10)->predictions, records);
}

TEST_P(PredictionLogs, find_an_outcome_by_its_key) {
  const std::vector outcomes = {outcome(5, 1.5), outcome(6, -2)};
  ASSERT_TRUE(log_->append(std::span(outcomes)).ok());
  EXPECT_EQ(log_->find_outcome(6).value(), outcomes[1]);
  EXPECT_FALSE(log_->find_outcome(7).value().has_value());
}

TEST_P(PredictionLogs, know_the_models_they_were_told_of) {
  ASSERT_TRUE(log_->introduce(log_name("fraud")).ok());
  ASSERT_TRUE(log_->introduce(log_name("fraud")).ok());
  EXPECT_EQ(log_->model_of(model::hash_of("fraud")).value(), log_name("fraud"));
  EXPECT_FALSE(log_->model_of(model::hash_of("churn")).value().has_value());
}

TEST_P(PredictionLogs, take_nothing_without_a_word) {
  ASSERT_TRUE(log_->append(std::span<const ports::PredictionRecord>()).ok());
  const auto page = log_->read({}, 10).value();
  EXPECT_TRUE(page.predictions.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, PredictionLogs,
    testing::Values(Kind{"memory", [](const std::string&,
                                      const Clock&) { return std::make_unique<log_memory::MemoryPredictionLog>(); }},
                    Kind{"segments",
                         [](const std::string& folder, const Clock& clock) {
                           return log_segments::SegmentLog::open(folder, {}, clock).value();
                         }},
                    Kind{"small_segments",
                         [](const std::string& folder, const Clock& clock) {
                           return log_segments::SegmentLog::open(folder, {.segment = {600}}, clock).value();
                         }}),
    [](const auto& of) { return of.param.name; });

TEST(MemoryPredictionLog, says_that_the_oldest_are_gone) {
  log_memory::MemoryPredictionLog log(2);
  const std::vector records = {prediction("r1", 1), prediction("r2", 2), prediction("r3", 3)};
  ASSERT_TRUE(log.append(std::span(records).first(1)).ok());
  const auto first = log.read({}, 10).value();
  ASSERT_TRUE(log.append(std::span(records).subspan(1)).ok());
  EXPECT_FALSE(log.read(first.next, 10)->skipped);
  ASSERT_TRUE(log.append(std::span(records)).ok());
  EXPECT_TRUE(log.read(first.next, 10)->skipped);
}

}  // namespace
}  // namespace slipway::contract
