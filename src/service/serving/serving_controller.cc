#include "service/serving/serving_controller.h"

#include <algorithm>
#include <exception>
#include <set>
#include <tuple>
#include <type_traits>

#include "domain/model/assignment.h"

namespace slipway::serving {
namespace {

// What a worker threw, such as want of memory for a model's files, is an answer: without one its version would be
// loading for ever, or desired serving never be read again.
template <class Work>
std::invoke_result_t<Work&> result_of(Work& work) {
  try {
    return work();
  } catch (const std::exception& thrown) {
    return internal_error(std::string("unexpected: ") + thrown.what());
  }
}

// Conflict: a policy forbids it, until somebody signs the version.
bool may_pass(ErrorCode code) {
  return code == ErrorCode::Unavailable || code == ErrorCode::Overloaded || code == ErrorCode::Internal ||
         code == ErrorCode::Conflict;
}

}  // namespace

ServingController::ServingController(const Parts& parts, ControllerSettings settings)
    : parts_(parts), settings_(std::move(settings)), loader_(parts.loading) {}

ServingController::~ServingController() = default;

void ServingController::notify() {
  notified_.store(true, std::memory_order_release);
  if (parts_.wake) parts_.wake();
}

template <class Work, class Then>
bool ServingController::in_background(Work work, Then then) {
  return parts_.workers.submit([this, work = std::move(work), then = std::move(then)] {
    auto result = std::make_shared<std::invoke_result_t<decltype(work)&>>(result_of(work));
    inbox_.lock()->results.push_back([then, result] { then(std::move(*result)); });
    if (parts_.wake) parts_.wake();
  });
}

void ServingController::tick(TimePoint now) {
  if (stopped_) return;
  now_ = now;
  std::vector<std::function<void()>> results;
  results.swap(inbox_.lock()->results);
  for (const auto& result : results) result();
  if (!reading_ && (now >= next_poll_ || notified_.load(std::memory_order_acquire))) read_desired();
  start_loads(now);
  if (std::exchange(changed_, false)) publish();
  report_live();
  retire();
}

void ServingController::read_desired() {
  notified_.store(false, std::memory_order_release);
  reading_ = in_background([this] { return parts_.loading.metadata.desired(settings_.environment); },
                           [this](auto read) { take_desired(std::move(read)); });
  next_poll_ = now_ + settings_.poll;
}

void ServingController::take_desired(Result<std::vector<ports::Stored<model::DesiredServing>>> read) {
  reading_ = false;
  if (!read) {
    parts_.log.warning("desired serving cannot be read; what is served stays", {{"reason", read.error().message}});
    return;
  }
  std::map<model::ModelName, Desired> next;
  std::set<model::ModelName> revised;
  for (auto& stored : *read) {
    const model::ModelName name = stored.record.model;
    const auto old = desired_.find(name);
    const bool same = old != desired_.end() && old->second.revision == stored.revision;
    changed_ = changed_ || !same;
    if (!same) revised.insert(name);
    Desired desired{std::move(stored.record), stored.revision};
    if (same) std::tie(desired.reported, desired.report_at) = std::tie(old->second.reported, old->second.report_at);
    next.emplace(name, std::move(desired));
  }
  changed_ = changed_ || next.size() != desired_.size() || !has_read_;
  has_read_ = true;
  if (!changed_) return;
  desired_ = std::move(next);
  for (const auto& [name, desired] : desired_) {
    for (const model::Share& share : desired.serving.split.shares()) {
      Version& version = want({name, share.version});
      // Who deploys again may have mended what was wrong, so what failed for good is tried once more.
      if (!revised.contains(name)) continue;
      if (version.state == Version::State::Failed) version = Version{};
      version.asked_again = version.state == Version::State::Loading;
    }
  }
}

// One that is only just leaving comes back as it is.
ServingController::Version& ServingController::want(const Key& key) {
  const auto [entry, is_new] = versions_.try_emplace(key);
  if (!is_new) return entry->second;
  const auto leaving = std::ranges::find_if(leaving_, [&](const ModelHandle& handle) {
    return handle->described().name == key.first && handle->described().version == key.second;
  });
  if (leaving == leaving_.end()) return entry->second;
  entry->second.state = Version::State::Ready;
  entry->second.handle = *leaving;
  leaving_.erase(leaving);
  return entry->second;
}

void ServingController::start_loads(TimePoint now) {
  for (auto& [key, version] : versions_) {
    if (loading_ >= settings_.loads_at_once) return;
    const bool due = version.state == Version::State::Wanted ||
                     (version.state == Version::State::Failed && version.may_pass && now >= version.retry_at);
    if (!due || !is_wanted(key)) continue;
    const bool started = in_background([this, key = key] { return loader_.load(key.first, key.second); },
                                       [this, key = key](auto loaded) { take_loaded(key, std::move(loaded)); });
    if (!started) return;  // the pool is full; the next tick tries again
    version.state = Version::State::Loading;
    ++loading_;
    changed_ = true;
    parts_.log.info("loading", {{"model", key.first.text()}, {"version", static_cast<std::int64_t>(key.second)}});
  }
}

void ServingController::take_loaded(const Key& key, Result<ServedVersion::Loaded> loaded) {
  --loading_;
  changed_ = true;
  Version& version = versions_[key];
  if (!loaded) {
    const bool again = version.asked_again;
    fail(key, version, loaded.error());
    if (again) version = Version{};
    return;
  }
  const std::size_t slot = take_slot();
  auto made = ServedVersion::create(*std::move(loaded),
                                    {slot, parts_.service.lane_count(), settings_.queue, parts_.loading.clock});
  if (!made) {
    slots_[slot] = false;
    return fail(key, version, made.error());
  }
  version = Version{};
  version.state = Version::State::Ready;
  version.handle = *std::move(made);
  parts_.log.info("loaded", {{"model", key.first.text()}, {"version", static_cast<std::int64_t>(key.second)}});
}

void ServingController::fail(const Key& key, Version& version, const Error& error) {
  version.state = Version::State::Failed;
  version.reason = error.message;
  version.may_pass = may_pass(error.code);
  const auto doubled = settings_.first_retry * (1LL << std::min(version.failures++, 16U));
  version.retry_at = now_ + std::min<Duration>(doubled, settings_.longest_retry);
  parts_.log.error(
      "cannot load; what is served stays",
      {{"model", key.first.text()}, {"version", static_cast<std::int64_t>(key.second)}, {"reason", error.message}});
}

bool ServingController::is_wanted(const Key& key) const {
  const auto desired = desired_.find(key.first);
  return desired != desired_.end() &&
         std::ranges::any_of(desired->second.serving.split.shares(),
                             [&](const model::Share& share) { return share.version == key.second; });
}

bool ServingController::is_complete(const model::DesiredServing& desired) const {
  return std::ranges::all_of(desired.split.shares(), [&](const model::Share& share) {
    const auto found = versions_.find({desired.model, share.version});
    return found != versions_.end() && found->second.state == Version::State::Ready;
  });
}

std::string ServingController::problem_of(const model::DesiredServing& desired) const {
  for (const model::Share& share : desired.split.shares()) {
    const auto found = versions_.find({desired.model, share.version});
    if (found == versions_.end() || found->second.state == Version::State::Ready) continue;
    const std::string which = "version " + std::to_string(share.version);
    return found->second.state == Version::State::Failed ? which + ": " + found->second.reason : which + " is loading";
  }
  return {};
}

// The route towards what is desired. Complete: as desired. Else what was there stays; with nothing there, the versions
// that are ready answer for all once no other can still come.
Route ServingController::route_of(const Desired& desired) const {
  const model::DesiredServing& serving = desired.serving;
  Route route;
  route.model = serving.model.text();
  route.salt = model::assignment_salt(settings_.environment, route.model);
  for (const model::Share& share : serving.split.shares()) route.expected.push_back(share.version);
  route.reason = problem_of(serving);
  const auto old = routes_.find(serving.model);
  if (!is_complete(serving) && old != routes_.end() && !old->second.arms.empty()) {
    route.arms = old->second.arms;
    route.experiment = old->second.experiment;
    route.revision = old->second.revision;
    route.rule = old->second.rule;
    route.keeps_units = old->second.keeps_units;
    route.mirror_to = old->second.mirror_to;
    route.mirror_share = old->second.mirror_share;
    return route;
  }
  std::uint32_t until = 0;
  bool is_loading = false;
  for (const model::Share& share : serving.split.shares()) {
    const Version& version = versions_.at({serving.model, share.version});
    is_loading = is_loading || version.state == Version::State::Loading || version.state == Version::State::Wanted;
    if (version.state == Version::State::Ready) route.arms.push_back({version.handle, until += share.share.count, 0});
  }
  if (is_loading && !is_complete(serving)) route.arms.clear();
  route.rule = serving.assignment;
  route.keeps_units = route.rule != model::AssignmentRule{};
  route.experiment = model::experiment_salt(serving.assignment.experiment);
  route.revision = is_complete(serving) ? desired.revision : 0;
  if (route.has_shares()) route.set_probabilities();
  if (serving.mirror && is_complete(serving)) {
    route.mirror_to = versions_.at({serving.model, serving.mirror->to}).handle;
    route.mirror_share = serving.mirror->share.count;
  }
  return route;
}

void ServingController::publish() {
  std::map<model::ModelName, Route> routes;
  for (const auto& [name, desired] : desired_) routes.emplace(name, route_of(desired));
  routes_ = std::move(routes);
  std::erase_if(versions_, [&](auto& entry) {
    auto& [key, version] = entry;
    if (version.state == Version::State::Loading || is_wanted(key)) return false;
    const auto route = routes_.find(key.first);
    if (version.handle && route != routes_.end() && route->second.find(key.second) != nullptr) return false;
    if (version.handle) leaving_.push_back(version.handle);
    return true;
  });
  std::vector<Route> lines;
  for (const auto& [name, route] : routes_) lines.push_back(route);
  parts_.service.publish(std::make_shared<const ServingTable>(std::move(lines), compute_index(), compute_ready()));
}

void ServingController::report_live() {
  for (auto& [name, desired] : desired_) {
    if (desired.reported != Desired::Reported::No || now_ < desired.report_at) continue;
    if (!is_complete(desired.serving) || !routes_.contains(name) || !routes_.at(name).reason.empty()) continue;
    const bool started = in_background(
        [this, model = name, revision = desired.revision]() -> Result<void> {
          if (!parts_.fully_live) return {};
          return parts_.fully_live(model, revision);
        },
        [this, model = name, revision = desired.revision](const Result<void>& told) {
          take_reported(model, revision, told);
        });
    if (started) desired.reported = Desired::Reported::Underway;
  }
}

void ServingController::take_reported(const model::ModelName& name, std::uint64_t revision, const Result<void>& told) {
  const auto found = desired_.find(name);
  if (found == desired_.end() || found->second.revision != revision) return;
  Desired& desired = found->second;
  if (told) {
    desired.reported = Desired::Reported::Yes;
    parts_.log.info("live", {{"model", name.text()}, {"revision", static_cast<std::int64_t>(revision)}});
    return;
  }
  desired.reported = Desired::Reported::No;
  desired.report_at = now_ + settings_.first_retry;
  parts_.log.warning("live, but that could not be kept on record; it is tried again",
                     {{"model", name.text()}, {"reason", told.error().message}});
}

// Unloads versions on the pool once the only lease left is ours.
void ServingController::retire() {
  std::erase_if(leaving_, [&](ModelHandle& handle) {
    if (handle.use_count() > 1) return false;
    const std::size_t slot = handle->slot();
    auto doomed = std::make_shared<ModelHandle>(handle);
    handle.reset();
    const bool started = in_background(
        [doomed]() -> Result<void> {
          doomed->reset();
          return {};
        },
        [this, slot](const Result<void>&) {
          slots_[slot] = false;
          changed_ = true;  // the index shows it no more, and its memory is free for others
        });
    if (!started) handle = *doomed;
    return started;
  });
}

std::size_t ServingController::take_slot() {
  const auto free = std::ranges::find(slots_, false);
  const auto slot = static_cast<std::size_t>(free - slots_.begin());
  if (free == slots_.end()) slots_.push_back(true);
  slots_[slot] = true;
  return slot;
}

bool ServingController::compute_ready() {
  if (was_ready_) return true;
  was_ready_ = has_read_ && std::ranges::all_of(versions_, [&](const auto& entry) {
                 const Version& version = entry.second;
                 return !is_wanted(entry.first) || version.state == Version::State::Ready ||
                        (version.state == Version::State::Failed && !version.may_pass);
               });
  return was_ready_;
}

std::vector<ports::ServedState> ServingController::compute_index() const {
  using State = ports::ServedState::State;
  std::vector<ports::ServedState> index;
  for (const auto& [key, version] : versions_) {
    const auto route = routes_.find(key.first);
    const bool answers = route != routes_.end() && route->second.find(key.second) != nullptr;
    const State state = answers                                   ? State::Ready
                        : version.state == Version::State::Failed ? State::Unavailable
                                                                  : State::Loading;
    index.push_back({key.first.text(), key.second, state, answers ? "" : version.reason});
  }
  for (const ModelHandle& handle : leaving_) {
    index.push_back({handle->described().name.text(), handle->described().version, State::Unloading, ""});
  }
  return index;
}

void ServingController::stop() {
  stopped_ = true;
  for (const auto& [key, version] : versions_) {
    if (version.handle) version.handle->queue().stop();
  }
  for (const ModelHandle& handle : leaving_) handle->queue().stop();
  parts_.service.stop_mirror();
}

}  // namespace slipway::serving
