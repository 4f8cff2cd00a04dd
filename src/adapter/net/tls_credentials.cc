#include "adapter/net/tls_credentials.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "adapter/net/socket.h"
#include "base/digest.h"
#include "base/invariant.h"
#include "base/text.h"

namespace slipway::net {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;
constexpr int kLongestChain = 16;
constexpr int kMostAuthorities = 1000;
// Of authorities that a handshake names. TLS has room for 64 KiB, but common clients take messages of 32 KiB at most.
constexpr int kMostNameBytes = 16 << 10;

template <class T, void (*release)(T*)>
struct Releases {
  void operator()(T* held) const { release(held); }
};
using Certificate = std::unique_ptr<X509, Releases<X509, X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Releases<EVP_PKEY, EVP_PKEY_free>>;

struct Text {
  explicit Text(std::string_view pem) : bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))) {}
  ~Text() { BIO_free(bio); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  BIO* bio;
};

// The newest reason OpenSSL noted; its queue is empty afterwards.
std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "no reason given" : text;
}

Error wrong(const std::string& file, const std::string& what) {
  return invalid_input(printable(file) + ": " + what);
}

// The next certificate of a text; none at its end. InvalidInput: a damaged one.
Result<Certificate> next_certificate(const Text& text, const std::string& file) {
  Certificate certificate(PEM_read_bio_X509(text.bio, nullptr, nullptr, nullptr));
  if (certificate) return certificate;
  const unsigned long code = ERR_peek_last_error();
  const bool is_end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
  const std::string why = reason();
  if (!is_end) return wrong(file, "expected a certificate in PEM, found a damaged one (" + why + ")");
  return Certificate();
}

