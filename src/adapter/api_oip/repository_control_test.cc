#include "adapter/api_oip/repository_control.h"

#include <gtest/gtest.h>

#include "adapter/api_oip/scripted_predictor.h"
#include "adapter/store_memory/test_registry.h"

namespace slipway::api_oip {
namespace {

using State = ports::ServedState::State;
using Started = std::vector<ports::ModelRepository::Started>;

class ScriptedRepository final : public ports::ModelRepository {
 public:
  Result<model::TrafficSplit> import(const model::ModelName&, const ports::RepositoryOverrides&,
                                     std::string_view) override {
    return not_found("nothing is imported here");
  }
  Result<void> unload(const model::ModelName& name, std::string_view principal) override {
    unloaded.push_back(name.text() + " by " + std::string(principal));
    return answer;
  }
  bool has(const model::ModelName&) const override { return true; }
  std::optional<std::vector<Started>> started() const override { return taken; }
  std::vector<ports::RepositoryFinding> findings() const override { return {}; }

  std::optional<std::vector<Started>> taken;
  std::vector<std::string> unloaded;
  Result<void> answer;
};

class Control : public ::testing::Test, protected store_memory::test::TestRegistry {
 protected:
  static model::ModelName name(std::string_view text) { return model::ModelName::parse(text).value(); }

  ScriptedPredictor predictor_;
  ScriptedRepository repository_;
  RegistryControl control_{{registry, predictor_, clock, "production", &repository_}};
};

TEST_F(Control, is_ready_when_what_the_repository_started_with_is_served_or_has_failed) {
  EXPECT_FALSE(control_.is_ready()) << "before the first look";
  repository_.taken = Started{{name("a"), 1}, {name("b"), 3}};
  EXPECT_FALSE(control_.is_ready()) << "before serving knows of it";
  predictor_.states = {{"a", 1, State::Ready, ""}, {"b", 2, State::Ready, ""}, {"b", 3, State::Loading, ""}};
  EXPECT_FALSE(control_.is_ready()) << "while one loads";
  predictor_.states[2].state = State::Unavailable;
  EXPECT_TRUE(control_.is_ready());
  predictor_.states.clear();
  EXPECT_TRUE(control_.is_ready()) << "once ready, what comes and goes is no matter of readiness";
}

TEST_F(Control, does_not_wait_for_what_was_undeployed_before_it_was_served) {
  repository_.taken = Started{{name("a"), 1}, {name("b"), 3}};
  predictor_.states = {{"a", 1, State::Ready, ""}};
  EXPECT_FALSE(control_.is_ready());
  repository_.taken->pop_back();  // as the repository's next look leaves it
  EXPECT_TRUE(control_.is_ready());
}

TEST_F(Control, leaves_an_unload_to_the_repository_where_there_is_one) {
  EXPECT_TRUE(control_.unload(name("m"), "eva"));
  EXPECT_EQ(repository_.unloaded, std::vector<std::string>{"m by eva"});
  repository_.answer = overloaded("busy");
  EXPECT_EQ(control_.unload(name("m"), "eva").error().code, ErrorCode::Overloaded);
}

TEST_F(Control, finds_nothing_to_unload_where_nothing_is_deployed) {
  RegistryControl alone({registry, predictor_, clock, "production"});
  EXPECT_TRUE(alone.is_ready());
  EXPECT_EQ(alone.unload(name("m"), "eva").error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace slipway::api_oip
