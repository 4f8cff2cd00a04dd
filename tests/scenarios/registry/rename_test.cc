// A model with another name is the same model: its versions, aliases and notes go along, or nothing does.
#include <gmock/gmock.h>

#include <thread>

#include "domain/search/registry_fields.h"
#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using testing::HasSubstr;

class Renaming : public House {
 protected:
  void SetUp() override { given_versions(2); }
  Result<void> rename(std::string_view from, std::string_view to) {
    return registry->rename_model(name(from), name(to), eva);
  }
  void given_policy(std::string_view models) {
    rules = {{{.models = access::NamePattern::parse(models).value(),
               .environment = "production",
               .approvals = 1,
               .aliases = {alias("champion")}}}};
    restart();
  }
};

TEST_F(Renaming, versions_aliases_tags_and_notes_go_along) {
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("champion"), 2, std::nullopt, eva).ok());
  const auto described = [](model::Annotations& annotations) -> Result<void> {
    annotations.tags["team"] = "risk";
    return {};
  };
  ASSERT_TRUE(registry->annotate(name("fraud"), described, std::nullopt, eva).ok());
  const auto noted = [](model::VersionNotes& notes) -> Result<void> {
    notes.stage_label = "Staging";
    return {};
  };
  ASSERT_TRUE(registry->annotate(name("fraud"), 1, noted, std::nullopt, eva).ok());
  const auto before = registry->model(name("fraud")).value();
  ASSERT_EQ(message(rename("fraud", "wire fraud")), "ok");
  const auto after = registry->model(name("wire fraud")).value();
  EXPECT_EQ(after.record.annotations, before.record.annotations);
  EXPECT_EQ(after.record.created_at, before.record.created_at);
  EXPECT_EQ(after.notes.at(0).record.stage_label, "Staging");
  ASSERT_EQ(after.versions.size(), 2U);
  EXPECT_EQ(after.versions[1].digest, before.versions[1].digest);
  EXPECT_EQ(after.versions[1].stage, model::Stage::Validated);
  EXPECT_EQ(registry->resolve({name("wire fraud"), alias("champion")}).value(), 2U);
  EXPECT_EQ(outcome(registry->model(name("fraud"))), "NotFound");
}

TEST_F(Renaming, its_versions_are_found_by_what_their_manifests_say) {
  pushed("child of base:1");
  ASSERT_EQ(message(rename("fraud", "wire fraud")), "ok");
  const search::Asked asked{.filter = "parent = 'base:1'", .order_by = {}, .page_token = "", .limit = 10};
  const auto query = search::parse_query("versions", asked, search::kVersionRules, search::kVersionRules).value();
  const auto found = registry->search_versions(query).value().rows;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].version.name, name("wire fraud"));
  EXPECT_EQ(found[0].version.number, 3U);
  EXPECT_EQ(registry->write_missing_facts().value(), 0U);
}

TEST_F(Renaming, its_numbers_go_on_and_its_artifacts_stay) {
  ASSERT_EQ(message(rename("fraud", "wire fraud")), "ok");
  const auto files = registry->version(name("wire fraud"), 1).value().files;
  ASSERT_TRUE(registry->collect_artifacts().ok());
  for (const auto& file : files) EXPECT_TRUE(artifacts.contains(file.digest).value());
  EXPECT_EQ(pushed("third", "wire fraud"), 3U);
  EXPECT_EQ(pushed("other", "fraud"), 3U);  // the old name's own
}

TEST_F(Renaming, both_histories_say_so) {
  ASSERT_EQ(message(rename("fraud", "wire fraud")), "ok");
  for (const char* model : {"fraud", "wire fraud"}) {
    const auto newest = registry->history(model, 0, 1).value();
    ASSERT_EQ(newest.size(), 1U) << model;
    EXPECT_EQ(newest[0].action + ": " + newest[0].from + " to " + newest[0].to, "rename: fraud to wire fraud");
    EXPECT_EQ(newest[0].actor, "eva");
  }
}

TEST_F(Renaming, a_name_that_is_taken_or_was_is_refused) {
  pushed("other", "risk");
  EXPECT_THAT(message(rename("fraud", "risk")), HasSubstr("exists already"));
  ASSERT_TRUE(registry->remove_model(name("risk"), eva).ok());
  EXPECT_THAT(message(rename("fraud", "risk")),
              HasSubstr("with versions up to 1, whose numbers are never given again"));
  EXPECT_EQ(outcome(rename("fraud", "fraud")), "Conflict");
  EXPECT_EQ(outcome(rename("nobody", "somebody")), "NotFound");
  ASSERT_TRUE(registry->create_model(name("empty"), {}, eva).ok());
  ASSERT_TRUE(registry->remove_model(name("empty"), eva).ok());
  EXPECT_EQ(message(rename("fraud", "empty")), "ok");
}

TEST_F(Renaming, a_model_that_is_served_keeps_its_name) {
  ASSERT_TRUE(deploy(1, "staging").ok());
  EXPECT_THAT(message(rename("fraud", "wire fraud")), HasSubstr("serves version 1 in staging"));
  ASSERT_TRUE(registry->undeploy("staging", name("fraud"), eva).ok());
  EXPECT_EQ(message(rename("fraud", "wire fraud")), "ok");
}

