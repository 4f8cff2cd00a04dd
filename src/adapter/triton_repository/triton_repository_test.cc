#include "adapter/triton_repository/triton_repository.h"

#include <thread>

#include "adapter/triton_repository/test_house.h"

namespace slipway::triton_repository {
namespace {

using TritonRepositoryTest = test::House;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(TritonRepositoryTest, takes_a_folder_that_two_looks_saw_the_same) {
  models.write("m/1/model.onnx", "one");
  open();
  repository->look();
  EXPECT_EQ(served("m"), "");
  repository->look();
  EXPECT_EQ(served("m"), "1");
  EXPECT_EQ(reason("m", 1), "");
}

TEST_F(TritonRepositoryTest, takes_nothing_unasked_where_loads_decide) {
  models.write("m/1/model.onnx", "one");
  open(Control::Explicit);
  look_twice();
  EXPECT_EQ(served("m"), "");
  EXPECT_EQ(reason("m", 0), "not loaded");
  ASSERT_TRUE(repository->import(name("m"), {}, "eva"));
  EXPECT_EQ(served("m"), "1");
}

TEST_F(TritonRepositoryTest, takes_nothing_twice_after_a_restart) {
  models.write("m/1/model.onnx", "one");
  open();
  look_twice();
  open();
  look_twice();
  EXPECT_EQ(probe.probed, 1);
  EXPECT_EQ(served("m"), "1");
}

TEST_F(TritonRepositoryTest, undeploys_a_folder_that_two_looks_missed) {
  models.write("m/1/model.onnx", "one");
  open();
  look_twice();
  std::filesystem::remove_all(models.path() / "m");
  repository->look();
  EXPECT_EQ(served("m"), "1");
  repository->look();
  EXPECT_EQ(served("m"), "");
}

TEST_F(TritonRepositoryTest, verifies_again_what_was_not_verified_to_the_end) {
  models.write("m/1/model.onnx", "one");
  probe.verdict = Verdict::Inconclusive;
  open();
  look_twice();
  EXPECT_EQ(served("m"), "");
  EXPECT_NE(reason("m", 1).find("as the test says"), std::string::npos);
  probe.verdict = Verdict::Passed;
  look_twice();
  EXPECT_EQ(served("m"), "") << "before the pause is over";
  clock.advance(seconds(5));
  look_twice();
  EXPECT_EQ(served("m"), "1");
  EXPECT_EQ(reason("m", 1), "");
}

TEST_F(TritonRepositoryTest, verifies_again_after_a_restart) {
  models.write("m/1/model.onnx", "one");
  probe.verdict = Verdict::Inconclusive;
  open();
  look_twice();
  probe.verdict = Verdict::Passed;
  open();
  look_twice();
  EXPECT_EQ(served("m"), "1");
}

TEST_F(TritonRepositoryTest, pauses_longer_after_each_try) {
  models.write("m/1/model.onnx", "one");
  probe.verdict = Verdict::Inconclusive;
  open();
  look_twice();
  for (int tries = 1; tries <= 9; ++tries) {
    const Duration pause = std::min<Duration>(seconds(5) * (1 << (tries - 1)), minutes(10));
    clock.advance(pause - seconds(1));
    look_twice();
    EXPECT_EQ(probe.probed, tries) << "before " << to_string(pause);
    clock.advance(seconds(1));
    look_twice();
    EXPECT_EQ(probe.probed, tries + 1) << "after " << to_string(pause);
  }
}

TEST_F(TritonRepositoryTest, does_not_try_again_what_was_refused) {
  models.write("m/1/model.onnx", "one");
  probe.verdict = Verdict::Failed;
  open();
  look_twice();
  clock.advance(minutes(60));
  look_twice();
  EXPECT_EQ(probe.probed, 1);
  EXPECT_NE(reason("m", 1).find("rejected"), std::string::npos);
}

TEST_F(TritonRepositoryTest, tells_a_load_that_the_version_may_be_taken_later) {
  models.write("m/1/model.onnx", "one");
  probe.verdict = Verdict::Inconclusive;
  open(Control::Explicit);
  const auto loaded = repository->import(name("m"), {}, "eva");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::NotReady);
  probe.verdict = Verdict::Passed;
  EXPECT_TRUE(repository->import(name("m"), {}, "eva"));
}

TEST_F(TritonRepositoryTest, knows_what_it_deployed_at_the_start) {
  models.write("m/1/model.onnx", "one");
  open();
  EXPECT_FALSE(repository->started());
  look_twice();
  ASSERT_TRUE(repository->started());
  ASSERT_EQ(repository->started()->size(), 1u);
  EXPECT_EQ(repository->started()->front().model.text(), "m");
}

TEST_F(TritonRepositoryTest, does_not_wait_for_what_was_undeployed_since_the_start) {
  models.write("a/1/model.onnx", "one");
  models.write("b/1/model.onnx", "two");
  open();
  look_twice();
  ASSERT_TRUE(registry.undeploy("production", name("a"), {"eva", "not needed"}));
  repository->look();
  ASSERT_EQ(repository->started()->size(), 1u);
  EXPECT_EQ(repository->started()->front().model.text(), "b");
}

TEST_F(TritonRepositoryTest, leaves_an_unloaded_model_alone_until_its_folder_changes) {
  models.write("m/1/model.onnx", "one");
  open();
  look_twice();
  ASSERT_TRUE(repository->unload(name("m"), "eva"));
  look_twice();
  EXPECT_EQ(served("m"), "");
  EXPECT_EQ(reason("m", 0), "unloaded");
  models.write("m/2/model.onnx", "two");
  look_twice();
  EXPECT_EQ(served("m"), "2");
}

TEST_F(TritonRepositoryTest, brings_no_unloaded_model_back_when_it_tries_a_version_again) {
  models.write("m/1/model.onnx", "one");
  open();
  look_twice();
  probe.verdict = Verdict::Inconclusive;
  models.write("m/2/model.onnx", "two");
  look_twice();
  EXPECT_EQ(served("m"), "1");
  ASSERT_TRUE(repository->unload(name("m"), "eva"));
  probe.verdict = Verdict::Passed;
  clock.advance(minutes(60));
  look_twice();
  EXPECT_EQ(served("m"), "");
}

TEST_F(TritonRepositoryTest, serves_the_newest_32_versions_and_tells_of_the_others) {
  models.write("m/config.pbtxt", "version_policy { all { } }");
  for (int i = 1; i <= 34; ++i) models.write("m/" + std::to_string(i) + "/model.onnx", "model " + std::to_string(i));
  open();
  look_twice();
  EXPECT_EQ(probe.probed, 32);
  EXPECT_EQ(reason("m", 3), "");
  for (const model::VersionNumber left_out : {1, 2}) {
    EXPECT_NE(reason("m", left_out).find("the newest 32 versions"), std::string::npos) << left_out;
  }
  std::filesystem::remove_all(models.path() / "m/34");
  look_twice();
  EXPECT_EQ(reason("m", 2), "");
  EXPECT_EQ(probe.probed, 33);
}

TEST_F(TritonRepositoryTest, says_that_nothing_is_there_to_unload) {
  open();
  const auto unloaded = repository->unload(name("m"), "eva");
  ASSERT_FALSE(unloaded);
  EXPECT_EQ(unloaded.error().code, ErrorCode::NotFound);
}

// Whenever it asks, an unload has its turn after the import that is under way.
TEST_F(TritonRepositoryTest, unloads_what_was_being_imported_when_it_was_asked) {
  models.write("m/1/model.onnx", "one");
  open(Control::Explicit);
  std::jthread unloading;
  Result<void> unloaded = internal_error("did not run");
  probe.meanwhile = [&] { unloading = std::jthread([&] { unloaded = repository->unload(name("m"), "eva"); }); };
  ASSERT_TRUE(repository->import(name("m"), {}, "eva"));
  unloading.join();
  EXPECT_TRUE(unloaded);
  EXPECT_EQ(served("m"), "");
}

TEST_F(TritonRepositoryTest, refuses_a_load_and_an_unload_that_waited_for_too_long) {
  models.write("m/1/model.onnx", "one");
  patience = std::chrono::milliseconds(1);
  open(Control::Explicit);
  std::vector<ErrorCode> codes;
  probe.meanwhile = [&] {
    std::jthread([&] {
      codes.push_back(repository->import(name("m"), {}, "eva").error().code);
      codes.push_back(repository->unload(name("m"), "eva").error().code);
    }).join();
  };
  ASSERT_TRUE(repository->import(name("m"), {}, "eva"));
  EXPECT_EQ(codes, (std::vector{ErrorCode::Overloaded, ErrorCode::Overloaded}));
  EXPECT_EQ(served("m"), "1");
}

}  // namespace
}  // namespace slipway::triton_repository
