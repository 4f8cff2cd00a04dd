#include "adapter/api_oip/settings_routes.h"

#include "adapter/api_oip/oip_fixture.h"

namespace slipway::api_oip {
namespace {

class SettingsRoutes : public OipFixture {
 protected:
  SettingsRoutes() { routes_ = settings_routes({log_, traces_, predictor_}); }

  net::RecordedExchange& post(std::string_view pattern, std::string body, std::vector<std::string> parameters = {}) {
    net::RecordedExchange& exchange = exchanges_.emplace_back(net::Method::Post, std::string(pattern), std::move(body));
    exchange.with_parameters(std::move(parameters));
    return ask(exchange, pattern);
  }

  Log log_{{.level = LogLevel::Warning}};
  RequestTraces traces_;
};

constexpr std::string_view kLogging = "/v2/logging", kTraces = "/v2/trace/setting";
constexpr std::string_view kTracesOfModel = "/v2/models/{model}/trace/setting";

TEST_F(SettingsRoutes, the_logs_level_is_told_as_switches) {
  EXPECT_EQ(get(kLogging).answer,
            R"({"log_file":"","log_info":false,"log_warning":true,"log_error":true,"log_verbose_level":0,)"
            R"("log_format":"ISO8601"})");
}

TEST_F(SettingsRoutes, the_logs_level_follows_its_switches) {
  EXPECT_EQ(post(kLogging, R"({"log_verbose_level":2,"log_info":true})").status, 200);
  EXPECT_EQ(log_.level(), LogLevel::Debug);
  EXPECT_EQ(
      post(kLogging, R"({"log_verbose_level":0,"log_info":false,"log_warning":false,"log_format":"ISO8601"})").status,
      200);
  EXPECT_EQ(log_.level(), LogLevel::Error);
  EXPECT_EQ(post(kLogging, "").status, 200);
  EXPECT_EQ(log_.level(), LogLevel::Error);
}

TEST_F(SettingsRoutes, what_the_log_cannot_be_set_to_changes_nothing) {
  for (const auto& [body, why] : std::initializer_list<std::pair<std::string, std::string>>{
           {R"({"log_error":false})", "graver"},
           {R"({"log_info":1})", "\"log_info\": expected a boolean"},
           {R"({"log_info":true,"log_verbose_level":-1})", "a whole number from 0 to 4294967295, found -1"},
           {R"({"log_info":true,"log_verbose_level":true})", "\"log_verbose_level\": expected a whole number"},
           {R"({"log_info":true,"log_file":"/a"})", "cannot be changed"},
           {R"({"log_info":true,"log_format":"default"})", "cannot be changed"},
           {R"({"log_info":true,"log_speed":1})", "found \"log_speed\""},
           {R"({"log_info":true,"log_warning":null})", "found null"},
           {R"({"log_info":true)", "expected"},
           {"[]", "expected an object"}}) {
    const auto& answer = post(kLogging, body);
    EXPECT_EQ(answer.status, 400) << body;
    std::string text = answer.answer;
    std::erase(text, '\\');
    EXPECT_NE(text.find(why), std::string::npos) << body << text;
    EXPECT_EQ(log_.level(), LogLevel::Warning) << body;
  }
}

TEST_F(SettingsRoutes, traces_are_told_with_their_level_as_a_list) {
  constexpr std::string_view kUsual =
      R"({"trace_level":["OFF"],"trace_rate":"1000","trace_count":"-1","log_frequency":"0","trace_file":"",)"
      R"("trace_mode":"triton"})";
  EXPECT_EQ(get(kTraces).answer, kUsual);
  EXPECT_EQ(get(kTracesOfModel, {"tiny"}).answer, kUsual);
  EXPECT_EQ(get(kTracesOfModel, {"nobody"}).status, 404);
}

TEST_F(SettingsRoutes, traces_take_texts_numbers_and_lists_and_null_is_the_usual) {
  EXPECT_EQ(post(kTraces, R"({"trace_level":["TIMESTAMPS"],"trace_rate":"7","trace_count":5})").status, 200);
  EXPECT_EQ(traces_.settings(), (RequestTraces::Settings{.is_on = true, .rate = 7, .count = 5}));
  EXPECT_EQ(post(kTraces, R"({"trace_rate":null})").status, 200);
  EXPECT_EQ(traces_.settings(), (RequestTraces::Settings{.is_on = true, .count = 5}));
  EXPECT_EQ(post(kTraces, R"({"trace_level":null,"trace_count":null,"trace_file":""})").status, 200);
  EXPECT_EQ(traces_.settings(), RequestTraces::Settings{});
}

TEST_F(SettingsRoutes, what_traces_cannot_be_set_to_changes_nothing) {
  for (const auto& [body, status] :
       std::initializer_list<std::pair<std::string, int>>{{R"({"trace_rate":"5","trace_level":["TENSORS"]})", 501},
                                                          {R"({"trace_rate":"5","trace_file":"/etc/x"})", 501},
                                                          {R"({"trace_rate":"5","trace_mode":"opentelemetry"})", 501},
                                                          {R"({"trace_rate":"0"})", 400},
                                                          {R"({"trace_rate":1.5})", 400},
                                                          {R"({"trace_rate":"5","trace_level":[1]})", 400},
                                                          {R"({"trace_rate":"5","trace_speed":"1"})", 400},
                                                          {R"({"trace_rate":"5")", 400},
                                                          {R"("trace_rate")", 400}}) {
    EXPECT_EQ(post(kTraces, body).status, status) << body;
    EXPECT_EQ(traces_.settings(), RequestTraces::Settings{}) << body;
  }
}

TEST_F(SettingsRoutes, a_model_has_no_trace_settings_of_its_own) {
  EXPECT_EQ(post(kTracesOfModel, R"({"trace_rate":"5"})", {"tiny"}).status, 501);
  EXPECT_EQ(post(kTracesOfModel, R"({"trace_rate":"5"})", {"nobody"}).status, 404);
  EXPECT_EQ(post(kTracesOfModel, "{}", {"tiny"}).status, 200);
  EXPECT_EQ(traces_.settings(), RequestTraces::Settings{});
}

}  // namespace
}  // namespace slipway::api_oip
