#include "serving_house.h"

namespace slipway::scenarios {
namespace {

// A version that is quick for short rows; nothing is known about long ones.
class RowSize : public ServingHouse {
 protected:
  void serve(Described of) {
    of.echo = "input x FP32 [-1,-1]\noutput y from x\n";
    have("m", 1, std::move(of));
    deploy("m", 1);
    settle();
  }
  static Question row_of(std::size_t values) {
    Question made = Question::rows_of(std::vector<float>(values));
    made.tensors[0].shape = {1, static_cast<std::int64_t>(values)};
    return made;
  }
  // True if the loop itself answers.
  bool runs_on_the_loop(std::size_t values) {
    Client client;
    Question question = row_of(values);
    ask(question, client);
    lane().flush();
    const bool answered = client.calls == 1;
    run_queue("m");
    EXPECT_EQ(client.calls, 1);
    return answered;
  }
};

TEST_F(RowSize, far_above_what_was_seen_is_for_the_queue) {
  serve({});
  EXPECT_FALSE(runs_on_the_loop(8));  // the first of all
  EXPECT_TRUE(runs_on_the_loop(8));
  EXPECT_TRUE(runs_on_the_loop(32));
  EXPECT_FALSE(runs_on_the_loop(12'000));
  EXPECT_TRUE(runs_on_the_loop(12'000));  // the queue has seen that it is quick
}

TEST_F(RowSize, does_not_matter_where_the_manifest_decides) {
  serve({.execution = model::Execution::Inline});
  EXPECT_TRUE(runs_on_the_loop(12'000));
}

TEST_F(RowSize, of_rows_without_end_is_reckoned_without_overflow) {
  serve({.max_batch = 0});
  EXPECT_FALSE(runs_on_the_loop(1));
  Client client;
  Question question = row_of(0);
  question.tensors[0].shape = {std::int64_t{1} << 62, 0};
  ask(question, client);
  lane().flush();
  run_queue("m");
  EXPECT_EQ(client.calls, 1);
}

}  // namespace
}  // namespace slipway::scenarios
