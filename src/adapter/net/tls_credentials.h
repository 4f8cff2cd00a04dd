// TlsCredentials: a certificate, its key, whose clients' certificates are believed, and the rules of the handshake.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/net/tls_tickets.h"
#include "base/result.h"

struct ssl_ctx_st;

namespace slipway::net {

// Paths, or texts in PEM: the certificate with its chain behind it, its key, and the authorities of clients (may be
// none).
struct TlsFiles {
  std::string certificate, key, client_ca;
  bool operator==(const TlsFiles&) const = default;
};

// Immutable; any thread. Lives as long as what native() makes. TLS 1.2 and 1.3 with forward secrecy, no renegotiation,
// no compression, no early data.
class TlsCredentials {
 public:
  // InvalidInput names the file (by `names`), what was expected and what was found: no certificate, a key that is
  // encrypted or another's, a certificate that has expired, too much. `protocols`: for ALPN, most wanted first.
  static Result<std::shared_ptr<const TlsCredentials>> from_pem(const TlsFiles& texts, const TlsFiles& names,
                                                                const std::vector<std::string>& protocols,
                                                                TicketKeys& tickets);
  // Reads the files. Unavailable names the file that cannot be read and why.
  static Result<std::shared_ptr<const TlsCredentials>> load(const TlsFiles& paths,
                                                            const std::vector<std::string>& protocols,
                                                            TicketKeys& tickets);
  ~TlsCredentials();

  ssl_ctx_st* native() const { return context_; }
  const std::string& expiry() const { return expiry_; }  // "Nov 21 15:00:00 2027 GMT"

 private:
  explicit TlsCredentials(ssl_ctx_st* context) : context_(context) {}
  Result<void> use_certificate(const TlsFiles& texts, const TlsFiles& names);
  Result<void> use_key(const TlsFiles& texts, const TlsFiles& names);
  Result<void> believe_clients(const TlsFiles& texts, const TlsFiles& names);
  void set_rules(const TlsFiles& texts);
  void set_protocols(const std::vector<std::string>& protocols);

  ssl_ctx_st* context_;
  std::string protocols_;  // as ALPN writes them: each behind its length
  std::string expiry_;
};

}  // namespace slipway::net
