// An ArtifactStore in memory, for the tests and fuzz targets of this room.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "ports/artifact_store.h"

namespace slipway::package_reader {

// One thread.
class MemoryArtifacts final : public ports::ArtifactStore {
 public:
  using Content = std::vector<std::byte>;

  Result<std::unique_ptr<ports::ArtifactWriter>> create() override {
    return std::unique_ptr<ports::ArtifactWriter>(std::make_unique<Writer>(*this));
  }
  Result<Content> read(const Digest& digest, Bytes limit) override {
    const auto at = contents_.find(digest);
    if (at == contents_.end()) return not_found("no such artifact");
    if (at->second.size() > limit.count) return invalid_input("larger than the limit");
    if (sha256(at->second) != digest) return corrupt("the artifact's bytes do not match its digest");
    return at->second;
  }
  Result<bool> contains(const Digest& digest) override { return contents_.contains(digest); }
  Result<void> remove(const Digest& digest) override {
    contents_.erase(digest);
    return {};
  }
  Result<std::vector<Digest>> list() override {
    std::vector<Digest> digests;
    for (const auto& [digest, content] : contents_) digests.push_back(digest);
    return digests;
  }
  // Changes the stored bytes, as nobody should. Requires: stored and not empty.
  void damage(const Digest& digest) { contents_.at(digest).front() ^= std::byte{1}; }

 private:
  class Writer final : public ports::ArtifactWriter {
   public:
    explicit Writer(MemoryArtifacts& store) : store_(store) {}
    Result<void> write(ByteSpan bytes) override {
      content_.insert(content_.end(), bytes.begin(), bytes.end());
      return {};
    }
    Result<Digest> finish() override {
      const Digest digest = sha256(content_);
      store_.contents_[digest] = std::move(content_);
      return digest;
    }

   private:
    MemoryArtifacts& store_;
    Content content_;
  };

  std::map<Digest, Content> contents_;
};

}  // namespace slipway::package_reader
