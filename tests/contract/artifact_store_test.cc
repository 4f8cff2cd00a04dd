// The contract of ports/artifact_store.h for every store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "adapter/artifacts_filesystem/filesystem_artifacts.h"
#include "adapter/store_memory/memory_artifacts.h"
#include "s3_stores.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct MemoryMaker {
  store_memory::MemoryArtifacts store;
  ports::ArtifactStore& get() { return store; }
};
struct FilesystemMaker {
  testing_ground::ScratchFolder folder;
  std::unique_ptr<artifacts_filesystem::FilesystemArtifacts> store =
      artifacts_filesystem::FilesystemArtifacts::open(folder / "artifacts").value();
  ports::ArtifactStore& get() { return *store; }
};
struct S3Maker {
  S3Ground ground;
  std::unique_ptr<artifacts_s3::S3Artifacts> store = ground.open("local").value();
  ports::ArtifactStore& get() { return *store; }
};
struct S3WithCopiesMaker {
  S3Ground ground;
  std::unique_ptr<artifacts_s3::S3Artifacts> store = ground.open("local", kibibytes(1)).value();
  ports::ArtifactStore& get() { return *store; }
};

template <class Maker>
class ArtifactStoreContract : public ::testing::Test {
 protected:
  ports::ArtifactStore& store() { return maker_.get(); }
  Digest stored(std::string_view content) {
    auto writer = store().create().value();
    EXPECT_TRUE(writer->write(as_bytes(content)).ok());
    return writer->finish().value();
  }
  std::string read(const Digest& digest, Bytes limit = mebibytes(1)) {
    const auto content = store().read(digest, limit);
    return content.ok() ? std::string(as_text(*content)) : std::string(name_of(content.error().code));
  }
  Maker maker_;
};

using Pieces = std::vector<std::string>;
Pieces pieces_of(ports::Content& content, std::size_t size) {
  Pieces pieces;
  while (true) {
    std::string piece(size, '.');
    const auto count = content.read(std::as_writable_bytes(std::span(piece)));
    if (!count.ok()) pieces.push_back(std::string(name_of(count.error().code)));
    if (!count.ok() || *count == 0) return pieces;
    pieces.push_back(piece.substr(0, *count));
  }
}

using Makers = ::testing::Types<MemoryMaker, FilesystemMaker, S3Maker, S3WithCopiesMaker>;
TYPED_TEST_SUITE(ArtifactStoreContract, Makers);

TYPED_TEST(ArtifactStoreContract, content_is_read_in_pieces) {
  const auto content = this->store().content(this->stored("weights")).value();
  EXPECT_EQ(content->size(), 7u);
  EXPECT_EQ(pieces_of(*content, 3), (Pieces{"wei", "ght", "s"}));
  const auto empty = this->store().content(this->stored("")).value();
  EXPECT_EQ(empty->size(), 0u);
  EXPECT_THAT(pieces_of(*empty, 3), IsEmpty());
  EXPECT_EQ(this->store().content(sha256(as_bytes("absent"))).error().code, ErrorCode::NotFound);
}

