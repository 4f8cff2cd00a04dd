// S3Address: the URLs of a bucket's objects.
#pragma once

#include <string>
#include <string_view>

#include "adapter/artifacts_s3/s3_settings.h"

namespace slipway::artifacts_s3 {

// A value; any thread.
class S3Address {
 public:
  // InvalidInput: an endpoint or a region of a wrong form.
  static Result<S3Address> create(const S3Settings& settings);

  // `key` below the prefix; empty: the bucket itself. `query`: encoded, sorted by name, as it is signed.
  std::string url(std::string_view key, std::string_view query = {}) const;
  std::string full_key(std::string_view key) const;
  bool has_tls() const { return scheme_ == "https://"; }
  bool is_loopback() const;
  const std::string& shown() const { return shown_; }  // for messages: "s3://bucket/prefix at https://host"

 private:
  S3Address() = default;

  std::string scheme_, host_, bucket_in_path_, prefix_, shown_;
};

// Everything but A-Z a-z 0-9 - . _ ~ as %XX, as SigV4 wants it.
std::string percent_encoded(std::string_view text);

}  // namespace slipway::artifacts_s3
