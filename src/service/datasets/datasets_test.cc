#include "service/datasets/datasets.h"

#include <gmock/gmock.h>

#include "adapter/store_memory/memory_artifacts.h"
#include "adapter/store_memory/memory_datasets.h"
#include "adapter/store_memory/memory_store.h"

namespace slipway::datasets {
namespace {

using testing::HasSubstr;

// One row per byte; "bad" is refused.
class ScriptedTables final : public ports::TableReader {
 public:
  Result<ports::Table> read(ByteSpan content, std::string_view name) override {
    if (as_text(content) == "bad") return invalid_input(std::string(name) + ": line 1: bad");
    ports::Table table{.rows = content.size(), .columns = {}};
    table.columns.push_back({.name = "x", .numbers = {}, .texts = {}, .missing = {}});
    return table;
  }
};

class DatasetsTest : public ::testing::Test {
 protected:
  Result<Added> add(std::string_view content, const std::string& name = "eval.csv") {
    const ByteSpan bytes = as_bytes(content);
    NewDataset data;
    data.content = {bytes.begin(), bytes.end()};
    data.name = name;
    data.author = {"eva", "october"};
    return datasets.add(data);
  }
  template <class T>
  static std::string message(const Result<T>& result) {
    return result.ok() ? "ok" : result.error().message;
  }

  ManualClock clock;
  store_memory::MemoryStore metadata;
  store_memory::MemoryArtifacts artifacts;
  store_memory::MemoryDatasets store;
  ScriptedTables tables;
  int holds = 0;
  Datasets datasets{{store, artifacts, metadata, tables, clock, [this]() -> std::shared_ptr<void> {
                       ++holds;
                       return nullptr;
                     }}};
};

TEST_F(DatasetsTest, what_is_added_is_found_by_its_digest_and_read_as_a_table) {
  const auto added = add("four");
  ASSERT_EQ(message(added), "ok");
  EXPECT_TRUE(added->created);
  EXPECT_EQ(added->record.digest, sha256(as_bytes("four")));
  EXPECT_EQ(added->record.rows, 4U);
  EXPECT_EQ(datasets.find(added->record.digest).value(), added->record);
  EXPECT_EQ(datasets.table(added->record.digest).value().rows, 4U);
  EXPECT_EQ(holds, 1);
}

TEST_F(DatasetsTest, the_same_bytes_are_the_same_data_set_under_the_first_name) {
  ASSERT_EQ(message(add("four")), "ok");
  const auto again = add("four", "other.csv");
  ASSERT_EQ(message(again), "ok");
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->record.name, "eval.csv");
  EXPECT_EQ(metadata.history("", 0, 9).value().size(), 1U);
}

TEST_F(DatasetsTest, what_is_no_table_is_refused_and_leaves_nothing) {
  EXPECT_EQ(message(add("bad")), "eval.csv: line 1: bad");
  EXPECT_TRUE(artifacts.list().value().empty());
  EXPECT_TRUE(datasets.digests().value().empty());
}

TEST_F(DatasetsTest, a_name_that_is_no_files_name_is_refused) {
  for (const char* name : {"", "a/b.csv", "a\nb.csv", "\xff.csv"}) {
    EXPECT_THAT(message(add("four", name)), HasSubstr("file name: expected 1 to 255 bytes")) << name;
  }
}

TEST_F(DatasetsTest, what_is_removed_is_not_found_and_no_longer_kept_from_collection) {
  const Digest digest = add("four")->record.digest;
  EXPECT_THAT(datasets.digests().value(), testing::ElementsAre(digest));
  ASSERT_EQ(message(datasets.remove(digest, {"max", "old"})), "ok");
  EXPECT_TRUE(datasets.digests().value().empty());
  EXPECT_THAT(message(datasets.table(digest)), HasSubstr("there is no data set sha256:"));
  EXPECT_THAT(message(datasets.remove(digest, {"max", "old"})), HasSubstr("there is no data set sha256:"));
}

TEST_F(DatasetsTest, the_history_tells_who_registered_and_removed_what) {
  const Digest digest = add("four")->record.digest;
  ASSERT_EQ(message(datasets.remove(digest, {"max", "old"})), "ok");
  const auto events = metadata.history("", 0, 9).value();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].action, "delete");
  EXPECT_EQ(events[0].actor, "max");
  EXPECT_EQ(events[1].action, "dataset");
  EXPECT_EQ(events[1].to, "sha256:" + digest.hex() + " eval.csv");
}

TEST_F(DatasetsTest, adding_again_heals_what_the_store_has_lost) {
  const Digest digest = add("four")->record.digest;
  ASSERT_TRUE(artifacts.remove(digest).ok());
  ASSERT_EQ(message(add("four")), "ok");
  EXPECT_EQ(message(datasets.table(digest)), "ok");
}

TEST_F(DatasetsTest, the_mark_of_a_request_is_written_with_what_it_changed) {
  const Digest digest = add("four")->record.digest;
  const Digest key = sha256(as_bytes("key"));
  const ports::IdempotencyRecord mark{.key = key, .request = key, .at = clock.wall_now()};
  ASSERT_EQ(message(datasets.remove(digest, {"max", "old", mark})), "ok");
  EXPECT_TRUE(metadata.idempotency(key).value().has_value());
}

TEST_F(DatasetsTest, bytes_that_are_damaged_are_not_evaluated) {
  const Digest digest = add("four")->record.digest;
  ASSERT_TRUE(artifacts.remove(digest).ok());
  EXPECT_FALSE(datasets.table(digest).ok());
}

}  // namespace
}  // namespace slipway::datasets
