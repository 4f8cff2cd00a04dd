// Upload: a package on its way from the socket.
#pragma once

#include <optional>
#include <string>

#include "adapter/net/route.h"
#include "base/descriptor.h"
#include "base/digest.h"
#include "ports/package_reader.h"

namespace slipway::api_admin {

// The body of a request, read while it arrives. Lives on the handler's stack; one thread; blocks. `promised`: the
// digest the body must have; at its end InvalidInput if it has another. Other failures: as read_body(); spool() also
// Overloaded when the disk is full, Unavailable when `folder` cannot be written.
class Upload final : public ports::ArrivingPackage {
 public:
  Upload(net::BlockingRequest& request, const std::string& folder, const std::optional<Digest>& promised)
      : request_(request), folder_(folder), promised_(promised) {}
  ~Upload() override;
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  Result<std::size_t> read(MutableByteSpan into) override;
  // Into a fresh file (0600) in the folder.
  Result<std::string> spool(ByteSpan seen) override;
  // Reads what is left, to nowhere.
  Result<void> drain();

 private:
  Result<void> create();
  Result<void> write(ByteSpan bytes) const;

  net::BlockingRequest& request_;
  const std::string& folder_;
  const std::optional<Digest>& promised_;
  Sha256 hash_;  // of what was read, if a digest was promised
  bool has_ended_ = false;
  std::string path_;  // of the file, once there is one
  Descriptor file_;
};

}  // namespace slipway::api_admin
