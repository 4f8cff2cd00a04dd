#include "adapter/net/http2_head.h"

#include <gtest/gtest.h>

namespace slipway::net {
namespace {

struct Found {
  bool is_good;
  std::string path, query;
  bool has_escapes;
  bool operator==(const Found&) const = default;
};

Found read(Http2Head& head, std::string_view path) {
  head.reset();
  head.take(":method", "GET");
  head.take(":path", path);
  head.take(":authority", "localhost");
  const bool is_good = head.finish();
  if (!is_good) return {false, "", "", false};
  return {true, std::string(head.head().path.in(head.bytes())), std::string(head.head().query.in(head.bytes())),
          head.head().target_has_escapes};
}

TEST(Http2Head, a_path_is_found_the_same_whatever_was_read_before) {
  Http2Head reused({});
  for (const std::string_view path :
       {"/a/b", "/a/b", "/a/b?c=d", "/a/b", "/a%2Fb", "/a%2Fb", "/a b", "/a/b", "*", ""}) {
    Http2Head fresh({});
    EXPECT_EQ(read(reused, path), read(fresh, path)) << path;
    EXPECT_EQ(read(reused, path), read(fresh, path)) << path << " again";
  }
}

}  // namespace
}  // namespace slipway::net
