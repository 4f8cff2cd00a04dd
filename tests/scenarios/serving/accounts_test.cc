#include "serving_house.h"

namespace slipway::scenarios {
namespace {

using namespace std::chrono_literals;

// Keeps what a collection says, as "family{value,value,...}".
struct Ledger final : ports::MetricVisitor {
  void family(std::string_view name, std::string_view, ports::MetricKind) override { open = name; }
  void sample(ports::MetricLabels labels, double value) override { samples[key(labels)] += value; }
  void histogram(ports::MetricLabels labels, std::span<const double>, std::span<const std::uint64_t> counts,
                 double sum) override {
    for (const std::uint64_t count : counts) samples[key(labels) + "_count"] += static_cast<double>(count);
    samples[key(labels) + "_sum"] += sum;
    samples[key(labels) + "_above"] += static_cast<double>(counts.back());
  }
  std::string key(ports::MetricLabels labels) const {
    std::string text = open + "{";
    for (const ports::MetricLabel& label : labels) text += (text.back() == '{' ? "" : ",") + std::string(label.value);
    return text + "}";
  }
  std::string open;
  std::map<std::string, double> samples;
};

class Accounts : public ServingHouse {
 protected:
  void SetUp() override {
    ServingHouse::SetUp();
    have("m", 1, {});
    deploy("m", 1);
    settle();
  }
  void ask_for(std::vector<float> rows, std::string_view model = "m") {
    Client client;
    Question question = Question::rows_of(std::move(rows), model);
    ask(question, client);
    clock_.advance(2ms);
    lane().flush();
  }
  Ledger collect() {
    Ledger ledger;
    service_.collect(ledger);
    return ledger;
  }
};

TEST_F(Accounts, a_request_grows_the_statistics_by_one_and_its_rows) {
  ask_for({1, 2, 3});
  ask_for({4});
  const ports::ModelStatistics found = statistics();
  EXPECT_EQ(found.success.count, 2U);
  EXPECT_EQ(found.inferences, 4U);
  EXPECT_EQ(found.executions, 2U);
  EXPECT_EQ(found.queue.total, Duration(4ms));
  ASSERT_EQ(found.by_batch.size(), 2U);
  EXPECT_EQ(found.by_batch[0].rows, 1U);
  EXPECT_EQ(found.by_batch[1].rows, 3U);
  EXPECT_TRUE(found.last_inference.has_value());
}

TEST_F(Accounts, executions_of_many_rows_are_told_by_their_size) {
  have("wide", 1, {.max_batch = 0, .execution = model::Execution::Inline});
  deploy("wide", 1);
  settle();
  for (const std::size_t rows : {129, 128, 4096, 129}) ask_for(std::vector<float>(rows, 0), "wide");
  std::map<std::uint64_t, std::uint64_t> executions;
  for (const auto& batch : statistics("wide").by_batch) executions[batch.rows] = batch.compute_infer.count;
  EXPECT_EQ(executions, (std::map<std::uint64_t, std::uint64_t>{{128, 1}, {129, 2}, {4096, 1}}));
}

TEST_F(Accounts, executions_of_ever_new_sizes_are_all_counted) {
  have("wide", 1, {.max_batch = 0, .execution = model::Execution::Inline});
  deploy("wide", 1);
  settle();
  for (std::size_t rows = 129; rows < 229; ++rows) ask_for(std::vector<float>(rows, 0), "wide");
  std::uint64_t executions = 0;
  for (const auto& batch : statistics("wide").by_batch) executions += batch.compute_infer.count;
  EXPECT_EQ(executions, 100U);
}

TEST_F(Accounts, a_version_never_asked_has_no_last_inference) {
  EXPECT_FALSE(statistics().last_inference.has_value());
}

TEST_F(Accounts, metrics_tell_answers_failures_and_latency_by_model_version_and_protocol) {
  ask_for({1});
  ask_for(std::vector<float>(65, 0));  // more than max_batch
  const Ledger ledger = collect();
  EXPECT_EQ(ledger.samples.at("slipway_requests_total{m,1,test,ok}"), 1);
  EXPECT_EQ(ledger.samples.at("slipway_requests_total{m,1,test,InvalidInput}"), 1);
  EXPECT_EQ(ledger.samples.at("slipway_request_duration_seconds{m,1,test}_count"), 1);
  EXPECT_NEAR(ledger.samples.at("slipway_request_duration_seconds{m,1,test}_sum"), 0.002, 1e-9);
  EXPECT_EQ(ledger.samples.at("slipway_rows_total{m,1}"), 1);
}

TEST_F(Accounts, metrics_tell_large_batches_from_small_ones) {
  have("wide", 1, {.max_batch = 0, .execution = model::Execution::Inline});
  deploy("wide", 1);
  settle();
  ask_for(std::vector<float>(1024, 0), "wide");
  EXPECT_EQ(collect().samples.at("slipway_batch_rows{wide,1}_above"), 0);
  ask_for(std::vector<float>(1025, 0), "wide");
  EXPECT_EQ(collect().samples.at("slipway_batch_rows{wide,1}_above"), 1);
  EXPECT_EQ(collect().samples.at("slipway_batch_rows{wide,1}_count"), 2);
}

TEST_F(Accounts, requests_that_reach_no_version_are_counted_by_reason) {
  ask_for({1}, "nobody");
  EXPECT_EQ(collect().samples.at("slipway_requests_refused_total{NotFound}"), 1);
}

TEST_F(Accounts, the_ninth_protocol_is_counted_as_other) {
  static constexpr std::array<std::string_view, 9> kProtocols = {"p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"};
  for (const std::string_view protocol : kProtocols) {
    Client client;
    Question question = Question::rows_of({1});
    question.request.protocol = protocol;
    ask(question, client);
    lane().flush();
  }
  EXPECT_EQ(collect().samples.at("slipway_requests_total{m,1,other,ok}"), 2);
}

}  // namespace
}  // namespace slipway::scenarios
