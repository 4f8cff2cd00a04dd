#include "adapter/telemetry_prometheus/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/telemetry_prometheus/telemetry_prometheus.h"

namespace slipway::telemetry_prometheus {
namespace {

using ports::MetricKind;
using ports::MetricLabel;
using testing::HasSubstr;
using testing::Not;

void count(MetricsPage& page, std::vector<MetricLabel> labels, double value) {
  page.sample(labels, value);
}

TEST(MetricsPage, a_counter_is_written_with_its_help_type_and_labels) {
  MetricsPage page;
  page.family("slipway_requests_total", "Requests answered.", MetricKind::Counter);
  count(page, {{"model", "iris"}, {"version", "3"}}, 42);
  EXPECT_THAT(page.text(), HasSubstr("# HELP slipway_requests_total Requests answered.\n"
                                     "# TYPE slipway_requests_total counter\n"
                                     "slipway_requests_total{model=\"iris\",version=\"3\"} 42\n"));
}

TEST(MetricsPage, label_values_are_escaped_so_that_a_name_cannot_forge_a_line) {
  MetricsPage page;
  page.family("a_total", "x\ny", MetricKind::Counter);
  count(page, {{"model", "a\"} 1\nforged 2\\"}}, 1);
  EXPECT_THAT(page.text(), HasSubstr("# HELP a_total x\\ny\n"));
  EXPECT_THAT(page.text(), HasSubstr("a_total{model=\"a\\\"} 1\\nforged 2\\\\\"} 1\n"));
  EXPECT_THAT(page.text(), Not(HasSubstr("\nforged")));
}

TEST(MetricsPage, invalid_utf8_in_a_label_value_is_spelled_out) {
  MetricsPage page;
  page.family("a_total", "x", MetricKind::Counter);
  count(page, {{"model", "\xff"}}, 1);
  EXPECT_THAT(page.text(), HasSubstr("a_total{model=\"\\\\xff\"} 1\n"));
}

TEST(MetricsPage, a_family_of_two_sources_is_merged_and_equal_labels_are_added) {
  MetricsPage page;
  page.family("a_total", "x", MetricKind::Counter);
  count(page, {{"loop", "0"}}, 1);
  page.family("b_total", "x", MetricKind::Counter);
  count(page, {}, 1);
  page.family("a_total", "x", MetricKind::Counter);
  count(page, {{"loop", "0"}}, 2);
  count(page, {{"loop", "1"}}, 5);
  EXPECT_THAT(page.text(), HasSubstr("# TYPE a_total counter\na_total{loop=\"0\"} 3\na_total{loop=\"1\"} 5\n# HELP b"));
}

TEST(MetricsPage, histogram_buckets_are_cumulative_and_end_in_infinity) {
  MetricsPage page;
  page.family("t_seconds", "x", MetricKind::Histogram);
  const std::vector<double> bounds = {0.001, 0.5};
  const std::vector<std::uint64_t> counts = {2, 3, 1};
  const std::vector<MetricLabel> labels = {{"model", "m"}};
  page.histogram(labels, bounds, counts, 1.25);
  page.histogram(labels, bounds, counts, 0.25);
  EXPECT_THAT(page.text(), HasSubstr("t_seconds_bucket{model=\"m\",le=\"0.001\"} 4\n"
                                     "t_seconds_bucket{model=\"m\",le=\"0.5\"} 10\n"
                                     "t_seconds_bucket{model=\"m\",le=\"+Inf\"} 12\n"
                                     "t_seconds_sum{model=\"m\"} 1.5\n"
                                     "t_seconds_count{model=\"m\"} 12\n"));
}

TEST(MetricsPage, malformed_samples_are_left_out_and_counted) {
  MetricsPage page;
  page.family("bad name", "x", MetricKind::Gauge);
  count(page, {}, 1);
  page.family("good", "x", MetricKind::Gauge);
  count(page, {{"bad label", "x"}}, 1);
  page.family("good", "x", MetricKind::Counter);  // opened before as a gauge
  count(page, {}, 1);
  page.family("h", "x", MetricKind::Histogram);
  page.histogram({}, std::vector<double>{1}, std::vector<std::uint64_t>{1}, 1);  // one count too few
  EXPECT_THAT(page.text(), HasSubstr("slipway_metrics_refused 4\n"));
  EXPECT_THAT(page.text(), Not(HasSubstr("good")));
}

TEST(MetricsPage, series_beyond_the_limit_are_left_out_while_known_ones_still_count) {
  MetricsPage page({.families = 10, .series_per_family = 100});
  page.family("a_total", "x", MetricKind::Counter);
  for (int i = 0; i < 1000; ++i) count(page, {{"model", std::to_string(i)}}, 1);
  count(page, {{"model", "7"}}, 1);
  EXPECT_THAT(page.text(), HasSubstr("slipway_metrics_refused 900\n"));
  EXPECT_THAT(page.text(), HasSubstr("a_total{model=\"7\"} 2\n"));
}

TEST(MetricsPage, values_that_are_no_numbers_are_written_as_prometheus_spells_them) {
  MetricsPage page;
  page.family("g", "x", MetricKind::Gauge);
  count(page, {{"a", "1"}}, std::numeric_limits<double>::quiet_NaN());
  count(page, {{"a", "2"}}, -std::numeric_limits<double>::infinity());
  EXPECT_THAT(page.text(), HasSubstr("g{a=\"1\"} NaN\ng{a=\"2\"} -Inf\n"));
}

TEST(ProcessMetrics, tells_the_build_and_the_memory_of_this_process) {
  SystemClock clock;
  MetricsPage page;
  ProcessMetrics(clock, "0.1.0", "abc").collect(page);
  EXPECT_THAT(page.text(), HasSubstr("slipway_build_info{version=\"0.1.0\",commit=\"abc\"} 1\n"));
  EXPECT_THAT(page.text(), testing::ContainsRegex("process_resident_memory_bytes [0-9.e+]+\n"));
}

TEST(MetricsRoute, is_one_get_route_that_needs_leave_to_read_metrics) {
  const auto all = routes({});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].pattern, "/metrics");
  EXPECT_EQ(all[0].permission, access::Permission::ReadMetrics);
}

}  // namespace
}  // namespace slipway::telemetry_prometheus
