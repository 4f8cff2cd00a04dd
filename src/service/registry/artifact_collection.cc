#include "service/registry/artifact_collection.h"

#include <set>
#include <string>

namespace slipway::registry {
namespace {

constexpr std::size_t kModelsAtOnce = 256;
constexpr std::size_t kEventsAtOnce = 1'000;

// Every artifact that a version of any model refers to.
Result<std::set<Digest>> referenced(ports::MetadataStore& metadata) {
  std::set<Digest> digests;
  std::string after;
  while (true) {
    const auto models = TRY(metadata.models(after, kModelsAtOnce));
    for (const auto& model : models) {
      for (const auto& version : TRY(metadata.versions(model.record.name))) {
        for (const model::PackageFile& file : version.record.files) digests.insert(file.digest);
      }
    }
    if (models.size() < kModelsAtOnce) return digests;
    after = models.back().record.name.text();
  }
}

// Whether a version was ever pushed here, whatever became of it.
Result<bool> ever_had_versions(ports::MetadataStore& metadata) {
  std::uint64_t after = 0;
  while (true) {
    const auto events = TRY(metadata.trail(after, kEventsAtOnce));
    for (const model::Event& event : events) {
      if (event.action == "push") return true;
    }
    if (events.size() < kEventsAtOnce) return false;
    after = events.back().sequence;
  }
}

}  // namespace

ArtifactCollection::ArtifactCollection(ports::MetadataStore& metadata, ports::ArtifactStore& artifacts, Log& log,
                                       InUse elsewhere, Removing removing, Holding holding)
    : metadata_(metadata),
      artifacts_(artifacts),
      log_(log),
      elsewhere_(std::move(elsewhere)),
      removing_(std::move(removing)),
      holding_(std::move(holding)) {}

ArtifactCollection::Lease ArtifactCollection::begin_push() {
  return begin(holding_ ? holding_() : nullptr);
}

ArtifactCollection::Lease ArtifactCollection::begin_read() {
  return begin(nullptr);
}

ArtifactCollection::Lease ArtifactCollection::begin(std::shared_ptr<void> held) {
  auto turns = turns_.lock();
  collected_.wait(turns.lock(), [&] { return !turns->collecting; });
  ++turns->pushes;
  return Lease(*this, std::move(held));
}

void ArtifactCollection::end_push() {
  bool collect_now = false;
  {
    auto turns = turns_.lock();
    --turns->pushes;
    collect_now = turns->pushes == 0 && turns->wanted;
  }
  if (collect_now) static_cast<void>(collect());  // its failure is in the log
}

bool ArtifactCollection::take_turn() {
  auto turns = turns_.lock();
  if (turns->pushes > 0 || turns->collecting) {
    turns->wanted = true;
    return false;
  }
  turns->collecting = true;
  turns->wanted = false;
  return true;
}

Result<std::size_t> ArtifactCollection::collect() {
  std::size_t removed = 0, kept = 0;
  bool again = true;
  while (again) {
    if (!take_turn()) return removed;
    const auto swept = sweep_if_allowed();
    {
      auto turns = turns_.lock();
      turns->collecting = false;
      if (!swept) turns->wanted = true;
      // Asked for while it ran: what was released meanwhile may have been counted as referenced.
      again = swept && swept->ok() && turns->wanted && turns->pushes == 0;
    }
    collected_.notify_all();
    if (!swept) return removed;
    if (!swept->ok()) {
      const auto& [code, message] = swept->error();
      if (code == ErrorCode::Conflict) {
        log_.error("artifacts were not removed", {{"error", message}});
      } else {
        log_.warning("unused artifacts were not removed", {{"error", message}});
      }
      return swept->error();
    }
    removed += (*swept)->removed;
    kept = (*swept)->kept;
  }
  if (kept > 0) {
    log_.info("unused artifacts kept: they were stored a short while ago",
              {{"count", static_cast<std::int64_t>(kept)}});
  }
  if (removed > 0) log_.info("unused artifacts removed", {{"count", static_cast<std::int64_t>(removed)}});
  return removed;
}

// None: nothing may be removed now.
std::optional<Result<ArtifactCollection::Swept>> ArtifactCollection::sweep_if_allowed() {
  if (!removing_) return sweep();
  std::optional<Result<Swept>> swept;
  removing_([&] { swept = sweep(); });
  return swept;
}

Result<ArtifactCollection::Swept> ArtifactCollection::sweep() {
  // All of the references first: with one page missing, a used artifact would look unused.
  std::set<Digest> used = TRY(referenced(metadata_));
  if (elsewhere_) {
    const auto others = TRY(elsewhere_());
    used.insert(others.begin(), others.end());
  }
  const auto held = TRY(artifacts_.list());
  TRY(expect_our_store(!used.empty(), held.size()));
  Swept swept;
  for (const Digest& digest : held) {
    if (used.contains(digest)) continue;
    TRY(artifacts_.remove(digest));
    ++(TRY(artifacts_.contains(digest)) ? swept.kept : swept.removed);
  }
  return swept;
}

// Told once, at the first look: what a push leaves later is our own.
Result<void> ArtifactCollection::expect_our_store(bool is_any_used, std::size_t held) {
  if (store_ == Store::Unknown) {
    const bool is_ours = is_any_used || held == 0 || TRY(ever_had_versions(metadata_));
    store_ = is_ours ? Store::Ours : Store::Foreign;
  }
  if (store_ == Store::Ours) return {};
  return conflict(
      "the artifact store holds " + std::to_string(held) +
      " artifacts, but when this server started its registry had never known a version and no run needed a file: they "
      "may be another registry's, so none is removed. Stop this server before anything is pushed to it (a later start "
      "would take what is not its own for unused) and give it the database that they belong to, or another artifact "
      "store; delete them by hand if nobody needs them");
}

}  // namespace slipway::registry
