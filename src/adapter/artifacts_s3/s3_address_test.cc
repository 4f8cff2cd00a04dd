#include "adapter/artifacts_s3/s3_address.h"

#include <gtest/gtest.h>

namespace slipway::artifacts_s3 {
namespace {

std::string url(const std::string& location, const std::string& endpoint,
                Addressing addressing = Addressing::Automatic) {
  const auto parsed = parse_location(location);
  if (!parsed.ok()) return parsed.error().message;
  const auto address = S3Address::create(
      {.location = *parsed, .endpoint = endpoint, .region = "eu-central-1", .addressing = addressing});
  return address.ok() ? address->url("sha256/ab") : address.error().message;
}

TEST(S3Address, the_bucket_is_in_the_host_on_aws_and_in_the_path_elsewhere) {
  EXPECT_EQ(url("s3://models/a/b", ""), "https://models.s3.eu-central-1.amazonaws.com/a/b/sha256/ab");
  EXPECT_EQ(url("s3://models.of.us", ""), "https://s3.eu-central-1.amazonaws.com/models.of.us/sha256/ab");
  EXPECT_EQ(url("s3://models/", "https://minio:9000/"), "https://minio:9000/models/sha256/ab");
  EXPECT_EQ(url("s3://models", "http://[::1]:9000"), "http://[::1]:9000/models/sha256/ab");
  EXPECT_EQ(url("s3://models", "", Addressing::Path), "https://s3.eu-central-1.amazonaws.com/models/sha256/ab");
  EXPECT_EQ(url("s3://models/p", "https://s3.test", Addressing::VirtualHost), "https://models.s3.test/p/sha256/ab");
}

TEST(S3Address, the_bucket_itself_has_a_path_too) {
  const auto address = S3Address::create({.location = {"models", "p"}, .endpoint = "", .region = "us-east-1"});
  EXPECT_EQ(address->url("", "list-type=2"), "https://models.s3.us-east-1.amazonaws.com/?list-type=2");
  EXPECT_EQ(address->shown(), "s3://models/p at https://s3.us-east-1.amazonaws.com");
}

TEST(S3Address, what_cannot_be_a_bucket_or_a_prefix_is_refused) {
  for (const char* text :
       {"models", "s3://", "s3://ab", "s3://Models", "s3://-models", "s3://mo..dels", "s3://models//a",
        "s3://models/../x", "s3://models/a b", "s3://models/a?x=1", "s3://models@evil/a"}) {
    EXPECT_FALSE(parse_location(text).ok()) << text;
  }
}

TEST(S3Address, what_cannot_be_an_endpoint_or_a_region_is_refused) {
  for (const char* text : {"minio:9000", "ftp://minio", "https://", "https://user@minio", "https://minio/path",
                           "https://minio:port", "https://minio:123456", "https://[::1", "https://mi nio"}) {
    EXPECT_EQ(url("s3://models", text).substr(0, 12), "s3_endpoint:") << text;
  }
  EXPECT_FALSE(S3Address::create({.location = {"models", ""}, .endpoint = "", .region = "eu:1"}).ok());
}

TEST(S3Address, loopback_is_told_by_its_host) {
  const auto loopback = [](const char* endpoint) {
    return S3Address::create({.location = {"models", ""}, .endpoint = endpoint})->is_loopback();
  };
  EXPECT_TRUE(loopback("http://127.0.0.1:9000"));
  EXPECT_TRUE(loopback("http://localhost"));
  EXPECT_TRUE(loopback("http://[::1]:1"));
  EXPECT_FALSE(loopback("http://127.evil.example"));
  EXPECT_FALSE(loopback("http://localhost.example"));
}

TEST(S3Address, everything_but_the_unreserved_is_encoded) {
  EXPECT_EQ(percent_encoded("a/b c~-_.+=\xc3"), "a%2Fb%20c~-_.%2B%3D%C3");
}

}  // namespace
}  // namespace slipway::artifacts_s3
