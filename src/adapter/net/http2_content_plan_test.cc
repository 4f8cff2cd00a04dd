#include "adapter/net/http2_content_plan.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace slipway::net {
namespace {

// "h" for a head, and the size of each content.
std::string shape(const ContentPlan& plan) {
  std::string text;
  for (std::size_t i = 0; i < plan.parts().size(); ++i) {
    const std::size_t size = plan.parts()[i].size();
    EXPECT_TRUE(!plan.is_head(i) || size == ContentPlan::kHead);
    text += (text.empty() ? "" : " ") + (plan.is_head(i) ? "h" : std::to_string(size));
  }
  return text;
}

class ContentPlanTest : public testing::Test {
 protected:
  std::string planned(std::size_t left, std::size_t frame, std::size_t room, std::size_t most) {
    const ContentPlan plan(left, frame, MutableByteSpan(room_).first(room), most);
    EXPECT_LE(plan.size(), most);
    const std::byte* place = room_.data();
    for (std::size_t i = 0; i < plan.parts().size(); ++i) {
      if (plan.is_head(i)) continue;
      EXPECT_EQ(plan.parts()[i].data(), place) << "contents lie one behind the other";
      place += plan.parts()[i].size();
    }
    return shape(plan);
  }
  std::array<std::byte, 100'000> room_{};
};

TEST_F(ContentPlanTest, goes_on_with_a_frame_and_expects_others_like_it) {
  EXPECT_EQ(planned(100, 16'384, 100'000, 100'000), "100 h 16384 h 16384 h 16384 h 16384 h 16384 h 16384 h 1533");
}

TEST_F(ContentPlanTest, begins_with_a_head_where_a_frame_has_ended) {
  EXPECT_EQ(planned(0, 5'000, 12'000, 100'000), "h 5000 h 5000 h 2000");
}

TEST_F(ContentPlanTest, ends_with_what_may_be_read) {
  EXPECT_EQ(planned(16'384, 16'384, 100'000, 16'000), "16000");
  EXPECT_EQ(planned(6'000, 8'000, 100'000, 10'000), "6000 h 3991");
  EXPECT_EQ(planned(6'000, 8'000, 100'000, 6'000), "6000");
  EXPECT_EQ(planned(6'000, 8'000, 100'000, 6'009), "6000") << "a head alone is worth nothing";
}

TEST_F(ContentPlanTest, ends_with_the_room) {
  EXPECT_EQ(planned(6'000, 8'000, 5'000, 100'000), "5000");
  EXPECT_EQ(planned(6'000, 8'000, 6'000, 100'000), "6000");
}

TEST_F(ContentPlanTest, guesses_no_short_frames_and_few_at_once) {
  EXPECT_EQ(planned(10, 100, 100'000, 100'000), "10");
  EXPECT_EQ(planned(0, 100, 100'000, 100'000), "");
  EXPECT_EQ(planned(0, 4'096, 100'000, 100'000), "h 4096 h 4096 h 4096 h 4096 h 4096 h 4096 h 4096 h 4096");
}

}  // namespace
}  // namespace slipway::net
