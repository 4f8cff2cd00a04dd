// download: an object's content, whole and verified.
#pragma once

#include <vector>

#include "adapter/artifacts_s3/s3_client.h"
#include "base/digest.h"

namespace slipway::artifacts_s3 {

// Goes on where a connection broke. What is returned is what was hashed: content of another digest is fetched once more
// from its beginning, and is Corrupt then. NotFound; InvalidInput: more than `limit`; else as S3Client::run() fails.
Result<std::vector<std::byte>> download(S3Client& client, const Digest& digest, Bytes limit);

}  // namespace slipway::artifacts_s3
