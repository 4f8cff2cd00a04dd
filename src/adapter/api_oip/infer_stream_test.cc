// ModelStreamInfer over a stream without a network.
#include "adapter/api_oip/infer_stream.h"

#include <proto/inference.pb.h>

#include "adapter/api_oip/oip_fixture.h"

namespace slipway::api_oip {
namespace {

namespace pb = inference;

class FakeStream final : public net::GrpcStream {
 public:
  std::string_view header(std::string_view name) const override {
    return name == "triton_grpc_error" && ends_on_error ? "true" : "";
  }
  const ports::Caller* as_caller() const override { return nullptr; }
  std::string_view request_id() const override { return "stream-1"; }
  std::optional<Duration> timeout() const override { return std::nullopt; }
  TimePoint received_at() const override { return {}; }
  std::size_t loop_index() const override { return 0; }
  bool require(access::Permission) override { return true; }
  Result<void> require_model(std::string_view model) const override { return access::check_model(caller, model); }
  std::string& open(std::size_t size) override {
    sizes.push_back(size);
    return sent.emplace_back();
  }
  void send() override { EXPECT_EQ(sent.back().size(), sizes.back()); }
  std::size_t unsent() const override { return waiting_bytes; }
  bool hold(std::size_t bytes) override {
    held = bytes;
    return bytes <= room;
  }
  bool run_apart(const ports::Task& work, const ports::Task& then) override {
    if (!has_worker) return false;
    apart.emplace_back(work, then);
    return true;
  }
  void pause() override { is_paused = true; }
  void resume() override { is_paused = false; }
  void end(net::GrpcCode code, std::string_view message) override {
    EXPECT_FALSE(ended);
    ended = code;
    why = message;
  }

