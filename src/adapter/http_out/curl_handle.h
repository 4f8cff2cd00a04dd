// CurlHandle, HeaderLines: what every room that asks others over HTTP needs of libcurl.
#pragma once

#include <string>

struct curl_slist;

namespace slipway::http_out {

// A handle of libcurl, with the connections that it keeps between requests; the first one of the process sets the
// library up. One thread at a time. Without memory for it the process ends.
class CurlHandle {
 public:
  CurlHandle();
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  // As curl_easy_setopt() and its like take it, with the options of one request before gone.
  void* begin();

 private:
  void* const curl_;
};

// The header lines of one request, for CURLOPT_HTTPHEADER. Outlives the request.
class HeaderLines {
 public:
  HeaderLines() = default;
  ~HeaderLines();
  HeaderLines(const HeaderLines&) = delete;
  HeaderLines& operator=(const HeaderLines&) = delete;

  void add(const std::string& line);
  curl_slist* first() const { return first_; }

 private:
  curl_slist* first_ = nullptr;
};

}  // namespace slipway::http_out
