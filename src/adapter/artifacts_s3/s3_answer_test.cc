#include "adapter/artifacts_s3/s3_answer.h"

#include <gtest/gtest.h>

namespace slipway::artifacts_s3 {
namespace {

std::vector<std::byte> bytes(std::string_view text) {
  return {as_bytes(text).begin(), as_bytes(text).end()};
}

S3Answer answer(long status, std::string_view code = "") {
  S3Answer made{.status = status};
  if (!code.empty())
    made.body = bytes("<Error><Code>" + std::string(code) + "</Code><Message>a &lt;b&gt; \x1b</Message></Error>");
  return made;
}

TEST(S3Answer, means_one_of_four_things) {
  EXPECT_EQ(meaning_of(answer(200)), Meaning::Done);
  EXPECT_EQ(meaning_of(answer(204)), Meaning::Done);
  EXPECT_EQ(meaning_of(answer(206)), Meaning::Done);
  EXPECT_EQ(meaning_of(answer(404)), Meaning::Absent);
  EXPECT_EQ(meaning_of(answer(404, "NoSuchKey")), Meaning::Absent);
  EXPECT_EQ(meaning_of(answer(404, "NoSuchBucket")), Meaning::Refused);
  EXPECT_EQ(meaning_of(answer(404, "NoSuchUpload")), Meaning::Refused);
  EXPECT_EQ(meaning_of(answer(403, "AccessDenied")), Meaning::Refused);
  EXPECT_EQ(meaning_of(answer(301, "PermanentRedirect")), Meaning::Refused);
  for (const long busy : {408, 429, 500, 502, 503, 504}) EXPECT_EQ(meaning_of(answer(busy)), Meaning::Again) << busy;
  EXPECT_EQ(meaning_of(answer(400, "RequestTimeout")), Meaning::Again);
  EXPECT_EQ(meaning_of(answer(400, "XAmzContentSHA256Mismatch")), Meaning::Again);
  EXPECT_EQ(meaning_of(answer(400, "InvalidArgument")), Meaning::Refused);
  EXPECT_EQ(meaning_of({.status = 200, .broken = "cut"}), Meaning::Again);
  EXPECT_EQ(meaning_of({.status = 200, .broken = "cut", .is_too_large = true}), Meaning::Refused);
}

TEST(S3Answer, is_described_without_control_characters) {
  EXPECT_EQ(describe(answer(403, "AccessDenied")), "it answered 403 (AccessDenied: a <b> \\x1b)");
  EXPECT_EQ(describe(answer(500)), "it answered 500");
}

TEST(S3Answer, tells_the_age_of_an_object_by_its_own_clock) {
  S3Answer told = answer(200);
  EXPECT_FALSE(age_of(told));
  told.last_modified = "Sun, 22 Nov 2026 00:00:00 GMT";
  EXPECT_FALSE(age_of(told));
  told.date = "Sun, 22 Nov 2026 01:00:05 GMT";
  EXPECT_EQ(*age_of(told), std::chrono::seconds(3605));
}

TEST(S3Answer, a_wait_is_a_number_of_seconds) {
  EXPECT_EQ(*wait_asked({.retry_after = "7"}), std::chrono::seconds(7));
  EXPECT_FALSE(wait_asked({.retry_after = "soon"}));
  EXPECT_FALSE(wait_asked({}));
}

TEST(S3List, has_keys_and_may_go_on) {
  const auto page = parse_list(bytes(
      "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"x\"><IsTruncated>true</IsTruncated><Contents><Key>a&amp;b</Key>"
      "<Size>1</Size></Contents><Contents><Key>c&#x20;d</Key></Contents><NextContinuationToken>t/1=</"
      "NextContinuationToken>"
      "</ListBucketResult>"));
  ASSERT_TRUE(page.ok()) << page.error().message;
  EXPECT_EQ(page->keys, (std::vector<std::string>{"a&b", "c d"}));
  EXPECT_EQ(page->next, "t/1=");
}

TEST(S3List, that_is_none_is_corrupt) {
  for (const char* text :
       {"", "<html>", "<ListBucketResult><IsTruncated>false</IsTruncated>", "<ListBucketResult></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    const auto page = parse_list(bytes(text));
    ASSERT_FALSE(page.ok()) << text;
    EXPECT_EQ(page.error().code, ErrorCode::Corrupt);
  }
}

}  // namespace
}  // namespace slipway::artifacts_s3
