// S3Settings: which bucket, where, and how long an operation may take.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace slipway::artifacts_s3 {

// How the bucket stands in the URL: in the path (every S3-compatible server), or as a part of the host's name (AWS).
enum class Addressing : std::uint8_t { Automatic, Path, VirtualHost };

// "s3://BUCKET" or "s3://BUCKET/PREFIX"
struct Location {
  std::string bucket;
  std::string prefix;  // without slashes at its ends
};
// InvalidInput tells what of it cannot be: a bucket is 3 to 63 of a-z 0-9 . -, a prefix of A-Z a-z 0-9 . _ - and /.
Result<Location> parse_location(std::string_view text);

// A value. What is empty has its default.
struct S3Settings {
  Location location;
  std::string endpoint;  // "https://HOST[:PORT]"; empty: AWS, in the region
  std::string region = "us-east-1";
  Addressing addressing = Addressing::Automatic;  // virtual-host on AWS unless the bucket has a dot, else path
  std::string ca_file;                            // PEM; empty: the system's authorities
  std::string credentials_file;                   // empty: AWS_ACCESS_KEY_ID and its companions of the environment

  Duration connect = std::chrono::seconds(5);
  Duration stall = std::chrono::seconds(20);       // without a byte in either direction
  Duration answer = std::chrono::seconds(60);      // of a request that carries no content
  Duration completion = std::chrono::minutes(10);  // of an upload in parts, which a server may put together in silence
  // From an operation's first failure since it last went on; a transfer that goes on is not cut.
  Duration retry_for = std::chrono::seconds(30);
  std::uint32_t attempts = 6;
  Duration first_wait = std::chrono::milliseconds(100);  // before the second attempt, at most; then twice as long
  Duration longest_wait = std::chrono::seconds(5);

  Bytes part = mebibytes(16);  // content above this goes in parts of it
  // Content stored less than this ago is not removed: another server may be about to refer to it.
  Duration young = std::chrono::hours(1);
};

}  // namespace slipway::artifacts_s3
