#include "service/serving/version_draw.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "service/serving/request_slices.h"

namespace slipway::serving {
namespace {

using model::AssignedBy;
using model::UnitSource;

static_assert(model::kVersionHeader.starts_with(ports::Caller::kOwnHeaders));
static_assert(model::kSyntheticHeader.starts_with(ports::Caller::kOwnHeaders));

bool is_integer(tensor::DataType type) {
  using enum tensor::DataType;
  return type >= UInt8 && type <= Int64;
}

std::string_view first_element(const tensor::TensorView& view) {
  if (is_integer(view.datatype)) return as_text(view.data).substr(0, tensor::element_size(view.datatype));
  std::uint32_t length = 0;
  if (view.datatype != tensor::DataType::Bytes || view.data.size() < sizeof length) return {};
  std::memcpy(&length, view.data.data(), sizeof length);
  const std::string_view rest = as_text(view.data).substr(sizeof length);
  return rest.size() < length ? std::string_view() : rest.substr(0, length);
}

bool holds(const model::Condition& condition, const ports::Caller& caller) {
  return (condition.header.empty() ? std::string_view(caller.principal().name) : caller.header(condition.header)) ==
         condition.equals;
}

bool takes_part(const model::AssignmentRule& rule, const ports::Caller* caller) {
  return std::ranges::all_of(rule.conditions,
                             [&](const auto& each) { return caller != nullptr && holds(each, *caller); });
}

Result<DrawnVersion> wished(const ServingTable& table, const Route& route, const ports::PredictRequest& request,
                            std::string_view wish) {
  const auto told = request.caller->require(route.rule.override_needs);
  if (!told) return Error(told.error()).within("header " + std::string(model::kVersionHeader));
  const auto number = model::parse_version(wish);
  if (!number) {
    return invalid_input("header " + std::string(model::kVersionHeader) + ": expected a version's number, found \"" +
                         printable(wish, 40) + "\"");
  }
  const ModelHandle* version = TRY(find_named(table, &route, request.model, *number, request.numbering));
  return DrawnVersion{version, {.revision = route.revision, .by = AssignedBy::Override}};
}

DrawnVersion drawn(const Route& route, std::uint64_t unit, AssignedBy by, std::uint32_t bucket) {
  const Route::Arm& arm = route.arm_of(bucket);
  return {&arm.version, {unit, route.revision, arm.probability, by, 0}};
}

}  // namespace

std::string_view unit_key_of(const UnitSource& source, const ports::PredictRequest& request) {
  switch (source.kind) {
    case UnitSource::Kind::Header:
      return request.caller == nullptr ? std::string_view() : request.caller->header(source.name);
    case UnitSource::Kind::Parameter:
      if (!request.unit_parameter.empty() || request.caller == nullptr) return request.unit_parameter;
      return request.caller->query(model::kUnitParameter);
    case UnitSource::Kind::Input:
      for (const tensor::TensorView& input : request.inputs) {
        if (input.name == source.name) return first_element(input);
      }
      return {};
    case UnitSource::Kind::Principal:
      return request.caller == nullptr ? std::string_view() : std::string_view(request.caller->principal().name);
    case UnitSource::Kind::Request:
      return {};
  }
  return {};
}

Result<DrawnVersion> draw_version(const ServingTable& table, const ports::PredictRequest& request,
                                  std::uint64_t& random) {
  const Route* route = table.find(request.model);
  if (request.version) {
    const ModelHandle* named = TRY(find_named(table, route, request.model, *request.version, request.numbering));
    return DrawnVersion{named, {.revision = route->revision, .by = AssignedBy::Name}};
  }
  if (route == nullptr || !route->has_shares()) return Error(check_shares(table, route, request.model).error());
  if (request.caller != nullptr && request.caller->has_own_headers()) {
    const std::string_view wish = request.caller->header(model::kVersionHeader);
    if (!wish.empty()) return wished(table, *route, request, wish);
    if (!request.caller->header(model::kSyntheticHeader).empty()) {
      return DrawnVersion{&route->control(), {.revision = route->revision, .by = AssignedBy::Synthetic}};
    }
  }
  if (route->arms.size() == 1 && !route->keeps_units) {
    return DrawnVersion{&route->arms.front().version, {.revision = route->revision}};
  }
  if (!takes_part(route->rule, request.caller)) {
    return DrawnVersion{&route->control(), {.revision = route->revision, .by = AssignedBy::Outside}};
  }
  const std::string_view key = request.unit_key.empty() ? unit_key_of(route->rule.unit, request) : request.unit_key;
  const std::uint64_t unit = key.empty() ? 0 : model::unit_of(route->salt, key);
  DrawnVersion found = key.empty() ? drawn(*route, 0, AssignedBy::Chance, model::bucket_of(next_random(random)))
                                   : drawn(*route, unit, AssignedBy::Unit, model::bucket_of(unit, route->experiment));
  if (!route->rule.slicing.columns.empty()) found.draw.slices = request_slices(route->rule.slicing, request, 0);
  return found;
}

}  // namespace slipway::serving
