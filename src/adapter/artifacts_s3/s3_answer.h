// What an S3 server answered, and what that means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"

namespace slipway::artifacts_s3 {

// One attempt at a request, as it ended. A value.
struct S3Answer {
  long status = 0;              // 0: none came
  std::string broken;           // why the answer is not whole; empty: it is
  bool is_too_large = false;    // the content is more than was asked for
  std::vector<std::byte> body;  // of an error at most 64 KiB
  std::optional<std::uint64_t> content_length;
  std::string etag, content_range, last_modified, date, region, retry_after;
};

enum class Meaning : std::uint8_t {
  Done,
  Absent,   // no such object
  Again,    // the same request may succeed later
  Refused,  // it will not
};
Meaning meaning_of(const S3Answer& answer);

// The code in the body of an error, such as "AccessDenied"; empty if there is none.
std::string code_of(const S3Answer& answer);
// For a person: "it answered 403 (AccessDenied: ...)" or "the connection broke: ...".
std::string describe(const S3Answer& answer);
// What Retry-After asks for, in seconds; none without it.
std::optional<Duration> wait_asked(const S3Answer& answer);
// How long ago the object was stored, by the server's own clock; none if it does not tell.
std::optional<Duration> age_of(const S3Answer& answer);

// A page of ListObjectsV2. Corrupt: not such a page.
struct ListPage {
  std::vector<std::string> keys;
  std::string next;  // the continuation token; empty: this is the last page
};
Result<ListPage> parse_list(ByteSpan body);

// The text of the first element NAME, entities resolved; none if there is none.
std::optional<std::string> element_text(std::string_view xml, std::string_view name);

}  // namespace slipway::artifacts_s3
