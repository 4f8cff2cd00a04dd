#include "service/tracking/tracking.h"

#include <gtest/gtest.h>

#include "adapter/store_memory/memory_artifacts.h"
#include "adapter/store_memory/memory_tracking.h"

namespace slipway::tracking {
namespace {

using training::Kind;
using training::State;

class TrackingTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(tracking_.ensure_default_experiment().ok()); }

  EntryKey run(const std::string& name = "r", std::int64_t started = 1) {
    NewEntry asked;
    asked.experiment = kDefaultExperiment;
    asked.name = name;
    asked.started = started;
    return tracking_.create(asked).value().key;
  }
  ErrorCode logged(const EntryKey& key, const Notes& notes) {
    const auto done = tracking_.log(key, notes);
    return done ? ErrorCode::Internal : done.error().code;
  }
  void keep(const EntryKey& key, const std::string& path, std::string_view content) {
    auto upload = tracking_.upload(key, path, "eva");
    ASSERT_TRUE(upload.ok()) << upload.error().message;
    ASSERT_TRUE((*upload)->write(as_bytes(content)).ok());
    ASSERT_TRUE((*upload)->finish().ok());
  }
  std::vector<std::string> listed(const EntryKey& key, const std::string& folder) {
    const auto found = tracking_.list(key, folder).value();
    std::vector<std::string> paths;
    for (const Listed& item : found) paths.push_back(item.file.path + (item.is_folder ? "/" : ""));
    return paths;
  }
  std::vector<std::string> found(const std::string& filter, std::vector<std::string> order, std::size_t limit,
                                 std::string* token) {
    SearchRequest request;
    request.filter = filter;
    request.order_by = std::move(order);
    request.limit = limit;
    request.page_token = *token;
    const auto page = tracking_.search(request).value();
    *token = page.next;
    std::vector<std::string> names;
    for (const Entry& entry : page.entries) names.push_back(entry.name);
    return names;
  }

  ManualClock clock_;
  store_memory::MemoryTracking store_;
  store_memory::MemoryArtifacts artifacts_;
  int holds_ = 0, reads_ = 0;
  Tracking tracking_{{store_, artifacts_, clock_,
                      [this] {
                        ++holds_;
                        return std::shared_ptr<void>();
                      },
                      [this] {
                        ++reads_;
                        return std::shared_ptr<void>();
                      }}};
};

TEST_F(TrackingTest, the_default_experiment_is_there_once_and_stays) {
  EXPECT_TRUE(tracking_.ensure_default_experiment().ok());
  EXPECT_EQ(tracking_.experiment_named("Default").value().key.id, "0");
  EntryChange gone;
  gone.removed = true;
  EXPECT_EQ(tracking_.change({Kind::Experiment, "0"}, gone).error().code, ErrorCode::InvalidInput);
}

TEST_F(TrackingTest, an_entry_begins_in_the_state_of_its_kind_and_belongs_to_an_experiment) {
  EXPECT_EQ(tracking_.entry(run()).value().state, State::Running);
  NewEntry model;
  model.kind = Kind::Model;
  model.experiment = "0";
  EXPECT_EQ(tracking_.create(model).value().state, State::Pending);
  model.experiment = "12345";
  EXPECT_EQ(tracking_.create(model).error().code, ErrorCode::NotFound);
}

TEST_F(TrackingTest, a_search_of_some_entries_is_as_if_there_were_no_others) {
  const EntryKey mine = run(), other = run();
  tracking::SearchRequest asked;
  asked.covers = [&](const Entry& entry) { return entry.key == mine; };
  const auto found = tracking_.search(asked).value();
  ASSERT_EQ(found.entries.size(), 1U);
  EXPECT_EQ(found.entries[0].key, mine);
  EXPECT_EQ(found.next, "");
  asked.page_token = other.id;
  EXPECT_EQ(tracking_.search(asked).error().code, ErrorCode::InvalidInput);
}

