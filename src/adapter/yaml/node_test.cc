#include "adapter/yaml/node.h"

#include <gtest/gtest.h>

namespace slipway::yaml {
namespace {

// The tree on one line: 'quoted' and plain scalars, [lists], {mappings}, ~ for nothing; or the error.
std::string shown(const Node& node) {
  std::string out;
  switch (node.kind) {
    case Kind::Null:
      return "~";
    case Kind::Scalar:
      return node.quoted ? "'" + node.scalar + "'" : node.scalar;
    case Kind::Sequence:
      for (const Node& item : node.items) out += (out.empty() ? "" : " ") + shown(item);
      return "[" + out + "]";
    case Kind::Mapping:
      for (const Entry& entry : node.entries) out += (out.empty() ? "" : " ") + entry.key + "=" + shown(entry.value);
      return "{" + out + "}";
  }
  return out;
}

std::string read(std::string_view text, const DocumentLimits& limits = {}) {
  const auto document = parse(text, "f.yaml", limits);
  return document.ok() ? shown(document->root) : document.error().message;
}

TEST(Yaml, text_stays_text) {
  EXPECT_EQ(read("a: no\nb: 010\nc: 'x'\nd: [1.10, ~]\ne:\n"), "{a=no b=010 c='x' d=[1.10 ~] e=~}");
  EXPECT_EQ(read("a: |\n  one\n\n  two\n"), "{a='one\n\ntwo\n'}");
  EXPECT_EQ(read(""), "~");
  EXPECT_EQ(read("# only a comment\n"), "~");
  EXPECT_EQ(read("---\na: b\n...\n"), "{a=b}");
  EXPECT_EQ(read("a: b"), "{a=b}");
  EXPECT_EQ(read("a: |\n  b"), "{a='b\n'}");
  EXPECT_EQ(read("a: |+\n  b\n\n"), "{a='b\n\n'}");
  EXPECT_EQ(read("a: b\r\nc: d\r\n"), "{a=b c=d}");
}

TEST(Yaml, lines_and_columns_count_from_one) {
  const auto document = parse("a: b\nlong: [x,\n  y]\n", "f.yaml");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->root.entries[1].mark, (Mark{2, 1}));
  EXPECT_EQ(document->root.entries[1].value.mark, (Mark{2, 7}));
  EXPECT_EQ(document->root.entries[1].value.items[1].mark, (Mark{3, 3}));
}

TEST(Yaml, what_is_ambiguous_is_refused_with_its_place) {
  EXPECT_EQ(read("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: the key \"a\" is here twice");
  EXPECT_EQ(read("a: &x 1\n"), "f.yaml:1:4: expected a value, found an anchor (&name); anchors are not accepted");
  EXPECT_NE(read("a: &x 1\nb: *x\n").find("anchor"), std::string::npos);
  EXPECT_EQ(read("a: !!int 1\n"),
            "f.yaml:1:4: expected a value without a tag, found the tag \"tag:yaml.org,2002:int\"");
  EXPECT_EQ(read("? [a]\n: b\n"), "f.yaml:1:3: expected a key that is plain text, found a list or a mapping");
  EXPECT_NE(read("a: 1\n---\nb: 2\n").find("expected one document, found a second"), std::string::npos);
  EXPECT_NE(read("~: 1\n").find("expected a key"), std::string::npos);
}

TEST(Yaml, malformed_text_is_refused_with_its_place) {
  EXPECT_TRUE(read("a: [1, 2\nb: 3\n").starts_with("f.yaml:2:")) << read("a: [1, 2\nb: 3\n");
  for (const std::string_view open : {"a: 'open\n", "a: 'open", "a: \"open\n", "a: [1", "a: {b: c"}) {
    EXPECT_TRUE(read(open).starts_with("f.yaml:")) << open << ": " << read(open);
  }
  EXPECT_TRUE(read("a\n b: c\n  - d\n").starts_with("f.yaml:"));
  EXPECT_EQ(read("a: \xff\n"), "f.yaml: expected UTF-8 text, found other bytes");
  EXPECT_EQ(read("a: b\nc: d\x01\n"), "f.yaml:2:5: expected text, found the control character \\x01");
  EXPECT_NE(read("a: \"\\ud800\"\n").find("malformed"), std::string::npos);
}

TEST(Yaml, size_number_and_depth_are_bounded) {
  EXPECT_EQ(read("a: bcdefgh\n", {.size = {5}}), "f.yaml: expected at most 5B, found 11 bytes");
  EXPECT_EQ(read("[1, 2, 3, 4]", {.nodes = 3}), "f.yaml:1:8: expected at most 3 values in the file");
  EXPECT_EQ(read("[[[[1]]]]", {.depth = 3}), "f.yaml:1:4: expected at most 3 levels of nesting");
  EXPECT_NE(read(std::string(100'000, '[')), "~");
  EXPECT_NE(read(std::string(100'000, '{')), "~");
}

TEST(Yaml, an_alias_bomb_is_refused_before_it_grows) {
  std::string bomb = "a0: &a0 x\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + "]\n";
  }
  EXPECT_NE(read(bomb).find("anchors are not accepted"), std::string::npos);
}

}  // namespace
}  // namespace slipway::yaml
