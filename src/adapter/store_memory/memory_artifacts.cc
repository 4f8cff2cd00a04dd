#include "adapter/store_memory/memory_artifacts.h"

#include <algorithm>

namespace slipway::store_memory {

namespace {

using Contents = std::map<Digest, std::vector<std::byte>>;

Result<std::vector<std::byte>> read_from(const Contents& contents, const Digest& digest, Bytes limit) {
  const auto found = contents.find(digest);
  if (found == contents.end()) return not_found("artifact sha256:" + digest.hex() + " is not stored");
  if (found->second.size() > limit.count) {
    return invalid_input("artifact sha256:" + digest.hex() + ": expected at most " + to_string(limit) + ", found " +
                         std::to_string(found->second.size()) + " bytes");
  }
  if (sha256(found->second) != digest) {
    return corrupt("artifact sha256:" + digest.hex() + ": the bytes do not match its digest");
  }
  return found->second;
}

class KeptContent final : public ports::Content {
 public:
  explicit KeptContent(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read(MutableByteSpan into) override {
    const std::size_t count = std::min(into.size(), bytes_.size() - at_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), count, into.begin());
    at_ += count;
    return count;
  }

 private:
  const std::vector<std::byte> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

class MemoryArtifacts::Writer final : public ports::ArtifactWriter {
 public:
  explicit Writer(const Guarded<Contents>& contents) : contents_(contents) {}

  Result<void> write(ByteSpan bytes) override {
    content_.insert(content_.end(), bytes.begin(), bytes.end());
    return {};
  }
  Result<Digest> finish() override {
    const Digest digest = sha256(content_);
    contents_.lock()->insert_or_assign(digest, std::move(content_));
    return digest;
  }

 private:
  const Guarded<Contents>& contents_;
  std::vector<std::byte> content_;
};

class MemoryArtifacts::Batch final : public ports::ArtifactBatch {
 public:
  explicit Batch(MemoryArtifacts& store) : store_(store) {}

  Result<std::unique_ptr<ports::ArtifactWriter>> create() override {
    return std::unique_ptr<ports::ArtifactWriter>(std::make_unique<Writer>(own_));
  }
  Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) override {
    if (own_.lock()->contains(digest)) return read_from(*own_.lock(), digest, limit);
    return store_.read(digest, limit);
  }
  Result<void> commit() override {
    auto contents = store_.contents_.lock();
    auto own = own_.lock();
    for (auto& [digest, content] : *own) contents->insert_or_assign(digest, std::move(content));
    own->clear();
    return {};
  }

 private:
  MemoryArtifacts& store_;
  Guarded<Contents> own_;
};

Result<std::unique_ptr<ports::ArtifactWriter>> MemoryArtifacts::create() {
  return std::unique_ptr<ports::ArtifactWriter>(std::make_unique<Writer>(contents_));
}

Result<std::unique_ptr<ports::ArtifactBatch>> MemoryArtifacts::begin_batch() {
  return std::unique_ptr<ports::ArtifactBatch>(std::make_unique<Batch>(*this));
}

Result<std::vector<std::byte>> MemoryArtifacts::read(const Digest& digest, Bytes limit) {
  return read_from(*contents_.lock(), digest, limit);
}

Result<void> MemoryArtifacts::pour(const Digest& digest, Bytes limit, const ports::TakePiece& take) {
  return take(TRY(read(digest, limit)));
}

Result<std::unique_ptr<ports::Content>> MemoryArtifacts::content(const Digest& digest) {
  auto bytes = TRY(read(digest, Bytes{SIZE_MAX}));
  return std::unique_ptr<ports::Content>(std::make_unique<KeptContent>(std::move(bytes)));
}

void MemoryArtifacts::damage(const Digest& digest) {
  contents_.lock()->at(digest).front() ^= std::byte{1};
}

Result<bool> MemoryArtifacts::contains(const Digest& digest) {
  return contents_.lock()->contains(digest);
}

Result<void> MemoryArtifacts::remove(const Digest& digest) {
  contents_.lock()->erase(digest);
  return {};
}

Result<std::vector<Digest>> MemoryArtifacts::list() {
  auto contents = contents_.lock();
  std::vector<Digest> digests;
  for (const auto& [digest, content] : *contents) digests.push_back(digest);
  return digests;
}

}  // namespace slipway::store_memory