  access::Principal caller{"tester", access::Role::Predictor};
  bool ends_on_error = false, has_worker = true;
  std::vector<std::pair<ports::Task, ports::Task>> apart;
  bool is_paused = false;
  std::size_t waiting_bytes = 0;
  std::size_t room = SIZE_MAX, held = 0;
  std::vector<std::size_t> sizes;
  std::deque<std::string> sent;
  std::optional<net::GrpcCode> ended;
  std::string why;
};

class InferStreamTest : public OipFixture {
 protected:
  void open(bool ends_on_error = false) {
    stream_.ends_on_error = ends_on_error;
    method_ = std::make_shared<InferStream>(predictor_, stream_);
  }
  void ask(const std::string& id, const std::string& model = "tiny") {
    pb::ModelInferRequest request;
    request.set_model_name(model);
    request.set_id(id);
    auto& input = *request.add_inputs();
    input.set_name("input");
    input.set_datatype("FP32");
    input.add_shape(1);
    input.add_shape(3);
    request.add_raw_input_contents(std::string(12, '\0'));
    method_->message(as_bytes(request.SerializeAsString()));
  }
  // More numbers, one by one, than are read on the loop.
  void ask_long(const std::string& id) {
    serve_tiny_up_to(100'000);
    pb::ModelInferRequest request;
    request.set_model_name("tiny");
    request.set_id(id);
    auto& input = *request.add_inputs();
    input.set_name("input");
    input.set_datatype("FP32");
    input.add_shape(40'000);
    input.add_shape(3);
    for (int i = 0; i < 120'000; ++i) input.mutable_contents()->add_fp32_contents(1);
    method_->message(as_bytes(request.SerializeAsString()));
  }
  void run_what_is_apart() {
    for (const auto& [work, then] : std::exchange(stream_.apart, {})) {
      work();
      then();
    }
  }
  // "id" of each answer, "id!" of each refusal.
  std::string answers() {
    std::string out;
    for (std::size_t i = 0; i < stream_.sent.size(); ++i) {
      EXPECT_EQ(stream_.sent[i].size(), stream_.sizes[i]);
      pb::ModelStreamInferResponse answer;
      EXPECT_TRUE(answer.ParseFromString(stream_.sent[i]));
      out += answer.infer_response().id() + (answer.error_message().empty() ? " " : "! ");
    }
    return out;
  }
  FakeStream stream_;
  std::shared_ptr<InferStream> method_;
};

TEST_F(InferStreamTest, answers_come_in_the_order_of_the_questions) {
  open();
  predictor_.hold();
  ask("a");
  ask("b", "nobody");                  // known at flush in this predictor, at once in a lane
  method_->message(as_bytes("\xff"));  // refused at once, but not before what was asked earlier
  ask("c");
  EXPECT_EQ(answers(), "");
  predictor_.flush();
  EXPECT_EQ(answers(), "a b! ! c ");
}

TEST_F(InferStreamTest, questions_outside_the_callers_limits_are_refused_each_by_itself) {
  access::Scope scope;
  scope.models.push_back(access::NamePattern::parse("tin*").value());
  stream_.caller.scope = std::make_shared<const access::Scope>(scope);
  open();
  predictor_.hold();
  ask("a");
  ask("b", "secret");
  ask("c", "");
  predictor_.flush();
  EXPECT_EQ(answers(), "a b! c! ");
}

TEST_F(InferStreamTest, a_half_closed_stream_ends_behind_its_last_answer) {
  open();
  predictor_.hold();
  ask("a");
  method_->half_closed();
  EXPECT_FALSE(stream_.ended);
  predictor_.flush();
  EXPECT_EQ(answers(), "a ");
  EXPECT_EQ(stream_.ended, net::GrpcCode::Ok);
}

TEST_F(InferStreamTest, a_stream_without_questions_ends_well) {
  open();
  method_->half_closed();
  EXPECT_EQ(stream_.ended, net::GrpcCode::Ok);
}

TEST_F(InferStreamTest, a_refusal_ends_the_stream_where_the_client_asked_so) {
  open(true);
  predictor_.hold();
  ask("a");
  ask("b", "nobody");
  ask("c");
  predictor_.flush();
  EXPECT_EQ(answers(), "a ");
  EXPECT_EQ(stream_.ended, net::GrpcCode::NotFound);
  EXPECT_NE(stream_.why.find("nobody"), std::string::npos);
}

TEST_F(InferStreamTest, a_stream_that_ended_waits_for_its_questions_by_itself) {
  open(true);
  predictor_.hold();
  ask("a");
  method_->message(as_bytes("\xff"));  // ends the stream while "a" is being answered
  EXPECT_EQ(stream_.ended, net::GrpcCode::InvalidArgument);
  method_.reset();
  predictor_.flush();
  EXPECT_EQ(answers(), "");
}

TEST_F(InferStreamTest, a_peer_that_leaves_withdraws_all_questions) {
  open();
  predictor_.hold();
  ask("a");
  ask("b");
  method_->abandoned();
  EXPECT_EQ(predictor_.cancelled, 2);
  EXPECT_EQ(predictor_.waiting(), 0U);
}

TEST_F(InferStreamTest, questions_that_wait_are_counted_and_refused_without_room) {
  open();
  predictor_.hold();
  ask("a");
  const std::size_t one = stream_.held;
  EXPECT_GT(one, 0U);
  stream_.room = one;
  ask("b");
  EXPECT_EQ(stream_.held, one) << "what was refused is kept no longer";
  predictor_.flush();
  EXPECT_EQ(answers(), "a b! ");
  EXPECT_EQ(stream_.held, 0U);
}

TEST_F(InferStreamTest, it_ends_at_once_when_the_server_stops_and_nothing_waits) {
  open();
  ask("a");
  predictor_.flush();
  method_->server_stops();
  EXPECT_EQ(answers(), "a ");
  EXPECT_EQ(stream_.ended, net::GrpcCode::Unavailable);
}

TEST_F(InferStreamTest, what_waits_is_answered_before_the_server_stops) {
  open();
  predictor_.hold();
  ask("a");
  ask("b");
  method_->server_stops();
  EXPECT_TRUE(stream_.is_paused);
  EXPECT_FALSE(stream_.ended);
  predictor_.flush();
  EXPECT_EQ(answers(), "a b ");
  EXPECT_EQ(stream_.ended, net::GrpcCode::Unavailable);
}

TEST_F(InferStreamTest, a_half_closed_stream_ends_well_also_when_the_server_stops) {
  open();
  predictor_.hold();
  ask("a");
  method_->half_closed();
  method_->server_stops();
  predictor_.flush();
  EXPECT_EQ(stream_.ended, net::GrpcCode::Ok);
}

TEST_F(InferStreamTest, it_reads_only_so_far_ahead) {
  open();
  predictor_.hold();
  for (std::size_t i = 0; i < InferStream::kMostWaiting; ++i) {
    EXPECT_FALSE(stream_.is_paused);
    ask("x");
  }
  EXPECT_TRUE(stream_.is_paused);
  predictor_.flush();
  EXPECT_FALSE(stream_.is_paused);
  stream_.waiting_bytes = 1 << 20;
  ask("y");
  EXPECT_TRUE(stream_.is_paused);
  stream_.waiting_bytes = 0;
  method_->drained();
  EXPECT_FALSE(stream_.is_paused);
}

TEST_F(InferStreamTest, a_long_list_is_read_apart_and_answered_in_its_turn) {
  open();
  ask_long("long");
  ask("short");
  EXPECT_EQ(answers(), "");
  run_what_is_apart();
  EXPECT_EQ(answers(), "long short ");
}

TEST_F(InferStreamTest, a_stream_half_closed_while_a_question_is_read_ends_once_it_is_answered) {
  open();
  ask_long("long");
  method_->half_closed();
  EXPECT_FALSE(stream_.ended);
  run_what_is_apart();
  EXPECT_EQ(answers(), "long ");
  EXPECT_EQ(stream_.ended, net::GrpcCode::Ok);
}

TEST_F(InferStreamTest, a_peer_that_leaves_while_its_question_is_read_is_not_answered) {
  open();
  ask_long("long");
  method_->abandoned();
  method_.reset();
  run_what_is_apart();
  EXPECT_EQ(answers(), "");
  EXPECT_EQ(predictor_.cancelled, 0);
}

TEST_F(InferStreamTest, a_question_is_counted_while_a_worker_reads_it) {
  open();
  ask_long("long");
  EXPECT_GT(stream_.held, 480'000U) << "its numbers";
  stream_.room = stream_.held;
  ask_long("no room");
  EXPECT_EQ(stream_.apart.size(), 1U) << "what is refused is not read";
  stream_.room = SIZE_MAX;
  run_what_is_apart();
  EXPECT_EQ(answers(), "long ! ");
  EXPECT_EQ(stream_.held, 0U);
}

TEST_F(InferStreamTest, very_many_fields_are_read_apart_though_raw_content_follows) {
  open();
  pb::ModelInferRequest raw;
  raw.add_raw_input_contents(std::string(net::kLongestTextOnLoop, '\0'));
  method_->message(as_bytes(raw.SerializeAsString()));
  EXPECT_EQ(stream_.apart.size(), 0U);
  pb::ModelInferRequest fields;
  for (int i = 0; i < 10'000; ++i) fields.add_outputs();
  method_->message(as_bytes(fields.SerializeAsString() + raw.SerializeAsString()));
  EXPECT_EQ(stream_.apart.size(), 1U);
  run_what_is_apart();
  predictor_.flush();
}

TEST_F(InferStreamTest, a_long_list_is_refused_while_all_workers_are_busy) {
  open();
  stream_.has_worker = false;
  ask_long("long");
  EXPECT_EQ(answers(), "! ") << "its id was not read";
}

}  // namespace
}  // namespace slipway::api_oip
