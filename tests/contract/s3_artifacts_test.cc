// What S3 adds to the contract: credentials, uploads in parts, long lists, copies on the local disk, damage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "s3_stores.h"

namespace slipway::contract {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_ground::Fault;
using testing_ground::S3Server;

class S3 : public ::testing::Test {
 protected:
  static Digest stored(ports::ArtifactStore& store, std::string_view content) {
    auto writer = store.create().value();
    EXPECT_TRUE(writer->write(as_bytes(content)).ok());
    const auto digest = writer->finish();
    EXPECT_TRUE(digest.ok()) << digest.error().message;
    return digest.ok() ? *digest : Digest{};
  }
  static std::string read(ports::ArtifactStore& store, const Digest& digest, Bytes most = mebibytes(64)) {
    const auto content = store.read(digest, most);
    return content.ok() ? std::string(as_text(*content))
                        : std::string(name_of(content.error().code)) + ": " + content.error().message;
  }
  static void flip_byte(const std::string& path) {
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const char first = static_cast<char>(file.get());
    file.seekp(0);
    file.put(static_cast<char>(first ^ 1));
  }
  void write_credentials(const std::string& secret, const std::string& more = {}) const {
    std::ofstream(ground.settings.credentials_file)
        << "[other]\naws_access_key_id = nobody\n[default]\naws_access_key_id = " << S3Server::kKeyId
        << "\naws_secret_access_key=" << secret << "\n"
        << more;
  }
  static std::string large_content() {
    std::string content(12'345'678, 'x');
    for (std::size_t i = 0; i < content.size(); i += 997) content[i] = static_cast<char>(i);
    return content;
  }

  std::atomic<bool> is_down{false};
  S3Ground ground{[this](const std::string&) { return is_down ? Fault::Reset : Fault::None; }};
};

TEST_F(S3, a_wrong_key_is_refused_when_the_store_opens_and_is_not_told) {
  const auto opened = artifacts_s3::S3Artifacts::open(ground.settings, ground.scratch / "local", {0}, ground.log,
                                                      surroundings("a-wrong-secret"));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::InvalidInput);
  EXPECT_THAT(opened.error().message, AllOf(HasSubstr("s3://models/test/"), HasSubstr("it answered 403"),
                                            HasSubstr("credentials from the environment"), Not(HasSubstr("a-wrong"))));
}

TEST_F(S3, a_bucket_that_is_not_there_is_refused) {
  ground.settings.location.bucket = "nobodys";
  const auto opened = ground.open("local");
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("404 (NoSuchBucket"));
}

TEST_F(S3, credentials_come_from_a_file_which_the_error_names) {
  ground.settings.credentials_file = ground.scratch / "credentials";
  write_credentials("rotated-but-not-yet-known");
  EXPECT_THAT(ground.open("local").error().message, HasSubstr("credentials from " + ground.settings.credentials_file));
  write_credentials(S3Server::kSecret);
  const auto store = ground.open("local").value();
  EXPECT_EQ(read(*store, stored(*store, "content")), "content");
}

// What is refused is tried again with the key that the file holds by then, and only then.
TEST_F(S3, credentials_are_read_again_when_they_are_refused_and_were_replaced) {
  for (const Fault refusal : {Fault::Expired, Fault::Denied}) {
    std::atomic<bool> first_is_refused{false};
    std::atomic<int> with_the_first{0}, with_the_second{0};
    S3Ground replaced([&](const std::string& head) {
      const bool is_second = head.find("x-amz-security-token: second") != std::string::npos;
      ++(is_second ? with_the_second : with_the_first);
      return is_second || first_is_refused ? refusal : Fault::None;
    });
    replaced.settings.credentials_file = ground.settings.credentials_file = ground.scratch / "credentials";
    write_credentials(S3Server::kSecret);
    const auto store = replaced.open("local").value();
    const Digest digest = stored(*store, "content");
    std::filesystem::remove_all(replaced.scratch / "local");

    with_the_first = 0;
    first_is_refused = true;
    EXPECT_THAT(read(*store, digest), HasSubstr("credentials from " + replaced.settings.credentials_file));
    EXPECT_EQ(with_the_first, 1) << "without another key there is nothing to try";

    write_credentials(S3Server::kSecret, "aws_session_token = second\n");
    EXPECT_FALSE(store->contains(digest).ok()) << "a HEAD, whose refusal has no code";
    EXPECT_EQ(with_the_second, 1);

    write_credentials(S3Server::kSecret);
    first_is_refused = false;
    EXPECT_EQ(read(*store, digest), "content");
    EXPECT_EQ(with_the_second, 2);
  }
}

