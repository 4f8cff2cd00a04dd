// Signatures of versions: what a bundle says, and whether a key that is trusted here made it for exactly these files.
// Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/verifying_key.h"
#include "domain/model/manifest.h"
#include "domain/model/name.h"

namespace slipway::governance {

// The signature file of a package that brings its own (OpenSSF Model Signing's usual name). It cannot sign itself.
inline constexpr std::string_view kSignatureFile = "model.sig";
inline constexpr Bytes kLongestBundle = mebibytes(4);

// What a signer says of a package. Believed by nobody before check_signature().
struct Statement {
  struct File {
    std::string path;
    Digest digest;
    bool operator==(const File&) const = default;
  };
  std::string subject;  // what the signer called it
  std::vector<File> files;
  std::string model;                            // for this model alone; empty: for these files under any name
  std::optional<model::VersionNumber> version;  // of that model; none: for each one that has these files
  bool operator==(const Statement&) const = default;
};

// A bundle as read: its envelope, and the statement inside.
struct SignedBundle {
  std::string signed_bytes;             // what the signatures are over
  std::vector<std::string> signatures;  // each as the key's kind writes it
  std::string key_hint;                 // the signer's word for the key; it decides nothing
  std::string obstacle;                 // why it cannot be checked here; empty: it can
  Statement statement;
};

struct TrustedKey {
  std::string name;
  VerifyingKey key;
  bool revoked = false;  // nothing it ever signed counts
  bool operator==(const TrustedKey&) const = default;
};

enum class SignatureState : std::uint8_t {
  Verified,
  UnknownKey,    // by none of the trusted keys, so that nothing is known of it
  RevokedKey,    // by a key that is trusted no more
  Unverifiable,  // of a kind that cannot be checked here
  Invalid,       // by a trusted key, but for something else than these files; or broken
};
std::string_view name_of(SignatureState state);  // "verified", "unknown-key"

struct SignatureFinding {
  SignatureState state = SignatureState::Invalid;
  std::vector<std::string> keys;  // names of the trusted keys that made it; of RevokedKey, those that are revoked
  std::string detail;             // what was expected and found; empty: Verified
  bool operator==(const SignatureFinding&) const = default;
};

struct SignedTarget {
  std::string_view model;                       // empty: a package that has no name yet
  std::optional<model::VersionNumber> version;  // none: not in a registry yet
  std::span<const model::PackageFile> files;
};

// Which key made it is found by trying them all; then each file of the target must be in the statement with its digest,
// and each of the statement in the target, kSignatureFile alone excepted.
SignatureFinding check_signature(const SignedBundle& bundle, const SignedTarget& target,
                                 std::span<const TrustedKey> trusted);

// "verified: release"; "unknown-key: ..." for people.
std::string describe(const SignatureFinding& finding);

// The statement to sign for these files.
Statement statement_for(std::string subject, const SignedTarget& target);

}  // namespace slipway::governance
