#include "service/serving/batch_queue.h"
#include "serving_house.h"

namespace slipway::scenarios {
namespace {

using namespace std::chrono_literals;

// A version too slow for the loop: its requests wait in a queue until the test runs it.
class SlowModel : public ServingHouse {
 protected:
  void serve(Described of) {
    if (of.cost == model::Cost{10us, 1us}) of.cost = {4ms, 1ms};
    have("m", 1, std::move(of));
    deploy("m", 1);
    settle();
  }
};

TEST_F(SlowModel, is_answered_by_its_queue_not_by_the_loop) {
  serve({});
  Client client;
  {
    Question question = Question::rows_of({5});
    ask(question, client);
  }  // whoever asked is gone: the queue has its own copy
  lane().flush();
  EXPECT_EQ(client.calls, 0);
  run_queue("m");
  EXPECT_EQ(client.floats(), (std::vector<float>{5}));
}

TEST_F(SlowModel, requests_that_wait_are_executed_together) {
  serve({});
  std::vector<Client> clients(4);
  std::vector<Question> questions;
  for (float i = 0; i < 4; ++i) questions.push_back(Question::rows_of({i, i}));
  for (std::size_t i = 0; i < 4; ++i) ask(questions[i], clients[i]);
  run_queue("m");
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(clients[i].floats(), std::vector<float>(2, static_cast<float>(i)));
  }
  EXPECT_EQ(statistics().executions, 1U);
  EXPECT_EQ(statistics().inferences, 8U);
}

TEST_F(SlowModel, a_full_queue_refuses_and_says_how_long_it_is) {
  serve({});
  std::vector<Client> clients(5);
  std::vector<Question> questions(5, Question::rows_of({1}));
  for (std::size_t i = 0; i < 5; ++i) ask(questions[i], clients[i]);
  ASSERT_TRUE(clients[4].error.has_value());
  EXPECT_EQ(clients[4].error->code, ErrorCode::Overloaded);
  EXPECT_NE(clients[4].error->message.find("4 of at most 4 requests wait"), std::string::npos)
      << clients[4].error->message;
  run_queue("m");
  EXPECT_TRUE(clients[0].answer.has_value());
}

TEST_F(SlowModel, refuses_at_once_what_cannot_be_done_in_time) {
  serve({.cost = {100ms, 1ms}, .row_independent = false});
  Client first, second;
  Question one = Question::rows_of({1}), two = Question::rows_of({2});
  two.request.timeout = 50ms;
  ask(one, first);
  ask(two, second);
  EXPECT_EQ(second.error->code, ErrorCode::Overloaded);
}

TEST_F(SlowModel, refuses_what_its_own_batch_would_end_too_late) {
  serve({.cost = {1ms, 4ms}, .row_independent = false});
  Client first, second, third;
  Question one = Question::rows_of({1}), two = Question::rows_of({2}), three = Question::rows_of({3});
  two.request.timeout = 9ms;  // 5 ms for the first, then 5 for this one
  three.request.timeout = 12ms;
  ask(one, first);
  ask(two, second);
  ASSERT_TRUE(second.error.has_value());
  EXPECT_EQ(second.error->code, ErrorCode::Overloaded);
  ask(three, third);
  run_queue("m");
  EXPECT_TRUE(third.answer.has_value());
}

TEST(ByteBudget, gives_out_no_more_than_it_has_and_takes_it_back) {
  auto budget = std::make_shared<serving::ByteBudget>(Bytes{10});
  auto held = budget->take(6);
  EXPECT_FALSE(budget->take(5).has_value());
  EXPECT_TRUE(budget->take(4).has_value()) << "given back at once";
  held.reset();
  EXPECT_EQ(budget->used().count, 0U);
  EXPECT_FALSE(budget->take(11).has_value());
}

TEST_F(SlowModel, a_deadline_that_passes_in_the_queue_is_told_by_its_time) {
  serve({});
  Client client;
  Question question = Question::rows_of({1});
  question.request.timeout = 20ms;
  ask(question, client);
  clock_.advance(20ms);
  loop_.run();
  EXPECT_EQ(client.error->code, ErrorCode::DeadlineExceeded);
  run_queue("m");
  EXPECT_EQ(client.calls, 1);
  EXPECT_EQ(statistics().executions, 0U);
}

TEST_F(SlowModel, what_cannot_end_in_time_is_not_begun) {
  serve({});
  Client client;
  Question question = Question::rows_of({1});
  question.request.timeout = 20ms;
  ask(question, client);
  clock_.advance(17ms);  // 3 ms are left, it takes 5
  run_queue("m");
  EXPECT_EQ(client.error->code, ErrorCode::DeadlineExceeded);
  EXPECT_EQ(statistics().executions, 0U);
}

TEST_F(SlowModel, an_estimate_that_refuses_everybody_is_tried_again) {
  serve({.cost = {10s, 1ms}});
  clock_.advance(2s);
  Client first, second;
  Question question = Question::rows_of({1}), next = Question::rows_of({2});
  question.request.timeout = next.request.timeout = 20ms;
  ask(question, first);
  run_queue("m");
  EXPECT_EQ(first.floats(), (std::vector<float>{1}));
  ask(next, second);  // still an estimate of seconds, and one has just tried
  run_queue("m");
  EXPECT_EQ(second.error->code, ErrorCode::DeadlineExceeded);
}

TEST_F(SlowModel, a_cancelled_request_leaves_the_queue) {
  serve({});
  Client client;
  Question question = Question::rows_of({1});
  ask(question, client);
  lane().cancel(client);
  EXPECT_EQ(service_.table()->find("m")->arms[0].version->queue().load().requests, 0U);
  run_queue("m");
  EXPECT_EQ(client.calls, 0);
}

TEST_F(SlowModel, a_request_cancelled_while_it_runs_is_not_told) {
  serve({});
  Client client;
  Question question = Question::rows_of({1});
  ask(question, client);
  ASSERT_TRUE(service_.table()->find("m")->arms[0].version->queue().execute_next());
  lane().cancel(client);  // its answer is on the way
  loop_.run();
  EXPECT_EQ(client.calls, 0);
}

TEST_F(SlowModel, live_goes_before_batch_before_shadow_and_priorities_before_deadlines) {
  serve({.row_independent = false});
  std::vector<int> order;
  std::vector<Client> clients(4);
  std::vector<Question> questions(4, Question::rows_of({1}));
  questions[0].request.traffic = ports::Traffic::Shadow;
  questions[1].request.traffic = ports::Traffic::Batch;
  questions[2].request.timeout = 1s;
  questions[3].request.priority = 1;
  for (int i = 0; i < 4; ++i) {
    clients[static_cast<std::size_t>(i)].then = [&order, i] { order.push_back(i); };
    ask(questions[static_cast<std::size_t>(i)], clients[static_cast<std::size_t>(i)]);
  }
  run_queue("m");
  EXPECT_EQ(order, (std::vector<int>{3, 2, 1, 0}));
}

TEST_F(SlowModel, a_request_that_fails_an_execution_fails_only_itself) {
  serve({.echo = std::string(kEcho) + "fail_batch x 13\n"});
  std::vector<Client> clients(3);
  std::vector<Question> questions = {Question::rows_of({1}), Question::rows_of({13}), Question::rows_of({3})};
  for (std::size_t i = 0; i < 3; ++i) ask(questions[i], clients[i]);
  run_queue("m");
  EXPECT_EQ(clients[0].floats(), (std::vector<float>{1}));
  EXPECT_EQ(clients[1].error->code, ErrorCode::InvalidInput);
  EXPECT_EQ(clients[2].floats(), (std::vector<float>{3}));
}

TEST_F(SlowModel, a_long_request_to_a_quick_model_is_queued_too) {
  serve({.cost = {10us, 50us}});
  Client short_one, long_one;
  Question one = Question::rows_of({1}), many = Question::rows_of(std::vector<float>(64, 2));
  ask(one, short_one);
  ask(many, long_one);
  lane().flush();
  EXPECT_TRUE(short_one.answer.has_value());
  EXPECT_EQ(long_one.calls, 0);
  run_queue("m");
  EXPECT_EQ(long_one.floats(), std::vector<float>(64, 2));
}

TEST_F(SlowModel, the_manifest_decides_where_it_runs_when_it_says) {
  serve({.cost = {1s, 1s}, .execution = model::Execution::Inline});
  Client client;
  Question question = Question::rows_of({1});
  ask(question, client);
  lane().flush();
  EXPECT_TRUE(client.answer.has_value());
}

TEST_F(SlowModel, a_version_with_waiting_requests_is_swapped_and_still_answers_them) {
  serve({});
  have("m", 2, {});
  Client client;
  Question question = Question::rows_of({1});
  ask(question, client);
  const auto old = service_.table();
  deploy("m", 2);
  settle();
  while (old->find("m")->arms[0].version->queue().execute_next()) {
  }
  loop_.run();
  EXPECT_EQ(client.answer->version, 1U);
}

TEST_F(SlowModel, a_completion_may_cancel_the_last_request_of_a_version_that_left) {
  serve({.max_batch = 1});
  have("m", 2, {});
  Client first, second;
  Question one = Question::rows_of({1}), two = Question::rows_of({2});
  first.then = [&] { lane().cancel(second); };
  ask(one, first);
  ask(two, second);
  const auto old = service_.table();
  deploy("m", 2);
  settle();
  EXPECT_TRUE(old->find("m")->arms[0].version->queue().execute_next());
  loop_.run();
  EXPECT_EQ(first.answer->version, 1U);
  EXPECT_EQ(second.calls, 0);
}

TEST_F(SlowModel, deadlines_of_many_requests_share_few_timers) {
  serve({});
  Client patient;
  Question long_wait = Question::rows_of({1});
  ask(long_wait, patient);
  for (int i = 0; i < 100; ++i) {
    Client client;
    Question question = Question::rows_of({2});
    question.request.timeout = 20ms;
    ask(question, client);
    clock_.advance(20ms);
    loop_.run();
    EXPECT_EQ(client.error->code, ErrorCode::DeadlineExceeded);
  }
  EXPECT_LE(loop_.timers(), 2U);
}

// With one core an execution thread could only take turns with the loop.
class OneCore : public ServingHouse {
 protected:
  explicit OneCore(std::size_t loops = 1) : ServingHouse(1, loops) {}
  void serve(model::Cost cost, model::Execution execution = model::Execution::Auto) {
    have("m", 1, {.cost = cost, .execution = execution});
    have("other", 1, {});
    deploy("m", 1);
    deploy("other", 1);
    settle();
    ask_once("m");
    clock_.advance(batching::kLoneAfter);
  }
  // True if the answer came with the tick, not by the queue.
  bool ask_once(std::string_view name, std::size_t rows = 1) {
    Client client;
    Question question = Question::rows_of(std::vector<float>(rows, 1), name);
    ask(question, client);
    lane().flush();
    const bool at_once = client.answer.has_value();
    run_queue(name);
    EXPECT_TRUE(client.answer.has_value());
    return at_once;
  }
};

TEST_F(OneCore, a_slow_version_borrows_a_loop_that_serves_nobody_else) {
  serve({900us, 60us});
  EXPECT_TRUE(ask_once("m"));
}

TEST_F(OneCore, a_slow_version_goes_to_its_queue_while_the_loop_serves_others) {
  serve({900us, 60us});
  ask_once("other");
  EXPECT_FALSE(ask_once("m"));
  clock_.advance(batching::kLoneAfter - 1ns);
  EXPECT_FALSE(ask_once("m"));
  clock_.advance(1ns);
  EXPECT_TRUE(ask_once("m"));
}

struct OneCoreTwoLoops : OneCore {
  OneCoreTwoLoops() : OneCore(2) {}
};
TEST_F(OneCoreTwoLoops, a_slow_version_does_not_borrow_a_loop_that_another_loop_waits_for) {
  serve({900us, 60us});
  EXPECT_FALSE(ask_once("m"));
}

TEST_F(OneCore, what_takes_longer_than_the_budget_never_borrows_the_loop) {
  serve({900us, 60us});
  EXPECT_FALSE(ask_once("m", 60));
  EXPECT_TRUE(ask_once("m", 40));
}

TEST_F(OneCore, a_manifest_that_asks_for_a_queue_gets_it) {
  serve({900us, 60us}, model::Execution::Queue);
  EXPECT_FALSE(ask_once("m"));
}

TEST_F(OneCore, a_borrowed_loop_runs_together_what_its_tick_gathered) {
  serve({900us, 60us});
  std::vector<Client> clients(8);
  std::vector<Question> questions(8, Question::rows_of({1}));
  for (std::size_t i = 0; i < 8; ++i) ask(questions[i], clients[i]);
  lane().flush();
  EXPECT_EQ(statistics().executions, 2U);  // one of them by serve()
}

TEST_F(OneCore, a_borrowed_loop_refuses_what_would_wait_for_too_long) {
  serve({0us, 3ms});
  std::vector<Client> clients(1800);  // 5.4 s; a queue takes 5 s of them
  std::vector<Question> questions(clients.size(), Question::rows_of({1}));
  for (std::size_t i = 0; i < clients.size(); ++i) ask(questions[i], clients[i]);
  EXPECT_FALSE(clients[1600].error.has_value());
  ASSERT_TRUE(clients[1700].error.has_value());
  EXPECT_EQ(clients[1700].error->code, ErrorCode::Overloaded);
}

TEST_F(OneCore, a_borrowed_loop_refuses_what_would_wait_beyond_its_deadline) {
  serve({0us, 3ms});
  std::vector<Client> clients(5);
  std::vector<Question> questions(clients.size(), Question::rows_of({1}));
  for (Question& question : questions) question.request.timeout = 8ms;
  for (std::size_t i = 0; i < clients.size(); ++i) ask(questions[i], clients[i]);
  EXPECT_FALSE(clients[1].error.has_value());
  ASSERT_TRUE(clients[2].error.has_value());  // 6 ms before it, and 3 ms of its own
  EXPECT_EQ(clients[2].error->code, ErrorCode::Overloaded);
}

TEST_F(SlowModel, with_a_second_core_it_never_borrows_the_loop) {
  serve({.cost = {900us, 60us}});
  clock_.advance(1h);
  Client client;
  Question question = Question::rows_of({1});
  ask(question, client);
  lane().flush();
  EXPECT_EQ(client.calls, 0);
}

}  // namespace
}  // namespace slipway::scenarios
