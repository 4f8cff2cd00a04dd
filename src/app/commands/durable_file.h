// Files of backups: copied, hashed and made durable.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/digest.h"
#include "base/result.h"

namespace slipway::app {

// What a file holds, in short.
struct FileFacts {
  std::uint64_t size = 0;
  Digest digest;
  bool operator==(const FileFacts&) const = default;
};

enum class Part : std::uint8_t { Everything, WholeLines };  // WholeLines: not a last line that is still being written

// All of these: NotFound, Overloaded (no space left), Unavailable; the text names the file.
Result<FileFacts> facts_of(const std::string& path);
// Into a file that is not there yet, 0600, durable on return.
Result<FileFacts> copy_file(const std::string& from, const std::string& to, Part part = Part::Everything);
// `path` holds exactly `text`, 0600, durable with its name on return; an earlier file is replaced in one step.
Result<void> replace_file(const std::string& folder, const std::string& name, const std::string& text);
// The names in a folder are durable on return.
Result<void> settle_folder(const std::string& folder);
// Everything on the file system of `folder` is.
Result<void> settle_all(const std::string& folder);
// 0700; its parent must be there. Fine when it exists already.
Result<void> ensure_private_folder(const std::string& folder);

}  // namespace slipway::app
