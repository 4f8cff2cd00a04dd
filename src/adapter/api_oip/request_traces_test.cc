#include "adapter/api_oip/request_traces.h"

#include <gtest/gtest.h>

namespace slipway::api_oip {
namespace {

// How many of so many predictions are traced.
int traced(RequestTraces& traces, int predictions) {
  int count = 0;
  for (int i = 0; i < predictions; ++i) count += traces.take("/v2/models/wine/infer") ? 1 : 0;
  return count;
}

TEST(RequestTraces, nothing_is_traced_before_it_is_asked_for) {
  RequestTraces traces;
  EXPECT_EQ(traced(traces, 5000), 0);
  EXPECT_EQ(traces.settings(), RequestTraces::Settings{});
}

TEST(RequestTraces, one_of_so_many_is_traced_and_the_first_is) {
  RequestTraces traces;
  traces.set({.is_on = true, .rate = 10});
  EXPECT_EQ(traced(traces, 1), 1);
  EXPECT_EQ(traced(traces, 99), 9);
}

TEST(RequestTraces, it_ends_after_so_many) {
  RequestTraces traces;
  traces.set({.is_on = true, .rate = 2, .count = 3});
  EXPECT_EQ(traced(traces, 100), 3);
  EXPECT_EQ(traces.settings().count, 0);
}

TEST(RequestTraces, only_predictions_count) {
  RequestTraces traces;
  traces.set({.is_on = true, .rate = 1});
  EXPECT_FALSE(traces.take("/v2/health/ready"));
  EXPECT_FALSE(traces.take("/inference.GRPCInferenceService/ServerLive"));
  for (const char* path :
       {"/predict/wine", "/v2/models/wine/versions/2/infer", "/inference.GRPCInferenceService/ModelInfer",
        "/inference.GRPCInferenceService/ModelStreamInfer"}) {
    EXPECT_TRUE(traces.take(path)) << path;
  }
}

}  // namespace
}  // namespace slipway::api_oip
