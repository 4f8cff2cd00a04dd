// Signature files: OpenSSF Model Signing's bundles (docs/formats/signature.md). Pure functions; what is read comes from
// anyone.
#pragma once

#include <string>
#include <string_view>

#include "base/ed25519.h"
#include "ports/signature_reader.h"

namespace slipway::signature_bundle {

// InvalidInput: more than kLongestBundle, not JSON, a key twice, deeper than 16, or not such a bundle. A kind that is
// sound and cannot be checked here (a certificate, another hash, files in shards) is read, with its obstacle.
Result<governance::SignedBundle> read_bundle(std::string_view text);

// The bundle by which `key` signs the statement; the same for the same two.
std::string signed_bundle(const governance::Statement& statement, const Ed25519PrivateKey& key);

class BundleReader final : public ports::SignatureReader {
 public:
  Result<governance::SignedBundle> read(std::string_view text) const override { return read_bundle(text); }
};

}  // namespace slipway::signature_bundle
