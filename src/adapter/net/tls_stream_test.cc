#include "adapter/net/tls_stream.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "adapter/net/tls_peers.h"

namespace slipway::net {
namespace test {

TlsClient::TlsClient(SSL_SESSION* session, int newest) : context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_, newest);
  SSL_CTX_set_cipher_list(context_, "DEFAULT@SECLEVEL=0");
  ssl_ = SSL_new(context_);
  SSL_set_bio(ssl_, in_ = BIO_new(BIO_s_mem()), out_ = BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_);
  const unsigned char offered[] = "\x02h2\x08http/1.1";
  SSL_set_alpn_protos(ssl_, offered, sizeof offered - 1);
  if (session != nullptr) SSL_set_session(ssl_, session);
}

TlsClient::~TlsClient() {
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // or its session could not be resumed
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

std::string TlsClient::turn(Wire& wire) {
  BIO_write(in_, wire.to_client.data(), static_cast<int>(wire.to_client.size()));
  wire.to_client.clear();
  std::string plain(1 << 20, '\0');
  std::size_t got = 0;
  if (SSL_read_ex(ssl_, plain.data(), plain.size(), &got) != 1) got = 0;
  while (got != 0 && got < plain.size()) {
    std::size_t more = 0;
    if (SSL_read_ex(ssl_, plain.data() + got, plain.size() - got, &more) != 1) break;
    got += more;
  }
  plain.resize(got);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out_, &bytes);
  wire.to_server.append(bytes, static_cast<std::size_t>(size));
  BIO_reset(out_);
  return plain;
}

void TlsClient::say(std::string_view text) {
  SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
}

SSL_SESSION* TlsClient::session() {
  return SSL_get1_session(ssl_);
}

}  // namespace test

namespace {

using test::TlsClient;
using test::Wire;

class TlsStreamTest : public test::TlsPeers {};

TEST_F(TlsStreamTest, what_one_side_says_reaches_the_other_however_it_is_cut) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
    Wire wire;
    wire.piece = piece;
    const auto server = endpoint_->accept(wire);
    TlsClient client;
    EXPECT_TRUE(server->is_handshaking());
    settle(*server, client, wire);
    EXPECT_FALSE(server->is_handshaking());
    EXPECT_EQ(server->protocol(), "h2");
    EXPECT_EQ(server->certificate_names(), std::nullopt);
    client.say(std::string(50'000, 'q'));
    EXPECT_EQ(settle(*server, client, wire), std::string(50'000, 'q'));
    const std::string answer(200'000, 'a');
    for (std::size_t sent = 0; sent < answer.size();) sent += server->write(as_bytes(answer).subspan(sent)).count;
    EXPECT_TRUE(client.turn(wire) == answer);
  }
}

// A read that gives fewer bytes than asked tells a connection that no more will come without a new event.
TEST_F(TlsStreamTest, a_read_takes_all_records_that_have_come) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client;
  settle(*server, client, wire);
  for (int i = 0; i < 5; ++i) client.say(std::string(10'000, 'r'));
  client.turn(wire);
  std::string plain;
  EXPECT_EQ(read(*server, plain).count, 50'000U);
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::WouldBlock);
}

TEST_F(TlsStreamTest, a_reader_with_little_room_gets_all_of_it_and_the_stream_below_is_not_read_again_meanwhile) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client;
  settle(*server, client, wire);
  std::string said;
  for (int i = 0; i < 12'000; ++i) said += static_cast<char>('a' + i % 23);
  client.say(said.substr(0, 5'000));
  client.say(said.substr(5'000));
  client.turn(wire);
  wire.reads = 0;
  std::string plain;
  std::array<std::byte, 1'000> little;
  while (plain.size() < said.size()) {
    const StreamResult result = server->read(little);
    ASSERT_EQ(result.outcome, StreamResult::Outcome::Progress);
    plain.append(as_text(ByteSpan(little).first(result.count)));
  }
  EXPECT_TRUE(plain == said);
  EXPECT_EQ(wire.reads, 1);
  EXPECT_EQ(server->read(little).outcome, StreamResult::Outcome::WouldBlock);
}

TEST_F(TlsStreamTest, the_stream_below_is_read_once_for_a_request_that_came_whole) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client;
  settle(*server, client, wire);
  client.say("request");
  client.turn(wire);
  wire.reads = 0;
  std::string plain;
  EXPECT_EQ(read(*server, plain).count, 7U);
  EXPECT_EQ(wire.reads, 1);
}

TEST_F(TlsStreamTest, the_end_is_told_once_it_was_said_and_again) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client;
  settle(*server, client, wire);
  client.say("last");
  SSL_shutdown(client.ssl());
  client.turn(wire);
  std::string plain;
  EXPECT_EQ(read(*server, plain).count, 4U);
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::Ended);
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::Ended);
}

TEST_F(TlsStreamTest, bytes_are_written_when_the_stream_below_has_taken_them) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client;
  settle(*server, client, wire);
  wire.room = 1000;
  const std::string answer(30'000, 'a');
  EXPECT_EQ(server->write(as_bytes(answer)).outcome, StreamResult::Outcome::WouldBlock);
  EXPECT_EQ(server->write(as_bytes(answer)).outcome, StreamResult::Outcome::WouldBlock);
  wire.room = 100 << 20;
  EXPECT_EQ(server->write(as_bytes(answer)).count, answer.size());
  EXPECT_TRUE(client.turn(wire) == answer);
}

TEST_F(TlsStreamTest, old_versions_and_what_is_no_tls_fail) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient old(nullptr, TLS1_1_VERSION);
  settle(*server, old, wire);
  std::string plain;
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::Failed);
  Wire other;
  other.to_server = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto second = endpoint_->accept(other);
  EXPECT_EQ(read(*second, plain).outcome, StreamResult::Outcome::Failed);
}

TEST_F(TlsStreamTest, new_keys_without_end_fail_the_stream) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client;
  settle(*server, client, wire);
  const auto renew = [&](int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
      ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
    }
  };
  for (int i = 0; i < 5; ++i) {  // who says something in between may renew as often as it likes
    renew(15);
    client.say("x");
    EXPECT_EQ(settle(*server, client, wire), "x");
  }
  renew(17);
  client.turn(wire);
  std::string plain;
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::Failed);
}

