#include "serving_house.h"

namespace slipway::scenarios {
namespace {

using namespace std::chrono_literals;

class RequestPath : public ServingHouse {
 protected:
  void serve(Described of) {
    have("m", 1, std::move(of));
    deploy("m", 1);
    settle();
  }
};

TEST_F(RequestPath, a_limit_on_waiting_leaves_time_for_a_full_batch) {
  have("m", 1, {.cost = {20ms, 1ms}, .max_batch = 8});
  shelf_.manifests["m:1"].labels[std::string(ports::kQueueTimeoutLabel)] = "100us";
  deploy("m", 1);
  settle();
  EXPECT_EQ((*service_.find("m", std::nullopt))->manifest.limits.timeout, 20ms + 8ms + 100us);
}

TEST_F(RequestPath, answers_at_the_end_of_the_tick) {
  serve({});
  Client client;
  Question question = Question::rows_of({1, 2});
  ask(question, client);
  EXPECT_EQ(client.calls, 0);
  lane().flush();
  ASSERT_TRUE(client.answer.has_value());
  EXPECT_EQ(client.answer->version, 1U);
  EXPECT_EQ(client.floats(), (std::vector<float>{1, 2}));
}

TEST_F(RequestPath, requests_of_one_tick_share_an_execution_and_get_their_own_rows) {
  serve({});
  std::vector<Client> clients(3);
  std::vector<Question> questions = {Question::rows_of({1}), Question::rows_of({2, 3}), Question::rows_of({4})};
  for (std::size_t i = 0; i < clients.size(); ++i) ask(questions[i], clients[i]);
  lane().flush();
  EXPECT_EQ(clients[0].floats(), (std::vector<float>{1}));
  EXPECT_EQ(clients[1].floats(), (std::vector<float>{2, 3}));
  EXPECT_EQ(clients[2].floats(), (std::vector<float>{4}));
  EXPECT_EQ(clients[1].answer->outputs[0].shape, tensor::Shape({2, 1}));
  EXPECT_EQ(statistics().executions, 1U);
  EXPECT_EQ(statistics().inferences, 4U);
  EXPECT_EQ(statistics().success.count, 3U);
}

TEST_F(RequestPath, a_model_that_mixes_rows_is_never_merged) {
  serve({.row_independent = false});
  std::vector<Client> clients(3);
  std::vector<Question> questions(3, Question::rows_of({7}));
  for (std::size_t i = 0; i < clients.size(); ++i) ask(questions[i], clients[i]);
  lane().flush();
  EXPECT_EQ(statistics().executions, 3U);
}

TEST_F(RequestPath, a_row_that_fails_alone_fails_only_its_own_request) {
  serve({.echo = std::string(kEcho) + "fail_row x 13\n"});
  Client good, bad;
  Question first = Question::rows_of({1}), second = Question::rows_of({2, 13});
  ask(first, good);
  ask(second, bad);
  lane().flush();
  EXPECT_EQ(good.floats(), (std::vector<float>{1}));
  ASSERT_TRUE(bad.error.has_value());
  EXPECT_NE(bad.error->message.find("row 1"), std::string::npos) << bad.error->message;
}

TEST_F(RequestPath, a_request_that_fails_an_execution_fails_only_itself) {
  serve({.echo = std::string(kEcho) + "fail_batch x 13\n"});
  Client before, bad, after;
  Question one = Question::rows_of({1}), two = Question::rows_of({13}), three = Question::rows_of({3});
  ask(one, before);
  ask(two, bad);
  ask(three, after);
  lane().flush();
  EXPECT_EQ(before.floats(), (std::vector<float>{1}));
  EXPECT_EQ(bad.error->code, ErrorCode::InvalidInput);
  EXPECT_EQ(after.floats(), (std::vector<float>{3}));
  EXPECT_EQ(statistics().fail.count, 1U);
}

TEST_F(RequestPath, a_bad_request_is_refused_at_once_and_harms_nobody) {
  serve({});
  Client good, bad;
  Question fine = Question::rows_of({1}), wrong = Question::rows_of({1});
  wrong.tensors[0].name = "z";
  ask(fine, good);
  ask(wrong, bad);
  EXPECT_EQ(bad.error->code, ErrorCode::InvalidInput);
  lane().flush();
  EXPECT_TRUE(good.answer.has_value());
}

TEST_F(RequestPath, gives_the_outputs_asked_for_in_the_order_asked) {
  serve({.echo = std::string(kEcho) + "constant version 7\n"});
  Client all, some;
  Question first = Question::rows_of({1}), second = Question::rows_of({2});
  second.outputs = {{"version"}, {"y"}};
  ask(first, all);
  ask(second, some);
  lane().flush();
  EXPECT_EQ(some.answer->indices, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_EQ(some.floats(1), (std::vector<float>{2}));
  EXPECT_EQ(all.answer->indices, (std::vector<std::uint32_t>{0, 1}));
}

TEST_F(RequestPath, an_unknown_output_is_named) {
  serve({});
  Client client;
  Question question = Question::rows_of({1});
  question.outputs = {{"nope"}};
  ask(question, client);
  EXPECT_NE(client.error->message.find("\"nope\""), std::string::npos) << client.error->message;
}

TEST_F(RequestPath, unknown_models_and_versions_are_told_apart) {
  serve({});
  Client model, version;
  Question first = Question::rows_of({1}, "other"), second = Question::rows_of({1});
  second.request.version = 9;
  ask(first, model);
  ask(second, version);
  EXPECT_EQ(model.error->code, ErrorCode::NotFound);
  EXPECT_NE(model.error->message.find("served: \"m\""), std::string::npos) << model.error->message;
  EXPECT_EQ(version.error->code, ErrorCode::NotFound);
}

TEST_F(RequestPath, a_protocol_has_numbers_of_its_own) {
  have("m", 1, {});
  have("m", 2, {});
  shelf_.manifests["m:1"].labels[std::string(ports::kProtocolVersionLabel)] = "7";
  deploy("m", *model::TrafficSplit::parse({{2, model::kWhole}, {1, {0}}}));
  settle();
  const auto version_asked = [&](model::VersionNumber number, ports::Numbering numbering) {
    Question question = Question::rows_of({1});
    question.request.version = number;
    question.request.numbering = numbering;
    Client client;
    ask(question, client);
    lane().flush();
    return client.answer ? client.answer->version : 0;
  };
  EXPECT_EQ(version_asked(7, ports::Numbering::Protocol), 1u);
  EXPECT_EQ(version_asked(1, ports::Numbering::Protocol), 0u);
  EXPECT_EQ(version_asked(2, ports::Numbering::Protocol), 2u);
  EXPECT_EQ(version_asked(1, ports::Numbering::Registry), 1u);
  EXPECT_EQ(service_.served_versions("m", ports::Numbering::Protocol), (std::vector<model::VersionNumber>{2, 7}));
}

TEST_F(RequestPath, a_deadline_is_kept_before_execution) {
  serve({});
  Client client;
  Question question = Question::rows_of({1});
  question.request.timeout = 5ms;
  ask(question, client);
  clock_.advance(5ms);
  lane().flush();
  EXPECT_EQ(client.error->code, ErrorCode::DeadlineExceeded);
  EXPECT_EQ(statistics().executions, 0U);
}

TEST_F(RequestPath, a_deadline_that_passes_behind_a_backlog_is_told_with_the_tick) {
  serve({.cost = {100us, 0us}, .row_independent = false});
  std::vector<Client> clients(40);
  std::vector<Question> questions(clients.size(), Question::rows_of({1}));
  for (std::size_t i = 0; i < clients.size(); ++i) ask(questions[i], clients[i]);
  Client late, other;
  Question hurried = Question::rows_of({2}), patient = Question::rows_of({3});
  hurried.request.timeout = 20ms;  // enough for 4 ms of others
  ask(hurried, late);
  ask(patient, other);
  late.then = [&] { lane().cancel(other); };                                      // as a request in parts would
  for (Client& client : clients) client.then = [this] { clock_.advance(20ms); };  // they take longer than they used to
  lane().flush();
  EXPECT_EQ(clients[1].calls, 0);
  ASSERT_TRUE(late.error.has_value());
  EXPECT_EQ(late.error->code, ErrorCode::DeadlineExceeded);
  while (lane().has_pending_work()) lane().flush();
  EXPECT_EQ(clients.back().calls, 1);
  EXPECT_EQ(late.calls, 1);
  EXPECT_EQ(other.calls, 0);
}

TEST_F(RequestPath, a_backlog_refuses_at_once_what_would_wait_beyond_its_deadline) {
  serve({.cost = {100us, 0us}, .row_independent = false});
  std::vector<Client> clients(107);
  std::vector<Question> questions(clients.size(), Question::rows_of({1}));
  for (Question& question : questions) question.request.timeout = 12ms;  // 10.5 of them usable
  for (std::size_t i = 0; i < clients.size(); ++i) ask(questions[i], clients[i]);
  EXPECT_EQ(clients[103].calls, 0);
  ASSERT_TRUE(clients[105].error.has_value());  // 10.5 ms before it
  EXPECT_EQ(clients[105].error->code, ErrorCode::Overloaded);
  EXPECT_NE(clients[105].error->message.find("105 requests wait"), std::string::npos) << clients[105].error->message;
}

TEST_F(RequestPath, requests_that_share_executions_are_not_taken_for_a_long_wait) {
  serve({.cost = {100us, 0us}});
  std::vector<Client> clients(1000);
  std::vector<Question> questions(clients.size(), Question::rows_of({1}));
  for (Question& question : questions) question.request.timeout = 10ms;  // 16 executions of 64
  for (std::size_t i = 0; i < clients.size(); ++i) ask(questions[i], clients[i]);
  EXPECT_EQ(clients.back().calls, 0);
}

TEST_F(RequestPath, a_cancelled_request_is_not_executed_and_not_told) {
  serve({});
  Client gone, stays;
  Question first = Question::rows_of({1}), second = Question::rows_of({2});
  ask(first, gone);
  ask(second, stays);
  lane().cancel(gone);
  lane().flush();
  EXPECT_EQ(gone.calls, 0);
  EXPECT_EQ(stays.floats(), (std::vector<float>{2}));
  EXPECT_EQ(statistics().inferences, 1U);
}

TEST_F(RequestPath, a_neighbour_cancelled_by_a_completion_is_not_told) {
  serve({});
  Client first, second;
  Question one = Question::rows_of({1}), two = Question::rows_of({2});
  first.then = [&] { lane().cancel(second); };
  ask(one, first);
  ask(two, second);
  lane().flush();
  EXPECT_EQ(first.calls, 1);
  EXPECT_EQ(second.calls, 0);
}

TEST_F(RequestPath, what_a_late_neighbour_cancels_is_not_executed) {
  serve({});
  Client first, late;
  Question one = Question::rows_of({1}), two = Question::rows_of({2});
  two.request.timeout = 1ms;
  late.then = [&] { lane().cancel(first); };
  ask(one, first);
  ask(two, late);
  clock_.advance(2ms);
  lane().flush();
  EXPECT_EQ(late.error->code, ErrorCode::DeadlineExceeded);
  EXPECT_EQ(first.calls, 0);
  EXPECT_EQ(statistics().executions, 0U);
}

TEST_F(RequestPath, more_than_a_tick_can_do_is_done_in_order_over_many) {
  serve({.max_batch = 1});
  std::vector<int> order;
  std::vector<Client> clients(3000);
  std::vector<Question> questions(clients.size(), Question::rows_of({1}));
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].then = [&, i] {
      order.push_back(static_cast<int>(i));
      clock_.advance(1ms);
    };
    ask(questions[i], clients[i]);
  }
  for (std::size_t i = 0; i < clients.size(); ++i) lane().flush();
  ASSERT_EQ(order.size(), clients.size());
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_FALSE(lane().has_pending_work());
}

TEST_F(RequestPath, a_completion_may_submit_again) {
  serve({});
  Client first, second;
  Question one = Question::rows_of({1}), two = Question::rows_of({2});
  first.then = [&] { ask(two, second); };
  ask(one, first);
  lane().flush();
  EXPECT_EQ(second.floats(), (std::vector<float>{2}));
  EXPECT_FALSE(lane().has_pending_work());
}

TEST_F(RequestPath, no_execution_exceeds_the_largest_batch) {
  serve({.max_batch = 4});
  std::vector<Client> clients(10);
  std::vector<Question> questions(10, Question::rows_of({1, 2}));
  for (std::size_t i = 0; i < clients.size(); ++i) ask(questions[i], clients[i]);
  lane().flush();
  for (const Client& client : clients) EXPECT_EQ(client.floats(), (std::vector<float>{1, 2}));
  EXPECT_EQ(statistics().executions, 5U);
}

TEST_F(RequestPath, higher_classes_and_priorities_go_first) {
  serve({.row_independent = false});
  std::vector<int> order;
  std::vector<Client> clients(4);
  std::vector<Question> questions(4, Question::rows_of({1}));
  questions[0].request.traffic = ports::Traffic::Shadow;
  questions[1].request.traffic = ports::Traffic::Batch;
  questions[3].request.priority = 1;
  for (int i = 0; i < 4; ++i) {
    clients[static_cast<std::size_t>(i)].then = [&order, i] { order.push_back(i); };
    ask(questions[static_cast<std::size_t>(i)], clients[static_cast<std::size_t>(i)]);
  }
  lane().flush();
  EXPECT_EQ(order, (std::vector<int>{3, 2, 1, 0}));
}

TEST_F(RequestPath, a_split_follows_its_shares_and_sticks_to_units) {
  have("m", 1, {.echo = std::string(kEcho) + "constant version 1\n"});
  have("m", 2, {.echo = std::string(kEcho) + "constant version 2\n"});
  deploy("m", *model::TrafficSplit::parse({{1, {9000}}, {2, {1000}}}));
  settle();
  std::map<std::string, model::VersionNumber> seen;
  int second = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string unit = "unit-" + std::to_string(i % 2000);
    Client client;
    Question question = Question::rows_of({1});
    question.request.unit_key = unit;
    ask(question, client);
    lane().flush();
    const auto [before, is_new] = seen.emplace(unit, client.answer->version);
    EXPECT_EQ(before->second, client.answer->version);
    if (is_new && client.answer->version == 2) ++second;
  }
  EXPECT_NEAR(second, 200, 67);  // 5 standard deviations
}

