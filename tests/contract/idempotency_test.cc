// The contract of ports/metadata_store.h for the requests that were applied: each once, and not for ever.
#include <gmock/gmock.h>

#include "metadata_stores.h"

namespace slipway::contract {
namespace {

using ::testing::HasSubstr;

ports::IdempotencyRecord request_record(std::string_view key, std::int64_t when) {
  return {.key = sha256(as_bytes(key)), .request = sha256(as_bytes("PUT")), .at = at(when)};
}

template <class Maker>
class Idempotency : public ::testing::Test {
 protected:
  ports::MetadataStore& store() { return maker_.get(); }
  void reopen() { maker_.reopen(); }
  std::string written(const std::vector<ports::Change>& changes) {
    const auto done = store().commit(changes, {});
    return done.ok() ? "committed" : std::string(name_of(done.error().code)) + ": " + done.error().message;
  }
  std::optional<ports::Stored<ports::IdempotencyRecord>> found(std::string_view key) {
    return store().idempotency(sha256(as_bytes(key))).value();
  }

  Maker maker_;
};

using Makers = ::testing::Types<MemoryMaker, SqliteMaker, PostgresMaker>;
TYPED_TEST_SUITE(Idempotency, Makers);

TYPED_TEST(Idempotency, a_request_is_kept_with_its_answer_and_outlives_a_restart) {
  auto record = request_record("a", 50);
  ASSERT_EQ(this->written({{record, 0}}), "committed");
  EXPECT_EQ(this->found("a")->record, record);
  record.status = 201;
  record.body = "{\"name\": \"✓\"}\n";
  ASSERT_EQ(this->written({{record, 1}}), "committed");
  this->reopen();
  ASSERT_TRUE(this->found("a"));
  EXPECT_EQ(this->found("a")->record, record);
  EXPECT_EQ(this->found("a")->revision, 2U);
  EXPECT_FALSE(this->found("b"));
}

TYPED_TEST(Idempotency, a_change_under_a_key_that_was_applied_is_refused_as_a_whole) {
  ASSERT_EQ(this->written({{model_record("fraud"), 0}, {request_record("a", 50), 0}}), "committed");
  EXPECT_THAT(this->written({{model_record("churn"), 0}, {request_record("a", 60), 0}}), HasSubstr("Conflict"));
  EXPECT_FALSE(this->store().model(name("churn")).value());
  EXPECT_EQ(this->found("a")->record.at, at(50));
}

TYPED_TEST(Idempotency, a_request_is_forgotten_when_one_comes_a_day_later) {
  const std::int64_t day = std::chrono::microseconds(ports::kIdempotencyKept).count();
  ASSERT_EQ(this->written({{request_record("first", 5), 0}}), "committed");
  ASSERT_EQ(this->written({{request_record("second", 6), 0}}), "committed");
  ASSERT_EQ(this->written({{request_record("third", 6 + day), 0}}), "committed");
  EXPECT_FALSE(this->found("first"));
  EXPECT_TRUE(this->found("second"));
  EXPECT_TRUE(this->found("third"));
}

TYPED_TEST(Idempotency, a_request_can_be_erased) {
  ASSERT_EQ(this->written({{request_record("a", 5), 0}}), "committed");
  EXPECT_THAT(this->written({{request_record("a", 5), 2, true}}), HasSubstr("Conflict"));
  ASSERT_EQ(this->written({{request_record("a", 5), 1, true}}), "committed");
  EXPECT_FALSE(this->found("a"));
  EXPECT_EQ(this->written({{request_record("a", 6), 0}}), "committed");
}

}  // namespace
}  // namespace slipway::contract
