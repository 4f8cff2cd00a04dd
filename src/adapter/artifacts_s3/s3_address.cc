#include "adapter/artifacts_s3/s3_address.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace slipway::artifacts_s3 {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::size_t kLongestPrefix = 512;

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_letter_or_digit(char c) {
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

bool is_bucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && is_lower_or_digit(name.front()) && is_lower_or_digit(name.back()) &&
         name.find("..") == std::string_view::npos &&
         std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-'; });
}

bool is_prefix(std::string_view prefix) {
  if (prefix.size() > kLongestPrefix) return false;
  while (!prefix.empty()) {
    const std::size_t slash = std::min(prefix.find('/'), prefix.size());
    const std::string_view part = prefix.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (!std::ranges::all_of(part, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; })) {
      return false;
    }
    prefix.remove_prefix(std::min(slash + 1, prefix.size()));
  }
  return true;
}

bool is_region(std::string_view region) {
  return !region.empty() && region.size() <= 64 &&
         std::ranges::all_of(region, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

// "name", "name:port", "[::1]:port"
bool is_host(std::string_view host) {
  std::string_view name = host;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    const std::string_view inside = host.substr(1, end - 1);
    if (inside.empty() || inside.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
    host.remove_prefix(end + 1);
    if (host.empty()) return true;
    if (!host.starts_with(':')) return false;
    host.remove_prefix(1);
  } else {
    const std::size_t colon = host.find(':');
    name = host.substr(0, colon);
    if (name.empty() ||
        !std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; }))
      return false;
    if (colon == std::string_view::npos) return true;
    host.remove_prefix(colon + 1);
  }
  return !host.empty() && host.size() <= 5 && host.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Result<Location> parse_location(std::string_view text) {
  const std::string expected = "expected s3://BUCKET or s3://BUCKET/PREFIX, ";
  if (!text.starts_with(kScheme)) return invalid_input(expected + "found \"" + printable(text) + "\"");
  std::string_view rest = text.substr(kScheme.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t slash = rest.find('/');
  Location location{std::string(rest.substr(0, slash)), ""};
  if (slash != std::string_view::npos) location.prefix = rest.substr(slash + 1);
  if (!is_bucket(location.bucket)) {
    return invalid_input(expected + "with 3 to 63 of a-z, 0-9, '.' and '-' as BUCKET, found \"" +
                         printable(location.bucket) + "\"");
  }
  if (!is_prefix(location.prefix)) {
    return invalid_input(expected +
                         "with names of A-Z, a-z, 0-9, '.', '_' and '-' between single '/' as PREFIX, found \"" +
                         printable(location.prefix) + "\"");
  }
  return location;
}

Result<S3Address> S3Address::create(const S3Settings& settings) {
  if (!is_region(settings.region)) {
    return invalid_input("s3_region: expected a name such as eu-central-1, found \"" + printable(settings.region) +
                         "\"");
  }
  const bool is_aws = settings.endpoint.empty();
  std::string_view endpoint = settings.endpoint;
  S3Address made;
  made.scheme_ = endpoint.starts_with("http://") ? "http://" : "https://";
  if (is_aws) {
    made.host_ = "s3." + settings.region + ".amazonaws.com";
  } else {
    if (endpoint.starts_with(made.scheme_))
      endpoint.remove_prefix(made.scheme_.size());
    else
      endpoint = {};
    if (endpoint.ends_with('/')) endpoint.remove_suffix(1);
    if (!is_host(endpoint)) {
      return invalid_input("s3_endpoint: expected https://HOST[:PORT] or http://HOST[:PORT], found \"" +
                           printable(settings.endpoint) + "\"");
    }
    made.host_ = endpoint;
  }
  const std::string& bucket = settings.location.bucket;
  // A certificate for *.host covers no further dot.
  const bool in_host =
      settings.addressing == Addressing::VirtualHost ||
      (settings.addressing == Addressing::Automatic && is_aws && bucket.find('.') == std::string::npos);
  made.shown_ = std::string(kScheme) + bucket +
                (settings.location.prefix.empty() ? "" : "/" + settings.location.prefix) + " at " + made.scheme_ +
                made.host_;
  if (in_host)
    made.host_ = bucket + "." + made.host_;
  else
    made.bucket_in_path_ = "/" + bucket;
  made.prefix_ = settings.location.prefix;
  return made;
}

std::string S3Address::full_key(std::string_view key) const {
  return prefix_.empty() ? std::string(key) : prefix_ + "/" + std::string(key);
}

std::string S3Address::url(std::string_view key, std::string_view query) const {
  std::string url = scheme_ + host_ + bucket_in_path_;
  if (!key.empty()) url += "/" + full_key(key);
  if (key.empty() && bucket_in_path_.empty()) url += "/";
  if (!query.empty()) url += "?" + std::string(query);
  return url;
}

bool S3Address::is_loopback() const {
  const std::string_view host = host_;
  if (host.starts_with("[::1]")) return true;
  const std::string_view name = host.substr(0, host.find(':'));
  const bool is_number = name.find_first_not_of("0123456789.") == std::string_view::npos;
  return name == "localhost" || (is_number && name.starts_with("127."));
}

std::string percent_encoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

}  // namespace slipway::artifacts_s3
