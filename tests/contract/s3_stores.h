// S3 stores over the real server, for tests.
#pragma once

#include <atomic>

#include "adapter/artifacts_s3/s3_artifacts.h"
#include "base/log.h"
#include "faulty_proxy.h"
#include "s3_server.h"
#include "scratch_folder.h"

namespace slipway::contract {

inline artifacts_s3::S3Surroundings surroundings(const char* secret = testing_ground::S3Server::kSecret) {
  return {.wait = [](Duration) {},
          .variable = [secret](const char* name) -> const char* {
            const std::string_view asked = name;
            if (asked == "AWS_ACCESS_KEY_ID") return testing_ground::S3Server::kKeyId;
            return asked == "AWS_SECRET_ACCESS_KEY" ? secret : nullptr;
          }};
}

// A prefix of its own in the bucket "models" of the shared server, behind a proxy.
struct S3Ground {
  explicit S3Ground(testing_ground::FaultyProxy::Script script =
                        [](const std::string&) { return testing_ground::Fault::None; })
      : proxy(testing_ground::S3Server::shared().socket(), std::move(script)) {
    testing_ground::S3Server::shared().make_bucket("models");
    settings.location = {"models", "test/" + std::to_string(next_prefix++)};
    settings.endpoint = proxy.endpoint();
    settings.young = Duration(0);
    settings.retry_for = std::chrono::hours(1);  // only the number of attempts ends an operation
  }
  Result<std::unique_ptr<artifacts_s3::S3Artifacts>> open(const std::string& folder, Bytes copies = {0}) {
    return artifacts_s3::S3Artifacts::open(settings, scratch / folder, copies, log, surroundings());
  }
  std::string object(const Digest& digest) const {
    return testing_ground::S3Server::shared().bucket_folder("models") + "/" + settings.location.prefix + "/sha256/" +
           digest.hex();
  }

  static inline std::atomic<int> next_prefix{0};
  testing_ground::ScratchFolder scratch;
  testing_ground::FaultyProxy proxy;
  artifacts_s3::S3Settings settings;
  Log log{{.level = LogLevel::Off}};
};

}  // namespace slipway::contract