TYPED_TEST(ArtifactStoreContract, content_is_poured_whole_and_in_order) {
  std::string large(600'000, 'w');
  for (std::size_t i = 0; i < large.size(); i += 4096) large[i] = static_cast<char>('a' + i / 4096 % 26);
  for (const std::string& content : {large, std::string("weights"), std::string()}) {
    std::string poured;
    const auto done = this->store().pour(this->stored(content), mebibytes(1), [&](ByteSpan piece) -> Result<void> {
      poured += as_text(piece);
      return {};
    });
    EXPECT_TRUE(done.ok());
    EXPECT_TRUE(poured == content) << content.size();
  }
}

TYPED_TEST(ArtifactStoreContract, pouring_fails_as_reading_does_and_ends_where_the_taker_fails) {
  const auto taken = [](ByteSpan) { return Result<void>(); };
  const Digest digest = this->stored("weights");
  EXPECT_EQ(this->store().pour(digest, Bytes{6}, taken).error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(this->store().pour(sha256(as_bytes("absent")), mebibytes(1), taken).error().code, ErrorCode::NotFound);
  const auto full = [](ByteSpan) -> Result<void> { return overloaded("full"); };
  EXPECT_EQ(this->store().pour(digest, mebibytes(1), full).error().code, ErrorCode::Overloaded);
}

TYPED_TEST(ArtifactStoreContract, content_is_found_under_its_sha256) {
  const Digest digest = this->stored("weights");
  EXPECT_EQ(digest, sha256(as_bytes("weights")));
  EXPECT_EQ(this->read(digest), "weights");
  EXPECT_TRUE(this->store().contains(digest).value());
}

TYPED_TEST(ArtifactStoreContract, content_may_be_empty_and_come_in_pieces) {
  EXPECT_EQ(this->read(this->stored("")), "");
  auto writer = this->store().create().value();
  std::string whole;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    ASSERT_TRUE(writer->write(as_bytes(piece)).ok());
    whole += piece;
  }
  EXPECT_EQ(this->read(writer->finish().value()), whole);
}

TYPED_TEST(ArtifactStoreContract, a_batch_is_in_the_store_once_it_is_committed_and_readable_through_itself_before) {
  const Digest before = this->stored("before");
  const auto batch = this->store().begin_batch().value();
  std::vector<Digest> digests;
  for (int i = 0; i < 200; ++i) {
    auto writer = batch->create().value();
    ASSERT_TRUE(writer->write(as_bytes("content " + std::to_string(i % 150))).ok());
    digests.push_back(writer->finish().value());
  }
  EXPECT_EQ(as_text(batch->read(digests[7], Bytes{100}).value()), "content 7");
  EXPECT_EQ(as_text(batch->read(before, Bytes{100}).value()), "before");
  EXPECT_EQ(batch->read(digests[7], Bytes{3}).error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(this->store().list().value().size(), 1U);
  EXPECT_EQ(this->read(digests[7]), "NotFound");
  ASSERT_TRUE(batch->commit().ok());
  EXPECT_EQ(this->store().list().value().size(), 151U);
  EXPECT_EQ(this->read(digests[149]), "content 149");
}

TYPED_TEST(ArtifactStoreContract, a_batch_that_is_dropped_leaves_nothing) {
  {
    const auto batch = this->store().begin_batch().value();
    auto writer = batch->create().value();
    ASSERT_TRUE(writer->write(as_bytes("dropped")).ok());
    ASSERT_TRUE(writer->finish().ok());
    auto unfinished = batch->create().value();
    ASSERT_TRUE(unfinished->write(as_bytes("half")).ok());
  }
  EXPECT_THAT(this->store().list().value(), IsEmpty());
}

TYPED_TEST(ArtifactStoreContract, an_empty_batch_commits) {
  EXPECT_TRUE(this->store().begin_batch().value()->commit().ok());
}

TYPED_TEST(ArtifactStoreContract, what_was_never_finished_leaves_nothing) {
  {
    auto writer = this->store().create().value();
    ASSERT_TRUE(writer->write(as_bytes("half")).ok());
  }
  EXPECT_THAT(this->store().list().value(), IsEmpty());
  EXPECT_FALSE(this->store().contains(sha256(as_bytes("half"))).value());
}

TYPED_TEST(ArtifactStoreContract, what_is_not_stored_is_not_found) {
  EXPECT_EQ(this->read(sha256(as_bytes("nothing"))), "NotFound");
  EXPECT_FALSE(this->store().contains(sha256(as_bytes("nothing"))).value());
}

TYPED_TEST(ArtifactStoreContract, content_above_the_limit_is_refused) {
  const Digest digest = this->stored("12345");
  EXPECT_EQ(this->read(digest, Bytes{4}), "InvalidInput");
  EXPECT_EQ(this->read(digest, Bytes{5}), "12345");
}

TYPED_TEST(ArtifactStoreContract, the_same_content_is_stored_once) {
  this->stored("twice");
  this->stored("twice");
  EXPECT_THAT(this->store().list().value(), UnorderedElementsAre(sha256(as_bytes("twice"))));
}

TYPED_TEST(ArtifactStoreContract, removed_content_is_gone_and_removing_it_again_is_fine) {
  const Digest first = this->stored("first");
  const Digest second = this->stored("second");
  EXPECT_TRUE(this->store().remove(first).ok());
  EXPECT_TRUE(this->store().remove(first).ok());
  EXPECT_THAT(this->store().list().value(), UnorderedElementsAre(second));
  this->stored("first");
  EXPECT_EQ(this->read(first), "first");
}

TYPED_TEST(ArtifactStoreContract, many_writers_at_once_do_not_disturb_each_other) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        this->stored("same " + std::to_string(round));
        this->stored("own " + std::to_string(i) + " " + std::to_string(round));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(this->store().list().value().size(), 90U);
  EXPECT_EQ(this->read(sha256(as_bytes("own 7 9"))), "own 7 9");
}

}  // namespace
}  // namespace slipway::contract
