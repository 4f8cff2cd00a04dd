#include "adapter/webhook/webhook.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include "adapter/http_out/curl_handle.h"
#include "base/hmac.h"
#include "base/text.h"

namespace slipway::webhook {
namespace {

constexpr std::size_t kMostAnswer = 64 << 10;  // of an answer, which nobody reads

// What curl calls back with while one event is told.
struct Telling {
  Reach reach = Reach::Public;
  const std::atomic<bool>* is_stopped = nullptr;
  bool was_inside = false;
  std::size_t answered = 0;
};

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& telling = *static_cast<Telling*>(user);
  if (telling.reach == Reach::Public && !is_public(address->addr)) {
    telling.was_inside = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t take_body(const char*, std::size_t, std::size_t count, void* user) {
  auto& telling = *static_cast<Telling*>(user);
  telling.answered += count;
  return telling.answered <= kMostAnswer ? count : 0;
}

int look_whether_to_end(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Telling*>(user)->is_stopped->load() ? 1 : 0;
}

void append_field(std::string& json, std::string_view key, std::string_view value) {
  json.append(json.size() > 1 ? ", \"" : "\"").append(key).append("\": ");
  append_json_string(json, value);
}

}  // namespace

Webhook::Webhook(WebhookSettings settings, const Clock& clock)
    : settings_(std::move(settings)), clock_(clock), handle_(std::make_unique<http_out::CurlHandle>()) {}

Webhook::~Webhook() = default;

std::string body_of(const model::Event& event) {
  std::string json = "{";
  append_field(json, "id", std::to_string(event.sequence));
  append_field(json, "type", event.action);
  append_field(json, "at", to_rfc3339(event.at));
  append_field(json, "model", event.model);
  append_field(json, "subject", event.subject);
  append_field(json, "actor", event.actor);
  append_field(json, "to", event.to);
  append_field(json, "reason", event.reason);
  return json + "}\n";
}

std::string signature_of(std::string_view secret, std::int64_t seconds, std::string_view body) {
  const std::string time = std::to_string(seconds);
  std::string covered = time;
  covered.append(".").append(body);
  return "t=" + time + ",v1=" + hmac_sha256(as_bytes(secret), as_bytes(covered)).hex();
}

Result<void> Webhook::tell(const model::Event& event) {
  if (is_stopped_) return Error{ErrorCode::Cancelled, "the server stops"};
  const std::string body = body_of(event);
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.wall_now()).time_since_epoch().count();
  http_out::HeaderLines headers;
  headers.add("Content-Type: application/json");
  headers.add("Expect:");
  headers.add("Slipway-Event: " + std::to_string(event.sequence));
  headers.add("Slipway-Signature: " + signature_of(settings_.secret, now, body));
  Telling telling{.reach = settings_.reach, .is_stopped = &is_stopped_};
  CURL* const curl = handle_->begin();
  curl_easy_setopt(curl, CURLOPT_URL, settings_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.first());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "slipway");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(settings_.patience).count()));
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &telling);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &telling);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_whether_to_end);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &telling);
  const CURLcode done = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return judged({.code = done, .status = status, .was_inside = telling.was_inside}, shown_url(settings_.url) + ": ");
}

Result<void> judged(const Try& made, const std::string& where) {
  const bool is_told = made.code == CURLE_OK || made.code == CURLE_WRITE_ERROR;
  // Of a name with several addresses another one may have been reached.
  if (!is_told && made.was_inside) {
    return denied(where +
                  "leads to an address that only machines inside reach; the setting webhook_private allows such ones");
  }
  if (made.code == CURLE_ABORTED_BY_CALLBACK) return Error{ErrorCode::Cancelled, where + "the server stops"};
  if (!is_told) return unavailable(where + curl_easy_strerror(static_cast<CURLcode>(made.code)));
  if (made.status >= 200 && made.status < 300) return {};
  const std::string found = where + "expected an answer of 2xx, found " + std::to_string(made.status);
  const bool may_pass = made.status >= 500 || made.status == 408 || made.status == 425 || made.status == 429;
  return may_pass ? unavailable(found) : invalid_input(found);
}

}  // namespace slipway::webhook
