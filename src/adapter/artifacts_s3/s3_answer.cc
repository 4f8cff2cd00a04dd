#include "adapter/artifacts_s3/s3_answer.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace slipway::artifacts_s3 {
namespace {

constexpr std::size_t kLongestText = 200;

struct Entity {
  std::string_view written;
  char means;
};
constexpr std::array<Entity, 5> kEntities = {
    {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};

// "&#34;" and "&#x22;", of ASCII; 0 characters if it is none.
std::size_t numeric_entity(std::string_view text, std::string& out) {
  const std::size_t end = text.find(';');
  if (!text.starts_with("&#") || end == std::string_view::npos || end < 3 || end > 8) return 0;
  const bool is_hex = text[2] == 'x' || text[2] == 'X';
  const char* begin = text.data() + (is_hex ? 3 : 2);
  unsigned value = 0;
  const auto [at, status] = std::from_chars(begin, text.data() + end, value, is_hex ? 16 : 10);
  if (status != std::errc{} || at != text.data() + end || value == 0 || value > 0x7f) return 0;
  out += static_cast<char>(value);
  return end + 1;
}

std::string unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '&') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto named = std::ranges::find_if(kEntities, [&](const Entity& e) { return text.starts_with(e.written); });
    if (named != kEntities.end()) {
      out += named->means;
      text.remove_prefix(named->written.size());
    } else if (const std::size_t length = numeric_entity(text, out)) {
      text.remove_prefix(length);
    } else {
      out += '&';
      text.remove_prefix(1);
    }
  }
  return out;
}

// The elements NAME one after the other: S3's answers give those that are asked for here no attributes.
std::optional<std::string_view> next_element(std::string_view& xml, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">", close = "</" + std::string(name) + ">";
  const std::size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = xml.find(close, begin + open.size());
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = xml.substr(begin + open.size(), end - begin - open.size());
  xml.remove_prefix(end + close.size());
  return inside;
}

bool is_temporary(std::string_view code) {
  constexpr std::array<std::string_view, 6> kCodes = {"RequestTimeout", "SlowDown",
                                                      "InternalError",  "ServiceUnavailable",
                                                      "IncompleteBody", "XAmzContentSHA256Mismatch"};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

}  // namespace

std::optional<std::string> element_text(std::string_view xml, std::string_view name) {
  const auto inside = next_element(xml, name);
  if (!inside) return std::nullopt;
  return unescaped(*inside);
}

std::string code_of(const S3Answer& answer) {
  return element_text(as_text(answer.body), "Code").value_or("");
}

Meaning meaning_of(const S3Answer& answer) {
  if (answer.is_too_large) return Meaning::Refused;
  if (!answer.broken.empty()) return Meaning::Again;
  if (answer.status / 100 == 2) return Meaning::Done;
  const std::string code = code_of(answer);
  // Without a code: of a HEAD. Others, such as NoSuchBucket, are about more than the object.
  if (answer.status == 404 && (code.empty() || code == "NoSuchKey" || code == "NotFound")) return Meaning::Absent;
  // What was damaged on its way is told as 400, and may be sent again.
  const bool is_busy = answer.status == 408 || answer.status == 409 || answer.status == 429 || answer.status == 500 ||
                       answer.status == 502 || answer.status == 503 || answer.status == 504 || is_temporary(code);
  return is_busy ? Meaning::Again : Meaning::Refused;
}

std::string describe(const S3Answer& answer) {
  if (!answer.broken.empty()) return printable(answer.broken, kLongestText);
  std::string text = "it answered " + std::to_string(answer.status);
  const std::string code = code_of(answer);
  if (!code.empty()) {
    text += " (" + printable(code);
    if (const auto message = element_text(as_text(answer.body), "Message"))
      text += ": " + printable(*message, kLongestText);
    text += ")";
  }
  return text;
}

std::optional<Duration> wait_asked(const S3Answer& answer) {
  unsigned seconds = 0;
  const std::string& text = answer.retry_after;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::optional<Duration> age_of(const S3Answer& answer) {
  const std::time_t stored = curl_getdate(answer.last_modified.c_str(), nullptr);
  const std::time_t now = curl_getdate(answer.date.c_str(), nullptr);
  if (stored < 0 || now < 0) return std::nullopt;
  return std::chrono::seconds(std::max<std::time_t>(now - stored, 0));
}

Result<ListPage> parse_list(ByteSpan body) {
  std::string_view xml = as_text(body);
  const auto truncated = element_text(xml, "IsTruncated");
  if (xml.find("<ListBucketResult") == std::string_view::npos || !truncated ||
      xml.find("</ListBucketResult>") == std::string_view::npos) {
    return corrupt("expected a ListBucketResult, found \"" + printable(xml) + "\"");
  }
  ListPage page;
  if (*truncated == "true") {
    page.next = element_text(xml, "NextContinuationToken").value_or("");
    if (page.next.empty()) return corrupt("expected a NextContinuationToken in a truncated list, found none");
  }
  while (const auto key = next_element(xml, "Key")) page.keys.push_back(unescaped(*key));
  return page;
}

}  // namespace slipway::artifacts_s3
