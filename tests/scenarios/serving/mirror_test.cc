// Requests that another version answers as well: which, when, and that their callers notice nothing.
#include <cmath>

#include "adapter/log_memory/memory_prediction_log.h"
#include "serving_house.h"

namespace slipway::scenarios {
namespace {

using namespace std::chrono_literals;
using model::AssignedBy;
using ports::Traffic;

struct Headers final : ports::Caller {
  std::string_view header(std::string_view name) const override {
    const auto found = fields.find(std::string(name));
    return found == fields.end() ? std::string_view() : found->second;
  }
  std::string_view query(std::string_view) const override { return {}; }
  const access::Principal& principal() const override { return who; }
  Result<void> require(access::Permission) const override { return {}; }
  std::map<std::string, std::string> fields;
  access::Principal who;
};

class Mirroring : public ServingHouse {
 protected:
  void SetUp() override {
    service_.record_to(recorder_);
    ServingHouse::SetUp();
  }
  // Version 1 answers, version 2 is mirrored to.
  void serve(Described control = {}, Described candidate = {}, std::uint32_t share = 10'000) {
    have("m", 1, std::move(control));
    have("m", 2, std::move(candidate));
    mirror(share);
  }
  void mirror(std::uint32_t share) {
    deploy("m", *model::TrafficSplit::parse({{1, model::kWhole}, {2, {}}}), {}, model::Mirror{2, {share}});
    settle();
  }
  Question question(std::vector<float> values, std::string_view id = "r1") {
    Question made = Question::rows_of(std::move(values));
    made.request.request_id = id;
    made.request.caller = &caller_;
    return made;
  }
  // One request, and the ticks until nothing of it is left to do on the loop.
  Client ask_once(Question asked) {
    Client client;
    ask(asked, client);
    do lane().flush();
    while (lane().has_pending_work());
    return client;
  }
  void run_mirror() {
    while (service_.mirror().execute_next(0)) {
    }
  }
  std::vector<ports::PredictionRecord> recorded(Traffic traffic) {
    recorder_.drain();
    auto all = predictions_.read({}, 100'000)->predictions;
    std::erase_if(all, [&](const auto& record) { return record.traffic != traffic; });
    return all;
  }
  const serving::MirrorCounters& counters() { return service_.table()->find("m")->mirror_to->counters().mirrors()[0]; }

  Headers caller_;
  log_memory::MemoryPredictionLog predictions_;
  serving::PredictionRecorder recorder_{{predictions_, clock_, log_}, 1};
};

TEST_F(Mirroring, both_answers_are_recorded_as_a_pair_and_the_caller_gets_the_controls) {
  serve({.echo = std::string(kEcho) + "constant version 1\n"}, {.echo = std::string(kEcho) + "constant version 2\n"});
  caller_.fields["x-slipway-unit"] = "customer-1";
  EXPECT_EQ(ask_once(question({3})).answer->version, 1U);
  run_mirror();
  const auto live = recorded(Traffic::Live), shadow = recorded(Traffic::Shadow);
  ASSERT_EQ(live.size(), 1U);
  ASSERT_EQ(shadow.size(), 1U);
  EXPECT_NE(live[0].pair, 0);
  EXPECT_EQ(shadow[0].pair, live[0].pair);
  EXPECT_EQ(shadow[0].request, live[0].request);
  EXPECT_EQ(shadow[0].model, live[0].model);
  EXPECT_EQ(shadow[0].at, live[0].at);
  EXPECT_NE(live[0].draw.unit, 0U);
  EXPECT_EQ(shadow[0].draw, live[0].draw);
  EXPECT_EQ(live[0].version, 1U);
  EXPECT_EQ(shadow[0].version, 2U);
  EXPECT_EQ(live[0].values[0], 3);
  EXPECT_EQ(shadow[0].values[0], 3);
  EXPECT_EQ(live[0].values[1], 1);
  EXPECT_EQ(shadow[0].values[1], 2);
  EXPECT_NE(shadow[0].outputs, live[0].outputs);
}

TEST_F(Mirroring, versions_that_say_the_same_have_the_same_digest) {
  serve();
  ask_once(question({3, 4, 5}));
  run_mirror();
  EXPECT_EQ(recorded(Traffic::Shadow).at(0).outputs, recorded(Traffic::Live).at(0).outputs);
  EXPECT_EQ(recorded(Traffic::Shadow).at(0).rows, 3);
}

TEST_F(Mirroring, nothing_is_executed_before_the_tick_that_answers_has_ended) {
  serve();
  Client client;
  Question asked = question({1});
  ask(asked, client);
  lane().flush();
  EXPECT_EQ(client.calls, 1);
  EXPECT_FALSE(service_.mirror().execute_next(0));
  EXPECT_TRUE(lane().has_pending_work());  // so that the loop does not sleep on it
  lane().flush();
  EXPECT_FALSE(lane().has_pending_work());
  EXPECT_TRUE(service_.mirror().execute_next(0));
}

TEST_F(Mirroring, what_it_was_asked_need_not_live_until_it_is_executed) {
  serve();
  {
    auto asked = std::make_unique<Question>(question({7}));
    Client client;
    ask(*asked, client);
    lane().flush();
    std::ranges::fill(asked->tensors[0].data, std::byte{0xff});
    asked.reset();
  }
  lane().flush();
  run_mirror();
  EXPECT_EQ(recorded(Traffic::Shadow).at(0).values[0], 7);
}

TEST_F(Mirroring, a_share_of_the_requests_is_mirrored_and_says_with_what_probability) {
  serve({}, {}, 2'500);
  for (int i = 0; i < 4'000; ++i) {
    ask_once(question({1}));
    run_mirror();
  }
  const auto shadow = recorded(Traffic::Shadow);
  EXPECT_NEAR(static_cast<double>(shadow.size()), 1'000, 6 * std::sqrt(4'000 * 0.25 * 0.75));
  EXPECT_EQ(shadow.at(0).draw.probability, 0.25);
  const auto live = recorded(Traffic::Live);
  EXPECT_EQ(std::ranges::count_if(live, [](const auto& each) { return each.pair != 0; }),
            static_cast<std::ptrdiff_t>(shadow.size()));
}

TEST_F(Mirroring, only_what_was_drawn_for_the_control_is_mirrored) {
  serve();
  Question named = question({1}), other = question({1}), batch = question({1});
  named.request.version = 1;
  other.request.version = 2;
  batch.request.traffic = Traffic::Batch;
  ask_once(std::move(named));
  ask_once(std::move(other));
  ask_once(std::move(batch));
  caller_.fields["x-slipway-synthetic"] = "1";
  ask_once(question({1}));
  caller_.fields = {{"x-slipway-version", "1"}};
  ask_once(question({1}));
  deploy("m", *model::TrafficSplit::parse({{1, {6'000}}, {2, {}}, {3, {4'000}}}), {.control = 3}, model::Mirror{2});
  have("m", 3, {});
  settle();
  caller_.fields.clear();
  for (int i = 0; i < 100; ++i) ask_once(question({1}));
  run_mirror();
  for (const auto& record : recorded(Traffic::Live)) EXPECT_EQ(record.pair != 0, record.version == 3);
}

TEST_F(Mirroring, a_twin_is_no_request_of_its_version) {
  serve();
  for (int i = 0; i < 10; ++i) ask_once(question({1}));
  run_mirror();
  const auto of_candidate = service_.statistics("m", 2)->at(0);
  EXPECT_EQ(of_candidate.success.count, 0U);
  EXPECT_EQ(of_candidate.inferences, 0U);
  EXPECT_EQ(of_candidate.executions, 0U);
  EXPECT_FALSE(of_candidate.last_inference);
  EXPECT_EQ(counters().answered.value(), 10U);
}

TEST_F(Mirroring, an_outcome_never_finds_a_twin) {
  serve();
  caller_.fields["x-slipway-unit"] = "customer-1";
  ask_once(question({1}));
  clock_.advance(1ms);
  run_mirror();
  const auto live = recorded(Traffic::Live).at(0);
  EXPECT_EQ(predictions_.find(live.request).value()->version, 1U);
  EXPECT_EQ(predictions_.find_unit(live.model, live.draw.unit, clock_.wall_now()).value()->version, 1U);
}

TEST_F(Mirroring, without_room_requests_are_answered_and_the_twins_given_up) {
  serve();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(ask_once(question({1})).answer);
  EXPECT_EQ(counters().mirrored.value(), 64U);
  EXPECT_EQ(counters().dropped.value(), 36U);
  EXPECT_EQ(counters().dropped_probability.value(), std::uint64_t{36} * 1'000'000'000);
  run_mirror();
  EXPECT_EQ(recorded(Traffic::Shadow).size(), 64U);
  const auto live = recorded(Traffic::Live);
  EXPECT_EQ(std::ranges::count_if(live, [](const auto& each) { return each.pair != 0; }), 100)
      << "lost pairs are missed";
  ask_once(question({1}));
  EXPECT_EQ(counters().mirrored.value(), 65U);
}

TEST_F(Mirroring, inputs_that_wait_are_bounded_in_bytes) {
  serve({.max_batch = 0, .execution = model::Execution::Inline}, {.max_batch = 0});
  for (int i = 0; i < 5; ++i) ask_once(question(std::vector<float>(300, 1)));  // 1,200 bytes each, of 4,096
  EXPECT_EQ(counters().mirrored.value(), 3U);
  EXPECT_EQ(counters().dropped.value(), 2U);
  run_mirror();
  ask_once(question(std::vector<float>(1'024, 1)));
  EXPECT_EQ(counters().mirrored.value(), 4U);
}

TEST_F(Mirroring, an_execution_takes_several_that_fit_together) {
  serve();
  const auto clock_reads = clock_.now();
  for (int i = 0; i < 20; ++i) ask_once(question({static_cast<float>(i)}));
  EXPECT_TRUE(service_.mirror().execute_next(0));
  EXPECT_FALSE(service_.mirror().execute_next(0));
  EXPECT_EQ(clock_.now(), clock_reads);
  const auto live = recorded(Traffic::Live), shadow = recorded(Traffic::Shadow);
  ASSERT_EQ(shadow.size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(shadow[i].pair, live[i].pair);
    EXPECT_EQ(shadow[i].values[0], static_cast<float>(i));
  }
}

TEST_F(Mirroring, a_candidate_that_fails_is_seen_and_its_neighbours_are_not_drawn_in) {
  serve({}, {.echo = std::string(kEcho) + "fail_batch x 13\n"});
  for (const float value : {1.0F, 13.0F, 2.0F}) EXPECT_TRUE(ask_once(question({value})).answer);
  run_mirror();
  const auto shadow = recorded(Traffic::Shadow);
  ASSERT_EQ(shadow.size(), 3U);
  EXPECT_EQ(shadow[0].status, 0);
  EXPECT_TRUE(shadow[1].is_failure());
  EXPECT_EQ(shadow[2].status, 0);
  EXPECT_EQ(shadow[2].values[0], 2);
  EXPECT_EQ(counters().failed.value(), 1U);
}

TEST_F(Mirroring, what_the_control_fails_at_is_mirrored_and_what_it_refuses_is_not) {
  serve({.echo = std::string(kEcho) + "fail_row x 13\n"});
  EXPECT_TRUE(ask_once(question({13})).error);
  Question wrong = question({1});
  wrong.tensors[0].name = "z";
  EXPECT_TRUE(ask_once(std::move(wrong)).error);
  run_mirror();
  const auto shadow = recorded(Traffic::Shadow);
  ASSERT_EQ(shadow.size(), 1U);
  EXPECT_EQ(shadow[0].status, 0);
  EXPECT_EQ(shadow[0].pair, recorded(Traffic::Live).at(0).pair);
}

TEST_F(Mirroring, a_candidate_that_takes_other_inputs_fails_each_time) {
  serve({}, {.echo = "input z FP32 [-1,1]\noutput y from z\n"});
  ask_once(question({1}));
  Question asks_for_some = question({1});
  asks_for_some.outputs = {{"y"}};
  ask_once(std::move(asks_for_some));
  run_mirror();
  const auto shadow = recorded(Traffic::Shadow);
  ASSERT_EQ(shadow.size(), 2U);
  for (const auto& each : shadow) EXPECT_EQ(each.status, 1 + static_cast<int>(ErrorCode::InvalidInput));
}

TEST_F(Mirroring, a_candidate_with_stricter_shapes_fails_alone) {
  serve({}, {.max_batch = 2});
  ask_once(question({1}));
  ask_once(question({1, 2, 3}));
  ask_once(question({4}));
  run_mirror();
  const auto shadow = recorded(Traffic::Shadow);
  ASSERT_EQ(shadow.size(), 3U);
  EXPECT_EQ(shadow[1].status, 1 + static_cast<int>(ErrorCode::InvalidInput));
  EXPECT_EQ(shadow[2].values[0], 4);
}

TEST_F(Mirroring, what_a_slow_control_answered_is_mirrored_with_the_inputs_it_had) {
  serve({.cost = {300us, 0us}}, {.cost = {300us, 0us}});
  std::array<Client, 3> clients;
  std::array<Question, 3> questions = {question({1}), question({2}), question({3})};
  for (std::size_t i = 0; i < 3; ++i) ask(questions[i], clients[i]);
  lane().cancel(clients[1]);
  run_queue("m");
  EXPECT_FALSE(service_.mirror().execute_next(0));
  do lane().flush();
  while (lane().has_pending_work());
  run_mirror();
  const auto shadow = recorded(Traffic::Shadow);
  ASSERT_EQ(shadow.size(), 2U);
  EXPECT_EQ(shadow[0].values[0], 1);
  EXPECT_EQ(shadow[1].values[0], 3);
  for (const auto& live : recorded(Traffic::Live)) EXPECT_EQ(live.pair == 0, live.is_failure());
}

TEST_F(Mirroring, what_is_assigned_before_it_is_read_is_mirrored_part_by_part) {
  serve();
  Question part = question({1});
  const auto assigned = lane().assign(part.request);
  ASSERT_TRUE(assigned.ok());
  part.request.assigned = &*assigned;
  ask_once(part);
  ask_once(part);
  run_mirror();
  const auto shadow = recorded(Traffic::Shadow);
  ASSERT_EQ(shadow.size(), 2U);
  EXPECT_NE(shadow[0].pair, shadow[1].pair);
}

TEST_F(Mirroring, ends_with_the_deployment_that_says_nothing_of_it) {
  serve();
  ask_once(question({1}));
  const std::weak_ptr<const serving::ServedVersion> candidate = service_.table()->find("m")->mirror_to;
  deploy("m", 1);
  settle();
  ask_once(question({1}));
  EXPECT_FALSE(candidate.expired());  // what waits holds it
  run_mirror();
  settle();
  EXPECT_TRUE(candidate.expired());
  EXPECT_EQ(recorded(Traffic::Shadow).size(), 1U);
}

TEST_F(Mirroring, begins_when_its_version_is_loaded_and_not_before) {
  have("m", 1, {});
  deploy("m", 1);
  settle();
  have("m", 2, {.echo = "at_load fail\n" + std::string(kEcho)});
  mirror(10'000);
  EXPECT_TRUE(ask_once(question({1})).answer);
  EXPECT_EQ(service_.table()->find("m")->mirror_to, nullptr);
  run_mirror();
  EXPECT_TRUE(recorded(Traffic::Shadow).empty());
}

TEST_F(Mirroring, at_the_end_what_waits_is_dropped) {
  serve();
  ask_once(question({1}));
  service_.stop_mirror();
  EXPECT_FALSE(service_.mirror().execute_next(0));
  EXPECT_TRUE(recorded(Traffic::Shadow).empty());
}

TEST_F(Mirroring, with_a_full_record_ring_nothing_is_mirrored) {
  serve();
  while (recorder_.ring(0).reserve()) recorder_.ring(0).push({});
  EXPECT_TRUE(ask_once(question({1})).answer);
  EXPECT_EQ(counters().mirrored.value(), 0U);
  EXPECT_EQ(counters().dropped.value(), 1U);
}

}  // namespace
}  // namespace slipway::scenarios
