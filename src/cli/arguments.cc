#include "base/invariant.h"
#include "cli/command.h"

namespace slipway::cli {

std::optional<std::string> Arguments::text(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Arguments::all(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::string Arguments::at(std::string_view option) const {
  const auto found = text(option);
  invariant(found.has_value(), "a command reads only options of its table");
  return *found;
}

}  // namespace slipway::cli
