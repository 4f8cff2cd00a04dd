// A rollout as the server tells it, for the tests of this room.
#pragma once

#include <string>

namespace slipway::cli {

struct RolloutSample {
  std::string state = "observing";
  std::string reason = "version 4 does harm";  // inside a JSON string
  std::string holding = "the step lasts 3m more";

  std::string rollout() const {
    return R"({"rollout":7,"environment":"production","model":"fraud","control":3,"candidates":[4],"state":")" + state +
           R"(","step":1,"reason":")" + reason +
           R"(","paused":null,"wants":[{"version":3,"share":9900},{"version":4,"share":100}],"dwelt_seconds":120,
"winner":null,"decisions":3,"plan_digest":"sha256:00","started_at":"2026-11-22T10:00:00.000000Z","started_by":"ann",
"plan":"preset: canary","holding":")" +
           holding + R"(","steps":[
{"stage":1,"weight":100,"mirrored":0,"dwell_seconds":300,"needs":"power","approval":false,"adaptive":false},
{"stage":1,"weight":5000,"mirrored":0,"dwell_seconds":300,"needs":"power","approval":true,"adaptive":false},
{"stage":1,"weight":10000,"mirrored":0,"dwell_seconds":300,"needs":"pass","approval":false,"adaptive":false}],
"evidence":[{"verdict":"inconclusive","may_advance":false,"reason":"errors is not yet shown","judgement":{
"log_harm":2.0794415,"harm_bar":2.9957,"has_power":false,"holds":[],
"missing":{"what":"errors: about 900 more requests","requests":900,"seconds":90},
"metrics":[{"metric":"errors","slice":"","log_harm":2.07,"harm_bar":2.9957,"log_safe":0.5,"safe_bar":2.9957,
"power":0.4}]}}],
"arms":[],"curve":[{"at":"2026-11-22T10:00:10.000000Z","weight":100,"log_harm":0.1,"log_safe":-0.2},
{"at":"2026-11-22T10:01:00.000000Z","weight":100,"log_harm":2.0794,"log_safe":0.5}]})";
  }

  static std::string decisions() {
    return R"({"decisions":[
{"number":2,"at":"2026-11-22T10:00:05.000000Z","actor":"","action":"look","state":"applying","step":1,
"wants":[{"version":3,"share":9900},{"version":4,"share":100}],"reason":"begins","evidence":"","program":"0.1.0"},
{"number":1,"at":"2026-11-22T10:00:00.000000Z","actor":"ann","action":"start","state":"queued","step":1,
"wants":[{"version":3,"share":10000}],"reason":"started by ann: new features","evidence":"","program":"0.1.0"}],
"next":null})";
  }
};

}  // namespace slipway::cli
