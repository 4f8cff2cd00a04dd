#include "app/commands/artifact_transfer.h"

namespace slipway::app {
namespace {

// What becomes durable together: one journal write for many small files, and not too much to do again.
constexpr std::size_t kMostTogether = 256;
constexpr std::uint64_t kMostBytesTogether = std::uint64_t{1} << 30;

Result<void> copy_one(const artifacts_filesystem::ArtifactFolder& from, ports::ArtifactBatch& into,
                      const Digest& digest, Pace& pace) {
  auto writer = TRY(into.create());
  const Digest found = TRY(from.read(digest, [&](ByteSpan bytes) {
    pace.spend(bytes.size());
    return writer->write(bytes);
  }));
  // Before it is in the batch: what is wrong never comes into the store.
  if (found != digest) {
    return corrupt(from.shown(digest) + ": expected content of SHA-256 " + digest.hex() + ", found " + found.hex());
  }
  const Digest written = TRY(writer->finish());
  if (written == digest) return {};
  return internal_error("an artifact changed between reading and writing: " + digest.hex());
}

}  // namespace

Result<Transfer> transfer(const artifacts_filesystem::ArtifactFolder& from, ports::ArtifactStore& into,
                          const Needed& wanted, Pace& pace, std::optional<Digest>& at) {
  Transfer done;
  std::unique_ptr<ports::ArtifactBatch> batch;
  std::size_t together = 0;
  std::uint64_t bytes = 0;
  const auto commit = [&]() -> Result<void> {
    if (batch) TRY(batch->commit());
    batch.reset();
    together = bytes = 0;
    return {};
  };
  for (const auto& [digest, size] : wanted) {
    at = digest;
    if (TRY(into.contains(digest))) {
      ++done.there_already;
      continue;
    }
    if (!batch) batch = TRY(into.begin_batch());
    TRY(copy_one(from, *batch, digest, pace));
    ++done.copied;
    done.copied_bytes += size;
    bytes += size;
    if (++together == kMostTogether || bytes >= kMostBytesTogether) TRY(commit());
  }
  at.reset();
  TRY(commit());
  return done;
}

}  // namespace slipway::app
