// S3Server: a real S3-compatible server (versitygw) over a folder of its own, behind a UNIX socket.
#pragma once

#include <sys/types.h>

#include <string>

#include "scratch_folder.h"

namespace slipway::testing_ground {

// Each bucket is a folder, each object a file in it. Ends with its owner. Throws if the server does not come up.
class S3Server {
 public:
  static constexpr const char* kKeyId = "slipway-test";
  static constexpr const char* kSecret = "not-a-secret-of-anyone";

  S3Server();
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  std::string socket() const { return folder_ / "s"; }
  std::string bucket_folder(const std::string& bucket) const { return folder_ / ("buckets/" + bucket); }
  void make_bucket(const std::string& bucket);

  // One for all tests of this program.
  static S3Server& shared();

 private:
  ScratchFolder folder_;
  pid_t process_ = -1;
};

}  // namespace slipway::testing_ground
