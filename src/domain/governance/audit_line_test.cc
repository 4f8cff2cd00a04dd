#include "domain/governance/audit_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::governance {
namespace {

using testing::HasSubstr;

model::Event event() {
  return {.sequence = 12,
          .at = WallTime(std::chrono::microseconds(1'795'255'201'000'042)),
          .actor = "eva \"the\" \\ first",
          .action = "push",
          .model = "日本語",
          .subject = "version 3",
          .from = "",
          .to = "sha256:00",
          .reason = "tab\tline\nbell\x07 del\x7F",
          .hash = sha256(as_bytes("x"))};
}

model::AuditHead head() {
  const auto key = Ed25519PrivateKey::generate();
  model::AuditHead head{.sequence = 7, .hash = sha256(as_bytes("y")), .at = event().at, .key = key.public_key()};
  head.signature = key.sign(as_bytes(statement_of(head)));
  return head;
}

TEST(AuditLine, an_event_reads_back_as_it_was) {
  EXPECT_EQ(std::get<model::Event>(parse_audit_line(line_of(event())).value()), event());
  EXPECT_THAT(line_of(event()), HasSubstr(R"({"sequence":12,"at":"2026-11-21T10:00:01.000042Z","actor":"eva )"));
}

TEST(AuditLine, a_head_reads_back_as_it_was) {
  const auto signed_head = head();
  const auto read = std::get<model::AuditHead>(parse_audit_line(line_of(signed_head)).value());
  EXPECT_EQ(read, signed_head);
  EXPECT_TRUE(is_genuine(read));
}

TEST(AuditLine, a_line_that_is_cut_or_added_to_is_refused) {
  for (const std::string& line : {line_of(event()), line_of(head())}) {
    for (std::size_t size = 0; size < line.size(); ++size) {
      EXPECT_FALSE(parse_audit_line(line.substr(0, size)).ok()) << size;
    }
    EXPECT_FALSE(parse_audit_line(line + " ").ok());
  }
}

TEST(AuditLine, a_refusal_says_where_and_what) {
  std::string line = line_of(event());
  line.replace(line.find("\"action\""), 8, "\"aktion\"");
  const auto read = parse_audit_line(line);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::Corrupt);
  EXPECT_THAT(read.error().message, HasSubstr("expected ,\"action\":, found"));
}

}  // namespace
}  // namespace slipway::governance
