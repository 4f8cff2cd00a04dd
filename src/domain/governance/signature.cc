#include "domain/governance/signature.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"

namespace slipway::governance {
namespace {

constexpr std::array<std::string_view, 5> kStates = {"verified", "unknown-key", "revoked-key", "unverifiable",
                                                     "invalid"};

bool made_it(const TrustedKey& trusted, const SignedBundle& bundle) {
  return std::ranges::any_of(bundle.signatures, [&](const std::string& signature) {
    return trusted.key.verifies(as_bytes(bundle.signed_bytes), as_bytes(signature));
  });
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Nothing: the statement is about exactly these files.
std::optional<std::string> difference(const Statement& statement, const SignedTarget& target) {
  std::map<std::string_view, const Digest*> said;
  for (const Statement::File& file : statement.files) {
    if (!said.emplace(file.path, &file.digest).second) return "the file \"" + printable(file.path) + "\" twice";
  }
  for (const model::PackageFile& file : target.files) {
    const auto found = said.find(file.path);
    if (found == said.end()) {
      if (file.path == kSignatureFile) continue;
      return "nothing about the file \"" + printable(file.path) + "\" of the package";
    }
    if (*found->second != file.digest) {
      return "\"" + printable(file.path) + "\" as sha256:" + found->second->hex() +
             ", the package has sha256:" + file.digest.hex();
    }
    said.erase(found);
  }
  if (said.empty()) return std::nullopt;
  return "the file \"" + printable(said.begin()->first) + "\", which the package has not";
}

// Nothing: it is about this model and this version, or about any.
std::optional<std::string> other_target(const Statement& statement, const SignedTarget& target) {
  const bool other_model = !statement.model.empty() && !target.model.empty() && statement.model != target.model;
  const bool other_version = statement.version && target.version && *statement.version != *target.version;
  if (!other_model && !other_version) return std::nullopt;
  std::string text = "\"" + printable(statement.model);
  if (statement.version) text += ":" + std::to_string(*statement.version);
  text += "\", this is \"" + printable(target.model);
  if (target.version) text += ":" + std::to_string(*target.version);
  return text + "\"";
}

}  // namespace

std::string_view name_of(SignatureState state) {
  return kStates[static_cast<std::size_t>(state)];
}

SignatureFinding check_signature(const SignedBundle& bundle, const SignedTarget& target,
                                 std::span<const TrustedKey> trusted) {
  if (!bundle.obstacle.empty()) return {SignatureState::Unverifiable, {}, bundle.obstacle};
  std::vector<std::string> good, revoked;
  const TrustedKey* hinted = nullptr;
  for (const TrustedKey& each : trusted) {
    if (made_it(each, bundle)) (each.revoked ? revoked : good).push_back(each.name);
    if (!bundle.key_hint.empty() && bundle.key_hint == each.key.pem_digest().hex()) hinted = &each;
  }
  if (good.empty() && !revoked.empty()) {
    std::string why = "made by " + joined(revoked) + ", which is revoked";
    return {SignatureState::RevokedKey, std::move(revoked), std::move(why)};
  }
  if (good.empty() && hinted) {
    return {SignatureState::Invalid, {}, "it says that " + hinted->name + " made it, whose signature it is not"};
  }
  if (good.empty()) {
    std::string why = "expected a signature by one of " + std::to_string(trusted.size()) +
                      " trusted keys, found one by " +
                      (bundle.key_hint.empty() ? "another" : "\"" + printable(bundle.key_hint, 80) + "\"");
    return {SignatureState::UnknownKey, {}, std::move(why)};
  }
  if (const auto other = other_target(bundle.statement, target)) {
    return {SignatureState::Invalid, std::move(good), "it is about " + *other};
  }
  if (const auto difference_found = difference(bundle.statement, target)) {
    return {SignatureState::Invalid, std::move(good), "it says " + *difference_found};
  }
  return {SignatureState::Verified, std::move(good), {}};
}

std::string describe(const SignatureFinding& finding) {
  const std::string& what = finding.state == SignatureState::Verified ? joined(finding.keys) : finding.detail;
  return std::string(name_of(finding.state)) + ": " + what;
}

Statement statement_for(std::string subject, const SignedTarget& target) {
  Statement statement{
      .subject = std::move(subject), .files = {}, .model = std::string(target.model), .version = target.version};
  for (const model::PackageFile& file : target.files) {
    if (file.path != kSignatureFile) statement.files.push_back({file.path, file.digest});
  }
  std::ranges::sort(statement.files, {}, &Statement::File::path);
  return statement;
}

}  // namespace slipway::governance
