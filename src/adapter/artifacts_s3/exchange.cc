#include "adapter/artifacts_s3/exchange.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <new>

#include "adapter/http_out/curl_handle.h"

namespace slipway::artifacts_s3 {
namespace {

constexpr std::size_t kLargestErrorBody = 64 << 10;
constexpr std::size_t kLongestHeader = 1024;

// What curl calls back with while one request runs.
struct Progress {
  CURL* curl = nullptr;
  const S3Request* request = nullptr;
  S3Answer* answer = nullptr;
  std::uint64_t sent = 0;      // of the content
  std::uint64_t received = 0;  // of the answer's content
  int read_failure = 0;        // errno
  bool tells_its_end = false;  // by a length or by chunks
  bool has_no_memory = false;
};

bool is_named(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         std::ranges::equal(line.substr(0, name.size()), name,
                            [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

std::string value_of(std::string_view line, std::string_view name) {
  line.remove_prefix(name.size() + 1);
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin);
  line = line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
  return std::string(line.substr(0, kLongestHeader));
}

std::size_t take_header(const char* bytes, std::size_t, std::size_t count, void* user) {
  S3Answer& answer = *static_cast<Progress*>(user)->answer;
  const std::string_view line(bytes, count);
  const auto take = [&](std::string_view name, std::string& into) {
    if (is_named(line, name)) into = value_of(line, name);
  };
  take("etag", answer.etag);
  take("content-range", answer.content_range);
  take("last-modified", answer.last_modified);
  take("date", answer.date);
  take("x-amz-bucket-region", answer.region);
  take("retry-after", answer.retry_after);
  if (is_named(line, "transfer-encoding")) static_cast<Progress*>(user)->tells_its_end = true;
  if (is_named(line, "content-length")) {
    const std::string text = value_of(line, "content-length");
    std::uint64_t length = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), length).ec == std::errc{})
      answer.content_length = length;
    static_cast<Progress*>(user)->tells_its_end = true;
  }
  return count;
}

std::size_t keep_body(const char* bytes, std::size_t count, Progress& progress) {
  S3Answer& answer = *progress.answer;
  long status = 0;
  curl_easy_getinfo(progress.curl, CURLINFO_RESPONSE_CODE, &status);
  const auto* const from = reinterpret_cast<const std::byte*>(bytes);
  if (status / 100 != 2) {
    const std::size_t room = kLargestErrorBody - std::min(kLargestErrorBody, answer.body.size());
    answer.body.insert(answer.body.end(), from, from + std::min(count, room));
    return count;
  }
  std::vector<std::byte>& into = progress.request->into ? *progress.request->into : answer.body;
  const std::uint64_t most = progress.request->most.count;
  if (progress.received == 0 && answer.content_length) {
    if (*answer.content_length > most) {
      answer.is_too_large = true;
      return 0;
    }
    into.reserve(into.size() + *answer.content_length);
  }
  if (count > most - progress.received) {
    answer.is_too_large = true;
    return 0;
  }
  into.insert(into.end(), from, from + count);
  progress.received += count;
  return count;
}

std::size_t take_body(const char* bytes, std::size_t, std::size_t count, void* user) {
  Progress& progress = *static_cast<Progress*>(user);
  try {
    return keep_body(bytes, count, progress);
  } catch (const std::bad_alloc&) {  // curl is C
    progress.has_no_memory = true;
    return 0;
  }
}

std::size_t give_content(char* bytes, std::size_t, std::size_t room, void* user) {
  Progress& progress = *static_cast<Progress*>(user);
  const FileRange& content = progress.request->content;
  const std::size_t wanted = std::min<std::uint64_t>(room, content.size - progress.sent);
  if (wanted == 0) return 0;
  ssize_t got = -1;
  do {
    got = ::pread(content.file, bytes, wanted, static_cast<off_t>(content.offset + progress.sent));
  } while (got < 0 && errno == EINTR);
  if (got <= 0) {
    progress.read_failure = got < 0 ? errno : EIO;
    return CURL_READFUNC_ABORT;
  }
  progress.sent += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

// A kept connection may turn out to be closed: curl begins again on a new one.
int rewind_content(void* user, curl_off_t offset, int origin) {
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
  static_cast<Progress*>(user)->sent = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

long milliseconds(Duration duration) {
  return static_cast<long>(
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count(), 1));
}

void set_method(CURL* curl, const S3Request& request, Progress& progress) {
  switch (request.method) {
    case Method::Get:
      curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
      return;
    case Method::Head:
      curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
      return;
    case Method::Delete:
      curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
      return;
    case Method::Post:
      curl_easy_setopt(curl, CURLOPT_POST, 1L);
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.text.c_str());
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.text.size()));
      return;
    case Method::Put:
      curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.content.size));
      curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_content);
      curl_easy_setopt(curl, CURLOPT_READDATA, &progress);
      curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_content);
      curl_easy_setopt(curl, CURLOPT_SEEKDATA, &progress);
      return;
  }
}

