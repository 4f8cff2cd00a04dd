#include "adapter/triton_repository/model_import.h"

#include <algorithm>

#include "adapter/triton_repository/package_file.h"
#include "base/text.h"

namespace slipway::triton_repository {
namespace {

using model::Stage;
using model::VersionNumber;

constexpr std::string_view kLeftOut = "left out: the newest 32 versions are served, and no more at once";
static_assert(model::kMostShares == 32);

// One import under way.
class Import {
 public:
  Import(const ImportParts& parts, const RepositoryFolder& repository, const ModelPlan& plan, ImportRecord& record,
         const registry::Author& author)
      : parts_(parts), repository_(repository), plan_(plan), record_(record), author_(author) {}

  Result<Imported> run();

 private:
  Result<VersionNumber> take(const model::ModelName& name, const VersionPlan& version) const;
  Result<void> take_versions(const model::ModelName& name);
  bool is_known(const model::ModelName& name, const VersionPlan& version, const VersionRecord& record) const;
  Result<void> deploy(const model::ModelName& name, const model::TrafficSplit& split) const;
  bool is_stopping() const { return parts_.is_stopping && parts_.is_stopping(); }

  const ImportParts& parts_;
  const RepositoryFolder& repository_;
  const ModelPlan& plan_;
  ImportRecord& record_;
  const registry::Author& author_;
  std::vector<VersionNumber> good_;  // the registry's, the newest of the repository first
  std::optional<Error> refused_;
};

// As the last import left it, and what it took is still there to be served.
bool Import::is_known(const model::ModelName& name, const VersionPlan& version, const VersionRecord& record) const {
  if (record.stamp != version.stamp || record.reason == kLeftOut) return false;
  if (record.number == 0) return true;
  const auto stored = parts_.registry.version(name, record.number);
  return stored && stored->stage == Stage::Validated;
}

Result<VersionNumber> Import::take(const model::ModelName& name, const VersionPlan& version) const {
  if (!version.problem.empty()) return invalid_input(version.problem);
  const PackageFile file = TRY(PackageFile::create(repository_, plan_.model, version, parts_.packages));
  const auto pushed = TRY(parts_.registry.push(
      {file.path(), name.text() + "-" + std::to_string(version.number) + ".tar", name.text()}, author_));
  const model::ModelVersion& stored = pushed.version;
  if (stored.stage == Stage::Validated) return stored.number;
  const std::string found = "version " + std::to_string(stored.number) + " of the registry, which it became, is " +
                            std::string(model::name_of(stored.stage)) + ": " + stored.reason;
  // Nothing is known about a version that was not verified to the end: it is verified again.
  return stored.stage == Stage::Registered ? not_ready(found) : invalid_input(found);
}

Result<void> Import::take_versions(const model::ModelName& name) {
  std::map<VersionNumber, VersionRecord> next;
  std::size_t tried = 0, left_out = 0;
  for (const VersionPlan& version : plan_.versions) {
    if (good_.size() + left_out == plan_.wanted) break;
    if (good_.size() == model::kMostShares) {
      next[version.number] = {version.stamp, record_.versions[version.number].number, std::string(kLeftOut)};
      ++left_out;
      continue;
    }
    VersionRecord entry = record_.versions[version.number];
    ErrorCode code = ErrorCode::InvalidInput;
    if (!is_known(name, version, entry)) {
      const auto taken = take(name, version);
      if (is_stopping()) return Error{ErrorCode::Cancelled, "the server is stopping"};
      entry.stamp = taken || !may_pass(taken.error().code) ? version.stamp : Digest{};
      entry.reason = taken ? "" : taken.error().message;
      if (!taken) code = taken.error().code;
      if (taken) entry.number = *taken;
      parts_.log.write(taken ? LogLevel::Info : LogLevel::Warning, taken ? "version taken" : "version not taken",
                       {{"model", plan_.model},
                        {"folder", static_cast<std::int64_t>(version.number)},
                        {"version", static_cast<std::int64_t>(entry.number)},
                        {"reason", entry.reason}});
    }
    if (!entry.reason.empty() && !refused_ && tried < plan_.wanted) {
      refused_ = Error{code, "version " + std::to_string(version.number) + ": " + entry.reason};
    }
    ++tried;
    if (entry.number != 0) good_.push_back(entry.number);
    next.emplace(version.number, std::move(entry));
  }
  record_.versions = std::move(next);
  if (left_out > 0) {
    parts_.log.warning(
        "versions left out",
        {{"model", plan_.model}, {"versions", static_cast<std::int64_t>(left_out)}, {"reason", kLeftOut}});
  }
  return {};
}

Result<void> Import::deploy(const model::ModelName& name, const model::TrafficSplit& split) const {
  TRY(parts_.registry.deploy(parts_.environment, name, split, std::nullopt, author_));
  return {};
}

Result<Imported> Import::run() {
  const auto name = TRY(model::ModelName::parse(plan_.model));
  for (const std::string& note : plan_.notes) {
    parts_.log.info("configuration", {{"model", plan_.model}, {"note", note}});
  }
  TRY(take_versions(name));
  if (good_.empty()) return refused_ ? *refused_ : invalid_input("expected a version, found none");
  std::vector<model::Share> shares;
  for (const VersionNumber number : good_) {
    shares.push_back({number, shares.empty() ? model::kWhole : model::BasisPoints{0}});
  }
  Imported imported{TRY(model::TrafficSplit::parse(std::move(shares))), std::move(refused_)};
  TRY(deploy(name, imported.split));
  record_.deployed = good_;
  return imported;
}

}  // namespace

bool may_pass(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidInput:
    case ErrorCode::NotFound:
    case ErrorCode::Denied:
    case ErrorCode::Unimplemented:
    case ErrorCode::Corrupt:
      return false;
    case ErrorCode::Conflict:
    case ErrorCode::NotReady:
    case ErrorCode::Overloaded:
    case ErrorCode::DeadlineExceeded:
    case ErrorCode::Cancelled:
    case ErrorCode::Unavailable:
    case ErrorCode::Internal:
      return true;
  }
  return true;
}

Result<Imported> import_model(const ImportParts& parts, const RepositoryFolder& repository, const ModelPlan& plan,
                              ImportRecord& record, const registry::Author& author) {
  return Import(parts, repository, plan, record, author).run();
}

}  // namespace slipway::triton_repository
