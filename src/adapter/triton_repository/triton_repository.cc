#include "adapter/triton_repository/triton_repository.h"

#include <algorithm>

#include "adapter/triton_repository/model_plan.h"
#include "adapter/triton_repository/package_file.h"
#include "adapter/triton_repository/staged_folder.h"
#include "base/text.h"

namespace slipway::triton_repository {
namespace {

constexpr std::string_view kPrincipal = "model-repository";
constexpr std::string_view kUnloaded = "unloaded";
constexpr Duration kFirstPause = std::chrono::seconds(5);
constexpr Duration kLongestPause = std::chrono::minutes(10);

std::vector<ports::RepositoryFinding> findings_of(const std::string& name, const ImportRecord& record) {
  std::vector<ports::RepositoryFinding> findings;
  if (!record.reason.empty()) findings.push_back({name, 0, 0, record.reason});
  for (const auto& [version, taken] : record.versions) findings.push_back({name, version, taken.number, taken.reason});
  return findings;
}

// False: a version was not taken for a reason that may pass.
bool is_settled(const ImportRecord& record) {
  return std::ranges::all_of(record.versions, [](const auto& each) { return each.second.stamp != Digest{}; });
}

Error no_turn() {
  return overloaded("another model of the repository is being imported: try again");
}

}  // namespace

// Waits until those who asked before have had their turn; is_mine() tells whether they had in time.
class TritonRepository::Turn {
 public:
  explicit Turn(TritonRepository& repository) : repository_(repository) {
    auto line = repository_.line_.lock();
    const std::uint64_t number = ++line->last;
    line->waiting.push_back(number);
    mine_ = repository_.freed_.wait_for(line.lock(), repository_.settings_.patience,
                                        [&] { return line->waiting.front() == number; });
    if (!mine_) std::erase(line->waiting, number);
  }
  ~Turn() {
    if (!mine_) return;
    repository_.line_.lock()->waiting.pop_front();
    repository_.freed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool is_mine() const { return mine_; }

 private:
  TritonRepository& repository_;
  bool mine_ = false;
};

TritonRepository::TritonRepository(const Parts& parts, Settings settings, RepositoryFolder folder,
                                   ImportRecords records)
    : parts_(parts),
      settings_(std::move(settings)),
      folder_(std::move(folder)),
      records_(std::move(records)),
      kept_(records_),
      started_(std::make_shared<std::optional<std::vector<Started>>>()),
      findings_(std::make_shared<std::vector<ports::RepositoryFinding>>()) {
  if (settings_.control == Control::Explicit) finish_start();  // nothing is taken unasked
  keep();
}

Result<std::unique_ptr<TritonRepository>> TritonRepository::open(const Parts& parts, Settings settings) {
  auto folder = RepositoryFolder::open(settings.path, settings.limits);
  if (!folder) return std::move(folder).error().within("the model repository");
  TRY(prepare_packages(settings.packages));
  auto records = load_records(settings.records);
  if (!records && records.error().code == ErrorCode::Corrupt) {
    // Nothing but time is lost: everything is read again, and is what it was.
    parts.log.warning("the record of imports is left aside", {{"reason", records.error().message}});
    records = ImportRecords{};
  }
  return std::unique_ptr<TritonRepository>(
      new TritonRepository(parts, std::move(settings), *std::move(folder), TRY(std::move(records))));
}

ImportParts TritonRepository::import_parts() const {
  return {parts_.registry, parts_.log, settings_.environment, settings_.packages, [this] { return stopping_.load(); }};
}

void TritonRepository::complain(const std::string& what, const Error& error) {
  if (std::exchange(complaint_, what + error.message) != what + error.message) {
    parts_.log.warning(what, {{"reason", error.message}});
  }
}

void TritonRepository::look() {
  const auto names = folder_.models();
  if (names && !look_at_each(*names)) return;
  const Turn turn(*this);
  if (!turn.is_mine() || stopping_) return;
  drop_undeployed();
  if (!names) {
    complain("the model repository cannot be read; what is served stays", names.error());
    return finish_start();
  }
  const auto is_gone = [&](const auto& entry) { return !std::ranges::binary_search(*names, entry.first); };
  std::erase_if(failures_, is_gone);
  std::erase_if(retries_, is_gone);
  std::erase_if(seen_, is_gone);
  unloaded_.clear();
  if (settings_.control == Control::Poll) {
    drop_missing(*names);
  } else {
    std::ranges::copy_if(*names, std::back_inserter(unloaded_),
                         [&](const std::string& name) { return !records_.contains(name); });
  }
  keep();
  // What is new at the start waits for its second look, and the server with it.
  if (seen_.empty() || !std::exchange(first_look_, false)) finish_start();
}

// A turn for each: a load or an unload waits for one model, not for all of them.
bool TritonRepository::look_at_each(const std::vector<std::string>& names) {
  if (settings_.control != Control::Poll) return true;
  for (const std::string& name : names) {
    const Turn turn(*this);
    if (!turn.is_mine() || stopping_) return false;
    look_at(name);
  }
  return true;
}

// What somebody undeployed since the start will not be served: the server need not wait for it.
void TritonRepository::drop_undeployed() {
  const auto started = started_.current();
  if (!*started || (*started)->empty()) return;
  const auto desired = parts_.registry.desired(settings_.environment);
  if (!desired) return;
  std::vector<Started> rest;
  std::ranges::copy_if(**started, std::back_inserter(rest), [&](const Started& each) {
    const auto serving =
        std::ranges::find(*desired, each.model, [](const auto& stored) { return stored.record.model; });
    return serving != desired->end() &&
           std::ranges::count(serving->record.split.shares(), each.number, &model::Share::version) > 0;
  });
  if (rest.size() == (*started)->size()) return;
  started_.publish(std::make_shared<std::optional<std::vector<Started>>>(std::move(rest)));
}

void TritonRepository::finish_start() {
  first_look_ = false;
  if (!std::exchange(is_starting_, false)) return;
  started_.publish(std::make_shared<std::optional<std::vector<Started>>>(std::move(first_taken_)));
}

void TritonRepository::look_at(const std::string& name) {
  const auto folder = folder_.model(name);
  failures_.erase(name);
  if (!folder) {
    failures_.emplace(name, folder.error());
    seen_.erase(name);
    return;
  }
  const auto known = records_.find(name);
  if ((known != records_.end() && known->second.stamp == folder->stamp) || is_pausing(*folder)) {
    seen_.erase(name);
    return;
  }
  const auto seen = seen_.find(name);
  const bool is_stable = seen != seen_.end() && seen->second == folder->stamp;
  const bool is_old = first_look_ && folder->newest_change + settings_.interval < parts_.clock.wall_now();
  if (!is_stable && !is_old) {
    seen_[name] = folder->stamp;
    return;
  }
  seen_.erase(name);
  take(*folder);
}

bool TritonRepository::is_pausing(const ModelFolder& folder) const {
  const auto retry = retries_.find(folder.name);
  return retry != retries_.end() && retry->second.stamp == folder.stamp &&
         parts_.clock.now() < retry->second.not_before;
}

void TritonRepository::pause(const ModelFolder& folder) {
  Retry& retry = retries_[folder.name];
  retry.pause = retry.stamp == folder.stamp ? std::min(2 * retry.pause, kLongestPause) : kFirstPause;
  retry.stamp = folder.stamp;
  retry.not_before = parts_.clock.now() + retry.pause;
}

void TritonRepository::take(const ModelFolder& folder) {
  ImportRecord& record = records_[folder.name];
  const auto imported = [&]() -> Result<Imported> {
    const ModelPlan plan = TRY(plan_model(folder_, folder));
    return import_model(import_parts(), folder_, plan, record,
                        {std::string(kPrincipal), "its folder of the model repository changed"});
  }();
  record.from_request = false;
  record.reason = imported ? "" : imported.error().message;
  const bool is_final = (imported || !may_pass(imported.error().code)) && is_settled(record);
  if (!stopping_) record.stamp = is_final ? folder.stamp : Digest{};
  if (is_final) {
    retries_.erase(folder.name);
  } else {
    pause(folder);
  }
  if (imported && is_starting_) {
    for (const model::Share& share : imported->split.shares()) {
      first_taken_.push_back({*model::ModelName::parse(folder.name), share.version});
    }
  }
  if (!imported) parts_.log.warning("model not taken", {{"model", folder.name}, {"reason", record.reason}});
}

void TritonRepository::drop_missing(const std::vector<std::string>& names) {
  std::set<std::string> missed;
  std::erase_if(records_, [&](const auto& entry) {
    const auto& [name, record] = entry;
    if (record.from_request || std::ranges::binary_search(names, name)) return false;
    if (!missed_.contains(name)) {
      missed.insert(name);
      return false;
    }
    const auto parsed = model::ModelName::parse(name);
    if (!parsed) return true;
    const auto gone = parts_.registry.undeploy(settings_.environment, *parsed,
                                               {std::string(kPrincipal), "its folder of the model repository is gone"});
    if (gone || gone.error().code == ErrorCode::NotFound) return true;
    complain("a model whose folder is gone cannot be undeployed", gone.error());
    missed.insert(name);
    return false;
  });
  missed_ = std::move(missed);
}

Result<model::TrafficSplit> TritonRepository::import(const model::ModelName& name,
                                                     const ports::RepositoryOverrides& overrides,
                                                     std::string_view principal) {
  const Turn turn(*this);
  if (!turn.is_mine()) return no_turn();
  if (stopping_) return unavailable("the server is stopping");
  auto imported = import_now(name, overrides, {std::string(principal), "load by the repository extension"});
  keep();
  if (!imported) return std::move(imported).error();
  if (imported->refused) return *std::move(imported->refused);
  return std::move(imported->split);
}

Result<Imported> TritonRepository::import_now(const model::ModelName& name, const ports::RepositoryOverrides& overrides,
                                              const registry::Author& author) {
  std::optional<StagedFolder> staged;
  RepositoryFolder source = folder_;
  if (!overrides.files.empty()) {
    staged.emplace(TRY(StagedFolder::create(settings_.packages, name.text(), overrides.files)));
    source = TRY(RepositoryFolder::open(staged->path(), settings_.limits));
  }
  const ModelFolder folder = TRY(source.model(name.text()));
  const auto on_disk = staged ? folder_.model(name.text()) : Result<ModelFolder>(folder);
  ImportRecord& record = records_[name.text()];
  // Whoever asks wants it tried again.
  for (auto& [version, taken] : record.versions) {
    if (!taken.reason.empty()) taken.stamp = {};
  }
  auto imported = [&]() -> Result<Imported> {
    const ModelPlan plan = TRY(plan_model(source, folder, overrides.config));
    return import_model(import_parts(), source, plan, record, author);
  }();
  // What was overruled counts again when it changes; so does what was refused, but not what failed and may pass.
  record.stamp = on_disk && (!overrides.is_empty() || is_settled(record)) ? on_disk->stamp : Digest{};
  record.from_request = !on_disk.ok();
  record.reason = imported ? "" : imported.error().message;
  return imported;
}

Result<void> TritonRepository::unload(const model::ModelName& name, std::string_view principal) {
  const Turn turn(*this);
  if (!turn.is_mine()) return no_turn();
  TRY(parts_.registry.undeploy(settings_.environment, name,
                               {std::string(principal), "unload by the repository extension"}));
  const auto record = records_.find(name.text());
  if (record == records_.end()) return {};
  // A version that was to be tried again is no change of the folder.
  const auto folder = folder_.model(name.text());
  if (folder && record->second.stamp == Digest{}) record->second.stamp = folder->stamp;
  record->second.reason = kUnloaded;
  record->second.deployed.clear();
  keep();
  return {};
}

void TritonRepository::keep() {
  auto findings = std::make_shared<std::vector<ports::RepositoryFinding>>();
  for (const auto& [name, record] : records_)
    std::ranges::move(findings_of(name, record), std::back_inserter(*findings));
  for (const auto& [name, error] : failures_) findings->push_back({printable(name), 0, 0, error.message});
  for (const std::string& name : unloaded_) findings->push_back({printable(name), 0, 0, "not loaded"});
  findings_.publish(std::move(findings));
  if (records_ == kept_) return;
  const auto saved = save_records(records_, settings_.records);
  if (!saved) return complain("the record of imports cannot be kept; a start reads everything again", saved.error());
  kept_ = records_;
}

}  // namespace slipway::triton_repository
