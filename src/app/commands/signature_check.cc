#include "app/commands/signature_check.h"

#include <algorithm>

#include "adapter/signature_bundle/signature_bundle.h"
#include "app/commands/signing_files.h"
#include "service/validation/signing.h"

namespace slipway::app {
namespace {

// The package's own file counts as it was packed; what lies beside it is read from there.
Result<std::string> signature_of(const LocalPackage& package, const std::string& path,
                                 const std::optional<std::string>& said) {
  if (said) return read_small_file(*said);
  const auto own = std::ranges::find(package.version.files, governance::kSignatureFile, &model::PackageFile::path);
  if (own == package.version.files.end()) return read_small_file(signature_beside(path));
  const auto bytes = TRY(package.artifacts->read(own->digest, governance::kLongestBundle));
  return std::string(as_text(bytes));
}

Result<std::vector<governance::TrustedKey>> read_keys(const std::vector<std::string>& files) {
  std::vector<governance::TrustedKey> trusted;
  for (const std::string& file : files) {
    auto key = VerifyingKey::parse(TRY(read_small_file(file)));
    if (!key.ok()) return std::move(key).error().within(file);
    trusted.push_back({file, *std::move(key)});
  }
  return trusted;
}

governance::SignedTarget target_of(const LocalPackage& package) {
  return {package.opened.manifest.name, std::nullopt, package.version.files};
}

}  // namespace

Result<governance::SignatureFinding> check_local_signature(const LocalPackage& package, const std::string& path,
                                                           const std::vector<std::string>& keys,
                                                           const std::optional<std::string>& signature) {
  const auto trusted = TRY(read_keys(keys));
  const std::string text = TRY(signature_of(package, path, signature));
  const auto bundle = TRY(signature_bundle::read_bundle(text));
  return governance::check_signature(bundle, target_of(package), trusted);
}

Result<gate::SigningMeasurement> measure_local_signature(const LocalPackage& package, const std::string& path,
                                                         const std::vector<std::string>& keys,
                                                         const std::optional<std::string>& signature) {
  const auto trusted = TRY(read_keys(keys));
  const auto text = signature_of(package, path, signature);
  const bool is_unsigned = !text.ok() && !signature && text.error().code == ErrorCode::NotFound;
  if (is_unsigned) return validation::measured_signing({}, trusted);
  if (!text.ok()) return text.error();
  const auto bundle = signature_bundle::read_bundle(*text);
  const governance::SignatureFinding finding =
      bundle.ok() ? governance::check_signature(*bundle, target_of(package), trusted)
                  : governance::SignatureFinding{governance::SignatureState::Invalid, {}, bundle.error().message};
  return validation::measured_signing({&finding, 1}, trusted);
}

}  // namespace slipway::app
