// open_object: an object's content, part by part.
#pragma once

#include <memory>

#include "adapter/artifacts_s3/s3_client.h"
#include "base/digest.h"
#include "ports/content.h"

namespace slipway::artifacts_s3 {

// Holds one part of 8 MiB; a part that breaks is asked for again. Borrows the client. NotFound; else as S3Client::run()
// fails.
Result<std::unique_ptr<ports::Content>> open_object(S3Client& client, const Digest& digest);

}  // namespace slipway::artifacts_s3
