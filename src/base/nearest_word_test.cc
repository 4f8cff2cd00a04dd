#include "base/nearest_word.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway {
namespace {

constexpr std::string_view kKnown[] = {"serve", "push", "deploy", "rollback", "labels", "limits", "golden", "m"};

TEST(NearestWord, is_what_was_probably_meant) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"depoly", "deploy"},
      {"psuh", "push"},
      {"sevre", "serve"},
      {"rolback", "rollback"},
      {"lables", "labels"},
      {"Golden", "golden"},
      {"limit", "limits"},
      {"pushh", "push"},
      {"quit", ""},
      {"", ""},
      {"n", ""},
      {"completely-different", ""},
  };
  for (const auto& [word, meant] : table) EXPECT_EQ(nearest_word(word, kKnown), meant) << word;
}

TEST(NearestWord, long_words_are_not_compared) {
  const std::string word(100'000, 'l');
  const std::string_view words[] = {word};
  EXPECT_EQ(nearest_word(word, words), "");
  EXPECT_EQ(nearest_word("l", words), "");
}

}  // namespace
}  // namespace slipway
