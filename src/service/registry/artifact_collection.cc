#include "service/registry/artifact_collection.h"

#include <set>
#include <string>

namespace slipway::registry {
namespace {

constexpr std::size_t kModelsAtOnce = 256;

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
  auto held = holding_ ? holding_() : nullptr;
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
  std::size_t removed = 0;
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
      log_.warning("unused artifacts were not removed", {{"error", swept->error().message}});
      return swept->error();
    }
    removed += **swept;
  }
  if (removed > 0) log_.info("unused artifacts removed", {{"count", static_cast<std::int64_t>(removed)}});
  return removed;
}

// None: nothing may be removed now.
std::optional<Result<std::size_t>> ArtifactCollection::sweep_if_allowed() {
  if (!removing_) return sweep();
  std::optional<Result<std::size_t>> swept;
  removing_([&] { swept = sweep(); });
  return swept;
}

Result<std::size_t> ArtifactCollection::sweep() {
  // All of the references first: with one page missing, a used artifact would look unused.
  std::set<Digest> used = TRY(referenced(metadata_));
  if (elsewhere_) {
    const auto others = TRY(elsewhere_());
    used.insert(others.begin(), others.end());
  }
  std::size_t removed = 0;
  for (const Digest& digest : TRY(artifacts_.list())) {
    if (used.contains(digest)) continue;
    TRY(artifacts_.remove(digest));
    ++removed;
  }
  return removed;
}

}  // namespace slipway::registry
