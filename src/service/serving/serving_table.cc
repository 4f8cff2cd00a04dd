#include "service/serving/serving_table.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::serving {
namespace {

constexpr std::size_t kListed = 8;

std::string quoted(std::string_view model) {
  return "model \"" + printable(model) + "\"";
}

Error unknown_model(const ServingTable& table, std::string_view model) {
  std::vector<std::string_view> names;
  for (const auto& [name, route] : table.routes()) names.push_back(name);
  std::ranges::sort(names);
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kListed); ++i) {
    list += (i == 0 ? "" : ", ") + std::string("\"") + printable(names[i], 40) + "\"";
  }
  if (names.size() > kListed) list += " and " + std::to_string(names.size() - kListed) + " more";
  return not_found(quoted(model) + " is not served here; served: " + (list.empty() ? "nothing" : list));
}

Error missing_version(const Route& route, model::VersionNumber version, ports::Numbering numbering) {
  const bool is_expected = std::ranges::find(route.expected, version) != route.expected.end();
  if (is_expected && route.find(version, ports::Numbering::Registry) == nullptr) {
    return not_ready(quoted(route.model) + " version " + std::to_string(version) + " is not ready: " + route.reason);
  }
  std::string list;
  for (const Route::Arm& arm : route.arms) {
    list += (list.empty() ? "" : ", ") + std::to_string(number_of(arm.version->described(), numbering));
  }
  return not_found(quoted(route.model) + " version " + std::to_string(version) +
                   " is not served here; served: " + (list.empty() ? "none" : list));
}

}  // namespace

const ModelHandle* Route::find(model::VersionNumber number, ports::Numbering numbering) const {
  for (const Arm& arm : arms) {
    if (number_of(arm.version->described(), numbering) == number) return &arm.version;
  }
  return nullptr;
}

const Route::Arm& Route::main_arm() const {
  const Arm* largest = &arms.front();
  std::uint32_t from = 0, share = 0;
  for (const Arm& arm : arms) {
    if (arm.until - from > share) {
      share = arm.until - from;
      largest = &arm;
    }
    from = arm.until;
  }
  return *largest;
}

const ModelHandle& Route::control() const {
  const ModelHandle* named = rule.control == 0 ? nullptr : find(rule.control);
  return named == nullptr ? main() : *named;
}

void Route::set_probabilities() {
  std::uint32_t from = 0;
  for (Arm& arm : arms) {
    arm.probability = static_cast<double>(arm.until - from) / model::kWhole.count;
    from = arm.until;
  }
  const Arm& main = main_arm();
  arms[static_cast<std::size_t>(&main - arms.data())].probability +=
      static_cast<double>(model::kWhole.count - from) / model::kWhole.count;
}

ServingTable::ServingTable(std::vector<Route> routes, std::vector<ports::ServedState> index, bool is_ready)
    : index_(std::move(index)), is_ready_(is_ready) {
  for (Route& route : routes) {
    std::string name = route.model;
    routes_.emplace(std::move(name), std::move(route));
  }
}

Result<const ModelHandle*> find_named(const ServingTable& table, const Route* route, std::string_view model,
                                      model::VersionNumber version, ports::Numbering numbering) {
  if (route == nullptr) return unknown_model(table, model);
  const ModelHandle* found = route->find(version, numbering);
  if (found == nullptr) return missing_version(*route, version, numbering);
  return found;
}

Result<void> check_shares(const ServingTable& table, const Route* route, std::string_view model) {
  if (route == nullptr) return unknown_model(table, model);
  if (!route->has_shares()) return not_ready(quoted(model) + " is not ready: " + route->reason);
  return {};
}

}  // namespace slipway::serving
