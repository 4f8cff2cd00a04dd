#include "adapter/artifacts_s3/object_content.h"

#include <algorithm>
#include <string>
#include <vector>

#include "adapter/artifacts_s3/upload.h"

namespace slipway::artifacts_s3 {
namespace {

constexpr std::uint64_t kPart = 8 << 20;

class ObjectContent final : public ports::Content {
 public:
  ObjectContent(S3Client& client, const Digest& digest, std::uint64_t size)
      : client_(client), digest_(digest), size_(size) {}

  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(MutableByteSpan into) override {
    std::size_t done = 0;
    while (done < into.size() && given_ < size_) {
      if (at_ == part_.size()) TRY(fetch());
      const std::size_t count = std::min(into.size() - done, part_.size() - at_);
      std::copy_n(part_.begin() + static_cast<std::ptrdiff_t>(at_), count,
                  into.begin() + static_cast<std::ptrdiff_t>(done));
      at_ += count;
      done += count;
      given_ += count;
    }
    return done;
  }

 private:
  // The next part; the last one only if all of them are what they should be.
  Result<void> fetch() {
    const std::uint64_t count = std::min(kPart, size_ - given_);
    S3Request request{.method = Method::Get, .key = key_of(digest_), .query = {}, .text = {}};
    const std::string first = std::to_string(given_);
    request.range = "bytes=" + first + "-" + std::to_string(given_ + count - 1);
    request.most = Bytes{count};
    for (Attempts attempts = client_.attempts();;) {
      part_.clear();
      at_ = 0;
      request.into = &part_;
      const S3Answer answer = client_.once(request);
      const Meaning meaning = meaning_of(answer);
      if (meaning == Meaning::Absent) return not_found(shown() + " was removed while it was read");
      const bool is_whole = answer.status == 200 && given_ == 0 && count == size_;
      const bool is_part = answer.status == 206 && answer.content_range.starts_with("bytes " + first + "-");
      const bool is_expected = (is_whole || is_part) && part_.size() == count;
      if (meaning == Meaning::Done && is_expected) break;
      if (meaning == Meaning::Done) return corrupt(shown() + ": expected bytes " + first + " and on, found others");
      if (meaning == Meaning::Refused || !attempts.again(std::nullopt))
        return client_.error_of(request, answer, attempts.made());
    }
    hash_.update(part_);
    if (given_ + count < size_) return {};
    const Digest found = hash_.finish();
    if (found == digest_) return {};
    return corrupt(shown() + ": expected content of SHA-256 " + digest_.hex() + ", found " + found.hex() +
                   "; it was damaged after it was stored, push the same package again to heal it");
  }
  std::string shown() const { return client_.address().shown() + ": " + key_of(digest_); }

  S3Client& client_;
  const Digest digest_;
  const std::uint64_t size_;
  std::uint64_t given_ = 0;
  std::vector<std::byte> part_;
  std::size_t at_ = 0;
  Sha256 hash_;
};

}  // namespace

Result<std::unique_ptr<ports::Content>> open_object(S3Client& client, const Digest& digest) {
  const S3Answer answer = TRY(client.run({.method = Method::Head, .key = key_of(digest), .query = {}, .text = {}}));
  if (meaning_of(answer) == Meaning::Absent) {
    return not_found("artifact sha256:" + digest.hex() + " is not stored in " + client.address().shown());
  }
  if (!answer.content_length) {
    return unavailable(client.address().shown() + ": expected the length of " + key_of(digest) + ", found none");
  }
  return std::unique_ptr<ports::Content>(std::make_unique<ObjectContent>(client, digest, *answer.content_length));
}

}  // namespace slipway::artifacts_s3
