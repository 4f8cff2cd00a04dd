#include "adapter/artifacts_s3/s3_artifacts.h"

#include <set>

#include "adapter/artifacts_s3/download.h"
#include "adapter/artifacts_s3/object_content.h"
#include "adapter/artifacts_s3/upload.h"
#include "base/text.h"

namespace slipway::artifacts_s3 {
namespace {

constexpr std::size_t kFilesAtOnce = 4;
constexpr std::string_view kFolder = "sha256/";

std::string list_query(const S3Address& address, const std::string& token, std::string_view most) {
  std::string query;  // sorted by name, as it is signed
  if (!token.empty()) query = "continuation-token=" + percent_encoded(token) + "&";
  return query + "list-type=2&max-keys=" + std::string(most) + "&prefix=" + percent_encoded(address.full_key(kFolder));
}

}  // namespace

// Its file stays open while it is written.
class S3Artifacts::Writer final : public ports::ArtifactWriter {
 public:
  using Finish = std::function<Result<void>(const Digest&, SpooledFile)>;
  Writer(SpooledFile file, Finish finish) : file_(std::move(file)), finish_(std::move(finish)) {}

  Result<void> write(ByteSpan bytes) override {
    hash_.update(bytes);
    return file_.write(bytes);
  }
  Result<Digest> finish() override {
    const Digest digest = hash_.finish();
    file_.close();
    TRY(finish_(digest, std::move(file_)));
    return digest;
  }

 private:
  SpooledFile file_;
  Sha256 hash_;
  const Finish finish_;
};

// Nothing of it is in the bucket before commit().
class S3Artifacts::Batch final : public ports::ArtifactBatch {
 public:
  explicit Batch(S3Artifacts& store) : store_(store) {}

  Result<std::unique_ptr<ports::ArtifactWriter>> create() override {
    SpooledFile file = TRY(store_.folder_->create());
    return std::unique_ptr<ports::ArtifactWriter>(
        std::make_unique<Writer>(std::move(file), [this](const Digest& digest, SpooledFile finished) -> Result<void> {
          own_.emplace(digest, std::move(finished));
          return {};
        }));
  }

  Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) override {
    const auto own = own_.find(digest);
    return own == own_.end() ? store_.read(digest, limit) : own->second.read(digest, limit);
  }

  Result<void> commit() override {
    std::vector<std::pair<const Digest, SpooledFile>*> files;
    for (auto& entry : own_) files.push_back(&entry);
    TRY(in_parallel(files.size(), kFilesAtOnce, [&](std::size_t i) -> Result<void> {
      auto& [digest, file] = *files[i];
      TRY(upload(*store_.client_, file, digest));
      store_.folder_->keep(digest, file);
      return {};
    }));
    own_.clear();
    return {};
  }

 private:
  S3Artifacts& store_;
  std::map<Digest, SpooledFile> own_;
};

Result<std::unique_ptr<S3Artifacts>> S3Artifacts::open(S3Settings settings, const std::string& folder, Bytes copies,
                                                       Log& log, S3Surroundings surroundings) {
  auto client = TRY(S3Client::create(std::move(settings), std::move(surroundings)));
  auto local = TRY(LocalFolder::open(folder, copies));
  const S3Request request{
      .method = Method::Get, .key = {}, .query = list_query(client->address(), "", "1"), .text = {}};
  const S3Answer answer = client->once(request);
  switch (meaning_of(answer)) {
    case Meaning::Done:
      break;
    case Meaning::Again:
      log.warning("the artifacts' bucket cannot be reached now",
                  {{"error", client->error_of(request, answer, 1).message}});
      break;
    case Meaning::Absent:
    case Meaning::Refused:
      return invalid_input(client->error_of(request, answer, 1).message);
  }
  return std::unique_ptr<S3Artifacts>(new S3Artifacts(std::move(client), std::move(local)));
}

Result<std::unique_ptr<ports::ArtifactWriter>> S3Artifacts::create() {
  SpooledFile file = TRY(folder_->create());
  return std::unique_ptr<ports::ArtifactWriter>(
      std::make_unique<Writer>(std::move(file), [this](const Digest& digest, SpooledFile finished) -> Result<void> {
        TRY(upload(*client_, finished, digest));
        folder_->keep(digest, finished);
        return {};
      }));
}

Result<std::unique_ptr<ports::ArtifactBatch>> S3Artifacts::begin_batch() {
  return std::unique_ptr<ports::ArtifactBatch>(std::make_unique<Batch>(*this));
}

Result<std::vector<std::byte>> S3Artifacts::read(const Digest& digest, Bytes limit) {
  if (auto copy = folder_->read(digest, limit)) return *std::move(copy);
  auto content = TRY(download(*client_, digest, limit));
  folder_->keep(digest, content);
  return content;
}

// Whole, as a damaged copy is found only at its end, and is fetched anew then.
Result<void> S3Artifacts::pour(const Digest& digest, Bytes limit, const ports::TakePiece& take) {
  return take(TRY(read(digest, limit)));
}

Result<std::unique_ptr<ports::Content>> S3Artifacts::content(const Digest& digest) {
  return open_object(*client_, digest);
}

Result<bool> S3Artifacts::contains(const Digest& digest) {
  const auto answer = TRY(client_->run({.method = Method::Head, .key = key_of(digest), .query = {}, .text = {}}));
  return meaning_of(answer) == Meaning::Done;
}

Result<void> S3Artifacts::remove(const Digest& digest) {
  if (client_->settings().young > Duration(0)) {
    const auto found = TRY(client_->run({.method = Method::Head, .key = key_of(digest), .query = {}, .text = {}}));
    if (meaning_of(found) == Meaning::Absent) return {};
    const auto age = age_of(found);
    if (!age || *age < client_->settings().young) return {};
  }
  folder_->forget(digest);
  TRY(client_->run({.method = Method::Delete, .key = key_of(digest), .query = {}, .text = {}}));
  return {};
}

Result<std::vector<Digest>> S3Artifacts::list() {
  std::vector<Digest> digests;
  std::set<std::string> seen;
  const std::string folder = client_->address().full_key(kFolder);
  for (std::string token;;) {
    const auto answer = TRY(client_->run(
        {.method = Method::Get, .key = {}, .query = list_query(client_->address(), token, "1000"), .text = {}}));
    auto page = parse_list(answer.body);
    if (!page.ok()) return std::move(page).error().within(client_->address().shown());
    for (const std::string& key : page->keys) {
      if (!key.starts_with(folder)) continue;
      const auto digest = parse_digest(std::string_view(key).substr(folder.size()));
      if (digest && folder + digest->hex() == key) digests.push_back(*digest);  // anything else is not ours to touch
    }
    if (page->next.empty()) return digests;
    token = page->next;
    if (!seen.insert(token).second) {
      return corrupt(client_->address().shown() + ": expected a list that ends, found the continuation \"" +
                     printable(token) + "\" twice");
    }
  }
}

}  // namespace slipway::artifacts_s3
