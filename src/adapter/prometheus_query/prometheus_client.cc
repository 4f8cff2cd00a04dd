#include "adapter/prometheus_query/prometheus_client.h"

#include <curl/curl.h>

#include "adapter/http_out/curl_handle.h"
#include "adapter/prometheus_query/prometheus_answer.h"
#include "base/invariant.h"

namespace slipway::prometheus_query {
namespace {

std::size_t take_body(const char* bytes, std::size_t, std::size_t count, void* user) {
  auto& body = *static_cast<std::string*>(user);
  if (body.size() + count > kLargestAnswer) return 0;
  body.append(bytes, count);
  return count;
}

int look_whether_to_end(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(user)->load() ? 1 : 0;
}

std::string address_of(const std::string& server, const std::string& query) {
  char* const escaped = curl_easy_escape(nullptr, query.c_str(), static_cast<int>(query.size()));
  invariant(escaped != nullptr, "there is memory for a query");
  std::string address = server;
  while (address.ends_with('/')) address.pop_back();
  address.append("/api/v1/query?query=").append(escaped);
  curl_free(escaped);
  return address;
}

}  // namespace

PrometheusClient::PrometheusClient(Duration patience)
    : patience_(patience), handle_(std::make_unique<http_out::CurlHandle>()) {}

PrometheusClient::~PrometheusClient() = default;

Result<double> PrometheusClient::ask(const std::string& server, const std::string& query) {
  const std::string address = address_of(server, query);
  std::string body;
  CURL* const curl = handle_->begin();
  curl_easy_setopt(curl, CURLOPT_URL, address.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "slipway");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(patience_).count()));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_whether_to_end);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &is_stopped_);
  const CURLcode done = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (done == CURLE_WRITE_ERROR) {
    return unavailable("expected an answer of at most " + std::to_string(kLargestAnswer) + " bytes, found more");
  }
  if (done != CURLE_OK) return unavailable(curl_easy_strerror(done));
  // A query that it refuses is told in the same form, with status 400 or 422.
  if (status >= 300 && status < 400) return unavailable("expected an answer, found a redirect, which is not followed");
  if (status >= 500 || status == 401 || status == 403 || status == 404) {
    return unavailable("expected status 200, found " + std::to_string(status));
  }
  return value_of(body);
}

}  // namespace slipway::prometheus_query
