#include "adapter/net/http2_head.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

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

using Fields = std::vector<std::pair<std::string, std::string>>;

// All that a head says, and what is counted of it on the way.
std::string told(Http2Head& head, const Fields& fields) {
  head.reset();
  std::size_t grown = 0;
  for (const auto& [name, value] : fields) {
    const std::size_t before = head.size();
    head.take(name, value);
    grown += head.size() - before;
  }
  const std::size_t before = head.size();
  const bool is_good = head.finish();
  EXPECT_EQ(grown + head.size() - before, head.size());
  EXPECT_EQ(head.fields_seen(), fields.size());
  if (!is_good) return "refused: " + std::string(head.refusal().why);
  const RequestHead& found = head.head();
  std::string text = std::to_string(static_cast<int>(found.method)) + ' ' + std::string(found.path.in(head.bytes())) +
                     '?' + std::string(found.query.in(head.bytes())) + '\n';
  for (std::uint32_t i = 0; i < found.field_count; ++i) {
    text.append(found.fields[i].name.in(head.bytes())).append(": ");
    text.append(found.fields[i].value.in(head.bytes())) += '\n';
  }
  return text + std::to_string(found.content_length.value_or(0)) +
         std::string(found.value(KnownField::Host, head.bytes())) + (found.has_own_fields ? " own" : "");
}

TEST(Http2Head, a_head_means_the_same_whatever_head_was_read_before_it) {
  const Fields call = {{":method", "POST"}, {":path", "/m"}, {":authority", "here"}, {"te", "trailers"}};
  const auto with = [&](const Fields& more) {
    Fields all = call;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  Fields shorter = call, other = call, longer_value = call;
  shorter.pop_back();
  other[1].second = "/n";
  longer_value[3].second = "trailers, and more";
  const std::vector<Fields> heads = {call,
                                     with({{"content-length", "12"}}),
                                     with({{"content-length", "13"}}),
                                     with({{"content-length", "x"}}),
                                     with({{"x-slipway-version", "2"}}),
                                     with({{"long", std::string(2000, 'v')}}),
                                     with({{"connection", "close"}, {"host", "there"}}),
                                     shorter,
                                     other,
                                     longer_value,
                                     {{":method", "POST"}},
                                     {}};
  for (const Fields& first : heads) {
    for (const Fields& second : heads) {
      Http2Head reused({}), fresh({});
      for (const Fields* each : {&first, &first, &second, &second, &second, &first}) {
        EXPECT_EQ(told(reused, *each), told(fresh, *each));
        fresh.release();
      }
    }
  }
}

TEST(Http2Head, where_every_head_differs_and_then_none_both_are_read_rightly) {
  Http2Head reused({});
  for (int i = 0; i < 200; ++i) {
    const std::string trace = std::to_string(i < 100 ? i : 100);
    Http2Head fresh({});
    const Fields fields = {{":method", "GET"}, {":path", "/"}, {":authority", "x"}, {"traceparent", trace}};
    EXPECT_EQ(told(reused, fields), told(fresh, fields));
  }
}

}  // namespace
}  // namespace slipway::net
