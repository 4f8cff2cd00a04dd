#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "admin/admin_house.h"
#include "base/digest.h"

namespace slipway::admin_scenarios {
namespace {

using testing::HasSubstr;

class Push : public AdminHouse {};

TEST_F(Push, makes_a_version_and_leaves_no_file_behind) {
  const auto answer = push_upload("|weights", {{"name", "fraud"}, {"filename", "m.tar.gz"}, {"reason", "new"}});
  EXPECT_EQ(answer.status, 201);
  EXPECT_THAT(answer.body, HasSubstr("\"version\":1,\"stage\":\"validated\""));
  EXPECT_EQ(leftovers(), 0u);
  EXPECT_THAT(get("/api/v1/history").body, HasSubstr("\"reason\":\"new\""));
}

TEST_F(Push, of_the_same_content_answers_200_with_the_same_version) {
  push_upload("|weights", {{"name", "fraud"}});
  const auto again = push_upload("|weights", {{"name", "fraud"}});
  EXPECT_EQ(again.status, 200);
  EXPECT_THAT(again.body, HasSubstr("\"created\":false"));
}

TEST_F(Push, of_a_version_that_fails_verification_is_created_and_rejected) {
  probe.answer("wrong", Verdict::Failed, "golden example 1: expected 3, found 4");
  const auto answer = push_upload("|wrong", {{"name", "fraud"}});
  EXPECT_EQ(answer.status, 201);
  EXPECT_THAT(answer.body, HasSubstr("\"stage\":\"rejected\",\"reason\":\"golden example 1: expected 3, found 4\""));
}

TEST_F(Push, of_a_broken_package_is_400_and_leaves_nothing) {
  const auto answer = push_upload("|broken", {{"name", "fraud"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("model.onnx: truncated"));
  EXPECT_EQ(leftovers(), 0u);
  EXPECT_EQ(get("/api/v1/models/{model}", {"fraud"}).status, 404);
}

TEST_F(Push, checks_the_digest_that_was_promised) {
  const std::string right = sha256(as_bytes("|weights")).hex();
  EXPECT_EQ(push_upload("|weights", {{"name", "a"}}, {{"x-content-sha256", right}}).status, 201);
  const auto wrong = push_upload("|weight", {{"name", "b"}}, {{"x-content-sha256", right}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("expected SHA-256 " + right));
  EXPECT_EQ(push_upload("|weights", {{"name", "b"}}, {{"x-content-sha256", "zz"}}).status, 400);
}

TEST_F(Push, that_was_damaged_on_its_way_says_so_whatever_else_is_wrong) {
  uploads.refuses_unread = invalid_input("the gzip data are damaged");
  const std::string right = sha256(as_bytes("|weights")).hex();
  EXPECT_THAT(push_upload("|weight", {{"name", "a"}}, {{"x-content-sha256", right}}).body,
              HasSubstr("damaged on its way"));
  EXPECT_THAT(push_upload("|weights", {{"name", "a"}}, {{"x-content-sha256", right}}).body, HasSubstr("gzip"));
  EXPECT_THAT(push_upload("|weights", {{"name", "a"}}).body, HasSubstr("gzip"));
}

TEST_F(Push, that_is_refused_before_its_end_is_read_to_its_end) {
  uploads.refuses_unread = invalid_input("a link");
  const auto answer = call({.method = net::Method::Post,
                            .pattern = "/api/v1/packages",
                            .body = "|weights that never",
                            .query = {{"name", "fraud"}},
                            .breaks_with = Error{ErrorCode::Cancelled, "the peer left"}});
  EXPECT_EQ(answer.status, 499);
  uploads.refuses_unread = overloaded("the disk is full");
  EXPECT_EQ(push_upload("|weights", {{"name", "fraud"}}).status, 507);
}

TEST_F(Push, that_breaks_off_leaves_no_file_and_no_version) {
  const auto answer = call({.method = net::Method::Post,
                            .pattern = "/api/v1/packages",
                            .body = "|weights that never",
                            .query = {{"name", "fraud"}},
                            .breaks_with = Error{ErrorCode::Cancelled, "the peer left"}});
  EXPECT_EQ(answer.status, 499);
  EXPECT_EQ(leftovers(), 0u);
  EXPECT_EQ(uploads.last_path, "");
}

TEST_F(Push, to_a_full_disk_is_507) {
  uploads.fails_with = overloaded("the disk is full");
  const auto answer = push_upload("|weights", {{"name", "fraud"}});
  EXPECT_EQ(answer.status, 507);
  EXPECT_THAT(answer.body, HasSubstr("\"code\":\"Overloaded\""));
}

TEST_F(Push, to_a_folder_that_cannot_be_written_is_503) {
  std::filesystem::remove_all(folder + "/uploads");
  EXPECT_EQ(push_upload("|weights", {{"name", "fraud"}}).status, 503);
}

TEST_F(Push, with_a_name_or_file_name_that_cannot_be_is_refused_before_the_body_is_read) {
  EXPECT_EQ(push_upload("|w", {{"name", "a/b"}}).status, 400);
  EXPECT_EQ(push_upload("|w", {{"name", "a"}, {"filename", "\x1b[2J"}}).status, 400);
  EXPECT_EQ(push_upload("|w", {{"name", "a"}, {"filename", std::string(300, 'a')}}).status, 400);
  EXPECT_EQ(push_upload("|w", {{"name", "a"}, {"reason", std::string(2000, 'a')}}).status, 400);
  EXPECT_EQ(uploads.last_path, "");
}

TEST_F(Push, takes_at_most_two_at_once_and_says_when_to_come_back) {
  uploads.fails_with = invalid_input("never mind");
  int third = 0;
  std::map<std::string, std::string> headers;
  // Reading the package of one push pushes again, so that three are inside of each other on one thread.
  struct Nested final : ports::PackageReader {
    Result<ports::OpenedPackage> open(const std::string&, std::string_view, ports::ArtifactShelf&) override {
      inside();
      return invalid_input("never mind");
    }
    Result<model::Manifest> read_manifest(std::string_view) override { return model::Manifest{}; }
    std::function<void()> inside;
  } nested;
  registry::Registry over({.metadata = metadata,
                           .artifacts = artifacts,
                           .packages = nested,
                           .probe = probe,
                           .clock = clock,
                           .log = log,
                           .desired_changed = [] {},
                           .tokens_changed = [] {}});
  routes = api_admin::routes({.registry = over,
                              .packages = nested,
                              .predictor = predictor,
                              .clock = clock,
                              .log = log,
                              .environment = "production",
                              .version = "0.1.0",
                              .uploads = folder + "/uploads"});
  int depth = 0;
  nested.inside = [&] {
    const int level = ++depth;
    if (level > 2) return;
    const auto answer = push_upload("|w", {{"name", "a"}});
    if (level == 2) {
      third = answer.status;
      headers = answer.headers;
    }
  };
  push_upload("|w", {{"name", "a"}});
  EXPECT_EQ(third, 429);
  EXPECT_EQ(headers.count("Retry-After"), 1u);
  EXPECT_EQ(push_upload("|w", {{"name", "a"}}).status, 400);  // the slots are free again
}

TEST_F(Push, leftovers_of_a_crash_are_removed_at_the_next_start_and_nothing_else_is) {
  std::ofstream(folder + "/uploads/upload-0123") << "half";
  std::ofstream(folder + "/uploads/other") << "mine";
  ASSERT_TRUE(api_admin::prepare_uploads(folder + "/uploads").ok());
  EXPECT_EQ(leftovers(), 1u);
  EXPECT_FALSE(api_admin::prepare_uploads(folder + "/no/such").ok());
}

}  // namespace
}  // namespace slipway::admin_scenarios
