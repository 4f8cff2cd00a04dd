// What the prediction log gets of each request.
#include <set>

#include "adapter/log_memory/memory_prediction_log.h"
#include "serving_house.h"

namespace slipway::scenarios {
namespace {

using namespace std::chrono_literals;

class Records : public ServingHouse {
 protected:
  void SetUp() override {
    service_.record_to(recorder_);
    ServingHouse::SetUp();
  }
  void serve(Described of = {}) {
    have("m", 1, std::move(of));
    deploy("m", 1);
    settle();
  }
  // One request, answered or refused.
  void ask_once(std::vector<float> values, std::string_view id) {
    Client client;
    Question question = Question::rows_of(std::move(values));
    question.request.request_id = id;
    ask(question, client);
    lane().flush();
  }
  std::vector<ports::PredictionRecord> recorded() {
    recorder_.drain();
    return predictions_.read({}, 100'000)->predictions;
  }

  log_memory::MemoryPredictionLog predictions_;
  serving::PredictionRecorder recorder_{{predictions_, clock_, log_}, 1};
};

TEST_F(Records, an_answer_is_recorded_with_what_it_said) {
  serve();
  ask_once({2, 4}, "r1");
  const auto all = recorded();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].request.text(), "r1");
  EXPECT_EQ(predictions_.model_of(all[0].model).value()->text(), "m");
  EXPECT_EQ(all[0].version, 1U);
  EXPECT_EQ(all[0].status, 0);
  EXPECT_EQ(all[0].rows, 2);
  EXPECT_EQ(all[0].value_count, 1);
  EXPECT_EQ(all[0].values[0], 3);
  EXPECT_EQ(all[0].draw.probability, 1);
  EXPECT_EQ(all[0].draw.revision, 1U);
  EXPECT_NE(all[0].outputs, 0U);
}

TEST_F(Records, the_time_of_day_is_when_the_request_was_received) {
  serve();
  Client client;
  Question question = Question::rows_of({1});
  question.request.received_at = clock_.now();
  const WallTime received = clock_.wall_now();
  clock_.advance(250us);
  ask(question, client);
  lane().flush();
  clock_.advance(1s);
  const auto all = recorded();
  EXPECT_EQ(all.at(0).at, received);
  EXPECT_EQ(all.at(0).latency, 250us);
}

TEST_F(Records, of_two_versions_neither_looks_slower_because_the_other_ran_before_it) {
  have("m", 2, {});
  have("m", 1, {});
  deploy("m", *model::TrafficSplit::parse({{1, {5'000}}, {2, {5'000}}}));
  settle();
  for (const model::VersionNumber first : {1U, 2U, 1U}) {
    std::vector<Client> clients(4);
    clients[0].then = [this] { clock_.advance(30us); };  // what it takes, to the first one's last answer
    std::vector<Question> questions(clients.size(), Question::rows_of({1}));
    const TimePoint received = clock_.now();
    clock_.advance(100us);
    for (std::size_t i = 0; i < clients.size(); ++i) {
      questions[i].request.version = i < 2 ? first : 3 - first;
      questions[i].request.received_at = received;
      ask(questions[i], clients[i]);
    }
    lane().flush();
    const auto all = recorded();
    ASSERT_EQ(all.size() % 4, 0U);
    for (std::size_t i = all.size() - 4; i < all.size(); ++i) EXPECT_EQ(all[i].latency, 100us);
  }
}

TEST_F(Records, what_a_version_took_to_fail_is_not_counted_as_the_others) {
  have("m", 2, {});
  have("m", 1, {.echo = std::string(kEcho) + "fail_batch x 13\n"});
  deploy("m", *model::TrafficSplit::parse({{1, {5'000}}, {2, {5'000}}}));
  settle();
  std::vector<Client> clients(4);
  for (Client& client : clients) client.then = [this] { clock_.advance(30us); };
  std::vector<Question> questions{Question::rows_of({1}), Question::rows_of({13}), Question::rows_of({1}),
                                  Question::rows_of({1})};
  const TimePoint received = clock_.now();
  clock_.advance(100us);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    questions[i].request.version = i < 2 ? 1 : 2;
    questions[i].request.received_at = received;
    ask(questions[i], clients[i]);
  }
  lane().flush();
  std::size_t of_the_other = 0;
  for (const auto& record : recorded()) {
    if (record.version != 2) continue;
    EXPECT_EQ(record.latency, 100us) << "not what the other's failed execution took before it";
    ++of_the_other;
  }
  EXPECT_EQ(of_the_other, 2U);
}

