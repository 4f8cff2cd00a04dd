#include "adapter/artifacts_s3/upload.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

#include "base/text.h"

namespace slipway::artifacts_s3 {
namespace {

constexpr std::uint64_t kMostParts = 10'000;  // S3's own limit
constexpr std::size_t kPartsAtOnce = 4;

// The digest of a piece; `whole`, unless null, gets the same bytes.
Result<Digest> digest_of(const FileRange& piece, Sha256* whole) {
  Sha256 hash;
  std::array<std::byte, 64 << 10> buffer;
  for (std::uint64_t done = 0; done < piece.size;) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), piece.size - done);
    const ssize_t got = ::pread(piece.file, buffer.data(), wanted, static_cast<off_t>(piece.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("reading an artifact on its way to S3");
    if (got == 0) return corrupt("an artifact on its way to S3 became shorter while it was read");
    const ByteSpan bytes = std::span(buffer).first(static_cast<std::size_t>(got));
    hash.update(bytes);
    if (whole) whole->update(bytes);
    done += static_cast<std::uint64_t>(got);
  }
  return hash.finish();
}

Error not_the_content(const Digest& expected, const Digest& found) {
  return corrupt("an artifact on its way to S3 was damaged: expected content of SHA-256 " + expected.hex() +
                 ", found " + found.hex());
}

Result<S3Answer> put(S3Client& client, const Digest& digest, std::string query, const FileRange& piece,
                     const Digest& piece_digest) {
  auto answer = TRY(client.run({.method = Method::Put,
                                .key = key_of(digest),
                                .query = std::move(query),
                                .text = {},
                                .content = piece,
                                .digest = piece_digest,
                                .range = {}}));
  if (meaning_of(answer) == Meaning::Absent) {
    return unavailable(client.address().shown() + ": PUT " + key_of(digest) + ": " + describe(answer));
  }
  return answer;
}

Result<void> upload_whole(S3Client& client, const FileRange& file, const Digest& digest) {
  const Digest found = TRY(digest_of(file, nullptr));
  if (found != digest) return not_the_content(digest, found);
  TRY(put(client, digest, "", file, digest));
  return {};
}

// One upload in parts: begun by its constructor's caller, and given up by its destructor unless it was completed.
class PartedUpload {
 public:
  PartedUpload(S3Client& client, const Digest& digest, std::string id)
      : client_(client), digest_(digest), id_(std::move(id)) {}
  ~PartedUpload() {
    if (!completed_) {
      static_cast<void>(client_.once({.method = Method::Delete, .key = key_of(digest_), .query = query(), .text = {}}));
    }
  }
  PartedUpload(const PartedUpload&) = delete;
  PartedUpload& operator=(const PartedUpload&) = delete;

  std::string query() const { return "uploadId=" + percent_encoded(id_); }

  Result<void> complete(const std::vector<std::string>& etags, std::uint64_t size) {
    std::string text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (std::size_t i = 0; i < etags.size(); ++i) {
      text += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + etags[i] + "</ETag></Part>";
    }
    text += "</CompleteMultipartUpload>";
    S3Request request{.method = Method::Post, .key = key_of(digest_), .query = query(), .text = std::move(text)};
    request.digest = sha256(as_bytes(request.text));
    request.completes = true;
    const TimePoint asked_at = SystemClock().now();
    Attempts attempts = client_.attempts();
    while (true) {
      S3Answer answer = client_.once(request);
      // 200 comes before it is known, and an error may follow in the body.
      const bool failed_late = meaning_of(answer) == Meaning::Done &&
                               as_text(answer.body).find("<CompleteMultipartUploadResult") == std::string_view::npos;
      if (meaning_of(answer) == Meaning::Done && !failed_late) break;
      // An answer that was lost may have been a yes, after which the upload is not known any more.
      if (attempts.made() > 1 && code_of(answer) == "NoSuchUpload" && is_stored(size)) break;
      const bool may_help = meaning_of(answer) == Meaning::Again || failed_late;
      if (may_help && attempts.again(wait_asked(answer))) continue;
      if (may_help && is_stored(size, SystemClock().now() - asked_at)) break;
      return client_.error_of(request, answer, attempts.made());
    }
    completed_ = true;
    if (!is_stored(size)) {
      return unavailable(client_.address().shown() + ": " + key_of(digest_) + ": expected an object of " +
                         std::to_string(size) + " bytes once its parts were completed, found none");
    }
    return {};
  }

