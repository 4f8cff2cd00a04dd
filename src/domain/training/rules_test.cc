#include "domain/training/rules.h"

#include <gtest/gtest.h>

namespace slipway::training {
namespace {

TEST(Rules, keys_are_what_training_code_writes) {
  for (const std::string_view key : {"loss", "val/auc", "a-b_c.d e:f", "größe", "mlflow.source.name"}) {
    EXPECT_TRUE(check_key("metric", key).ok()) << key;
  }
  EXPECT_TRUE(check_key("metric", std::string(250, 'k')).ok());
}

TEST(Rules, keys_that_could_be_another_path_or_hide_something_are_refused) {
  for (const std::string_view key :
       {"", "/a", "a/", "a//b", "../a", "a/..", ".", "./a", "a?b", "a'b", "a\nb", "\xff"}) {
    EXPECT_FALSE(check_key("metric", key).ok()) << key;
  }
  EXPECT_FALSE(check_key("metric", std::string(251, 'k')).ok());
}

TEST(Rules, values_have_their_limits) {
  EXPECT_TRUE(check_parameter("p", std::string(6'000, 'x')).ok());
  EXPECT_FALSE(check_parameter("p", std::string(6'001, 'x')).ok());
  EXPECT_TRUE(check_tag(Kind::Run, "t", std::string(8'000, 'x')).ok());
  EXPECT_FALSE(check_tag(Kind::Experiment, "t", std::string(5'001, 'x')).ok());
  EXPECT_FALSE(check_parameter("p", std::string_view("a\0b", 3)).ok());
  EXPECT_TRUE(check_parameter("p", "two\nlines").ok());
}

TEST(Rules, an_experiment_has_a_name_and_others_may) {
  EXPECT_FALSE(check_name(Kind::Experiment, "").ok());
  EXPECT_TRUE(check_name(Kind::Run, "").ok());
  EXPECT_TRUE(check_name(Kind::Experiment, "a/b: c").ok());
  EXPECT_FALSE(check_name(Kind::Run, "a\tb").ok());
}

TEST(Rules, paths_stay_in_their_folder) {
  for (const std::string_view path : {"a", "model/MLmodel", "a b/ü.txt", "a..b/.c"}) {
    EXPECT_TRUE(check_path(path).ok()) << path;
  }
  for (const std::string_view path : {"", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\\b", "a\nb", "\xc0\xae"}) {
    EXPECT_FALSE(check_path(path).ok()) << path;
  }
}

}  // namespace
}  // namespace slipway::training