TEST_F(RequestPath, a_request_that_was_assigned_is_not_drawn_again) {
  have("m", 1, {.echo = std::string(kEcho) + "constant version 1\n"});
  have("m", 2, {.echo = std::string(kEcho) + "constant version 2\n"});
  deploy("m", *model::TrafficSplit::parse({{1, {5000}}, {2, {5000}}}));
  settle();
  std::map<model::VersionNumber, int> assigned;
  for (int i = 0; i < 1000; ++i) {
    Question asked = Question::rows_of({1});
    const auto assignment = *lane().assign(asked.request);
    ++assigned[assignment->described().version];
    Client client;
    Question question = Question::rows_of({1});
    question.request.assigned = &assignment;
    ask(question, client);
    lane().flush();
    EXPECT_EQ(client.answer->version, assignment->described().version);
  }
  EXPECT_NEAR(assigned[1], 500, 80);  // 5 standard deviations
}

TEST_F(RequestPath, an_unknown_model_is_assigned_to_nothing) {
  serve({});
  Question question = Question::rows_of({1});
  question.request.version = 7;
  EXPECT_EQ(lane().assign(question.request).error().code, ErrorCode::NotFound);
  EXPECT_EQ(lane().assign(Question::rows_of({1}, "other").request).error().code, ErrorCode::NotFound);
}

