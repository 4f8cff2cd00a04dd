#include "adapter/api_oip/repository_control.h"

#include <optional>
#include <thread>

#include "base/text.h"

namespace slipway::api_oip {
namespace {

constexpr auto kPause = std::chrono::milliseconds(2);  // between two looks at the predictor's snapshot
constexpr auto kSettled = std::chrono::seconds(1);
constexpr std::string_view kProduction = "production";

}  // namespace

Result<model::VersionNumber> RegistryControl::choose(const model::ModelName& name) {
  TRY(parts_.registry.model(name));  // a model that is not known is told so, not by its missing version
  if (parts_.environment == kProduction) {
    const auto alias = TRY(model::Alias::parse(kProduction));
    auto live = parts_.registry.resolve({name, alias});
    if (live) return live;
    if (live.error().code != ErrorCode::NotFound) return live;
  }
  return parts_.registry.resolve({name, std::monostate{}});
}

Result<void> RegistryControl::load(const model::ModelName& name, std::string_view principal) {
  const model::VersionNumber version = TRY(choose(name));
  TRY(parts_.registry.deploy(parts_.environment, name, model::TrafficSplit::all_to(version), std::nullopt,
                             {std::string(principal), "load by the repository extension"}));
  return wait_until_served(name, version);
}

Result<void> RegistryControl::unload(const model::ModelName& name, std::string_view principal) {
  TRY(parts_.registry.undeploy(parts_.environment, name,
                               {std::string(principal), "unload by the repository extension"}));
  return wait_until_gone(name);
}

Result<void> RegistryControl::wait_until_served(const model::ModelName& name, model::VersionNumber version) {
  const Deadline deadline = Deadline::after(parts_.clock.now(), parts_.allowed);
  // What the index says of an earlier attempt must not be taken for this one.
  const Deadline settled = Deadline::after(parts_.clock.now(), kSettled);
  bool attempted = false;
  const std::string where = "model \"" + printable(name.text()) + "\" version " + std::to_string(version);
  while (!parts_.predictor.find(name.text(), version)) {
    for (const ports::ServedState& state : parts_.predictor.index()) {
      if (state.model != name.text() || state.version != version) continue;
      attempted =
          attempted || state.state == ports::ServedState::State::Loading || settled.has_passed(parts_.clock.now());
      if (attempted && state.state == ports::ServedState::State::Unavailable) {
        return unavailable(where + " did not load: " + state.reason);
      }
    }
    if (deadline.has_passed(parts_.clock.now())) return deadline_exceeded(where + " is still loading");
    std::this_thread::sleep_for(kPause);
  }
  return {};
}

Result<void> RegistryControl::wait_until_gone(const model::ModelName& name) {
  const Deadline deadline = Deadline::after(parts_.clock.now(), parts_.allowed);
  while (!parts_.predictor.served_versions(name.text()).empty()) {
    if (deadline.has_passed(parts_.clock.now())) {
      return deadline_exceeded("model \"" + printable(name.text()) + "\" is still unloading");
    }
    std::this_thread::sleep_for(kPause);
  }
  return {};
}

}  // namespace slipway::api_oip
