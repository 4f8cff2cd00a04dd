#include "adapter/gate_report/gate_report.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace slipway::gate_report {
namespace {

using gate::Outcome;

const Subject kSubject{.model = "fraud", .digest = "sha256:ab", .plan = "cd", .data = ""};

std::vector<gate::GateVerdict> verdicts() {
  gate::Evidence row{
      .subject = "p99 at 1 row", .outcome = Outcome::Fail, .interval = {}, .detail = "a < b & \"c\"\x01"};
  row.found = 2.5;
  row.limit = std::numeric_limits<double>::infinity();
  return {{"load", {Outcome::Pass, "loaded", {}}},
          {"latency", {Outcome::Fail, "p99 at 1 row is <too> slow", {row}}},
          {"quality", {Outcome::Inconclusive, "no evaluation data", {}}}};
}

TEST(GateReport, json_holds_every_verdict_and_its_evidence) {
  const auto read = nlohmann::json::parse(to_json(kSubject, verdicts(), Outcome::Fail, {{"Landlock", "no kernel"}}));
  EXPECT_EQ(read["outcome"], "fail");
  EXPECT_EQ(read["gates"].size(), 3u);
  EXPECT_EQ(read["gates"][1]["evidence"][0]["found"], 2.5);
  EXPECT_TRUE(read["gates"][1]["evidence"][0]["limit"].is_null());
  EXPECT_EQ(read["gates"][1]["evidence"][0]["detail"], "a < b & \"c\"\x01");
  EXPECT_EQ(read["sandbox"][0]["missing"], "no kernel");
  EXPECT_FALSE(read.contains("data"));
}

TEST(GateReport, the_same_verdicts_give_the_same_bytes) {
  EXPECT_EQ(to_json(kSubject, verdicts(), Outcome::Fail, {}), to_json(kSubject, verdicts(), Outcome::Fail, {}));
}

TEST(GateReport, junit_counts_fail_as_failure_and_inconclusive_as_error) {
  const std::string xml = to_junit(kSubject, verdicts());
  EXPECT_NE(xml.find("tests=\"3\" failures=\"1\" errors=\"1\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("message=\"p99 at 1 row is &lt;too&gt; slow\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("a &lt; b &amp; &quot;c&quot;\\x01"), std::string::npos) << xml;
}

}  // namespace
}  // namespace slipway::gate_report
