#include "domain/evidence/declared_slices.h"

#include <algorithm>

namespace slipway::evidence {
namespace {

model::SliceSource source_of(const EvidencePlan& plan, const std::string& column) {
  const auto declared = std::ranges::find(plan.slice_columns, column, &SlicedColumn::name);
  if (declared != plan.slice_columns.end()) return declared->source;
  return {.kind = model::SliceSource::Kind::Header, .name = std::string(model::kSliceHeader) + column};
}

}  // namespace

std::uint64_t DeclaredSlices::of(std::uint16_t label) const {
  std::uint64_t slices = 0;
  for (std::size_t i = 0; label != 0 && i < slicing.columns.size(); ++i) {
    const std::uint32_t place = model::slice_place(slicing, label, i);
    if (place != 0) slices |= std::uint64_t{1} << places[i][place - 1];
  }
  return slices;
}

Result<DeclaredSlices> declared_slices(const EvidencePlan& plan) {
  DeclaredSlices declared;
  std::vector<model::SliceColumn>& columns = declared.slicing.columns;
  for (std::size_t i = 0; i < plan.slices.size(); ++i) {
    const std::string& slice = plan.slices[i];
    const std::size_t equals = slice.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == slice.size()) {
      return invalid_input("slices: expected COLUMN=VALUE, such as country=DE, found \"" + slice + "\"");
    }
    const std::string name = slice.substr(0, equals);
    const auto known = std::ranges::find(columns, name, &model::SliceColumn::name);
    const auto at = static_cast<std::size_t>(known - columns.begin());
    if (known == columns.end()) {
      columns.push_back({name, source_of(plan, name), {}});
      declared.places.emplace_back();
    }
    columns[at].values.push_back(slice.substr(equals + 1));
    declared.places[at].push_back(i);
  }
  for (const SlicedColumn& column : plan.slice_columns) {
    if (std::ranges::find(columns, column.name, &model::SliceColumn::name) != columns.end()) continue;
    return invalid_input("slice_columns: expected columns that slices name, found \"" + column.name + "\"");
  }
  TRY(model::check(declared.slicing));
  return declared;
}

}  // namespace slipway::evidence
