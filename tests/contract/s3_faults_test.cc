// Faults between the store and S3: no wrong byte is served, and what can succeed does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>

#include "s3_stores.h"

namespace slipway::contract {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing_ground::Fault;

// Each fault befalls the first request of a kind, once.
class S3Fault : public ::testing::TestWithParam<Fault> {
 protected:
  Result<Digest> store(ports::ArtifactStore& into, std::string_view content) {
    auto writer = into.create().value();
    EXPECT_TRUE(writer->write(as_bytes(content)).ok());
    return writer->finish();
  }
  // Since the last call, to a request that begins with `method`.
  void expect_it_happened(std::string_view method) {
    const std::uint64_t now = ground.proxy.faults(), before = std::exchange(seen, now);
    const bool is_impossible = (method == "GET" && GetParam() == Fault::FlippedSent) ||  // sends nothing
                               (method == "PUT" && GetParam() == Fault::FlippedBack);    // gets nothing back
    if (is_impossible) {
      EXPECT_EQ(now, before) << method;
    } else {
      EXPECT_GE(now, before + 1) << method;
    }
  }
  std::uint64_t seen = 0;
  std::atomic<const char*> befalls{""};  // what the head of the request begins with
  std::atomic<int> left{0};
  S3Ground ground{[this](const std::string& head) {
    return head.starts_with(befalls.load()) && left.fetch_sub(1) > 0 ? GetParam() : Fault::None;
  }};
};

TEST_P(S3Fault, that_comes_once_in_an_upload_costs_an_attempt) {
  const auto s3 = ground.open("local").value();
  befalls = "PUT";
  left = 1;
  const auto stored = store(*s3, "weights");
  ASSERT_TRUE(stored.ok()) << stored.error().message;
  EXPECT_EQ(as_text(s3->read(*stored, kibibytes(1)).value()), "weights");
  expect_it_happened("PUT");
}

TEST_P(S3Fault, that_comes_once_in_a_download_costs_an_attempt) {
  const auto s3 = ground.open("local").value();
  const std::string content(100'000, 'w');
  const Digest digest = store(*s3, content).value();
  befalls = "GET";
  left = 1;
  const auto read = s3->read(digest, mebibytes(1));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(as_text(*read), content);
  expect_it_happened("GET");
}

TEST_P(S3Fault, that_comes_once_in_an_upload_in_parts_costs_an_attempt) {
  ground.settings.part = mebibytes(5);
  const auto s3 = ground.open("local").value();
  const std::string content((5 << 20) + 1000, 'p');
  for (const char* request : {"POST /models/", "PUT /models/"}) {
    befalls = request;
    left = request[1] == 'O' ? 2 : 1;  // both that begin it, or, once it has begun, the one that completes it
    const auto stored = store(*s3, content);
    ASSERT_TRUE(stored.ok()) << request << ": " << stored.error().message;
    EXPECT_EQ(as_text(s3->read(*stored, mebibytes(8)).value()), content);
    expect_it_happened(std::string_view(request).substr(0, std::string_view(request).find(' ')));
  }
}

TEST_P(S3Fault, that_stays_is_told) {
  ground.settings.attempts = 3;
  const auto s3 = ground.open("local").value();
  const Digest digest = store(*s3, "weights").value();
  befalls = "GET";
  left = 100;
  const auto read = s3->read(digest, kibibytes(1));
  expect_it_happened("GET");
  if (GetParam() == Fault::FlippedSent) return;
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, GetParam() == Fault::FlippedBack ? ErrorCode::Corrupt : ErrorCode::Unavailable);
  EXPECT_THAT(read.error().message, HasSubstr("s3://models/test/"));
}

INSTANTIATE_TEST_SUITE_P(EachFault, S3Fault,
                         ::testing::Values(Fault::Reset, Fault::LostAnswer, Fault::Error500, Fault::SlowDown,
                                           Fault::Truncated, Fault::ResetMiddle, Fault::FlippedSent,
                                           Fault::FlippedBack),
                         [](const auto& fault) { return "fault_" + std::to_string(static_cast<int>(fault.param)); });

TEST(S3Faults, a_server_that_says_nothing_is_given_up) {
  std::atomic<bool> is_silent{false};
  S3Ground ground([&](const std::string&) { return is_silent ? Fault::Silent : Fault::None; });
  ground.settings.stall = std::chrono::seconds(1);
  ground.settings.answer = std::chrono::milliseconds(100);
  ground.settings.attempts = 2;
  const auto s3 = ground.open("local").value();
  is_silent = true;
  const auto listed = s3->list();
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(listed.error().message, AllOf(HasSubstr("timed out"), HasSubstr("(tried 2 times)")));
}

TEST(S3Faults, a_download_that_goes_on_may_break_more_often_than_one_that_does_not) {
  std::atomic<int> left{0};
  S3Ground ground([&](const std::string& head) {
    return head.starts_with("GET") && left.fetch_sub(1) > 0 ? Fault::Truncated : Fault::None;
  });
  ground.settings.attempts = 2;
  const auto s3 = ground.open("local").value();
  const std::string content(10 << 20, 'd');
  auto writer = s3->create().value();
  ASSERT_TRUE(writer->write(as_bytes(content)).ok());
  const Digest digest = writer->finish().value();
  left = 3;  // after 5, 7.5 and 8.75 MiB
  const auto read = s3->read(digest, mebibytes(64));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(as_text(*read), content);
  EXPECT_EQ(ground.proxy.faults(), 3U);
  left = 100;  // soon less than 1 MiB each time
  const auto cut = s3->read(digest, mebibytes(64));
  ASSERT_FALSE(cut.ok());
  EXPECT_THAT(cut.error().message, HasSubstr("(tried 4 times)"));
}

// The request that completes an upload in parts.
class S3Completion : public ::testing::Test {
 protected:
  Result<Digest> store() {
    ground.settings.part = mebibytes(5);
    ground.settings.attempts = 1;
    const auto s3 = ground.open("local").value();
    auto writer = s3->create().value();
    EXPECT_TRUE(writer->write(as_bytes(std::string((5 << 20) + 1000, 'c'))).ok());
    return writer->finish();
  }
  std::atomic<Fault> fault{Fault::None};
  S3Ground ground{[this](const std::string& head) {
    return head.starts_with("POST") && head.find("uploadId=") != std::string::npos ? fault.load() : Fault::None;
  }};
};

TEST_F(S3Completion, whose_answer_is_lost_is_looked_for_before_it_is_given_up) {
  fault = Fault::LostAnswer;
  const auto stored = store();
  ASSERT_TRUE(stored.ok()) << stored.error().message;
  EXPECT_EQ(ground.proxy.faults(), 1U);
}

TEST_F(S3Completion, that_did_not_happen_is_told) {
  fault = Fault::Error500;
  const auto stored = store();
  ASSERT_FALSE(stored.ok());
  EXPECT_THAT(stored.error().message, HasSubstr("it answered 500"));
}

TEST_F(S3Completion, has_a_time_of_its_own) {
  fault = Fault::Silent;
  ground.settings.stall = ground.settings.answer = std::chrono::hours(1);
  ground.settings.completion = std::chrono::milliseconds(100);
  const auto stored = store();
  ASSERT_FALSE(stored.ok());
  EXPECT_THAT(stored.error().message, HasSubstr("timed out"));
}

// SLIPWAY_S3_ROUNDS=N: so many instead of a few; `make rigs-s3`.
TEST(S3Faults, at_random_never_give_wrong_bytes) {
  const char* const asked = std::getenv("SLIPWAY_S3_ROUNDS");
  const int rounds = asked ? std::atoi(asked) : 40;
  const std::uint32_t seed = asked ? std::random_device{}() : 7;
  struct Dice {
    std::mt19937 random;
    bool is_rolling = false;
  };
  Guarded<Dice> dice(Dice{std::mt19937(seed)});
  S3Ground ground([&](const std::string& head) {
    auto now = dice.lock();
    if (!now->is_rolling || now->random() % 3 != 0) return Fault::None;
    const auto fault = static_cast<Fault>(now->random() % testing_ground::kPassingFaults);
    const bool is_content = head.starts_with("GET") && head.find("/sha256/") != std::string::npos;
    return fault == Fault::FlippedBack && !is_content ? Fault::Truncated : fault;
  });
  ground.settings.part = mebibytes(5);
  const auto s3 = ground.open("local").value();
  dice.lock()->is_rolling = true;

  int stored = 0, not_stored = 0, read = 0, not_read = 0, wrong = 0;
  std::vector<Digest> kept;
  for (int round = 0; round < rounds; ++round) {
    const std::size_t size = round % 20 == 19 ? (5 << 20) + 5 : static_cast<std::size_t>(round) * 37;
    const std::string content(size, static_cast<char>('a' + round % 26));
    auto writer = s3->create().value();
    ASSERT_TRUE(writer->write(as_bytes(content)).ok());
    const auto digest = writer->finish();
    ++(digest.ok() ? stored : not_stored);
    if (!digest.ok()) continue;
    kept.push_back(*digest);
    const auto back = s3->read(*digest, mebibytes(8));
    ++(back.ok() ? read : not_read);
    if (back.ok() && as_text(*back) != content) ++wrong;
    if (!back.ok()) {
      EXPECT_NE(back.error().code, ErrorCode::NotFound) << back.error().message;
    }
  }
  dice.lock()->is_rolling = false;
  for (const Digest& digest : kept) EXPECT_TRUE(s3->read(digest, mebibytes(8)).ok()) << "what was said to be stored is";
  std::printf("seed %u: %llu requests, %llu faults; %d stored, %d not; %d read, %d not; %d wrong\n", seed,
              static_cast<unsigned long long>(ground.proxy.requests()),
              static_cast<unsigned long long>(ground.proxy.faults()), stored, not_stored, read, not_read, wrong);
  EXPECT_GE(ground.proxy.faults(), 1U);
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(stored * 10, rounds * 9);
}

}  // namespace
}  // namespace slipway::contract