TEST_F(RequestPath, an_unaligned_input_is_served_too) {
  serve({});
  const std::vector<float> values = {3, 4};
  std::vector<std::byte> bytes(1 + sizeof(float) * values.size());
  std::memcpy(bytes.data() + 1, values.data(), sizeof(float) * values.size());
  const tensor::TensorView view{"x", DataType::FP32, {2, 1}, std::span(bytes).subspan(1)};
  Client client;
  ports::PredictRequest request;
  request.model = "m";
  request.protocol = "test";
  request.inputs = {&view, 1};
  lane().submit(request, client);
  lane().flush();
  EXPECT_EQ(client.floats(), values);
}

TEST_F(RequestPath, optional_inputs_and_free_dimensions_merge_only_with_their_like) {
  serve({.echo = "input x FP32 [-1,-1]\noptional w FP32 [-1,1]\noutput y from x\n",
         .execution = model::Execution::Inline});
  std::vector<Client> clients(3);
  std::vector<Question> questions(3);
  for (Question& question : questions) question = Question::rows_of({5});
  questions[1].tensors[0].shape = {1, 2};
  questions[1].tensors[0].data.resize(8);
  for (std::size_t i = 0; i < 3; ++i) ask(questions[i], clients[i]);
  lane().flush();
  EXPECT_EQ(clients[0].floats(), (std::vector<float>{5}));
  EXPECT_EQ(clients[1].answer->outputs[0].shape, tensor::Shape({1, 2}));
  EXPECT_EQ(clients[2].floats(), (std::vector<float>{5}));
}

}  // namespace
}  // namespace slipway::scenarios