std::string text_of(const ASN1_TIME* time) {
  BIO* bio = BIO_new(BIO_s_mem());
  ASN1_TIME_print(bio, time);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

int refuse_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<std::string> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe must not hold us up
  std::string text(kLargestFile + 1, '\0');
  std::size_t filled = 0;
  while (file.fd() >= 0 && filled < text.size()) {
    const ssize_t got = ::read(file.fd(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unavailable(printable(path) + ": cannot be read: " + std::generic_category().message(errno));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (file.fd() < 0)
    return unavailable(printable(path) + ": cannot be opened: " + std::generic_category().message(errno));
  if (filled > kLargestFile) return wrong(path, "expected at most 1MiB of PEM, found more");
  text.resize(filled);
  return text;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void* ours) {
  const auto& list = *static_cast<const std::string*>(ours);
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(list.data()),
                                            static_cast<unsigned int>(list.size()), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

TlsCredentials::~TlsCredentials() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<const TlsCredentials>> TlsCredentials::load(const TlsFiles& paths,
                                                                   const std::vector<std::string>& protocols,
                                                                   TicketKeys& tickets) {
  TlsFiles texts;
  texts.certificate = TRY(read_file(paths.certificate));
  texts.key = TRY(read_file(paths.key));
  if (!paths.client_ca.empty()) texts.client_ca = TRY(read_file(paths.client_ca));
  return from_pem(texts, paths, protocols, tickets);
}

Result<std::shared_ptr<const TlsCredentials>> TlsCredentials::from_pem(const TlsFiles& texts, const TlsFiles& names,
                                                                       const std::vector<std::string>& protocols,
                                                                       TicketKeys& tickets) {
  ERR_clear_error();
  const std::shared_ptr<TlsCredentials> made(new TlsCredentials(SSL_CTX_new(TLS_server_method())));
  invariant(made->context_ != nullptr, "OpenSSL makes no context");
  made->set_rules(texts);
  TRY(made->use_certificate(texts, names));
  TRY(made->use_key(texts, names));
  if (!names.client_ca.empty()) TRY(made->believe_clients(texts, names));
  made->set_protocols(protocols);
  tickets.attach(made->context_);
  return std::shared_ptr<const TlsCredentials>(made);
}

void TlsCredentials::set_rules(const TlsFiles& texts) {
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                    SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context_, 1);  // a record is taken at once, not its head first
  invariant(SSL_CTX_set_cipher_list(context_, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1, "OpenSSL has no modern ciphers");
  // Of two that nobody breaks the one that costs less.
  constexpr const char* kNewest = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
  invariant(SSL_CTX_set_ciphersuites(context_, kNewest) == 1, "OpenSSL has no ciphers of TLS 1.3");
  // Tickets only: nothing is kept or shared here. A session begun under other authorities is not taken up again.
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context_, std::chrono::duration_cast<std::chrono::seconds>(TicketKeys::kLife).count());
  SSL_CTX_set_num_tickets(context_, 1);
  Sha256 hash;
  hash.update(as_bytes(texts.client_ca));
  const Digest digest = hash.finish();
  const std::string id = digest.hex().substr(0, SSL_MAX_SID_CTX_LENGTH);
  SSL_CTX_set_session_id_context(context_, reinterpret_cast<const unsigned char*>(id.data()),
                                 static_cast<unsigned int>(id.size()));
}

Result<void> TlsCredentials::use_certificate(const TlsFiles& texts, const TlsFiles& names) {
  const Text text(texts.certificate);
  const Certificate first = TRY(next_certificate(text, names.certificate));
  if (!first)
    return wrong(names.certificate, "expected a certificate in PEM (-----BEGIN CERTIFICATE-----), found none");
  expiry_ = text_of(X509_get0_notAfter(first.get()));
  if (X509_cmp_current_time(X509_get0_notAfter(first.get())) < 0) {
    return wrong(names.certificate, "expected a certificate that is valid now, found one that expired on " + expiry_);
  }
  if (X509_cmp_current_time(X509_get0_notBefore(first.get())) > 0) {
    return wrong(names.certificate, "expected a certificate that is valid now, found one that begins on " +
                                        text_of(X509_get0_notBefore(first.get())));
  }
  if (SSL_CTX_use_certificate(context_, first.get()) != 1) {
    return wrong(names.certificate, "this certificate cannot be used: " + reason());
  }
  for (int length = 1;; ++length) {
    Certificate next = TRY(next_certificate(text, names.certificate));
    if (!next) return {};
    if (length == kLongestChain) {
      return wrong(names.certificate, "expected a chain of at most " + std::to_string(kLongestChain) + " certificates");
    }
    if (SSL_CTX_add1_chain_cert(context_, next.get()) != 1) {
      return wrong(names.certificate, "a certificate of the chain cannot be used: " + reason());
    }
  }
}

Result<void> TlsCredentials::use_key(const TlsFiles& texts, const TlsFiles& names) {
  const Text text(texts.key);
  bool is_encrypted = false;
  const PrivateKey key(PEM_read_bio_PrivateKey(text.bio, nullptr, refuse_passphrase, &is_encrypted));
  if (is_encrypted) {
    ERR_clear_error();
    return wrong(names.key, "expected a key without a passphrase, found an encrypted one");
  }
  if (!key) return wrong(names.key, "expected a private key in PEM, found none (" + reason() + ")");
  if (SSL_CTX_use_PrivateKey(context_, key.get()) == 1 && SSL_CTX_check_private_key(context_) == 1) return {};
  return wrong(names.key, "expected the key of the certificate in " + printable(names.certificate) +
                              ", found another one (" + reason() + ")");
}

Result<void> TlsCredentials::believe_clients(const TlsFiles& texts, const TlsFiles& names) {
  const Text text(texts.client_ca);
  X509_STORE* store = SSL_CTX_get_cert_store(context_);
  int count = 0, name_bytes = 0;
  while (const Certificate next = TRY(next_certificate(text, names.client_ca))) {
    if (++count > kMostAuthorities) {
      return wrong(names.client_ca, "expected at most " + std::to_string(kMostAuthorities) + " authorities");
    }
    if (X509_check_ca(next.get()) == 0) {
      return wrong(names.client_ca, "expected certificates of authorities, found one (number " + std::to_string(count) +
                                        ") that is not");
    }
    if (X509_STORE_add_cert(store, next.get()) != 1 || SSL_CTX_add_client_CA(context_, next.get()) != 1) {
      return wrong(names.client_ca, "an authority cannot be used: " + reason());
    }
    name_bytes += 2 + i2d_X509_NAME(X509_get_subject_name(next.get()), nullptr);
  }
  if (count == 0) return wrong(names.client_ca, "expected a certificate in PEM, found none");
  // Names are a hint: without them a client shows what certificate it has.
  if (name_bytes > kMostNameBytes) SSL_CTX_set_client_CA_list(context_, sk_X509_NAME_new_null());
  // Asked for, not demanded: who shows none is anonymous or brings a token. One that does not verify ends the
  // handshake.
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_verify_depth(context_, kLongestChain);
  return {};
}

void TlsCredentials::set_protocols(const std::vector<std::string>& protocols) {
  for (const std::string& protocol : protocols) {
    invariant(!protocol.empty() && protocol.size() < 256, "ALPN names have 1 to 255 bytes");
    protocols_ += static_cast<char>(protocol.size());
    protocols_ += protocol;
  }
  if (!protocols_.empty()) SSL_CTX_set_alpn_select_cb(context_, choose_protocol, &protocols_);
}

}  // namespace slipway::net