TEST_F(S3, large_content_goes_in_parts_and_is_read_by_another_server) {
  ground.settings.part = mebibytes(5);
  const std::string content = large_content();
  const auto store = ground.open("local").value();
  const Digest digest = stored(*store, content);
  EXPECT_EQ(digest, sha256(as_bytes(content)));
  EXPECT_EQ(fs::file_size(ground.object(digest)), content.size());
  EXPECT_EQ(read(*ground.open("another").value(), digest), content);
  EXPECT_TRUE(fs::is_empty(ground.scratch / "local/incoming"));
}

TEST_F(S3, a_list_goes_over_its_pages) {
  const auto store = ground.open("local").value();
  std::vector<Digest> digests;
  for (int i = 0; i < 2'100; ++i) digests.push_back(sha256(as_bytes(std::to_string(i))));
  fs::create_directories(fs::path(ground.object(digests[0])).parent_path());
  for (const Digest& digest : digests) std::ofstream(ground.object(digest)) << "x";
  std::ofstream(fs::path(ground.object(digests[0])).parent_path() / "not-a-digest") << "x";
  EXPECT_THAT(store->list().value(), ::testing::UnorderedElementsAreArray(digests));
}

TEST_F(S3, what_was_stored_just_now_is_not_removed) {
  const Digest digest = stored(*ground.open("local").value(), "another server's push");
  ground.settings.young = std::chrono::hours(1);
  const auto store = ground.open("another").value();
  EXPECT_TRUE(store->remove(digest).ok());
  EXPECT_TRUE(store->contains(digest).value());
  fs::last_write_time(ground.object(digest), fs::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_TRUE(store->remove(digest).ok());
  EXPECT_FALSE(store->contains(digest).value());
}

TEST_F(S3, damaged_content_is_never_served_and_healed_by_storing_it_again) {
  const auto store = ground.open("local").value();
  const Digest digest = stored(*store, "weights");
  flip_byte(ground.object(digest));
  EXPECT_THAT(read(*store, digest), AllOf(HasSubstr("Corrupt: "), HasSubstr("push the same package again")));
  stored(*store, "weights");
  EXPECT_EQ(read(*store, digest), "weights");
}

TEST_F(S3, a_server_with_a_copy_needs_no_bucket) {
  const Digest digest = stored(*ground.open("local", mebibytes(1)).value(), "weights");
  is_down = true;
  const auto store = ground.open("local", mebibytes(1)).value();
  EXPECT_EQ(read(*store, digest), "weights");
  EXPECT_THAT(read(*ground.open("empty", mebibytes(1)).value(), digest),
              AllOf(HasSubstr("Unavailable: s3://models/test/"), HasSubstr("(tried 6 times)")));
}

TEST_F(S3, a_damaged_copy_is_fetched_anew) {
  const auto store = ground.open("local", mebibytes(1)).value();
  const Digest digest = stored(*store, "weights");
  const std::string copy = ground.scratch / ("local/copies/" + digest.hex());
  flip_byte(copy);
  EXPECT_EQ(read(*store, digest), "weights");
  is_down = true;
  EXPECT_EQ(read(*store, digest), "weights");
}

TEST_F(S3, copies_take_no_more_than_they_may) {
  const auto store = ground.open("local", Bytes{10}).value();
  const Digest first = stored(*store, "12345");
  const Digest second = stored(*store, "67890");
  EXPECT_EQ(read(*store, first), "12345");
  const Digest third = stored(*store, "abcde");
  is_down = true;
  EXPECT_EQ(read(*store, first), "12345");
  EXPECT_EQ(read(*store, third), "abcde");
  EXPECT_THAT(read(*store, second), HasSubstr("Unavailable"));
}

TEST_F(S3, a_dropped_upload_in_parts_leaves_nothing) {
  ground.settings.part = mebibytes(5);
  ground.settings.attempts = 1;
  const auto store = ground.open("local").value();
  std::atomic<bool> seen{false};
  S3Ground failing([&seen](const std::string& head) {
    return head.find("partNumber=2") != std::string::npos && !seen.exchange(true) ? Fault::Error500 : Fault::None;
  });
  failing.settings.part = mebibytes(5);
  failing.settings.attempts = 1;
  const auto other = failing.open("local").value();
  auto writer = other->create().value();
  ASSERT_TRUE(writer->write(as_bytes(large_content())).ok());
  const auto finished = writer->finish();
  ASSERT_FALSE(finished.ok());
  EXPECT_THAT(finished.error().message, HasSubstr("it answered 500 (InternalError: by the test)"));
  EXPECT_TRUE(other->list().value().empty());
}

}  // namespace
}  // namespace slipway::contract
