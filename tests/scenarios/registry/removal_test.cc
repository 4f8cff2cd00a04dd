// Removal: what is in use stays, and artifacts go with the last version that needs them.
#include <gmock/gmock.h>

#include "house.h"
#include "service/registry/artifact_collection.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// As a store that several servers share: what is young stays.
class SharedArtifacts final : public ports::ArtifactStore {
 public:
  explicit SharedArtifacts(ports::ArtifactStore& store) : store_(store) {}
  Result<std::unique_ptr<ports::ArtifactWriter>> create() override { return store_.create(); }
  Result<std::unique_ptr<ports::ArtifactBatch>> begin_batch() override { return store_.begin_batch(); }
  Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) override { return store_.read(digest, limit); }
  Result<void> pour(const Digest& digest, Bytes limit, const ports::TakePiece& take) override {
    return store_.pour(digest, limit, take);
  }
  Result<std::unique_ptr<ports::Content>> content(const Digest& digest) override { return store_.content(digest); }
  Result<bool> contains(const Digest& digest) override { return store_.contains(digest); }
  Result<void> remove(const Digest& digest) override { return are_young ? Result<void>() : store_.remove(digest); }
  Result<std::vector<Digest>> list() override { return store_.list(); }

  bool are_young = true;

 private:
  ports::ArtifactStore& store_;
};

class Removal : public House {
 protected:
  Result<void> remove(model::VersionNumber number) { return registry->remove_version(name("fraud"), number, eva); }
  void given_artifact(std::string_view content) {
    auto writer = artifacts.create().value();
    ASSERT_TRUE(writer->write(as_bytes(content)).ok());
    ASSERT_TRUE(writer->finish().ok());
  }
  bool stored(const std::string& content) { return artifacts.contains(sha256(as_bytes(content))).value(); }
};

TEST_F(Removal, a_removed_version_and_its_artifacts_are_gone) {
  pushed("a");
  pushed("b");
  ASSERT_TRUE(remove(1).ok());
  EXPECT_EQ(stage_of(1), "NotFound");
  EXPECT_FALSE(stored("a"));
  EXPECT_TRUE(stored("b"));
}

TEST_F(Removal, an_artifact_that_another_version_needs_stays) {
  pushed("shared", "fraud");
  pushed("shared", "wine");
  ASSERT_TRUE(remove(1).ok());
  EXPECT_TRUE(stored("shared"));
  ASSERT_TRUE(registry->remove_model(name("wine"), eva).ok());
  EXPECT_THAT(artifacts.list().value(), IsEmpty());
}

TEST_F(Removal, an_artifact_that_the_store_keeps_is_not_counted_and_goes_with_a_later_collection) {
  given_versions(1);
  auto writer = artifacts.create().value();
  ASSERT_TRUE(writer->write(as_bytes("orphan")).ok());
  ASSERT_TRUE(writer->finish().ok());
  SharedArtifacts shared(artifacts);
  registry::ArtifactCollection collection(metadata, shared, log);
  EXPECT_EQ(collection.collect().value(), 0U);
  EXPECT_TRUE(stored("orphan"));
  shared.are_young = false;
  EXPECT_EQ(collection.collect().value(), 1U);
  EXPECT_FALSE(stored("orphan"));
}

TEST_F(Removal, what_is_served_anywhere_is_not_removed) {
  given_versions(2);
  ASSERT_TRUE(deploy(1, "staging").ok());
  EXPECT_THAT(message(remove(1)), HasSubstr("serves version 1 in staging"));
  EXPECT_EQ(outcome(registry->remove_model(name("fraud"), eva)), "Conflict");
  EXPECT_TRUE(remove(2).ok());
  ASSERT_TRUE(registry->undeploy("staging", name("fraud"), eva).ok());
  EXPECT_TRUE(remove(1).ok());
}

