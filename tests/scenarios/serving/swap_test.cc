#include "serving_house.h"

namespace slipway::scenarios {
namespace {

using namespace std::chrono_literals;
using State = ports::ServedState::State;

std::string marked(int version) {
  return std::string(kEcho) + "constant version " + std::to_string(version) + "\n";
}

class Swap : public ServingHouse {
 protected:
  model::VersionNumber who_answers() {
    Client client;
    Question question = Question::rows_of({1});
    ask(question, client);
    lane().flush();
    return client.answer ? client.answer->version : 0;
  }
  std::optional<ports::ServedState> state_of(model::VersionNumber version) {
    for (const ports::ServedState& state : service_.index()) {
      if (state.version == version) return state;
    }
    return std::nullopt;
  }
};

TEST_F(Swap, the_old_version_answers_until_the_new_one_is_loaded) {
  have("m", 1, {});
  have("m", 2, {});
  deploy("m", 1);
  settle();
  deploy("m", 2);
  controller_.tick(clock_.now());
  EXPECT_EQ(who_answers(), 1U);
  settle();
  EXPECT_EQ(who_answers(), 2U);
}

TEST_F(Swap, a_request_submitted_before_the_swap_is_answered_by_the_version_that_took_it) {
  have("m", 1, {.echo = marked(1)});
  have("m", 2, {.echo = marked(2)});
  deploy("m", 1);
  settle();
  Client before, after;
  Question first = Question::rows_of({1}), second = Question::rows_of({2});
  ask(first, before);
  deploy("m", 2);
  settle();
  ask(second, after);
  lane().flush();
  EXPECT_EQ(before.answer->version, 1U);
  EXPECT_EQ(after.answer->version, 2U);
}

TEST_F(Swap, an_assigned_version_answers_later_parts_after_a_swap_and_is_unloaded_after_them) {
  have("m", 1, {.echo = marked(1)});
  have("m", 2, {.echo = marked(2)});
  deploy("m", 1);
  settle();
  auto assignment = *lane().assign(Question::rows_of({1}).request);
  deploy("m", 2);
  settle();
  Client client;
  Question question = Question::rows_of({1});
  question.request.assigned = &assignment;
  ask(question, client);
  lane().flush();
  EXPECT_EQ(client.answer->version, 1U);
  assignment.reset();
  settle();
  EXPECT_FALSE(state_of(1).has_value());
}

TEST_F(Swap, a_version_is_unloaded_once_nobody_holds_it) {
  have("m", 1, {});
  have("m", 2, {});
  deploy("m", 1);
  settle();
  auto lease = *service_.find("m", std::nullopt);
  deploy("m", 2);
  settle();
  EXPECT_EQ(state_of(1)->state, State::Unloading);
  EXPECT_EQ(budget_.used(), mebibytes(2));
  lease.reset();
  settle();
  EXPECT_FALSE(state_of(1).has_value());
  EXPECT_EQ(budget_.used(), mebibytes(1));
}

TEST_F(Swap, a_version_that_cannot_load_leaves_the_old_one_serving_and_says_why) {
  have("m", 1, {});
  have("m", 2, {.echo = std::string(kEcho) + "at_load fail\n"});
  deploy("m", 1);
  settle();
  deploy("m", 2);
  settle();
  EXPECT_EQ(who_answers(), 1U);
  EXPECT_EQ(state_of(2)->state, State::Unavailable);
  EXPECT_NE(state_of(2)->reason.find("asks for a failure"), std::string::npos) << state_of(2)->reason;
}

TEST_F(Swap, a_refusal_for_want_of_memory_is_clear_and_passes_when_memory_is_free) {
  have("m", 1, {.memory = mebibytes(10)});
  have("n", 1, {.memory = mebibytes(10)});
  deploy("m", 1);
  settle();
  deploy("n", 1);
  settle();
  Client client;
  Question question = Question::rows_of({1}, "n");
  ask(question, client);
  EXPECT_EQ(client.error->code, ErrorCode::NotReady);
  EXPECT_NE(client.error->message.find("10 MiB of 16 MiB"), std::string::npos) << client.error->message;
  undeploy("m");
  settle();
  clock_.advance(2min);
  settle();
  EXPECT_TRUE(service_.find("n", std::nullopt).ok());
}

TEST_F(Swap, a_revision_is_reported_live_once) {
  have("m", 1, {});
  have("m", 2, {.echo = std::string(kEcho) + "at_load fail\n"});
  deploy("m", 1);
  settle();
  settle();
  deploy("m", 2);
  settle();
  EXPECT_EQ(live_, (std::vector<std::pair<std::string, std::uint64_t>>{{"m", 1}}));
}

TEST_F(Swap, going_back_to_a_version_that_is_still_leased_loads_nothing) {
  have("m", 1, {});
  have("m", 2, {});
  deploy("m", 1);
  settle();
  const auto lease = *service_.find("m", std::nullopt);
  deploy("m", 2);
  settle();
  deploy("m", 1);
  settle();
  EXPECT_EQ(service_.find("m", std::nullopt)->get(), lease.get());
}

TEST_F(Swap, an_undeployed_model_is_not_found) {
  have("m", 1, {});
  deploy("m", 1);
  settle();
  undeploy("m");
  settle();
  EXPECT_EQ(service_.find("m", std::nullopt).error().code, ErrorCode::NotFound);
  EXPECT_TRUE(service_.index().empty());
}

TEST_F(Swap, is_ready_when_all_are_served_or_have_failed_for_good) {
  have("m", 1, {});
  have("n", 1, {.echo = std::string(kEcho) + "at_load fail\n"});
  deploy("m", 1);
  deploy("n", 1);
  EXPECT_FALSE(service_.is_ready());
  controller_.tick(clock_.now());
  EXPECT_FALSE(service_.is_ready());
  settle();
  EXPECT_TRUE(service_.is_ready());
}

TEST_F(Swap, only_validated_versions_are_loaded) {
  have("m", 1, {});
  auto stored = **metadata_.version(*model::ModelName::parse("m"), 1);
  stored.record.stage = model::Stage::Rejected;
  ASSERT_TRUE(metadata_.commit({{stored.record, stored.revision}}, {}).ok());
  deploy("m", 1);
  settle();
  EXPECT_NE(state_of(1)->reason.find("rejected"), std::string::npos) << state_of(1)->reason;
}

TEST_F(Swap, what_is_deployed_again_while_it_loads_is_tried_again_if_that_fails) {
  have("m", 1, {});
  auto stored = **metadata_.version(*model::ModelName::parse("m"), 1);
  stored.record.stage = model::Stage::Rejected;
  ASSERT_TRUE(metadata_.commit({{stored.record, stored.revision}}, {}).ok());
  deploy("m", 1);
  controller_.tick(clock_.now());  // reads what is desired
  pool_.run();
  controller_.tick(clock_.now());  // begins to load
  deploy("m", 1);
  controller_.tick(clock_.now());
  pool_.run_newest();  // reads what is desired, while the load still goes on
  controller_.tick(clock_.now());
  pool_.run();
  controller_.tick(clock_.now());  // has failed
  stored = **metadata_.version(*model::ModelName::parse("m"), 1);
  stored.record.stage = model::Stage::Validated;
  ASSERT_TRUE(metadata_.commit({{stored.record, stored.revision}}, {}).ok());
  settle();
  EXPECT_EQ(state_of(1)->state, State::Ready);
}

TEST_F(Swap, what_failed_for_good_is_tried_again_when_it_is_deployed_again) {
  have("m", 1, {});
  auto stored = **metadata_.version(*model::ModelName::parse("m"), 1);
  stored.record.stage = model::Stage::Rejected;
  ASSERT_TRUE(metadata_.commit({{stored.record, stored.revision}}, {}).ok());
  deploy("m", 1);
  settle();
  stored = **metadata_.version(*model::ModelName::parse("m"), 1);
  stored.record.stage = model::Stage::Validated;
  ASSERT_TRUE(metadata_.commit({{stored.record, stored.revision}}, {}).ok());
  clock_.advance(1h);
  settle();
  EXPECT_EQ(state_of(1)->state, State::Unavailable);  // time alone mends nothing
  deploy("m", 1);
  settle();
  EXPECT_EQ(state_of(1)->state, State::Ready);
}

TEST_F(Swap, a_load_that_throws_is_a_failure_that_is_tried_again) {
  have("m", 1, {});
  const auto manifest = shelf_.manifests.extract("m:1");  // reading it throws now
  deploy("m", 1);
  settle();
  EXPECT_NE(service_.index().at(0).reason, "");
  shelf_.manifests["m:1"] = manifest.mapped();
  clock_.advance(std::chrono::seconds(2));
  settle();
  EXPECT_EQ(service_.served_versions("m").size(), 1U);
}

TEST_F(Swap, damaged_files_are_never_loaded) {
  have("m", 1, {});
  auto stored = **metadata_.version(*model::ModelName::parse("m"), 1);
  stored.record.files[0].digest.bytes[0] ^= 1;
  ASSERT_TRUE(metadata_.commit({{stored.record, stored.revision}}, {}).ok());
  deploy("m", 1);
  settle();
  EXPECT_EQ(state_of(1)->state, State::Unavailable);
  EXPECT_NE(state_of(1)->reason.find("model.echo"), std::string::npos) << state_of(1)->reason;
}

TEST_F(Swap, a_canary_that_cannot_load_does_not_keep_a_starting_server_from_answering) {
  have("m", 1, {});
  have("m", 2, {.echo = std::string(kEcho) + "at_load fail\n"});
  deploy("m", *model::TrafficSplit::parse({{1, {9000}}, {2, {1000}}}));
  settle();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(who_answers(), 1U);
}

TEST_F(Swap, a_version_without_a_share_answers_only_those_who_name_it_when_the_others_cannot_load) {
  have("m", 1, {.echo = std::string(kEcho) + "at_load fail\n"});
  have("m", 2, {});
  deploy("m", *model::TrafficSplit::parse({{1, model::kWhole}, {2, {0}}}));
  settle();
  Client anyone, named;
  Question question = Question::rows_of({1}), naming = Question::rows_of({1});
  naming.request.version = 2;
  ask(question, anyone);
  ask(naming, named);
  lane().flush();
  ASSERT_TRUE(anyone.error.has_value());
  EXPECT_EQ(anyone.error->code, ErrorCode::NotReady);
  EXPECT_NE(anyone.error->message.find("version 1"), std::string::npos) << anyone.error->message;
  EXPECT_TRUE(named.answer.has_value());
}

TEST_F(Swap, the_share_of_a_version_that_cannot_load_goes_to_the_largest_that_is_there) {
  have("m", 1, {.echo = std::string(kEcho) + "at_load fail\n"});
  for (const model::VersionNumber version : {2U, 3U, 4U}) have("m", version, {});
  deploy("m", *model::TrafficSplit::parse({{1, {5000}}, {2, {4900}}, {3, {100}}, {4, {0}}}));
  settle();
  std::map<model::VersionNumber, int> answers;
  for (int i = 0; i < 400; ++i) ++answers[who_answers()];
  EXPECT_GT(answers[2], 350);  // 396 are expected
  EXPECT_EQ(answers[2] + answers[3], 400);
}

TEST_F(Swap, a_hundred_swaps_fail_and_mix_nothing) {
  for (int version = 1; version <= 100; ++version) {
    have("m", static_cast<model::VersionNumber>(version), {.echo = marked(version), .memory = mebibytes(1)});
  }
  deploy("m", 1);
  settle();
  for (model::VersionNumber version = 2; version <= 100; ++version) {
    std::vector<Client> clients(8);
    std::vector<Question> questions(8, Question::rows_of({3, 4}));
    deploy("m", version);
    for (std::size_t i = 0; i < 8; ++i) {
      ask(questions[i], clients[i]);
      if (i == 3) settle();
    }
    lane().flush();
    for (std::size_t i = 0; i < 8; ++i) {
      ASSERT_TRUE(clients[i].answer.has_value());
      EXPECT_EQ(clients[i].answer->version, i <= 3 ? version - 1 : version);
      const auto* marks = reinterpret_cast<const std::int64_t*>(clients[i].answer->outputs[1].data.data());
      EXPECT_EQ(marks[0], static_cast<std::int64_t>(clients[i].answer->version));
      EXPECT_EQ(marks[1], marks[0]);
    }
    settle();
  }
  EXPECT_EQ(budget_.used(), mebibytes(1));
}

TEST_F(Swap, that_a_revision_is_live_is_reported_until_it_is_kept) {
  have("m", 1, {});
  store_is_busy_ = true;
  deploy("m", 1);
  settle();
  EXPECT_TRUE(live_.empty());
  clock_.advance(2s);
  settle();
  EXPECT_EQ(live_.size(), 1U);
  clock_.advance(2s);
  settle();
  EXPECT_EQ(live_.size(), 1U);
}

}  // namespace
}  // namespace slipway::scenarios
