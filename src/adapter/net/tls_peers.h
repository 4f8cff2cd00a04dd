// A client and a server of TLS that talk in memory, for the tests of this room.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include "adapter/net/tls_authority.h"
#include "adapter/net/tls_endpoint.h"
#include "adapter/net/tls_stream.h"

struct bio_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace slipway::net::test {

// Two directions of bytes in memory; what the peer reads is given in pieces.
struct Wire final : ByteStream {
  StreamResult read(MutableByteSpan into) override {
    ++reads;
    if (to_server.empty()) return {ended ? StreamResult::Outcome::Ended : StreamResult::Outcome::WouldBlock};
    const std::size_t count = std::min({into.size(), to_server.size(), piece});
    std::memcpy(into.data(), to_server.data(), count);
    to_server.erase(0, count);
    return {StreamResult::Outcome::Progress, count};
  }
  StreamResult write(ByteSpan bytes) override {
    const std::size_t count = std::min(bytes.size(), room);
    if (count == 0) return {StreamResult::Outcome::WouldBlock};
    room -= count;
    to_client.append(as_text(bytes.first(count)));
    return {StreamResult::Outcome::Progress, count};
  }
  void end_writing() override {}
  std::string to_server, to_client;
  std::size_t piece = 1 << 20, room = 100 << 20;
  bool ended = false;
  int reads = 0;
};

// The client's side, by OpenSSL itself; its functions are in tls_stream_test.cc. One thread.
class TlsClient {
 public:
  // `session`: to be resumed; `newest`: a version as OpenSSL numbers them, 0: the newest there is.
  explicit TlsClient(ssl_session_st* session = nullptr, int newest = 0);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  // One step: what has come is read, what there is to say is sent. What came in plain.
  std::string turn(Wire& wire);
  void say(std::string_view text);
  ssl_session_st* session();  // the caller's to free
  ssl_st* ssl() { return ssl_; }

 private:
  ssl_ctx_st* context_;
  ssl_st* ssl_;
  bio_st *in_, *out_;
};

class TlsPeers : public testing::Test {
 protected:
  TlsPeers() {
    std::string pattern = (std::filesystem::temp_directory_path() / "slipway-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    own_ = ensure_own_certificate(folder_ + "/tls", {"models.example.com"}).value();
    endpoint_ = TlsEndpoint::open({.files = own_.files}, TimePoint{}, log_).value();
  }
  ~TlsPeers() override { std::filesystem::remove_all(folder_); }

  StreamResult read(ByteStream& stream, std::string& into) {
    std::array<std::byte, 100'000> bytes;
    const StreamResult result = stream.read(bytes);
    if (result.outcome == StreamResult::Outcome::Progress) into.append(as_text(ByteSpan(bytes).first(result.count)));
    return result;
  }
  // Until both have nothing more to say.
  std::string settle(TlsStream& server, TlsClient& client, Wire& wire) {
    std::string plain;
    for (int i = 0; i < 10; ++i) {
      client.turn(wire);
      for (StreamResult result(StreamResult::Outcome::Progress);
           result.outcome == StreamResult::Outcome::Progress || result.is_cut;) {
        result = read(server, plain);
      }
    }
    return plain;
  }

  Log log_{{.level = LogLevel::Off}};
  std::string folder_;
  OwnCertificate own_;
  std::unique_ptr<TlsEndpoint> endpoint_;
  TimePoint now_{};
};

}  // namespace slipway::net::test