TEST_F(Removal, an_alias_goes_with_its_version_and_history_tells_so) {
  given_versions(2);
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("champion"), 1, {}, eva).ok());
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("next"), 2, {}, eva).ok());
  ASSERT_TRUE(remove(1).ok());
  EXPECT_EQ(points_to("champion"), "NotFound");
  EXPECT_EQ(points_to("next"), "version 2");
  const auto events = registry->history("fraud", 0, 2).value();
  EXPECT_EQ(events[0].subject, "alias champion");
  EXPECT_EQ(events[0].to, "");
  EXPECT_EQ(events[1].subject, "version 1");
}

TEST_F(Removal, a_removed_model_takes_its_versions_and_aliases_along) {
  given_versions(3);
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("champion"), 1, {}, eva).ok());
  ASSERT_TRUE(registry->remove_model(name("fraud"), eva).ok());
  EXPECT_EQ(outcome(registry->model(name("fraud"))), "NotFound");
  EXPECT_THAT(registry->models("", 10).value(), IsEmpty());
  EXPECT_THAT(artifacts.list().value(), IsEmpty());
  pushed("new life");
  EXPECT_EQ(points_to("champion"), "NotFound");
  EXPECT_EQ(registry->model(name("fraud"))->versions.size(), 1U);
}

TEST_F(Removal, what_is_not_there_is_not_found) {
  EXPECT_EQ(outcome(remove(1)), "NotFound");
  EXPECT_EQ(outcome(registry->remove_model(name("fraud"), eva)), "NotFound");
}

TEST_F(Removal, an_artifact_of_a_push_in_progress_is_never_collected) {
  pushed("old");
  metadata.before_commit = [&] {
    EXPECT_TRUE(stored("new"));
    ASSERT_TRUE(remove(1).ok());  // asks for a collection while the new files belong to no version yet
    EXPECT_TRUE(stored("old"));
  };
  pushed("new");
  EXPECT_TRUE(stored("new"));
  EXPECT_FALSE(stored("old"));  // afterwards
}

TEST_F(Removal, a_collection_does_not_wait_for_a_push_that_is_still_coming_in) {
  pushed("old");
  packages.after_storing = [&] {
    packages.after_storing = nullptr;
    ASSERT_TRUE(remove(1).ok());
    EXPECT_FALSE(stored("old"));
    EXPECT_FALSE(stored("new"));  // not before all of it was read
  };
  pushed("new");
  EXPECT_TRUE(stored("new"));
}

TEST_F(Removal, orphans_of_an_earlier_life_are_collected) {
  pushed("kept");
  given_artifact("orphan");
  restart();
  EXPECT_EQ(registry->collect_artifacts().value(), 1U);
  EXPECT_FALSE(stored("orphan"));
  EXPECT_TRUE(stored("kept"));
}

TEST_F(Removal, a_store_that_may_be_another_registrys_loses_nothing) {
  given_artifact("of a registry that is elsewhere");
  restart();
  EXPECT_EQ(outcome(registry->collect_artifacts()), "Conflict");
  EXPECT_THAT(message(registry->collect_artifacts()), HasSubstr("holds 1 artifacts"));
  pushed("ours");
  ASSERT_TRUE(registry->remove_model(name("fraud"), eva).ok());
  EXPECT_TRUE(stored("of a registry that is elsewhere"));
}

TEST_F(Removal, a_registry_without_versions_that_once_had_some_collects) {
  given_versions(1);
  ASSERT_TRUE(registry->remove_model(name("fraud"), eva).ok());
  given_artifact("orphan");
  restart();
  EXPECT_EQ(registry->collect_artifacts().value(), 1U);
}

TEST_F(Removal, a_deletion_is_in_the_history_after_the_model_is_gone) {
  given_versions(2);
  ASSERT_TRUE(registry->remove_model(name("fraud"), eva).ok());
  const auto events = registry->history("fraud", 0, 1).value();
  EXPECT_EQ(events[0].action, "delete");
  EXPECT_EQ(events[0].from, "2 versions");
}

}  // namespace
}  // namespace slipway::registry_scenarios
