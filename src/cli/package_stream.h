// PackageStream: a folder as a .tar.zst, made while it is sent; and a plain file as it is.
#pragma once

#include <memory>
#include <string>

#include "cli/http_client.h"

namespace slipway::cli {

// What a push sends. One thread. Failures: InvalidInput (not there, a link or special file inside, changed meanwhile).
class Package : public BodySource {
 public:
  // A folder is packed: entries sorted, owners and times left out, so that equal content gives equal bytes. Hidden
  // files at the top (".git") are left out.
  static Result<std::unique_ptr<Package>> open(const std::string& path);

  virtual const std::string& filename() const = 0;  // to tell the server
  virtual std::uint64_t content_size() const = 0;   // of the files, for the progress bar
  virtual std::uint64_t content_read() const = 0;
  virtual Result<void> rewind() = 0;  // to send it once more
};

}  // namespace slipway::cli
