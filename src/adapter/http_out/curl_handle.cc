#include "adapter/http_out/curl_handle.h"

#include <curl/curl.h>

#include "base/invariant.h"

namespace slipway::http_out {
namespace {

CURL* new_handle() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  invariant(ready == CURLE_OK, "libcurl can be set up");
  CURL* const curl = curl_easy_init();
  invariant(curl != nullptr, "there is memory for a connection");
  return curl;
}

}  // namespace

CurlHandle::CurlHandle() : curl_(new_handle()) {}

CurlHandle::~CurlHandle() {
  curl_easy_cleanup(curl_);
}

void* CurlHandle::begin() {
  curl_easy_reset(curl_);  // keeps its connections
  return curl_;
}

HeaderLines::~HeaderLines() {
  curl_slist_free_all(first_);
}

void HeaderLines::add(const std::string& line) {
  curl_slist* const longer = curl_slist_append(first_, line.c_str());
  invariant(longer != nullptr, "there is memory for a header");
  first_ = longer;
}

}  // namespace slipway::http_out
