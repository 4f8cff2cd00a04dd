#include "app/kept_elsewhere.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace slipway::app {
namespace {

using testing::HasSubstr;

class KeptElsewhereTest : public ::testing::Test {
 protected:
  KeptElsewhereTest() : folder(made()) {}
  ~KeptElsewhereTest() override { std::filesystem::remove_all(folder); }
  static std::string made() {
    std::string name = testing::TempDir() + "elsewhere-XXXXXX";
    return ::mkdtemp(name.data());
  }
  void given(const std::string& name, const std::string& text) const { std::ofstream(folder + "/" + name) << text; }
  std::string refusal(const KeptElsewhere& now) const {
    const auto expected = expect_same_keeper(folder, now);
    return expected.ok() ? "none" : expected.error().message;
  }

  const std::string folder;
  const KeptElsewhere here{}, in_postgres{.records = true}, on_s3{.artifacts = true};
};

TEST_F(KeptElsewhereTest, what_was_written_is_read_again) {
  const KeptElsewhere both{.records = true, .artifacts = true};
  EXPECT_EQ(kept_elsewhere_of(folder).value(), here);
  for (const KeptElsewhere& kept : {in_postgres, on_s3, both}) {
    given(kKeptElsewhere, kept.text());
    EXPECT_EQ(kept_elsewhere_of(folder).value(), kept) << kept.text();
  }
  EXPECT_EQ(both.places(), "PostgreSQL and S3");
}

TEST_F(KeptElsewhereTest, what_is_not_known_is_not_taken_for_nothing) {
  for (const char* text : {"", "records: Oracle\n", "records: PostgreSQL\n\n"}) {
    given(kKeptElsewhere, text);
    EXPECT_FALSE(kept_elsewhere_of(folder).ok()) << text;
  }
}

TEST_F(KeptElsewhereTest, a_server_of_other_records_is_kept_from_a_directory) {
  given("registry.db", "");
  EXPECT_EQ(refusal(here), "none");
  EXPECT_THAT(refusal(in_postgres), HasSubstr("registry.db keeps a registry"));
  given(kKeptElsewhere, in_postgres.text());
  EXPECT_EQ(refusal(in_postgres), "none");
  EXPECT_THAT(refusal(here), HasSubstr("expected the URL of PostgreSQL, found none"));
}

TEST_F(KeptElsewhereTest, artifacts_may_go_to_s3_and_come_back) {
  given("registry.db", "");
  EXPECT_EQ(refusal(on_s3), "none");
  given(kKeptElsewhere, on_s3.text());
  EXPECT_EQ(refusal(here), "none");
}

TEST_F(KeptElsewhereTest, an_empty_directory_is_anybodys) {
  EXPECT_EQ(refusal(here), "none");
  EXPECT_EQ(refusal(in_postgres), "none");
}

}  // namespace
}  // namespace slipway::app
