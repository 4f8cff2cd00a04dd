// What is the segments' own: the end of a process, cut tails, retention.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "adapter/log_segments/segment_log.h"
#include "domain/stats/random.h"
#include "prediction_logs.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

using log_segments::Retention;
using log_segments::SegmentLog;
namespace fs = std::filesystem;

// No file of this process grows beyond that: what a full disk looks like.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, on_signal_);
  }

 private:
  rlimit before_{};
  sighandler_t on_signal_ = ::signal(SIGXFSZ, SIG_IGN);
};

class Segments : public testing::Test {
 protected:
  std::unique_ptr<SegmentLog> open(Retention retention = {}) { return *SegmentLog::open(folder_, retention, clock_); }
  static void add(SegmentLog& log, const std::string& request) {
    const auto record = prediction(request, 1, 11);
    ASSERT_TRUE(log.append(std::span(&record, 1)).ok());
  }
  static std::vector<std::string> all(SegmentLog& log) {
    std::vector<std::string> requests;
    const ports::LogPage page = log.read({}, 10'000).value();
    for (const auto& record : page.predictions) requests.emplace_back(record.request.text());
    return requests;
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.insert(entry.path().filename());
    return names;
  }
  // As after a process that died: the segments say it all.
  void forget_indexes() const {
    for (const std::string& name : files()) {
      if (name.ends_with(".index")) fs::remove(folder_ + "/" + name);
    }
  }
  std::string first() const { return folder_ + "/0000000000000001.log"; }

  testing_ground::ScratchFolder scratch_;
  SystemClock clock_;
  const std::string folder_ = scratch_.path() + "/predictions";
};

TEST_F(Segments, are_there_for_the_next_process) {
  {
    const auto log = open();
    ASSERT_TRUE(log->introduce(log_name("fraud")).ok());
    add(*log, "r1");
  }
  EXPECT_EQ(files(), (std::set<std::string>{"0000000000000001.log", "0000000000000001.index"}));
  const auto log = open();
  add(*log, "r2");
  EXPECT_EQ(all(*log), (std::vector<std::string>{"r1", "r2"}));
  EXPECT_TRUE(log->find(model::RequestKey::of("r1"))->has_value());
  EXPECT_EQ(log->model_of(model::hash_of("fraud")).value(), log_name("fraud"));
}

TEST_F(Segments, leave_out_a_cut_tail_wherever_it_is_cut) {
  std::uintmax_t one = 0;
  {
    const auto log = open();
    add(*log, "r1");
    one = fs::file_size(first());
    add(*log, "r2");
  }
  fs::remove(folder_ + "/0000000000000001.index");
  for (std::uintmax_t size = fs::file_size(first()) - 1; size > one; --size) {
    fs::resize_file(first(), size);
    const auto log = open();
    EXPECT_EQ(all(*log), (std::vector<std::string>{"r1"})) << size;
    EXPECT_FALSE(log->find(model::RequestKey::of("r2"))->has_value()) << size;
    EXPECT_TRUE(log->find(model::RequestKey::of("r1"))->has_value()) << size;
  }
}

TEST_F(Segments, leave_out_what_is_not_as_it_was_written) {
  {
    const auto log = open();
    add(*log, "r1");
    add(*log, "r2");
  }
  fs::remove(folder_ + "/0000000000000001.index");
  std::fstream file(first(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-1, std::ios::end);
  file.put('!');
  file.close();
  EXPECT_EQ(all(*open()), (std::vector<std::string>{"r1"}));
}

TEST_F(Segments, go_on_after_a_cut_tail_in_a_segment_of_their_own) {
  {
    const auto log = open();
    add(*log, "r1");
  }
  fs::remove(folder_ + "/0000000000000001.index");
  fs::resize_file(first(), fs::file_size(first()) - 5);
  const auto log = open();
  add(*log, "r2");
  EXPECT_EQ(all(*log), (std::vector<std::string>{"r2"}));
}

// One that drains while the next one serves already: what it writes late is read, and read in its place.
TEST_F(Segments, of_the_process_before_are_waited_for_while_it_still_writes) {
  auto before = open();
  add(*before, "r1");
  const auto after = open();
  add(*after, "r3");
  EXPECT_EQ(all(*after), (std::vector<std::string>{"r1"}));
  const ports::LogPosition end_of_first = after->read({}, 10)->next;
  EXPECT_EQ(after->read(end_of_first, 10)->next, end_of_first) << "nothing new, as yet";
  EXPECT_GT(after->end()->segment, end_of_first.segment) << "but something behind it";
  add(*before, "r2");
  EXPECT_TRUE(after->find(model::RequestKey::of("r2"))->has_value());
  EXPECT_EQ(after->read(end_of_first, 10)->predictions.size(), 1U);
  before.reset();
  EXPECT_EQ(all(*after), (std::vector<std::string>{"r1", "r2", "r3"}));
  EXPECT_FALSE(after->read({}, 10)->skipped);
  EXPECT_EQ(after->read({}, 10)->next, after->end().value());
}

// Another process may add one between a look that finds none and the question why.
TEST_F(Segments, are_not_damaged_where_a_whole_frame_stands_by_now) {
  const auto before = open();
  add(*before, "r1");
  model::ModelName name = log_name("fraud");
  log_segments::ModelNames names{{model::hash_of(name.text()), name}};
  const auto read = log_segments::SegmentFile::open(folder_, 1, names).value();
  const auto end = fs::file_size(first());
  std::string buffer;
  EXPECT_FALSE(read.frame_at(end, buffer)->has_value());
  add(*before, "r2");
  EXPECT_FALSE(read.is_damaged_at(end).value());
  std::fstream(first(), std::ios::in | std::ios::out | std::ios::binary).seekp(end + 20) << '\xff';
  EXPECT_TRUE(read.is_damaged_at(end).value());
}

TEST_F(Segments, of_a_process_that_was_killed_are_waited_for_no_more) {
  int is_written[2];
  ASSERT_EQ(::pipe(is_written), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::alarm(60);  // whatever becomes of its parent
    const auto log = open();
    add(*log, "r1");
    if (::write(is_written[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(is_written[0], &byte, 1), 1);
  const auto after = open();
  add(*after, "r2");
  EXPECT_EQ(all(*after), (std::vector<std::string>{"r1"}));
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(is_written[0]), ::close(is_written[1]);
  EXPECT_EQ(all(*after), (std::vector<std::string>{"r1", "r2"}));
}

TEST_F(Segments, of_two_processes_never_are_the_same_file) {
  auto one = open(), other = open();
  add(*one, "r1");
  add(*other, "r2");
  one.reset(), other.reset();
  EXPECT_EQ(all(*open()), (std::vector<std::string>{"r1", "r2"}));
}

TEST_F(Segments, a_reader_is_told_of_what_is_damaged_and_not_of_a_cut_tail) {
  {
    const auto log = open();
    for (const char* request : {"r1", "r2", "r3"}) add(*log, request);
  }
  add(*open(), "r4");
  const auto whole = open();
  const ports::LogPosition after_first = whole->read({}, 1)->next;
  EXPECT_FALSE(whole->read({}, 10)->skipped);
  const auto size = fs::file_size(first());
  for (const bool has_index : {true, false}) {
    if (!has_index) forget_indexes();
    std::fstream(first(), std::ios::in | std::ios::out | std::ios::binary).seekp(after_first.offset + 20) << '\xff';
    const auto log = open();
    EXPECT_EQ(all(*log), (std::vector<std::string>{"r1", "r4"}));
    EXPECT_TRUE(log->read({}, 10)->skipped);
    EXPECT_TRUE(log->read(after_first, 10)->skipped);
    EXPECT_FALSE(log->read({2, log_segments::kHeadSize}, 10)->skipped);
  }
  fs::resize_file(first(), after_first.offset + 18);  // and so a process dies
  EXPECT_FALSE(open()->read({}, 10)->skipped);
  fs::resize_file(first(), size);  // zeros, as after the death of the machine
  EXPECT_TRUE(open()->read({}, 10)->skipped);
}

TEST_F(Segments, go_beyond_their_size_the_oldest_first_and_a_reader_is_told) {
  const auto log = open({.size = {2000}, .segment = {500}});
  add(*log, "r0");
  const auto place = log->read({}, 1)->next;
  for (int i = 1; i < 40; ++i) add(*log, "r" + std::to_string(i));
  const auto left = all(*log);
  EXPECT_EQ(left.back(), "r39");
  EXPECT_LT(left.size(), 20U);
  EXPECT_GT(left.size(), 3U);
  EXPECT_TRUE(log->read(place, 10)->skipped);
  EXPECT_FALSE(log->find(model::RequestKey::of("r0"))->has_value());
}

TEST_F(Segments, go_when_they_are_too_old) {
  {
    add(*open(), "r1");
  }
  fs::last_write_time(first(), fs::file_time_type::clock::now() - std::chrono::hours(49));
  const auto log = open({.age = std::chrono::hours(48)});
  add(*log, "r2");
  EXPECT_EQ(all(*log), (std::vector<std::string>{"r2"}));
}

TEST_F(Segments, that_are_none_are_left_alone_and_told) {
  {
    add(*open(), "r1");
  }
  std::ofstream(folder_ + "/00000000000000ff.log") << "something else entirely";
  std::ofstream(folder_ + "/notes.txt") << "mine";
  const auto log = open();
  EXPECT_EQ(log->left_out().size(), 1U);
  EXPECT_EQ(all(*log), (std::vector<std::string>{"r1"}));
  EXPECT_TRUE(files().contains("notes.txt"));
}

TEST_F(Segments, an_index_that_is_no_good_is_made_again) {
  {
    add(*open(), "r1");
  }
  std::ofstream(folder_ + "/0000000000000001.index") << "no index";
  EXPECT_TRUE(open()->find(model::RequestKey::of("r1"))->has_value());
}

TEST_F(Segments, never_answer_an_older_prediction_of_a_unit_than_the_right_one) {
  const auto log = open({.segment = {20'000}});
  const auto put = [&](int at, int count) {
    const std::vector<ports::PredictionRecord> records(static_cast<std::size_t>(count), prediction("r", at, 7));
    ASSERT_TRUE(log->append(std::span(records)).ok());
  };
  put(1, 100);
  put(2, 100);  // fills the segment of the first
  put(5, 1);
  put(6, 100);
  const auto found = log->find_unit(model::hash_of("fraud"), 7, log_time(5)).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->at, log_time(5));
  for (int i = 0; i < 1100; ++i) put(8, 1);  // too many frames to look through
  EXPECT_FALSE(log->find_unit(model::hash_of("fraud"), 7, log_time(5))->has_value());
}

TEST_F(Segments, give_back_every_field_as_it_was_however_the_records_follow_each_other) {
  stats::Xoshiro256 random(7);
  const auto number = [&] { return random.next() >> random.below(64); };
  std::vector<ports::PredictionRecord> records(3'000);
  for (auto& record : records) {
    if (random.below(2) == 0) record = records.front();
    if (random.below(2) == 0) record.request = model::RequestKey::of(std::string(random.below(45), 'r') + "x");
    record.model = number();
    record.version = number();
    record.draw = {number(), number() >> 16U, 1.0 / static_cast<double>(number() + 1), model::AssignedBy::Chance,
                   static_cast<std::uint16_t>(number())};
    record.status = static_cast<std::uint8_t>(random.below(13));
    record.value_count = static_cast<std::uint8_t>(random.below(5));
    record.traffic = ports::Traffic::Batch;
    record.pair = static_cast<std::uint16_t>(number());
    record.rows = static_cast<std::uint16_t>(number());
    for (float& value : record.values) value = static_cast<float>(number());
    record.at = WallTime(std::chrono::microseconds(number() >> 1U));
    record.latency = Duration(static_cast<std::int64_t>(number() >> 1U));
    record.outputs = number();
  }
  const auto log = open();
  ASSERT_TRUE(log->append(std::span<const ports::PredictionRecord>(records)).ok());
  EXPECT_EQ(log->read({}, 10'000)->predictions, records);
  for (const std::size_t at : {0U, 511U, 512U, 2'999U}) {
    const auto& draw = records[at].draw;
    if (draw.unit == 0) continue;
    EXPECT_TRUE(log->find_unit(records[at].model, draw.unit, WallTime::max())->has_value()) << at;
  }
}

TEST_F(Segments, of_another_form_are_left_out_with_their_index) {
  {
    add(*open(), "r1");
  }
  std::fstream(first(), std::ios::in | std::ios::out | std::ios::binary) << "SLPWLOG1";
  const auto log = open();
  EXPECT_EQ(log->left_out().size(), 1U);
  EXPECT_FALSE(log->find(model::RequestKey::of("r1"))->has_value());
}

TEST_F(Segments, that_are_none_do_not_end_recording) {
  fs::create_directory(folder_);
  for (int i = 1; i <= 25; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "/%016x.log", static_cast<unsigned>(i));
    std::ofstream(folder_ + name) << "something else entirely";
  }
  const auto log = open();
  add(*log, "r1");
  EXPECT_EQ(all(*log), (std::vector<std::string>{"r1"}));
  EXPECT_TRUE(files().contains("000000000000001a.log"));
}

TEST_F(Segments, that_are_none_go_with_the_oldest) {
  fs::create_directory(folder_);
  std::ofstream(first()) << std::string(1000, 'x');
  const auto log = open({.size = {2000}, .segment = {500}});
  for (int i = 0; i < 40; ++i) add(*log, "r" + std::to_string(i));
  EXPECT_FALSE(fs::exists(first()));
}

TEST_F(Segments, that_were_never_begun_go_when_a_server_starts) {
  fs::create_directory(folder_);
  std::ofstream(first()) << "SLPW";
  std::ofstream(folder_ + "/0000000000000002.log") << "SLPW";  // of a process that is just at it
  fs::last_write_time(first(), fs::file_time_type::clock::now() - std::chrono::hours(1));
  const auto log = open();
  add(*log, "r1");
  EXPECT_EQ(files(), (std::set<std::string>{"0000000000000002.log", "0000000000000003.log"}));
}

TEST_F(Segments, keep_the_name_of_a_model_that_could_not_be_written_at_first) {
  {
    const auto log = open();
    add(*log, "r1");
    {
      const FullDisk full(fs::file_size(first()) + 5);
      EXPECT_FALSE(log->introduce(log_name("fraud")).ok());
    }
    EXPECT_TRUE(log->introduce(log_name("fraud")).ok());
  }
  forget_indexes();
  EXPECT_EQ(open()->model_of(model::hash_of("fraud")).value(), log_name("fraud"));
}

TEST_F(Segments, begin_with_the_names_or_not_at_all) {
  {
    const auto log = open();
    ASSERT_TRUE(log->introduce(log_name("fraud")).ok());
    {
      const FullDisk full(20);
      const auto record = prediction("r1", 1, 11);
      EXPECT_FALSE(log->append(std::span(&record, 1)).ok());
      EXPECT_EQ(files(), std::set<std::string>());
    }
    add(*log, "r1");
  }
  forget_indexes();
  EXPECT_EQ(open()->model_of(model::hash_of("fraud")).value(), log_name("fraud"));
}

TEST_F(Segments, record_on_when_only_an_index_cannot_be_written) {
  const auto log = open({.segment = {500}});
  fs::create_directory(folder_ + "/0000000000000001.index.new");
  for (int i = 0; i < 10; ++i) add(*log, "r" + std::to_string(i));
  EXPECT_EQ(all(*log).size(), 10U);
  EXPECT_TRUE(log->find(model::RequestKey::of("r0"))->has_value());
}

TEST_F(Segments, leave_no_draft_of_an_index_behind) {
  fs::create_directories(folder_ + "/0000000000000001.index");
  {
    add(*open(), "r1");
  }
  EXPECT_EQ(files(), (std::set<std::string>{"0000000000000001.index", "0000000000000001.log"}));
}

TEST_F(Segments, an_index_whose_bytes_changed_is_made_again) {
  {
    add(*open(), "r1");
  }
  const std::string index = folder_ + "/0000000000000001.index";
  std::string bytes(fs::file_size(index), '\0');
  std::ifstream(index, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    std::ofstream(index, std::ios::binary) << changed;
    EXPECT_TRUE(open()->find(model::RequestKey::of("r1"))->has_value()) << at;
  }
}

TEST_F(Segments, a_lost_part_of_one_does_not_hide_the_others) {
  {
    add(*open(), "r1");
  }
  {
    add(*open(), "r1");
  }
  const auto log = open();
  fs::resize_file(folder_ + "/0000000000000002.log", 100);
  const auto found = log->find(model::RequestKey::of("r1"));
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->has_value());
}

TEST_F(Segments, of_another_process_are_seen_and_counted_once_the_next_begins) {
  const auto log = open({.size = {2000}, .segment = {500}});
  add(*log, "r1");
  auto other = open();
  add(*other, "s1");
  while (!fs::exists(folder_ + "/0000000000000003.log")) add(*log, "r2");
  EXPECT_TRUE(log->find(model::RequestKey::of("s1"))->has_value());
  for (int i = 0; i < 40; ++i) add(*log, "r3");
  other.reset();
  EXPECT_FALSE(files().contains("0000000000000002.log"));
  EXPECT_FALSE(files().contains("0000000000000002.index"));
}

TEST_F(Segments, go_one_by_one_when_they_are_too_old_so_that_a_clock_may_jump) {
  for (int i = 1; i <= 3; ++i) add(*open(), "r" + std::to_string(i));
  for (const std::string& name : files()) {
    fs::last_write_time(folder_ + "/" + name, fs::file_time_type::clock::now() - std::chrono::hours(49));
  }
  const auto log = open({.age = std::chrono::hours(48)});
  EXPECT_EQ(all(*log), (std::vector<std::string>{"r2", "r3"}));
}

TEST_F(Segments, are_followed_by_the_next_in_time_to_grow_old) {
  ManualClock clock;
  const auto log = *SegmentLog::open(folder_, {.age = std::chrono::hours(70)}, clock);
  add(*log, "r1");
  clock.advance(std::chrono::hours(9));
  add(*log, "r2");
  EXPECT_FALSE(fs::exists(folder_ + "/0000000000000002.log"));
  clock.advance(std::chrono::hours(2));
  add(*log, "r3");
  EXPECT_TRUE(fs::exists(folder_ + "/0000000000000002.log"));
}

}  // namespace
}  // namespace slipway::contract
