#include "adapter/artifacts_s3/download.h"

#include "adapter/artifacts_s3/upload.h"

namespace slipway::artifacts_s3 {
namespace {

// "bytes 5-9/10" begins where it was asked to.
bool continues_at(const S3Answer& answer, std::size_t offset) {
  return answer.status == 206 && answer.content_range.starts_with("bytes " + std::to_string(offset) + "-");
}

}  // namespace

Result<std::vector<std::byte>> download(S3Client& client, const Digest& digest, Bytes limit) {
  constexpr int kMostMismatches = 2;
  constexpr std::size_t kProgress = 1 << 20;  // so that a limit on the content also limits the attempts
  std::vector<std::byte> content;
  Attempts attempts = client.attempts();
  int mismatches = 0;
  std::size_t furthest = 0;  // where an attempt went on
  while (true) {
    std::vector<std::byte> rest;
    S3Request request{.method = Method::Get, .key = key_of(digest), .query = {}, .text = {}};
    const std::size_t offset = content.size();
    if (offset > 0) request.range = "bytes=" + std::to_string(offset) + "-";
    request.most = {limit.count - offset};
    request.into = offset == 0 ? &content : &rest;
    const S3Answer answer = client.once(request);
    if (answer.is_too_large) {
      const std::string size = answer.content_length ? std::to_string(offset + *answer.content_length) : "more";
      return invalid_input("artifact sha256:" + digest.hex() + ": expected at most " + to_string(limit) + ", found " +
                           size + " bytes");
    }
    const Meaning meaning = meaning_of(answer);
    if (meaning == Meaning::Absent) {
      return not_found("artifact sha256:" + digest.hex() + " is not stored in " + client.address().shown());
    }
    if (offset > 0) {
      if (continues_at(answer, offset))
        content.insert(content.end(), rest.begin(), rest.end());
      else if (answer.status != 0)
        content.clear();  // it does not know ranges, or another thing lies there now
    }
    if (meaning == Meaning::Done && (offset == 0 || !content.empty())) {
      const Digest found = sha256(content);
      if (found == digest) return content;
      content = {};
      if (++mismatches == kMostMismatches || !attempts.again(std::nullopt)) {
        return corrupt(client.address().shown() + ": " + key_of(digest) + ": expected content of SHA-256 " +
                       digest.hex() + ", found " + found.hex() +
                       "; it was damaged after it was stored, push the same package again to heal it");
      }
      continue;
    }
    if (content.size() >= furthest + kProgress) {
      furthest = content.size();
      attempts.went_on();
    }
    const bool is_refused = meaning == Meaning::Refused && !(offset > 0 && answer.status == 416);
    if (is_refused || !attempts.again(wait_asked(answer))) return client.error_of(request, answer, attempts.made());
  }
}

}  // namespace slipway::artifacts_s3
