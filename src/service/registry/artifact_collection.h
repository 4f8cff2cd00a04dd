// ArtifactCollection: removes artifacts no version refers to, never while a push may be about to refer to one.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"
#include "base/result.h"
#include "ports/artifact_store.h"
#include "ports/metadata_store.h"

namespace slipway::registry {

// Owned by the Registry. Any thread. A push holds a Lease from before its artifacts enter the store until its
// version is recorded; collecting and pushing exclude each other. A store that holds artifacts while the registry never
// had a version may be another registry's: then nothing is removed until the next start.
class ArtifactCollection {
 public:
  using InUse = std::function<Result<std::vector<Digest>>()>;

  // Runs what removes artifacts, or leaves it undone where nothing may be removed now.
  using Removing = std::function<void(const std::function<void()>&)>;

  // Keeps other processes from removing artifacts while what it returns lives.
  using Holding = std::function<std::shared_ptr<void>()>;

  // `elsewhere`: what is in use besides the versions' files; may be none. `removing`: none: always.
  ArtifactCollection(ports::MetadataStore& metadata, ports::ArtifactStore& artifacts, Log& log, InUse elsewhere = {},
                     Removing removing = {}, Holding holding = {});

  // While it lives, nothing is collected.
  class Lease {
   public:
    Lease(ArtifactCollection& collection, std::shared_ptr<void> held)
        : collection_(collection), held_(std::move(held)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { collection_.end_push(); }

   private:
    ArtifactCollection& collection_;
    const std::shared_ptr<void> held_;
  };
  // Both block while a collection runs. A read asks no other process: what it reads is referred to, and the worst is
  // that it fails, as it would a moment later, when another one removes the last reference and the artifact meanwhile.
  [[nodiscard]] Lease begin_push();
  [[nodiscard]] Lease begin_read();

  // Collects now and returns how many artifacts went, or 0 at once when a push or another collection is in progress;
  // then it happens after the last of these. Also 0 where nothing may be removed now: the next collection or the next
  // push that ends tries again. What the store keeps, for it is young, is not counted: it goes with a later collection.
  // Conflict: the store may be another registry's.
  Result<std::size_t> collect();

 private:
  struct Turns {
    std::size_t pushes = 0;
    bool collecting = false;
    bool wanted = false;
  };
  Lease begin(std::shared_ptr<void> held);
  void end_push();
  bool take_turn();
  struct Swept {
    std::size_t removed = 0;
    std::size_t kept = 0;  // by the store
  };
  std::optional<Result<Swept>> sweep_if_allowed();
  Result<Swept> sweep();
  Result<void> expect_our_store(bool is_any_used, std::size_t held);

  ports::MetadataStore& metadata_;
  ports::ArtifactStore& artifacts_;
  Log& log_;
  const InUse elsewhere_;
  const Removing removing_;
  const Holding holding_;
  enum class Store : std::uint8_t { Unknown, Ours, Foreign };
  Store store_ = Store::Unknown;  // whose turn it is to collect has it
  Guarded<Turns> turns_;
  std::condition_variable collected_;
};

}  // namespace slipway::registry
