#include "domain/model/request_key.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway::model {
namespace {

TEST(RequestKey, keeps_an_id_of_up_to_40_bytes_as_it_is) {
  const std::string uuid = "0b54f0e2-6f0b-4f5e-9d0c-2f8e8f3d9a11";
  EXPECT_EQ(RequestKey::of(uuid).text(), uuid);
  EXPECT_EQ(RequestKey::of(std::string(40, 'a')).text(), std::string(40, 'a'));
  EXPECT_TRUE(RequestKey::of("").is_empty());
}

TEST(RequestKey, tells_long_ids_apart_that_begin_alike) {
  const std::string start(60, 'a');
  const RequestKey first = RequestKey::of(start + "1");
  EXPECT_NE(first, RequestKey::of(start + "2"));
  EXPECT_EQ(first, RequestKey::of(start + "1"));
  EXPECT_EQ(first.text().size(), 40U);
  EXPECT_EQ(first.text().substr(22, 2), "a~");
}

}  // namespace
}  // namespace slipway::model
