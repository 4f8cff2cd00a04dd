// What a connection gets of the certificate, keys of tickets and authorities, which change while others go on.
#include "adapter/net/tls_endpoint.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <fstream>

#include "adapter/net/tls_peers.h"

namespace slipway::net {
namespace {

using test::TlsClient;
using test::Wire;

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

class TlsEndpointTest : public test::TlsPeers {};

TEST_F(TlsEndpointTest, a_returning_client_resumes_its_session_until_the_keys_are_gone) {
  SSL_SESSION* session = nullptr;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (int i = 0; i < 4; ++i) {
      Wire wire;
      const auto server = endpoint_->accept(wire);
      TlsClient client(session, version);
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

TEST_F(TlsEndpointTest, a_connection_accepted_before_the_files_changed_ends_its_handshake) {
  Wire wire;
  const auto server = endpoint_->accept(wire);
  std::filesystem::remove_all(folder_ + "/tls");
  own_ = ensure_own_certificate(folder_ + "/tls", {"other.example.com"}).value();
  for (int i = 0; i < 3; ++i) endpoint_->tick(now_ += TlsEndpoint::kSettles);
  TlsClient client;
  settle(*server, client, wire);
  EXPECT_FALSE(server->is_handshaking());
  EXPECT_EQ(server->protocol(), "h2");
  const auto names = names_of_certificate(SSL_get0_peer_certificate(client.ssl()));
  EXPECT_NE(std::ranges::find(names, "dns:models.example.com"), names.end()) << "the certificate it began with";
}

TEST_F(TlsEndpointTest, authorities_of_clients_are_named_unless_their_names_fill_a_handshake) {
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
      TlsClient client(nullptr, version);
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

TEST_F(TlsEndpointTest, changed_files_are_taken_over_and_bad_ones_are_not) {
  const auto names = [&] {
    Wire wire;
    const auto server = endpoint_->accept(wire);
    TlsClient client;
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