TEST_F(TlsStreamTest, renegotiation_is_refused_and_the_stream_goes_on) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client(nullptr, TLS1_2_VERSION);
  settle(*server, client, wire);
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  ASSERT_EQ(SSL_do_handshake(client.ssl()), -1);  // it waits for an answer
  client.turn(wire);
  std::string plain;
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::WouldBlock);
  EXPECT_FALSE(server->is_handshaking());
  EXPECT_FALSE(wire.to_client.empty());
  ERR_clear_error();
  client.turn(wire);
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_NO_RENEGOTIATION);
  EXPECT_EQ(server->write(as_bytes("still there")).outcome, StreamResult::Outcome::Progress);
}

TEST_F(TlsStreamTest, a_read_of_many_small_records_is_cut_and_goes_on_without_an_event) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client;
  settle(*server, client, wire);
  for (int i = 0; i < 1000; ++i) client.say("r");
  client.turn(wire);
  std::string plain;
  const StreamResult first = read(*server, plain);
  EXPECT_EQ(first.outcome, StreamResult::Outcome::Progress);
  EXPECT_TRUE(first.is_cut);
  EXPECT_LT(first.count, 500U);
  int reads = 1;
  while (read(*server, plain).is_cut) ++reads;
  EXPECT_LT(reads, 10);
  EXPECT_EQ(plain, std::string(1000, 'r'));
  EXPECT_FALSE(read(*server, plain).is_cut);
}

TEST_F(TlsStreamTest, ends_are_told_in_both_directions) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client;
  settle(*server, client, wire);
  server->end_writing();
  client.turn(wire);
  EXPECT_EQ(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
  SSL_shutdown(client.ssl());
  client.turn(wire);
  std::string plain;
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::Ended);
}

TEST_F(TlsStreamTest, an_end_that_came_with_the_last_bytes_is_told_without_an_event) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  TlsClient client;
  settle(*server, client, wire);
  client.say("question");
  SSL_shutdown(client.ssl());
  client.turn(wire);
  std::string plain;
  EXPECT_TRUE(read(*server, plain).is_cut);
  EXPECT_EQ(plain, "question");
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::Ended);
}

}  // namespace
}  // namespace slipway::net
