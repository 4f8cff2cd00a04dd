// Upload: a package on its way from the socket to the disk.
#pragma once

#include <string>

#include "adapter/net/route.h"
#include "base/descriptor.h"
#include "base/digest.h"

namespace slipway::api_admin {

// A fresh file (0600) in `folder`, removed when this goes. One thread; blocks. Failures: Overloaded when the disk is
// full, Unavailable when the folder cannot be written.
class Upload {
 public:
  static Result<Upload> create(const std::string& folder);
  Upload(Upload&&) = default;
  Upload& operator=(Upload&&) = delete;
  ~Upload();

  // Reads the request's body to its end; its digest. Also passes on the failures of read_body().
  Result<Digest> receive(net::BlockingRequest& request);
  const std::string& path() const { return path_; }

 private:
  Upload(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  Result<void> write(ByteSpan bytes) const;

  std::string path_;
  Descriptor file_;
};

}  // namespace slipway::api_admin
