// upload: a spooled file becomes an object.
#pragma once

#include "adapter/artifacts_s3/local_folder.h"
#include "adapter/artifacts_s3/s3_client.h"

namespace slipway::artifacts_s3 {

// Where content lies: "sha256/HEX" below the prefix.
std::string key_of(const Digest& digest);

// Stores the file's bytes under `digest`, in parts if they are many, a few parts at once; memory does not grow with the
// file. The server gets the SHA-256 of each request's content, and the bytes that were sent are hashed once more here:
// Corrupt if they are not those of `digest` any more, and then nothing is visible. Blocks.
Result<void> upload(S3Client& client, const SpooledFile& file, const Digest& digest);

// What of it there is to do, by at most `at_once` threads, this one among them; the first failure is the answer.
Result<void> in_parallel(std::size_t count, std::size_t at_once, const std::function<Result<void>(std::size_t)>& work);

}  // namespace slipway::artifacts_s3
