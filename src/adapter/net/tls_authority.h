// A certificate authority of the server's own, for the time until somebody brings a certificate.
#pragma once

#include <string>
#include <vector>

#include "adapter/net/tls_credentials.h"
#include "base/clock.h"
#include "base/result.h"

namespace slipway::net {

struct OwnCertificate {
  TlsFiles files;           // server.crt, server.key
  std::string authority;    // path of ca.crt, for clients to trust
  std::string fingerprint;  // SHA-256 of the authority's certificate, in hex
  bool is_new = false;      // the authority was made just now
};

// Makes `folder` (0700) and in it what is missing: an authority (ca.crt, ca.key; ten years) and a certificate of it for
// `hosts` (names and addresses) and loopback, for 397 days. The certificate is made anew when it has less than 30 days
// left or lacks one of the hosts. Keys are 0600. Unavailable names the file that cannot be written; Corrupt one that is
// there and cannot be read.
Result<OwnCertificate> ensure_own_certificate(const std::string& folder, std::vector<std::string> hosts);

}  // namespace slipway::net
