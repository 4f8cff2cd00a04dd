#include "domain/evidence/declared_slices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::evidence {
namespace {

using model::SliceSource;
using testing::HasSubstr;

EvidencePlan plan_of(std::vector<std::string> slices, std::vector<SlicedColumn> columns = {}) {
  EvidencePlan plan;
  plan.slices = std::move(slices);
  plan.slice_columns = std::move(columns);
  return plan;
}

TEST(DeclaredSlices, a_label_is_the_slices_it_was_made_of) {
  const auto declared = declared_slices(
      plan_of({"country=DE", "device=phone", "country=FR"}, {{"country", {SliceSource::Kind::Query, "country"}}}));
  ASSERT_TRUE(declared.ok()) << declared.error().message;
  const model::Slicing& slicing = declared->slicing;
  ASSERT_EQ(slicing.columns.size(), 2U);
  EXPECT_EQ(slicing.columns[0].values, (std::vector<std::string>{"DE", "FR"}));
  EXPECT_EQ(slicing.columns[0].source.kind, SliceSource::Kind::Query);
  EXPECT_EQ(slicing.columns[1].source.name, "x-slipway-slice-device") << "where it is not said";
  const auto slices = [&](std::uint32_t country, std::uint32_t device) {
    return declared->of(model::slice_label(slicing, std::vector<std::uint32_t>{country, device}));
  };
  EXPECT_EQ(slices(0, 0), 0U);
  EXPECT_EQ(slices(1, 0), 1U);
  EXPECT_EQ(slices(2, 0), 4U);
  EXPECT_EQ(slices(2, 1), 6U);
}

TEST(DeclaredSlices, of_names_that_no_server_can_tell_apart_are_refused) {
  const auto message = [](const EvidencePlan& plan) { return declared_slices(plan).error().message; };
  for (const char* name : {"Germany", "=DE", "country="}) {
    EXPECT_THAT(message(plan_of({name})), HasSubstr("expected COLUMN=VALUE, such as country=DE, found")) << name;
  }
  EXPECT_THAT(message(plan_of({"a=1"}, {{"b", {SliceSource::Kind::Principal, ""}}})),
              HasSubstr("slice_columns: expected columns that slices name, found \"b\""));
  EXPECT_THAT(message(plan_of({"Country=DE"})), HasSubstr("needs to say what it is read from"));
  EXPECT_TRUE(declared_slices(plan_of({})).ok());
}

}  // namespace
}  // namespace slipway::evidence