void set_times(CURL* curl, const S3Settings& settings, const S3Request& request) {
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings.connect));
  if (request.completes) {
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(settings.completion));
    return;
  }
  const auto stall = std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(settings.stall).count(), 1);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(stall));
  const bool is_transfer = request.into != nullptr || request.method == Method::Put;
  if (!is_transfer) curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(settings.answer));
}

void set_transport(CURL* curl, const S3Address& address, const S3Settings& settings) {
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, address.has_tls() ? "https" : "http");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!settings.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, settings.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  if (address.is_loopback()) curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

// A connection may close in the middle of an answer's head, which libcurl takes for its end.
bool is_cut(const S3Request& request, const Progress& progress) {
  const S3Answer& answer = *progress.answer;
  if (answer.status / 100 != 2 || answer.status == 204) return false;
  return !progress.tells_its_end || (request.method == Method::Put && answer.etag.empty());
}

}  // namespace

Exchange::Exchange() : handle_(std::make_unique<http_out::CurlHandle>()) {}
Exchange::~Exchange() = default;
Exchange::Exchange(Exchange&&) noexcept = default;
Exchange& Exchange::operator=(Exchange&&) noexcept = default;

S3Answer Exchange::run(const S3Request& request, const S3Address& address, const S3Settings& settings,
                       const Credentials& credentials) {
  CURL* const curl = handle_->begin();
  S3Answer answer;
  Progress progress{.curl = curl, .request = &request, .answer = &answer};
  const std::string url = address.url(request.key, request.query);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  set_method(curl, request, progress);
  set_transport(curl, address, settings);
  set_times(curl, settings, request);

  // libcurl signs these with the rest; of what it cannot see in advance it takes the digest from here.
  http_out::HeaderLines headers;
  headers.add("x-amz-content-sha256: " + request.digest.value_or(sha256({})).hex());
  if (!credentials.session_token.empty()) headers.add("x-amz-security-token: " + credentials.session_token);
  if (!request.range.empty()) headers.add("Range: " + request.range);
  if (request.method == Method::Post) headers.add("Content-Type: application/xml");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.first());
  curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, ("aws:amz:" + settings.region + ":s3").c_str());
  curl_easy_setopt(curl, CURLOPT_USERNAME, credentials.key_id.c_str());
  curl_easy_setopt(curl, CURLOPT_PASSWORD, credentials.secret.c_str());

  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &progress);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &progress);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  if (code != CURLE_OK) {
    answer.broken = reason[0] != '\0' ? reason : curl_easy_strerror(code);
    if (progress.has_no_memory) answer.broken = "there is no memory for the answer";
    if (progress.read_failure != 0)
      answer.broken = std::string("reading what is sent: ") + std::strerror(progress.read_failure);
  } else if (is_cut(request, progress)) {
    answer.broken = "the answer ended in its head";
  }
  handle_->begin();  // it borrows from this call, and holds the secret
  return answer;
}

}  // namespace slipway::artifacts_s3
