#include "adapter/api_oip/metadata.h"

#include "adapter/api_oip/oip_fixture.h"
#include "adapter/api_oip/repository.h"

namespace slipway::api_oip {
namespace {

class Metadata : public OipFixture {};

TEST_F(Metadata, the_server_names_itself_and_its_extensions) {
  const auto& exchange = get("/v2");
  EXPECT_TRUE(exchange.answer.starts_with(R"({"name":"slipway","version":"0.0.1","extensions":["classification",)"));
  EXPECT_NE(exchange.answer.find("binary_tensor_data"), std::string::npos);
}

TEST_F(Metadata, health_tells_by_status_and_by_body) {
  EXPECT_EQ(get("/v2/health/live").answer, R"({"live":true})");
  EXPECT_EQ(get("/v2/health/ready").answer, R"({"ready":true})");
  predictor_.be_ready(false);
  const auto& unready = get("/v2/health/ready");
  EXPECT_EQ(unready.status, 503);
  EXPECT_EQ(unready.answer, R"({"ready":false})");
}

TEST_F(Metadata, a_model_lists_all_versions_and_a_version_itself) {
  predictor_.serve(tiny(), 2, sum_and_count);
  EXPECT_EQ(
      get("/v2/models/{model}", {"tiny"}).answer,
      R"({"name":"tiny","versions":["1","2"],"platform":"scripted_model",)"
      R"("inputs":[{"name":"input","datatype":"FP32","shape":[-1,3]}],)"
      R"("outputs":[{"name":"sums","datatype":"FP32","shape":[-1,2]},{"name":"counts","datatype":"INT64","shape":[-1]}]})");
  EXPECT_NE(get("/v2/models/{model}/versions/{version}", {"tiny", "1"}).answer.find(R"("versions":["1"])"),
            std::string::npos);
}

TEST_F(Metadata, unknown_models_and_versions_are_not_found) {
  for (const std::string tail : {"", "/config", "/stats", "/ready"}) {
    EXPECT_EQ(get("/v2/models/{model}" + tail, {"nobody"}).status, 404) << tail;
    EXPECT_EQ(get("/v2/models/{model}/versions/{version}" + tail, {"tiny", "9"}).status, 404) << tail;
    EXPECT_EQ(get("/v2/models/{model}/versions/{version}" + tail, {"tiny", "abc"}).status, 404) << tail;
  }
  EXPECT_EQ(get("/v2/models/{model}/ready", {"tiny"}).answer, R"({"name":"tiny","ready":true})");
}

TEST_F(Metadata, a_configuration_leaves_the_batch_out_of_the_dimensions) {
  const std::string config = get("/v2/models/{model}/config", {"tiny"}).answer;
  EXPECT_NE(config.find(R"("max_batch_size":64)"), std::string::npos) << config;
  EXPECT_NE(config.find(R"({"name":"input","data_type":"TYPE_FP32","format":"FORMAT_NONE","dims":[3])"),
            std::string::npos);
  model::Manifest alone = tiny();
  alone.batching.enabled = false;
  predictor_.serve(alone, 2, sum_and_count);
  const std::string unbatched = get("/v2/models/{model}/config", {"tiny"}).answer;
  EXPECT_NE(unbatched.find(R"("max_batch_size":0)"), std::string::npos);
  EXPECT_NE(unbatched.find(R"("dims":[-1,3])"), std::string::npos);
}

TEST_F(Metadata, a_configuration_without_a_limit_has_the_largest) {
  model::Manifest free = tiny();
  free.batching.max_batch = 0;
  predictor_.serve(free, 2, sum_and_count);
  const std::string config = get("/v2/models/{model}/config", {"tiny"}).answer;
  EXPECT_NE(config.find(R"("max_batch_size":1000000)"), std::string::npos) << config;
  EXPECT_NE(config.find(R"("preferred_batch_size":[])"), std::string::npos) << config;
  EXPECT_NE(config.find(R"("dims":[3])"), std::string::npos) << config;
}

TEST_F(Metadata, a_configuration_tells_reshapes_without_the_batch) {
  model::Manifest reshaped = tiny();
  reshaped.signature.inputs[0].model_shape = tensor::Shape{-1, 3, 1};
  predictor_.serve(reshaped, 2, sum_and_count);
  const std::string config = get("/v2/models/{model}/config", {"tiny"}).answer;
  EXPECT_NE(config.find(R"("dims":[3],"reshape":{"shape":[3,1]})"), std::string::npos) << config;
}

TEST_F(Metadata, a_configuration_says_what_a_repository_takes_back) {
  model::Manifest wine = tiny();
  wine.format = "onnx";
  wine.main_file = "model.onnx/model.onnx";
  wine.warmup_runs = 7;
  wine.labels = {{"triton.label_filename.sums", "classes.txt"},
                 {"triton.parameters.site", "north"},
                 {"triton.queue_timeout", "100us"}};
  predictor_.serve(wine, 2, sum_and_count);
  const std::string config = get("/v2/models/{model}/config", {"tiny"}).answer;
  for (const std::string_view part :
       {R"("platform":"onnxruntime_onnx","backend":"onnxruntime")", R"("specific":{"versions":[1,2]})",
        R"("label_filename":"classes.txt")", R"("default_timeout_microseconds":100,)",
        R"("default_model_filename":"model.onnx",)", R"("parameters":{"site":{"string_value":"north"}})",
        R"("count":7)"}) {
    EXPECT_NE(config.find(part), std::string::npos) << part << "\n" << config;
  }
}

TEST_F(Metadata, statistics_have_tritons_names) {
  ports::ModelStatistics counted;
  counted.model = "tiny";
  counted.version = counted.protocol_version = 1;
  counted.last_inference = WallTime(std::chrono::milliseconds(5));
  counted.inferences = 7;
  counted.executions = 3;
  counted.success = {4, Duration(900)};
  counted.by_batch.push_back({2, {1, Duration(1)}, {1, Duration(2)}, {1, Duration(3)}});
  predictor_.counted.push_back(counted);
  EXPECT_EQ(
      get("/v2/models/stats").answer,
      R"({"model_stats":[{"name":"tiny","version":"1","last_inference":5,"inference_count":7,"execution_count":3,)"
      R"("inference_stats":{"success":{"count":4,"ns":900},"fail":{"count":0,"ns":0},"queue":{"count":0,"ns":0},)"
      R"("compute_input":{"count":0,"ns":0},"compute_infer":{"count":0,"ns":0},"compute_output":{"count":0,"ns":0},)"
      R"("cache_hit":{"count":0,"ns":0},"cache_miss":{"count":0,"ns":0}},"response_stats":{},"batch_stats":[)"
      R"({"batch_size":2,"compute_input":{"count":1,"ns":1},"compute_infer":{"count":1,"ns":2},"compute_output":{"count":1,"ns":3}})"
      R"(],"memory_usage":[]}]})");
}

TEST_F(Metadata, the_index_shows_states_and_filters_ready_ones) {
  using State = ports::ServedState::State;
  const std::vector<IndexEntry> states = {{"a", 1, State::Ready, ""},
                                          {"b", 2, State::Unavailable, "no \"file\""},
                                          {"c", 0, State::Unavailable, "not loaded"}};
  EXPECT_EQ(*repository_index(as_bytes(""), states),
            R"([{"name":"a","version":"1","state":"READY","reason":""},)"
            R"({"name":"b","version":"2","state":"UNAVAILABLE","reason":"no \"file\""},)"
            R"({"name":"c","state":"UNAVAILABLE","reason":"not loaded"}])");
  EXPECT_EQ(repository_index(as_bytes(R"({"ready":true})"), states)->find("\"b\""), std::string::npos);
  EXPECT_EQ(*repository_index(as_bytes("{}"), {}), "[]");
  EXPECT_FALSE(repository_index(as_bytes(R"({"ready":1})"), states));
  EXPECT_EQ(model_list(std::vector<ports::ServedState>{{"a", 1, State::Ready, ""}, {"b", 2, State::Loading, ""}}),
            R"({"models":["a"]})");
}

TEST_F(Metadata, every_route_that_changes_state_asks_for_deploy) {
  for (const net::Route& route : routes_) {
    const std::string_view last = std::string_view(route.pattern).substr(route.pattern.rfind('/') + 1);
    const bool changes = last == "load" || last == "unload" || last.starts_with("RepositoryModel");
    const bool tells_health = route.pattern.starts_with("/v2/health/") || last == "ServerLive" || last == "ServerReady";
    EXPECT_EQ(route.permission == access::Permission::Deploy, changes) << route.pattern;
    EXPECT_EQ(std::holds_alternative<net::BlockingHandler>(route.handler), changes) << route.pattern;
    EXPECT_EQ(route.permission == access::Permission::Public, tells_health) << route.pattern;
  }
}

}  // namespace
}  // namespace slipway::api_oip