TEST_F(Renaming, no_alias_comes_under_a_policy_by_a_name) {
  given_policy("wire*");
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("champion"), 1, std::nullopt, eva).ok());
  EXPECT_THAT(message(rename("fraud", "wire fraud")), HasSubstr("asks for approvals of model \"wire fraud\""));
  ASSERT_TRUE(registry->remove_alias(name("fraud"), alias("champion"), eva).ok());
  EXPECT_EQ(message(rename("fraud", "wire fraud")), "ok");
}

TEST_F(Renaming, an_alias_that_stands_for_an_environment_is_moved_only_by_who_may_change_that) {
  given_policy("fraud");
  const access::Scope staging{.models = {}, .permissions = {}, .environments = {"staging"}};
  const registry::Author stager{
      .principal = "stan", .reason = "", .scope = std::make_shared<const access::Scope>(staging)};
  const auto renamed = [&] { return outcome(registry->rename_model(name("fraud"), name("wire fraud"), stager)); };
  for (const char* of_production : {"champion", "production"}) {
    ASSERT_TRUE(registry->approve(name("fraud"), 1, "production", std::nullopt, {"max", ""}).ok());
    ASSERT_TRUE(registry->set_alias(name("fraud"), alias(of_production), 1, std::nullopt, eva).ok());
    EXPECT_EQ(renamed(), "Denied") << of_production;
    EXPECT_EQ(registry->resolve({name("fraud"), alias(of_production)}).value(), 1U);
    ASSERT_TRUE(registry->remove_alias(name("fraud"), alias(of_production), eva).ok());
  }
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("best"), 1, std::nullopt, eva).ok());
  EXPECT_EQ(renamed(), "ok");
}

class RenamingToGates : public House {};

TEST_F(RenamingToGates, no_version_comes_past_them_by_a_name) {
  pushed("weights", "free");
  gates.asks = true;
  EXPECT_THAT(message(registry->rename_model(name("free"), name("fraud"), eva)), HasSubstr("not passed the gates"));
  gates.asks = false;
  EXPECT_EQ(message(registry->rename_model(name("free"), name("fraud"), eva)), "ok");
}

TEST_F(Renaming, approvals_were_given_for_the_old_name) {
  given_policy("*");
  ASSERT_TRUE(registry->approve(name("fraud"), 1, "production", std::nullopt, {"max", ""}).ok());
  ASSERT_EQ(message(rename("fraud", "wire fraud")), "ok");
  EXPECT_THAT(message(registry->set_alias(name("wire fraud"), alias("champion"), 1, std::nullopt, eva)),
              HasSubstr("expects 1 approval"));
}

TEST_F(Renaming, a_version_that_is_being_verified_is_waited_for) {
  std::string meanwhile;
  probe.before_answer = [&] { meanwhile = message(rename("fraud", "wire fraud")); };
  pushed("third");
  EXPECT_THAT(meanwhile, HasSubstr("version 3 of model \"fraud\" is being verified"));
}

TEST_F(Renaming, a_version_that_is_verified_once_more_is_waited_for) {
  probe.answer("third", ports::ProbeOutcome::Verdict::Inconclusive, "timed out");
  pushed("third");
  std::string meanwhile;
  probe.before_answer = [&] { meanwhile = message(rename("fraud", "wire fraud")); };
  ASSERT_TRUE(registry->verify(name("fraud"), 3, eva).ok());
  EXPECT_THAT(meanwhile, HasSubstr("version 3 of model \"fraud\" is being verified"));
  EXPECT_EQ(message(rename("fraud", "wire fraud")), "ok");
}

TEST_F(RenamingToGates, a_version_whose_gates_are_asked_is_waited_for) {
  gates.asks = true;
  pushed("weights");
  registry->run_waiting_gates();
  ASSERT_TRUE(registry->ask_gates(name("fraud"), 1, eva).ok());
  std::vector<std::string> meanwhile{message(registry->rename_model(name("fraud"), name("risk"), eva))};
  gates.before_answer = [&] { meanwhile.push_back(message(registry->rename_model(name("fraud"), name("risk"), eva))); };
  registry->run_waiting_gates();
  ASSERT_EQ(meanwhile.size(), 2U);
  for (const auto& text : meanwhile) EXPECT_THAT(text, HasSubstr("version 1 of model \"fraud\" is being verified"));
  EXPECT_EQ(message(registry->rename_model(name("fraud"), name("risk"), eva)), "ok");
}

TEST_F(Renaming, of_two_at_once_one_wins_and_nothing_is_lost) {
  for (int round = 0; round < 50; ++round) {
    const std::string from = "from " + std::to_string(round);
    pushed("content", from);
    std::atomic<int> done = 0;
    const auto go = [&](const std::string& to) {
      if (rename(from, to).ok()) ++done;
    };
    std::thread left(go, from + " left"), right(go, from + " right");
    left.join();
    right.join();
    EXPECT_EQ(done, 1);
    EXPECT_NE(registry->model(name(from + " left")).ok(), registry->model(name(from + " right")).ok());
  }
}

}  // namespace
}  // namespace slipway::registry_scenarios
