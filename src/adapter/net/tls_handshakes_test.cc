#include "adapter/net/tls_handshakes.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapter/net/tls_authority.h"
#include "adapter/net/tls_endpoint.h"

namespace slipway::net {
namespace {

// A peer that says what it has to say, and nothing more.
struct Peer final : ByteStream {
  explicit Peer(std::string said_) : said(std::move(said_)) {}
  StreamResult read(MutableByteSpan into) override {
    if (said.empty()) return {StreamResult::Outcome::WouldBlock};
    const std::size_t count = std::min(into.size(), said.size());
    std::memcpy(into.data(), said.data(), count);
    said.erase(0, count);
    return {StreamResult::Outcome::Progress, count};
  }
  StreamResult write(ByteSpan bytes) override {
    heard += bytes.size();
    return {StreamResult::Outcome::Progress, bytes.size()};
  }
  void end_writing() override {}
  std::string said;
  std::size_t heard = 0;
};

std::string client_hello() {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL* const client = SSL_new(context);
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(client, BIO_new(BIO_s_mem()), out);
  SSL_connect(client);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  std::string hello(bytes, static_cast<std::size_t>(size));
  SSL_free(client);
  SSL_CTX_free(context);
  return hello;
}

struct Accepted {
  explicit Accepted(std::string said) : peer(std::move(said)) {}
  StreamResult::Outcome read() {
    std::array<std::byte, 100> into;
    return stream->read(into).outcome;
  }
  Peer peer;
  std::unique_ptr<TlsStream> stream;
};

TEST(TlsHandshakes, above_their_number_none_is_begun_until_the_first_is_slow_which_gives_up) {
  std::string folder = (std::filesystem::temp_directory_path() / "slipway-handshakes-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  Log log{{.level = LogLevel::Off}};
  const auto own = ensure_own_certificate(folder + "/tls", {"models.example.com"});
  ASSERT_TRUE(own);
  auto endpoint = TlsEndpoint::open({.files = own->files}, TimePoint{}, log);
  ASSERT_TRUE(endpoint);
  const std::string hello = client_hello();

  TimePoint now{};
  TlsHandshakes handshakes(now);
  std::vector<std::unique_ptr<Accepted>> all;
  const auto begin = [&](std::string said) {
    all.push_back(std::make_unique<Accepted>(std::move(said)));
    all.back()->stream = (*endpoint)->accept(all.back()->peer, &handshakes);
    return all.back()->read();
  };
  EXPECT_EQ(begin(hello.substr(0, 40)), StreamResult::Outcome::WouldBlock);
  EXPECT_EQ(handshakes.count(), 0U);
  for (std::size_t i = 0; i < TlsHandshakes::kMost; ++i) EXPECT_EQ(begin(hello), StreamResult::Outcome::WouldBlock);
  now += TlsHandshakes::kSlow - Duration(1);
  EXPECT_EQ(begin(hello), StreamResult::Outcome::Failed);
  EXPECT_EQ(all[1]->read(), StreamResult::Outcome::WouldBlock);
  now += Duration(1);
  EXPECT_EQ(begin(hello), StreamResult::Outcome::WouldBlock);
  EXPECT_EQ(handshakes.count(), TlsHandshakes::kMost);
  EXPECT_EQ(all[0]->read(), StreamResult::Outcome::WouldBlock);
  EXPECT_EQ(all[1]->read(), StreamResult::Outcome::Failed);
  EXPECT_EQ(all[1]->stream->write(as_bytes("x")).outcome, StreamResult::Outcome::Failed);
  all[1]->stream->end_writing();
  EXPECT_GT(all[2]->peer.heard, 0U);
  EXPECT_EQ(all[2]->read(), StreamResult::Outcome::WouldBlock);
  all.clear();
  EXPECT_EQ(handshakes.count(), 0U);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace slipway::net
