#include "adapter/api_oip/repository_control.h"

#include <algorithm>
#include <optional>
#include <set>
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

Result<model::TrafficSplit> RegistryControl::deploy(const model::ModelName& name,
                                                    const ports::RepositoryOverrides& overrides,
                                                    std::string_view principal) {
  if (parts_.repository != nullptr && (!overrides.is_empty() || parts_.repository->has(name))) {
    return parts_.repository->import(name, overrides, principal);
  }
  if (!overrides.is_empty()) {
    return unimplemented(
        "load: expected no parameters config and file:, found one: this server has no model repository (serve "
        "--model-repository DIR); push the changed model as a new version and deploy it");
  }
  const auto split = model::TrafficSplit::all_to(TRY(choose(name)));
  TRY(parts_.registry.deploy(parts_.environment, name, split, std::nullopt,
                             {std::string(principal), "load by the repository extension"}));
  return split;
}

Result<void> RegistryControl::load(const model::ModelName& name, const ports::RepositoryOverrides& overrides,
                                   std::string_view principal) {
  const model::TrafficSplit split = TRY(deploy(name, overrides, principal));
  for (const model::Share& share : split.shares()) TRY(wait_until_served(name, share.version));
  return {};
}

Result<void> RegistryControl::unload(const model::ModelName& name, std::string_view principal) {
  if (parts_.repository != nullptr) {
    TRY(parts_.repository->unload(name, principal));
  } else {
    TRY(parts_.registry.undeploy(parts_.environment, name,
                                 {std::string(principal), "unload by the repository extension"}));
  }
  return wait_until_gone(name);
}

bool RegistryControl::is_ready() const {
  if (parts_.repository == nullptr || was_ready_.load(std::memory_order_relaxed)) return true;
  const auto started = parts_.repository->started();
  if (!started) return false;
  const auto states = parts_.predictor.index();
  const auto is_settled = [&](const ports::ModelRepository::Started& each) {
    return std::ranges::any_of(states, [&](const ports::ServedState& state) {
      return state.model == each.model.text() && state.version == each.number &&
             (state.state == ports::ServedState::State::Ready || state.state == ports::ServedState::State::Unavailable);
    });
  };
  const bool ready = std::ranges::all_of(*started, is_settled);
  if (ready) was_ready_.store(true, std::memory_order_relaxed);
  return ready;
}

std::vector<IndexEntry> RegistryControl::index() const {
  std::vector<ports::RepositoryFinding> findings;
  if (parts_.repository != nullptr) findings = parts_.repository->findings();
  std::vector<IndexEntry> entries;
  std::set<std::pair<std::string, model::VersionNumber>> shown;
  for (const ports::ServedState& state : parts_.predictor.index()) {
    const auto finding = std::ranges::find_if(findings, [&](const ports::RepositoryFinding& each) {
      return each.model == state.model && each.number == state.version;
    });
    const auto served = parts_.predictor.find(state.model, state.version);
    const model::VersionNumber called = served                      ? (*served)->protocol_version
                                        : finding != findings.end() ? finding->version
                                                                    : state.version;
    entries.push_back({state.model, called, state.state, state.reason});
    shown.emplace(state.model, called);
  }
  for (const ports::RepositoryFinding& finding : findings) {
    if (finding.reason.empty()) continue;
    if (shown.emplace(finding.model, finding.version).second) {
      entries.push_back({finding.model, finding.version, ports::ServedState::State::Unavailable, finding.reason});
      continue;
    }
    // What the folder held before is served on, and why is told with it.
    for (IndexEntry& entry : entries) {
      if (entry.model == finding.model && entry.version == finding.version && entry.reason.empty())
        entry.reason = finding.reason;
    }
  }
  std::ranges::sort(entries, {}, [](const IndexEntry& entry) { return std::pair(entry.model, entry.version); });
  return entries;
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
