// make_durable: many files and folders at once.
#pragma once

#include <span>

#include "adapter/artifacts_filesystem/folder.h"

namespace slipway::artifacts_filesystem {

// fsyncs all of them, a few at the same time: a file system's journal makes those that wait together durable in one
// write. Blocks until each has come back; the first failure is the answer, and is final: the kernel may have dropped
// the pages, so a second fsync would lie.
Result<void> make_durable(std::span<const Descriptor> descriptors, const std::string& shown);

}  // namespace slipway::artifacts_filesystem