 private:
  // `within`: no longer ago than that, for an older one may be what this upload heals.
  bool is_stored(std::uint64_t size, std::optional<Duration> within = std::nullopt) {
    constexpr auto kPrecision = std::chrono::seconds(1);  // of the times that the server tells
    const auto answer = client_.run({.method = Method::Head, .key = key_of(digest_), .query = {}, .text = {}});
    if (!answer.ok() || meaning_of(*answer) != Meaning::Done || answer->content_length != size) return false;
    if (!within) return true;
    const auto age = age_of(*answer);
    return age && *age <= *within + kPrecision;
  }

  S3Client& client_;
  const Digest digest_;
  const std::string id_;
  bool completed_ = false;
};

Result<std::string> begin(S3Client& client, const Digest& digest) {
  const auto answer = TRY(client.run({.method = Method::Post, .key = key_of(digest), .query = "uploads=", .text = {}}));
  auto id = element_text(as_text(answer.body), "UploadId");
  if (!id || id->empty()) {
    return unavailable(client.address().shown() + ": POST " + key_of(digest) +
                       ": expected the UploadId of a new upload, found \"" + printable(as_text(answer.body)) + "\"");
  }
  return *std::move(id);
}

// An ETag goes back into XML; it is quoted hexadecimal everywhere.
Result<std::string> checked_etag(const S3Answer& answer) {
  const std::string& etag = answer.etag;
  const bool is_plain = !etag.empty() && std::ranges::all_of(etag, [](char c) {
    return c == '"' || c == '-' || c == '+' || c == '/' || c == '=' || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (!is_plain) return unavailable("expected an ETag for a part, found \"" + printable(etag) + "\"");
  return etag;
}

Result<void> upload_parts(S3Client& client, const FileRange& file, const Digest& digest) {
  const std::uint64_t mebibyte = mebibytes(1).count;
  const std::uint64_t needed = (file.size + kMostParts - 1) / kMostParts;
  const std::uint64_t part = std::max(client.settings().part.count, (needed + mebibyte - 1) / mebibyte * mebibyte);
  const std::size_t count = (file.size + part - 1) / part;
  std::vector<FileRange> pieces;
  std::vector<Digest> digests;
  Sha256 whole;
  for (std::size_t i = 0; i < count; ++i) {
    pieces.push_back({file.file, i * part, std::min(part, file.size - i * part)});
    digests.push_back(TRY(digest_of(pieces.back(), &whole)));
  }
  if (const Digest found = whole.finish(); found != digest) return not_the_content(digest, found);

  PartedUpload parts(client, digest, TRY(begin(client, digest)));
  std::vector<std::string> etags(count);
  TRY(in_parallel(count, kPartsAtOnce, [&](std::size_t i) -> Result<void> {
    const std::string query = "partNumber=" + std::to_string(i + 1) + "&" + parts.query();
    const S3Answer answer = TRY(put(client, digest, query, pieces[i], digests[i]));
    etags[i] = TRY(checked_etag(answer));
    return {};
  }));
  return parts.complete(etags, file.size);
}

}  // namespace

std::string key_of(const Digest& digest) {
  return "sha256/" + digest.hex();
}

Result<void> upload(S3Client& client, const SpooledFile& file, const Digest& digest) {
  const Descriptor opened = TRY(file.open_to_read());
  const FileRange all{opened.fd(), 0, file.size()};
  return all.size > client.settings().part.count ? upload_parts(client, all, digest)
                                                 : upload_whole(client, all, digest);
}

Result<void> in_parallel(std::size_t count, std::size_t at_once, const std::function<Result<void>(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  Guarded<std::optional<Error>> failure;
  const auto loop = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      auto done = work(i);
      if (done.ok()) continue;
      next = count;  // the others finish what they have begun
      auto first = failure.lock();
      if (!*first) *first = std::move(done).error();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(at_once, count); ++i) {
      try {
        others.emplace_back(loop);
        pthread_setname_np(others.back().native_handle(), "s3");
      } catch (const std::system_error&) {
        break;  // no more threads to be had: those there are do it all
      }
    }
    loop();
  }
  auto first = failure.lock();
  if (*first) return **std::move(first);
  return {};
}

}  // namespace slipway::artifacts_s3
