// S3Client: requests to one bucket, tried again where that is safe and may help.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "adapter/artifacts_s3/exchange.h"
#include "base/guarded.h"

namespace slipway::artifacts_s3 {

// Where it gets what is not settings; tests give their own.
struct S3Surroundings {
  std::function<void(Duration)> wait;                // blocks
  std::function<const char*(const char*)> variable;  // of the environment
  static S3Surroundings of_the_process();
};

// How often one operation may still be tried. One thread.
class Attempts {
 public:
  Attempts(const S3Settings& settings, const S3Surroundings& surroundings);
  // After a failed attempt: waits and says yes, or no: there were enough of them. `asked`: what the server asked for.
  bool again(std::optional<Duration> asked);
  // What was tried went on: from here on it may fail as often as at first.
  void went_on();
  std::uint32_t made() const { return made_ + made_before_; }

 private:
  const S3Settings& settings_;
  const S3Surroundings& surroundings_;
  std::optional<TimePoint> first_failure_;
  std::uint32_t made_ = 1;
  std::uint32_t made_before_ = 0;  // until it last went on
};

// Any thread; blocks. Keeps as many connections as were used at once, at most 16.
//
// Each request of the store may be sent twice with the same outcome: content has its digest as its key, a part its
// number, and an upload that nobody completes is not visible. So everything is tried again that may succeed.
class S3Client {
 public:
  static Result<std::unique_ptr<S3Client>> create(S3Settings settings, S3Surroundings surroundings);

  // Done or Absent. Unavailable: out of reach, refused, or still busy after all attempts; Overloaded: its storage is
  // full.
  Result<S3Answer> run(const S3Request& request);
  // One attempt; a 400, 401 or 403 is tried once more when the credentials' file has changed.
  S3Answer once(const S3Request& request);
  Attempts attempts() const { return {settings_, surroundings_}; }
  // What `answer`, which is neither Done nor Absent, means for the one who asked.
  Error error_of(const S3Request& request, const S3Answer& answer, std::uint32_t tries) const;

  const S3Settings& settings() const { return settings_; }
  const S3Address& address() const { return address_; }

 private:
  S3Client(S3Settings settings, S3Surroundings surroundings, S3Address address, Credentials credentials);
  bool refresh_credentials(const Credentials& used);

  const S3Settings settings_;
  const S3Surroundings surroundings_;
  const S3Address address_;
  Guarded<Credentials> credentials_;
  Guarded<std::vector<Exchange>> idle_;
};

}  // namespace slipway::artifacts_s3
