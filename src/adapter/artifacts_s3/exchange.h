// Exchange: one signed request to an S3 server and what came back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapter/artifacts_s3/credentials.h"
#include "adapter/artifacts_s3/s3_address.h"
#include "adapter/artifacts_s3/s3_answer.h"
#include "base/digest.h"

namespace slipway::http_out {
class CurlHandle;
}

namespace slipway::artifacts_s3 {

enum class Method : std::uint8_t { Get, Head, Put, Post, Delete };

// A piece of an open file, read with pread().
struct FileRange {
  int file = -1;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct S3Request {
  Method method = Method::Get;
  std::string key;                         // below the prefix; empty: the bucket
  std::string query;                       // as S3Address::url takes it
  std::string text;                        // what a Post sends
  FileRange content;                       // what a Put sends
  std::optional<Digest> digest;            // of what is sent; none: nothing is
  std::string range;                       // "bytes=5-" of a Get
  bool completes = false;                  // an upload in parts: has its own limit of time, and may be silent for it
  Bytes most = mebibytes(8);               // of the answer's content
  std::vector<std::byte>* into = nullptr;  // appended to with the answer's content; null: it is in the answer
};

// A connection to one server, kept open between requests. One thread at a time; owned by the client's pool.
class Exchange {
 public:
  Exchange();
  ~Exchange();
  Exchange(Exchange&&) noexcept;
  Exchange& operator=(Exchange&&) noexcept;

  // Blocks, at most as long as the settings say. The server's certificate is always checked; no redirect is followed.
  S3Answer run(const S3Request& request, const S3Address& address, const S3Settings& settings,
               const Credentials& credentials);

 private:
  std::unique_ptr<http_out::CurlHandle> handle_;
};

}  // namespace slipway::artifacts_s3