TEST_F(TrackingTest, what_a_state_or_id_cannot_be_is_refused) {
  EntryChange ready;
  ready.state = State::Ready;
  EXPECT_EQ(tracking_.change(run(), ready).error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(tracking_.entry({Kind::Run, "../x"}).error().code, ErrorCode::NotFound);
}

TEST_F(TrackingTest, a_removed_entry_takes_nothing_until_it_is_restored) {
  const EntryKey key = run();
  EntryChange change;
  change.removed = true;
  ASSERT_TRUE(tracking_.change(key, change).ok());
  EXPECT_EQ(logged(key, {.metrics = {}, .parameters = {}, .tags = {{"k", "v"}}}), ErrorCode::InvalidInput);
  EXPECT_EQ(tracking_.upload(key, "a", "eva").error().code, ErrorCode::InvalidInput);
  change.removed = false;
  ASSERT_TRUE(tracking_.change(key, change).ok());
  EXPECT_TRUE(tracking_.log(key, {.metrics = {}, .parameters = {}, .tags = {{"k", "v"}}}).ok());
}

TEST_F(TrackingTest, there_is_a_limit_to_everything_that_is_logged) {
  const EntryKey key = run();
  EXPECT_EQ(logged(key, {.metrics = std::vector<training::Metric>(1001, {.key = "m"}), .parameters = {}, .tags = {}}),
            ErrorCode::InvalidInput);
  for (int batch = 0; batch < 10; ++batch) {
    Notes notes;
    for (int i = 0; i < 100; ++i) notes.tags.emplace_back("t" + std::to_string(batch * 100 + i), "");
    ASSERT_TRUE(tracking_.log(key, notes).ok());
  }
  EXPECT_TRUE(tracking_.log(key, {.metrics = {}, .parameters = {}, .tags = {{"t7", "new"}}}).ok());
  EXPECT_EQ(logged(key, {.metrics = {}, .parameters = {}, .tags = {{"one more", ""}}}), ErrorCode::InvalidInput);
}

TEST_F(TrackingTest, a_changed_parameter_is_the_callers_mistake) {
  const EntryKey key = run();
  ASSERT_TRUE(tracking_.log(key, {.metrics = {}, .parameters = {{"p", "1"}}, .tags = {}}).ok());
  EXPECT_EQ(logged(key, {.metrics = {}, .parameters = {{"p", "2"}}, .tags = {}}), ErrorCode::InvalidInput);
}

TEST_F(TrackingTest, a_tag_that_another_has_changed_meanwhile_is_updated_again) {
  const EntryKey key = run();
  const auto plus = [](const std::string& more) {
    return [more](const std::string& before) -> Result<std::string> { return before + more; };
  };
  bool is_first = true;
  const auto after_another = [&](const std::string& before) -> Result<std::string> {
    if (std::exchange(is_first, false)) {
      EXPECT_TRUE(tracking_.update_tag(key, "t", plus("other ")).ok());
    }
    return before + "mine";
  };
  ASSERT_TRUE(tracking_.update_tag(key, "t", after_another).ok());
  EXPECT_EQ(tracking_.entry(key).value().tags.at("t"), "other mine");
}

TEST_F(TrackingTest, files_are_listed_folder_by_folder) {
  const EntryKey key = run();
  keep(key, "model/MLmodel", "x");
  for (int i = 0; i < 300; ++i) keep(key, "model/data/" + std::to_string(i), "same");
  keep(key, "notes.txt", "");
  EXPECT_EQ(listed(key, ""), (std::vector<std::string>{"model/", "notes.txt"}));
  EXPECT_EQ(listed(key, "model"), (std::vector<std::string>{"model/MLmodel", "model/data/"}));
  EXPECT_EQ(listed(key, "model/data").size(), 300U);
  EXPECT_EQ(listed(key, "notes.txt"), std::vector<std::string>{"notes.txt"});
  EXPECT_TRUE(listed(key, "mod").empty());
  EXPECT_GT(holds_, 0);
}

TEST_F(TrackingTest, a_file_and_a_folder_never_share_a_path) {
  const EntryKey key = run();
  keep(key, "a/b", "x");
  EXPECT_EQ(tracking_.upload(key, "a", "eva").error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(tracking_.upload(key, "a/b/c", "eva").error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(tracking_.upload(key, "../a", "eva").error().code, ErrorCode::InvalidInput);
}

TEST_F(TrackingTest, files_are_read_replaced_and_removed) {
  const EntryKey key = run();
  keep(key, "a/b", "old");
  keep(key, "a/b", "new");
  const int holds = holds_;
  const auto content = tracking_.content(key, "a/b").value();
  std::string text(8, '.');
  EXPECT_EQ(content->read(std::as_writable_bytes(std::span(text))).value(), 3u);
  EXPECT_EQ(text, "new.....");
  EXPECT_EQ(holds_, holds);
  EXPECT_EQ(reads_, 1);
  ASSERT_TRUE(tracking_.remove_files(key, "a").ok());
  EXPECT_EQ(tracking_.content(key, "a/b").error().code, ErrorCode::NotFound);
  EXPECT_TRUE(tracking_.remove_files(key, "a").ok());
}

TEST_F(TrackingTest, a_search_comes_in_pages_and_in_order) {
  for (int i = 0; i < 600; ++i) {
    const EntryKey key = run("r" + std::to_string(1000 + i), i);
    ASSERT_TRUE(
        tracking_.log(key, {.metrics = {{.key = "m", .value = double(i % 7)}}, .parameters = {}, .tags = {}}).ok());
  }
  std::string token;
  std::vector<std::string> all;
  do {
    for (std::string& name : found("metrics.m = 3", {"attributes.run_name ASC"}, 40, &token)) all.push_back(name);
  } while (!token.empty());
  ASSERT_EQ(all.size(), 86U);
  EXPECT_EQ(all.front(), "r1003");
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(found("", {}, 2, &token), (std::vector<std::string>{"r1599", "r1598"}));
}

TEST_F(TrackingTest, what_is_made_or_removed_between_two_pages_moves_nothing_onto_both) {
  for (int i = 0; i < 10; ++i) run("r" + std::to_string(i), i);
  std::string token;
  EXPECT_EQ(found("", {}, 3, &token), (std::vector<std::string>{"r9", "r8", "r7"}));
  run("newer", 99);
  EntryChange removal;
  removal.removed = true;
  ASSERT_TRUE(tracking_.change({Kind::Run, token}, removal).ok());  // the last of the page itself
  EXPECT_EQ(found("", {}, 3, &token), (std::vector<std::string>{"r6", "r5", "r4"}));
}

TEST_F(TrackingTest, an_experiment_that_a_search_names_often_is_read_once) {
  const EntryKey key = run();
  SearchRequest request;
  request.experiments = std::vector<std::string>(1'000, "0");
  const auto page = tracking_.search(request).value();
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries.front().key, key);
}

TEST_F(TrackingTest, a_page_of_a_search_ends_before_it_holds_too_much) {
  constexpr std::size_t kRuns = 30;
  Notes notes;
  for (int i = 0; i < 100; ++i) notes.tags.emplace_back("t" + std::to_string(i), std::string(8'000, 'x'));
  for (std::size_t i = 0; i < kRuns; ++i) ASSERT_TRUE(tracking_.log(run("r" + std::to_string(100 + i)), notes).ok());
  std::string token;
  std::vector<std::string> all;
  do {
    const auto page = found("", {"attributes.run_name ASC"}, 1'000, &token);
    ASSERT_FALSE(page.empty());
    EXPECT_LE(page.size(), 20U);  // 800 kB each
    all.insert(all.end(), page.begin(), page.end());
  } while (!token.empty());
  ASSERT_EQ(all.size(), kRuns);
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST_F(TrackingTest, a_search_that_cannot_be_is_refused) {
  for (const std::string& filter : {std::string("metrics.m LIKE 'x'"), std::string("nothing = '1'")}) {
    SearchRequest request;
    request.filter = filter;
    EXPECT_EQ(tracking_.search(request).error().code, ErrorCode::InvalidInput) << filter;
  }
  SearchRequest request;
  for (const std::string& token : {std::string("x"), std::string("40"), std::string(32, 'a'), std::string("../x")}) {
    request.page_token = token;
    EXPECT_EQ(tracking_.search(request).error().code, ErrorCode::InvalidInput) << token;
  }
  request.page_token = "";
  request.limit = 0;
  EXPECT_FALSE(tracking_.search(request).ok());
}

}  // namespace
}  // namespace slipway::tracking
