#include "adapter/artifacts_s3/s3_client.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "base/text.h"

namespace slipway::artifacts_s3 {
namespace {

constexpr std::size_t kMostIdle = 16;

std::string_view name_of(Method method) {
  switch (method) {
    case Method::Get:
      return "GET";
    case Method::Head:
      return "HEAD";
    case Method::Put:
      return "PUT";
    case Method::Post:
      return "POST";
    case Method::Delete:
      return "DELETE";
  }
  return "";
}

// Between half of `most` and all of it, so that those that failed together do not come back together.
Duration jittered(Duration most) {
  std::uint32_t random = 0;
  fill_random(std::as_writable_bytes(std::span(&random, 1)));
  return most / 2 +
         Duration(static_cast<std::int64_t>(static_cast<double>(most.count() / 2) * (random / 4294967296.0)));
}

// An expired session token is a 400 to S3, and the answer to a HEAD does not say of what.
bool may_be_about_credentials(const S3Answer& answer) {
  return answer.status == 400 || answer.status == 401 || answer.status == 403;
}

}  // namespace

S3Surroundings S3Surroundings::of_the_process() {
  return {.wait = [](Duration time) { std::this_thread::sleep_for(time); },
          .variable = [](const char* name) -> const char* { return std::getenv(name); }};
}

Attempts::Attempts(const S3Settings& settings, const S3Surroundings& surroundings)
    : settings_(settings), surroundings_(surroundings) {}

bool Attempts::again(std::optional<Duration> asked) {
  const TimePoint now = SystemClock().now();
  if (!first_failure_) first_failure_ = now;
  if (made_ >= settings_.attempts) return false;
  const auto doublings = std::min<std::uint32_t>(made_ - 1, 20);
  Duration wait = jittered(std::min(settings_.first_wait * (1 << doublings), settings_.longest_wait));
  if (asked) wait = std::max(wait, *asked);
  if (now - *first_failure_ + wait > settings_.retry_for) return false;
  surroundings_.wait(wait);
  ++made_;
  return true;
}

void Attempts::went_on() {
  made_before_ += std::exchange(made_, 1) - 1;
  first_failure_.reset();
}

S3Client::S3Client(S3Settings settings, S3Surroundings surroundings, S3Address address, Credentials credentials)
    : settings_(std::move(settings)),
      surroundings_(std::move(surroundings)),
      address_(std::move(address)),
      credentials_(std::move(credentials)) {}

Result<std::unique_ptr<S3Client>> S3Client::create(S3Settings settings, S3Surroundings surroundings) {
  S3Address address = TRY(S3Address::create(settings));
  Credentials credentials = TRY(read_credentials(settings.credentials_file, surroundings.variable));
  return std::unique_ptr<S3Client>(
      new S3Client(std::move(settings), std::move(surroundings), std::move(address), std::move(credentials)));
}

S3Answer S3Client::once(const S3Request& request) {
  std::optional<Exchange> exchange;
  {
    auto idle = idle_.lock();
    if (!idle->empty()) {
      exchange.emplace(std::move(idle->back()));
      idle->pop_back();
    }
  }
  if (!exchange) exchange.emplace();
  const Credentials credentials = *credentials_.lock();
  S3Answer answer = exchange->run(request, address_, settings_, credentials);
  if (may_be_about_credentials(answer) && refresh_credentials(credentials)) {
    answer = exchange->run(request, address_, settings_, *credentials_.lock());
  }
  auto idle = idle_.lock();
  if (idle->size() < kMostIdle) idle->push_back(*std::move(exchange));
  return answer;
}

// Keys are rotated by writing their file anew.
bool S3Client::refresh_credentials(const Credentials& used) {
  if (settings_.credentials_file.empty()) return false;
  auto now = read_credentials(settings_.credentials_file, surroundings_.variable);
  if (!now.ok() || *now == used) return false;
  *credentials_.lock() = *std::move(now);
  return true;
}

Result<S3Answer> S3Client::run(const S3Request& request) {
  Attempts attempts = this->attempts();
  while (true) {
    S3Answer answer = once(request);
    const Meaning meaning = meaning_of(answer);
    if (meaning == Meaning::Done || meaning == Meaning::Absent) return answer;
    if (meaning == Meaning::Again && attempts.again(wait_asked(answer))) continue;
    return error_of(request, answer, attempts.made());
  }
}

Error S3Client::error_of(const S3Request& request, const S3Answer& answer, std::uint32_t tries) const {
  std::string text = address_.shown() + ": " + std::string(name_of(request.method)) + " " +
                     (request.key.empty() ? "of the bucket" : request.key) + ": " + describe(answer);
  const std::string code = code_of(answer);
  if (may_be_about_credentials(answer)) {
    text += "; it was asked with the credentials from " + printable(credentials_.lock()->source);
    if (code == "RequestTimeTooSkewed") text += "; this machine's clock is " + to_rfc3339(SystemClock().wall_now());
  }
  if (!answer.region.empty() && answer.region != settings_.region) {
    text += "; the bucket is in the region " + printable(answer.region) + ", s3_region is " + settings_.region;
  }
  if (tries > 1) text += " (tried " + std::to_string(tries) + " times)";
  const bool is_full =
      answer.status == 507 || code == "QuotaExceeded" || code == "InsufficientStorage" || code == "XMinioStorageFull";
  return is_full ? overloaded(std::move(text)) : unavailable(std::move(text));
}

}  // namespace slipway::artifacts_s3
