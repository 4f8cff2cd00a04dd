#include "adapter/artifacts_s3/credentials.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <map>

namespace slipway::artifacts_s3 {
namespace {

class S3Credentials : public ::testing::Test {
 protected:
  S3Credentials() { close(mkstemp(path.data())); }
  ~S3Credentials() override { unlink(path.c_str()); }
  Result<Credentials> from_file(const std::string& text) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    std::fputs(text.c_str(), file);
    std::fclose(file);
    return read_credentials(path, [](const char*) -> const char* { return nullptr; });
  }
  static Result<Credentials> from_environment(std::map<std::string, std::string> variables) {
    return read_credentials("", [&](const char* name) -> const char* {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    });
  }
  std::string path = ::testing::TempDir() + "slipway-credentials-XXXXXX";
};

TEST_F(S3Credentials, come_from_the_environment) {
  const auto found = from_environment(
      {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "secret"}, {"AWS_SESSION_TOKEN", "token"}});
  EXPECT_EQ(*found, (Credentials{"id", "secret", "token", "the environment"}));
}

TEST_F(S3Credentials, come_from_the_section_default_of_a_file) {
  const auto found = from_file(
      "# keys\n[other]\naws_access_key_id=no\n[default]\r\naws_access_key_id = id\r\naws_secret_access_key = "
      "se=cret\n");
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(*found, (Credentials{"id", "se=cret", "", path}));
}

TEST_F(S3Credentials, that_are_missing_are_told_and_never_shown) {
  EXPECT_NE(from_environment({}).error().message.find("found neither"), std::string::npos);
  EXPECT_NE(from_environment({{"AWS_ACCESS_KEY_ID", "id"}}).error().message.find("one of the two"), std::string::npos);
  EXPECT_NE(from_file("[default]\naws_secret_access_key = hidden\n").error().message.find("no aws_access_key_id"),
            std::string::npos);
  for (const auto& refused : {from_file("aws_access_key_id=a\naws_secret_access_key=hid\x01"
                                        "den\n"),
                              from_environment({{"AWS_SECRET_ACCESS_KEY", "hidden"}})}) {
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message.find("hid"), std::string::npos);
  }
}

TEST_F(S3Credentials, in_a_file_that_is_none_are_refused) {
  const auto none = [](const char*) -> const char* { return nullptr; };
  EXPECT_FALSE(read_credentials(path + "/nothing", none).ok());
  EXPECT_FALSE(read_credentials("/dev/zero", none).ok());
}

}  // namespace
}  // namespace slipway::artifacts_s3
