#include "adapter/net/tls_stream.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "adapter/net/tls_authority.h"
#include "adapter/net/tls_endpoint.h"

namespace slipway::net {
namespace {

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

// The client's side, by OpenSSL itself.
class Client {
 public:
  explicit Client(SSL_SESSION* session = nullptr, int newest = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_client_method())) {
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
  ~Client() {
    SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // or its session could not be resumed
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  // One step: what has come is read, what there is to say is sent. What came in plain.
  std::string turn(Wire& wire) {
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
  void say(std::string_view text) { SSL_write(ssl_, text.data(), static_cast<int>(text.size())); }
  SSL_SESSION* session() { return SSL_get1_session(ssl_); }
  SSL* ssl() { return ssl_; }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
  BIO *in_, *out_;
};

// A certificate of an authority that signed itself.
std::string authority_in_pem(EVP_PKEY* key, const std::string& organization, const std::string& unit,
                             const std::string& name) {
  X509* const made = X509_new();
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_gmtime_adj(X509_getm_notBefore(made), 0);
  X509_gmtime_adj(X509_getm_notAfter(made), 3600);
  for (const auto& [field, text] : {std::pair("O", &organization), std::pair("OU", &unit), std::pair("CN", &name)}) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), field, MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(text->data()), static_cast<int>(text->size()), -1,
                               0);
  }
  X509_set_issuer_name(made, X509_get_subject_name(made));
  X509_set_pubkey(made, key);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
  X509_add_ext(made, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(made, key, EVP_sha256());
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, made);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  X509_free(made);
  return text;
}

class TlsStreamTest : public testing::Test {
 protected:
  TlsStreamTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "slipway-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    own_ = ensure_own_certificate(folder_ + "/tls", {"models.example.com"}).value();
    endpoint_ = TlsEndpoint::open({.files = own_.files}, TimePoint{}, log_).value();
  }
  ~TlsStreamTest() override { std::filesystem::remove_all(folder_); }

  StreamResult read(ByteStream& stream, std::string& into) {
    std::array<std::byte, 100'000> bytes;
    const StreamResult result = stream.read(bytes);
    if (result.outcome == StreamResult::Outcome::Progress) into.append(as_text(ByteSpan(bytes).first(result.count)));
    return result;
  }
  // Until both have nothing more to say.
  std::string settle(TlsStream& server, Client& client, Wire& wire) {
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

TEST_F(TlsStreamTest, what_one_side_says_reaches_the_other_however_it_is_cut) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
    Wire wire;
    wire.piece = piece;
    const auto server = endpoint_->accept(wire);
    Client client;
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
  Client client;
  settle(*server, client, wire);
  for (int i = 0; i < 5; ++i) client.say(std::string(10'000, 'r'));
  client.turn(wire);
  std::string plain;
  EXPECT_EQ(read(*server, plain).count, 50'000U);
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::WouldBlock);
}

TEST_F(TlsStreamTest, the_stream_below_is_read_once_for_a_request_that_came_whole) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  Client client;
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
  Client client;
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
  Client client;
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
  Client old(nullptr, TLS1_1_VERSION);
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
  Client client;
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
  Client client(nullptr, TLS1_2_VERSION);
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
  Client client;
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
  Client client;
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
  Client client;
  settle(*server, client, wire);
  client.say("question");
  SSL_shutdown(client.ssl());
  client.turn(wire);
  std::string plain;
  EXPECT_TRUE(read(*server, plain).is_cut);
  EXPECT_EQ(plain, "question");
  EXPECT_EQ(read(*server, plain).outcome, StreamResult::Outcome::Ended);
}

TEST_F(TlsStreamTest, a_returning_client_resumes_its_session_until_the_keys_are_gone) {
  SSL_SESSION* session = nullptr;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (int i = 0; i < 4; ++i) {
      Wire wire;
      const auto server = endpoint_->accept(wire);
      Client client(session, version);
      settle(*server, client, wire);
      EXPECT_EQ(server->was_resumed(), i == 1 || i == 2) << i;
      SSL_SESSION_free(session);
      session = client.session();
      // After the first rotation the old key still opens and a new ticket is given; two at once leave neither.
      if (i == 1) endpoint_->tick(now_ += TicketKeys::kLife);
      if (i == 2) endpoint_->tick(now_ += 2 * TicketKeys::kLife);
    }
    SSL_SESSION_free(std::exchange(session, nullptr));
  }
}

TEST_F(TlsStreamTest, a_connection_accepted_before_the_files_changed_ends_its_handshake) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  std::filesystem::remove_all(folder_ + "/tls");
  own_ = ensure_own_certificate(folder_ + "/tls", {"other.example.com"}).value();
  for (int i = 0; i < 3; ++i) endpoint_->tick(now_ += TlsEndpoint::kSettles);
  Client client;
  settle(*server, client, wire);
  EXPECT_FALSE(server->is_handshaking());
  EXPECT_EQ(server->protocol(), "h2");
  const auto names = names_of_certificate(SSL_get0_peer_certificate(client.ssl()));
  EXPECT_NE(std::ranges::find(names, "dns:models.example.com"), names.end()) << "the certificate it began with";
}

TEST_F(TlsStreamTest, authorities_of_clients_are_named_unless_their_names_fill_a_handshake) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  std::string text;
  for (int i = 1; i <= 350; ++i) {
    text += authority_in_pem(key, std::string(60, 'o') + std::to_string(i), std::string(60, 'u'), std::string(60, 'c'));
    if (i != 3 && i != 350) continue;
    std::ofstream(folder_ + "/clients.crt") << text;
    const TlsFiles files = {own_.files.certificate, own_.files.key, folder_ + "/clients.crt"};
    const auto endpoint = TlsEndpoint::open({.files = files}, TimePoint{}, log_).value();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      Wire wire;
      const auto server = endpoint->accept(wire);
      Client client(nullptr, version);
      bool was_asked = false;
      SSL_set_cert_cb(client.ssl(), [](SSL*, void* asked) { return *static_cast<bool*>(asked) = true, 1; }, &was_asked);
      settle(*server, client, wire);
      EXPECT_FALSE(server->is_handshaking()) << i;
      EXPECT_TRUE(was_asked) << i;
      const auto* names = SSL_get0_peer_CA_list(client.ssl());
      EXPECT_EQ(names == nullptr ? 0 : sk_X509_NAME_num(names), i == 3 ? 3 : 0);
    }
  }
  EVP_PKEY_free(key);
}

TEST_F(TlsStreamTest, changed_files_are_taken_over_and_bad_ones_are_not) {
  const auto names = [&] {
    Wire wire;
    const auto server = endpoint_->accept(wire);
    Client client;
    settle(*server, client, wire);
    return names_of_certificate(SSL_get0_peer_certificate(client.ssl()));
  };
  const auto ticks = [&] {
    for (int i = 0; i < 3; ++i) endpoint_->tick(now_ += TlsEndpoint::kSettles);
  };
  const auto before = names();
  EXPECT_NE(std::ranges::find(before, "dns:models.example.com"), before.end());
  std::ofstream(own_.files.certificate) << "not a certificate";
  ticks();
  EXPECT_EQ(names(), before) << "the old one stays";
  std::filesystem::remove_all(folder_ + "/tls");
  ticks();
  EXPECT_EQ(names(), before);
  own_ = ensure_own_certificate(folder_ + "/tls", {"other.example.com"}).value();
  ticks();
  const auto after = names();
  EXPECT_NE(std::ranges::find(after, "dns:other.example.com"), after.end());
}

}  // namespace
}  // namespace slipway::net
