// Versions of artifacts that are there already, models without versions, and artifacts that others need.
#include "house.h"

namespace slipway::registry_scenarios {
namespace {

class Imports : public House {
 protected:
  model::PackageFile kept(const std::string& content, const std::string& path = "model.onnx") {
    auto writer = artifacts.create().value();
    EXPECT_TRUE(writer->write(as_bytes(content)).ok());
    return {path, content.size(), writer->finish().value()};
  }
  Result<model::ModelVersion> import(std::vector<model::PackageFile> files, const std::string& source = "runs:/1/m") {
    registry::ImportRequest request{
        .model = name("fraud"), .files = std::move(files), .notes = {.model = name("x"), .version = 9}};
    request.notes.source = source;
    return registry->import(request, eva);
  }
};

TEST_F(Imports, the_same_artifacts_are_a_new_version_each_time) {
  const auto file = kept("weights");
  EXPECT_EQ(import({file}).value().number, 1U);
  EXPECT_EQ(import({file}).value().number, 2U);
  ASSERT_TRUE(registry->remove_version(name("fraud"), 2, eva).ok());
  EXPECT_EQ(import({file}).value().number, 3U);
  EXPECT_EQ(stage_of(3), "validated");
}

TEST_F(Imports, where_a_version_came_from_is_written_with_it) {
  ASSERT_TRUE(import({kept("weights")}, "models:/m-1").ok());
  const auto notes = registry->notes(name("fraud"), 1).value();
  EXPECT_EQ(notes.record.source, "models:/m-1");
  EXPECT_EQ(notes.record.model, name("fraud"));
  EXPECT_EQ(notes.record.version, 1U);
}

TEST_F(Imports, its_artifacts_are_held_until_it_keeps_them_and_no_longer) {
  const auto file = kept("weights");
  const auto unused = kept("of nothing");
  registry::ImportRequest request{.model = name("fraud"), .files = {file}, .notes = {.model = name("x"), .version = 9}};
  request.artifacts_held = registry->hold_artifacts();
  EXPECT_EQ(registry->collect_artifacts().value(), 0U);
  probe.before_answer = [&] { EXPECT_FALSE(artifacts.contains(unused.digest).value()); };
  EXPECT_TRUE(registry->import(std::move(request), eva).ok());
  EXPECT_EQ(probe.probed, 1);
  EXPECT_TRUE(artifacts.contains(file.digest).value());
}

TEST_F(Imports, makers_are_names_and_not_too_many) {
  const auto made_by = [&](std::vector<std::string> makers) {
    return outcome(registry->import({.model = name("fraud"),
                                     .files = {kept("weights")},
                                     .notes = {.model = name("x"), .version = 9},
                                     .makers = std::move(makers)},
                                    eva));
  };
  EXPECT_EQ(made_by({"two\nlines"}), "InvalidInput");
  std::vector<std::string> crowd;
  for (int i = 0; i < 1'001; ++i) crowd.push_back("maker " + std::to_string(i));
  EXPECT_EQ(made_by(crowd), "InvalidInput");
  crowd.pop_back();
  EXPECT_EQ(made_by(crowd), "ok");
}

TEST_F(Imports, what_is_refused_leaves_nothing) {
  const auto file = kept("weights", "broken");
  EXPECT_EQ(outcome(import({file})), "InvalidInput");
  EXPECT_EQ(stage_of(1), "NotFound");
  EXPECT_TRUE(artifacts.list().value().empty());
  EXPECT_EQ(outcome(import({kept("weights")}, std::string(3000, 's'))), "InvalidInput");
}

TEST_F(Imports, a_model_may_be_there_before_its_versions) {
  const auto made = registry->create_model(name("fraud"), {.description = "first", .tags = {{"team", "risk"}}}, eva);
  ASSERT_TRUE(made.ok()) << message(made);
  EXPECT_EQ(outcome(registry->create_model(name("fraud"), {}, eva)), "Conflict");
  EXPECT_EQ(pushed("weights"), 1U);
  EXPECT_EQ(registry->model(name("fraud")).value().record.annotations.description, "first");
}

TEST_F(Imports, a_model_that_is_made_again_goes_on_counting) {
  given_versions(2);
  ASSERT_TRUE(registry->remove_model(name("fraud"), eva).ok());
  ASSERT_TRUE(registry->create_model(name("fraud"), {}, eva).ok());
  EXPECT_EQ(pushed("weights"), 3U);
}

TEST_F(Imports, artifacts_that_others_need_or_hold_are_not_collected) {
  const auto file = kept("of a run");
  elsewhere = {file.digest};
  EXPECT_EQ(registry->collect_artifacts().value(), 0U);
  elsewhere.clear();
  {
    const auto hold = registry->hold_artifacts();
    EXPECT_EQ(registry->collect_artifacts().value(), 0U);
    EXPECT_TRUE(artifacts.contains(file.digest).value());
  }
  EXPECT_FALSE(artifacts.contains(file.digest).value());
}

TEST_F(Imports, a_read_holds_artifacts_and_tells_no_other_process) {
  const auto file = kept("of a run");
  {
    const auto hold = registry->read_artifacts();
    EXPECT_EQ(registry->collect_artifacts().value(), 0U);
    EXPECT_TRUE(artifacts.contains(file.digest).value());
  }
  EXPECT_FALSE(artifacts.contains(file.digest).value());
  EXPECT_EQ(holds_told, 0);
  registry->hold_artifacts().reset();
  EXPECT_EQ(holds_told, 1);
}

TEST_F(Imports, nothing_is_removed_while_another_process_has_taken_over) {
  const auto file = kept("of a push to the other process");
  may_remove = false;
  EXPECT_EQ(registry->collect_artifacts().value(), 0U);
  registry->hold_artifacts().reset();  // as a download that ends
  EXPECT_TRUE(artifacts.contains(file.digest).value());
  may_remove = true;
  registry->hold_artifacts().reset();  // the wish was kept
  EXPECT_FALSE(artifacts.contains(file.digest).value());
}

}  // namespace
}  // namespace slipway::registry_scenarios
