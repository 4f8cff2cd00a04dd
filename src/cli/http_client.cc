#include "cli/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <sys/un.h>

#include <cstring>
#include <memory>

#include "base/text.h"

namespace slipway::cli {
namespace {

constexpr long kConnectMilliseconds = 5'000;
constexpr std::size_t kLargestAnswer = 256U << 20;
// Large pieces keep a chunked body of 8 GiB within the server's limit on the number of chunks.
constexpr long kUploadPiece = 1L << 20;

// One request under way, as the callbacks of libcurl see it.
struct Transfer {
  const HttpRequest& request;
  HttpAnswer answer;
  std::size_t sent = 0;          // of request.body
  std::optional<Error> failure;  // of the request's source or sink
  bool answer_too_large = false;
  CURL* curl = nullptr;
};

std::size_t on_read(char* into, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t room = size * count;
  if (!transfer.request.source) {
    const std::size_t piece = std::min(room, transfer.request.body.size() - transfer.sent);
    std::memcpy(into, transfer.request.body.data() + transfer.sent, piece);
    transfer.sent += piece;
    return piece;
  }
  auto read = transfer.request.source->read({into, room});
  if (read.ok()) return *read;
  transfer.failure = std::move(read).error();
  return CURL_READFUNC_ABORT;
}

std::size_t on_body(char* text, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  long status = 0;
  if (transfer.request.sink) curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) {
    auto taken = transfer.request.sink({text, size * count});
    if (taken.ok()) return size * count;
    transfer.failure = std::move(taken).error();
    return 0;
  }
  transfer.answer_too_large = transfer.answer.body.size() + size * count > kLargestAnswer;
  if (transfer.answer_too_large) return 0;
  transfer.answer.body.append(text, size * count);
  return size * count;
}

std::size_t on_header(char* text, std::size_t size, std::size_t count, void* user) {
  static constexpr std::string_view kName = "retry-after:";
  const std::string_view line(text, size * count);
  if (line.size() > kName.size() && curl_strnequal(line.data(), kName.data(), kName.size())) {
    const std::string value(line.substr(kName.size()));
    static_cast<Transfer*>(user)->answer.retry_after =
        static_cast<std::uint32_t>(std::strtoul(value.c_str(), nullptr, 10));
  }
  return size * count;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& request = static_cast<Transfer*>(user)->request;
  if (request.tick) request.tick();
  return 0;
}

using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void add(Headers& headers, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(headers.get(), line.c_str())) {
    headers.release();  // NOLINT: `longer` owns it now
    headers.reset(longer);
  }
}

std::string_view host_of(std::string_view base) {
  std::string_view host = base.substr(base.find("://") + 3);
  host = host.substr(0, host.find('/'));
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.rfind(':'));
}

}  // namespace

Result<Endpoint> Endpoint::parse(std::string_view url) {
  const auto fail = [&](std::string_view why) {
    return invalid_input("expected a server address such as http://127.0.0.1:8080 or unix:/path, found \"" +
                         printable(url) + "\"" + std::string(why));
  };
  Endpoint endpoint;
  endpoint.shown = printable(url, 300);
  if (url.starts_with("unix:")) {
    endpoint.socket = url.substr(5);
    if (endpoint.socket.starts_with("//")) endpoint.socket.erase(0, 2);
    if (endpoint.socket.empty()) return fail("");
    if (endpoint.socket.size() >= sizeof(sockaddr_un::sun_path)) return fail(": the path is longer than 107 bytes");
    endpoint.base = "http://localhost";
    return endpoint;
  }
  if (url.empty() || url.find_first_of(" \t\r\n?#@") != std::string_view::npos || !is_valid_utf8(url)) return fail("");
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos && url.substr(0, scheme) != "http" && url.substr(0, scheme) != "https") {
    return fail(": only http and https are spoken");
  }
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  endpoint.base = std::string(scheme == std::string_view::npos ? "http" : url.substr(0, scheme)) + "://";
  endpoint.base += rest;
  if (host_of(endpoint.base).empty()) return fail("");
  return endpoint;
}

bool Endpoint::is_local() const {
  const std::string_view host = host_of(base);
  in_addr number{};
  // Only a number: the token found beside the data must not go to whoever owns a name such as 127.example.com.
  const bool is_number = ::inet_pton(AF_INET, std::string(host).c_str(), &number) == 1;
  return !socket.empty() || host == "localhost" || host == "::1" || (is_number && host.starts_with("127."));
}

struct HttpClient::Handle {
  Endpoint endpoint;
  std::string authorities;
  CURL* curl = nullptr;
  bool is_in_doubt = false;
  ~Handle() { curl_easy_cleanup(curl); }
};

HttpClient::HttpClient(Endpoint endpoint, std::string authorities) : handle_(std::make_unique<Handle>()) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  handle_->endpoint = std::move(endpoint);
  handle_->authorities = std::move(authorities);
  handle_->curl = curl_easy_init();
}
HttpClient::~HttpClient() = default;

bool HttpClient::is_in_doubt() const {
  return handle_->is_in_doubt;
}

Result<HttpAnswer> HttpClient::send(const HttpRequest& request) {
  CURL* curl = handle_->curl;
  const Endpoint& endpoint = handle_->endpoint;
  if (!curl) return unavailable("libcurl could not be started");
  curl_easy_reset(curl);
  Transfer transfer{request, {}, 0, {}, false, curl};
  Headers headers(nullptr, curl_slist_free_all);
  for (const auto& [name, value] : request.headers) add(headers, name + ": " + value);

  const std::string url = endpoint.base + request.path;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (!endpoint.socket.empty()) curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, endpoint.socket.c_str());
  if (!handle_->authorities.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, handle_->authorities.c_str());
  if (endpoint.is_local()) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
  if (request.method != "GET" && request.method != "DELETE") {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, kUploadPiece);
    const auto size = request.source ? request.source->size() : std::optional<std::uint64_t>(request.body.size());
    if (size) curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(*size));
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());

  const CURLcode code = curl_easy_perform(curl);
  handle_->is_in_doubt =
      code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE;
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (transfer.failure) return *std::move(transfer.failure);
  if (transfer.answer_too_large) return unavailable("expected an answer of at most 256 MiB from " + endpoint.shown);
  // A server that refuses an upload may answer and close before it has read all: its answer counts.
  const bool answered = status >= 400 && (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR);
  if (code != CURLE_OK && !answered) {
    const std::string why = *reason ? reason : curl_easy_strerror(code);
    std::string text = "cannot talk to " + endpoint.shown + ": " + printable(why, 300);
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
      text +=
          "\nName the authority of its certificate with --ca FILE or SLIPWAY_CA; of a server that made its own, that "
          "is "
          "tls/ca.crt in its data directory.";
    }
    return unavailable(std::move(text));
  }
  transfer.answer.status = static_cast<int>(status);
  return std::move(transfer.answer);
}

std::string percent_encode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '~' || (c == '.' && text != "." && text != "..");
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return out;
}

}  // namespace slipway::cli