TEST_F(Records, a_refusal_is_booked_to_the_version_that_was_drawn) {
  serve();
  Client client;
  Question question = Question::rows_of({1});
  question.tensors[0].name = "z";
  ask(question, client);
  const auto all = recorded();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].version, 1U);
  EXPECT_EQ(all[0].status, 1 + static_cast<int>(ErrorCode::InvalidInput));
  EXPECT_EQ(all[0].value_count, 0);
}

TEST_F(Records, what_failed_waited_too_long_or_was_given_up_is_recorded_too) {
  serve({.cost = {300us, 0us}});
  std::vector<Client> clients(3);
  std::vector<Question> questions(3, Question::rows_of({1}));
  questions[1].request.timeout = 1ms;
  for (std::size_t i = 0; i < clients.size(); ++i) ask(questions[i], clients[i]);
  lane().cancel(clients[0]);
  clock_.advance(2ms);
  loop_.run();
  run_queue("m");
  std::multiset<int> states;
  for (const auto& record : recorded()) states.insert(record.status);
  EXPECT_EQ(states, (std::multiset<int>{0, 1 + static_cast<int>(ErrorCode::DeadlineExceeded),
                                        1 + static_cast<int>(ErrorCode::Cancelled)}));
}

TEST_F(Records, requests_given_up_while_they_run_leave_their_places) {
  serve();
  for (int i = 0; i < 10'000; ++i) {
    Client first, second;
    Question one = Question::rows_of({1}), other = Question::rows_of({2});
    first.then = [&] { lane().cancel(second); };
    ask(one, first);
    ask(other, second);
    lane().flush();
    if (i % 1000 == 0) recorder_.drain();
  }
  EXPECT_EQ(recorded().size(), 20'000U);
}

// What stands for requests is used again, so the next one may be at the place of the one that failed.
TEST_F(Records, a_request_given_up_after_one_that_failed_is_recorded_once) {
  serve({.echo = std::string(kEcho) + "fail_batch x 13\n"});
  Client client;
  Question bad = Question::rows_of({13}), good = Question::rows_of({1});
  bad.request.request_id = "fails";
  good.request.request_id = "given up";
  ask(bad, client);
  lane().flush();
  ask(good, client);
  lane().cancel(client);
  lane().flush();
  std::vector<std::pair<std::string, int>> states;
  for (const auto& record : recorded()) states.emplace_back(record.request.text(), record.status);
  EXPECT_EQ(states,
            (std::vector<std::pair<std::string, int>>{{"fails", 1 + static_cast<int>(ErrorCode::InvalidInput)},
                                                      {"given up", 1 + static_cast<int>(ErrorCode::Cancelled)}}));
}

TEST_F(Records, what_finds_no_room_is_counted_with_its_probability_and_answered_all_the_same) {
  serve();
  for (int i = 0; i < 10'000; ++i) ask_once({1}, "r");
  EXPECT_EQ(recorded().size(), 8192U);
  const auto& counters = service_.table()->find("m")->arms[0].version->counters().lanes()[0];
  EXPECT_EQ(counters.dropped_records.value(), 10'000U - 8192U);
  EXPECT_EQ(counters.dropped_probability.value(), std::uint64_t{10'000 - 8192} * 1'000'000'000);
  const auto dropped = service_.dropped();
  ASSERT_EQ(dropped.size(), 2U) << "of the version, and what the log refused";
  EXPECT_EQ(dropped[0].model, model::hash_of("m"));
  EXPECT_EQ(dropped[0].count, 10'000U - 8192U);
  EXPECT_EQ(dropped[1].count, 0U);
  EXPECT_EQ(statistics().success.count, 10'000U);
  ask_once({1}, "r");
  EXPECT_EQ(recorded().size(), 8193U);
}

// Its disk takes one part and is full then.
class FullAfterOnePart final : public log_memory::MemoryPredictionLog {
 public:
  using MemoryPredictionLog::append;
  Result<void> append(std::span<const ports::PredictionRecord> predictions) override {
    if (taken_ != 0) return unavailable("the disk is full");
    taken_ = predictions.size();
    return {};
  }
  std::size_t taken() const { return taken_; }

 private:
  std::size_t taken_ = 0;
};

TEST_F(Records, each_part_that_was_written_counts_as_recorded) {
  FullAfterOnePart full;
  serving::PredictionRecorder recorder({full, clock_, log_}, 2);
  for (std::size_t lane = 0; lane < 2; ++lane) {
    while (recorder.ring(lane).reserve()) recorder.ring(lane).push({});
  }
  recorder.drain();
  EXPECT_EQ(recorder.recorded(), 512U);
  EXPECT_EQ(recorder.lost(), 2 * 8192U - 512U);
  EXPECT_EQ(full.taken(), 512U);
}

}  // namespace
}  // namespace slipway::scenarios
