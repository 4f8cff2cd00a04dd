// The part of the Registry that keeps signatures, and asks for them before a version is loaded.
#include <algorithm>
#include <utility>

#include "service/registry/load_guard.h"
#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

using governance::SignatureState;

constexpr std::size_t kMostSignatures = 16;  // attached to one version
constexpr std::size_t kMostUnverified = 8;   // of these come first: what nobody trusts leaves room for who is trusted
constexpr std::size_t kMostFindings = 1024;  // that are remembered
constexpr std::size_t kMostRefusedLoads = 1024;
constexpr std::string_view kManifestFile = "slipway.yaml";

governance::SignedTarget target_of(const model::ModelVersion& version) {
  return {version.name.text(), version.number, version.files};
}

// True: this refusal is another than the last. `why` empty: none.
bool remember_refusal(Guarded<std::map<std::string, std::string>>& refused, const std::string& what,
                      const std::string& why) {
  auto known = refused.lock();
  if (why.empty()) {
    known->erase(what);
    return false;
  }
  if (known->size() >= kMostRefusedLoads) known->clear();
  std::string& last = (*known)[what];
  return std::exchange(last, why) != why;
}

// What the store says of the version must be what its files say, since only these are signed.
Result<void> check_record(const model::ModelVersion& version) {
  if (model::package_digest(version.files) != version.digest) {
    return corrupt("the digest of the version is not that of its files");
  }
  const auto manifest = std::ranges::find(version.files, kManifestFile, &model::PackageFile::path);
  if (manifest != version.files.end() && manifest->digest == sha256(as_bytes(version.manifest))) return {};
  return corrupt("the manifest of the version is not the " + std::string(kManifestFile) + " among its files");
}

}  // namespace

Digest SignatureFindings::key_of(const model::ModelVersion& version, std::string_view bundle) {
  // Of the files as they stand in the record now, not of what the record says of them. A name has no line break.
  const std::string whose = version.name.text() + "\n" + std::to_string(version.number) + "\n" +
                            model::package_digest(version.files).hex() + sha256(as_bytes(bundle)).hex();
  return sha256(as_bytes(whose));
}

std::optional<governance::SignatureFinding> SignatureFindings::find(const Digest& key) const {
  auto found = found_.lock();
  const auto at = found->find(key);
  return at == found->end() ? std::nullopt : std::optional(at->second);
}

void SignatureFindings::keep(const Digest& key, governance::SignatureFinding finding) {
  auto found = found_.lock();
  if (found->size() >= kMostFindings) found->clear();
  found->insert_or_assign(key, std::move(finding));
}

governance::SignatureFinding Registry::State::check_signature(const model::ModelVersion& version,
                                                              std::string_view bundle) const {
  if (!parts.signatures) return {SignatureState::Unverifiable, {}, "signatures are not read here"};
  const Digest key = SignatureFindings::key_of(version, bundle);
  if (auto known = findings.find(key)) return *std::move(known);
  const auto read = parts.signatures->read(bundle);
  if (!read.ok()) return {SignatureState::Invalid, {}, read.error().message};
  auto finding = governance::check_signature(*read, target_of(version), parts.rules.keys);
  findings.keep(key, finding);
  return finding;
}

Result<std::vector<Registry::Signature>> Registry::State::signatures_of(const model::ModelVersion& version) const {
  std::vector<Signature> found;
  const auto own = std::ranges::find(version.files, governance::kSignatureFile, &model::PackageFile::path);
  if (own != version.files.end()) {
    Signature signature{.source = std::string(governance::kSignatureFile),
                        .digest = own->digest,
                        .attached_by = version.created_by,
                        .at = version.created_at,
                        .finding = {}};
    if (own->size > governance::kLongestBundle.count) {
      signature.finding = {SignatureState::Invalid, {}, "it has " + std::to_string(own->size) + " bytes"};
    } else {
      const auto bytes = TRY(parts.artifacts.read(own->digest, {own->size}));
      signature.finding = check_signature(version, as_text(bytes));
    }
    found.push_back(std::move(signature));
  }
  for (const auto& [record, revision] : TRY(parts.metadata.signatures(version.name, version.number))) {
    found.push_back({.source = "attached",
                     .digest = record.digest,
                     .attached_by = record.attached_by,
                     .at = record.at,
                     .finding = check_signature(version, record.bundle)});
  }
  return found;
}

Result<Registry::Signature> Registry::attach_signature(const model::ModelName& name, model::VersionNumber number,
                                                       const std::string& bundle, const Author& author) {
  TRY(check(author));
  TRY(state_->check_scope(author, name, std::string_view()));
  const Digest digest = sha256(as_bytes(bundle));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    const auto version = TRY(state_->existing(name, number)).record;
    Signature made{.source = "attached",
                   .digest = digest,
                   .attached_by = author.principal,
                   .at = parts_.clock.wall_now(),
                   .finding = state_->check_signature(version, bundle)};
    if (made.finding.state == SignatureState::Invalid) {
      Error error = invalid_input("the signature does not fit " + text_of(number) + " of " + quoted(name) + ": " +
                                  made.finding.detail);
      if (parts_.refusals) {
        parts_.refusals->note({author.principal, name.text(), "sign " + text_of(number), error.message}, made.at);
      }
      return error;
    }
    const auto attached = TRY(parts_.metadata.signatures(name, number));
    for (const auto& [record, revision] : attached) {
      if (record.digest != digest) continue;
      made.attached_by = record.attached_by;
      made.at = record.at;
      return made;
    }
    const bool is_verified = made.finding.state == SignatureState::Verified;
    if (attached.size() >= (is_verified ? kMostSignatures : kMostUnverified)) {
      return overloaded(text_of(number) + " of " + quoted(name) + " has " + std::to_string(attached.size()) +
                        " signatures already" + (is_verified ? "" : "; another one needs a key that is trusted"));
    }
    const ports::SignatureRecord record{.model = name,
                                        .version = number,
                                        .digest = digest,
                                        .bundle = bundle,
                                        .attached_by = author.principal,
                                        .at = made.at};
    model::Event event = state_->event(author, "sign", name.text(), text_of(number));
    event.to = governance::describe(made.finding) + " sha256:" + digest.hex();
    // The model's record is rewritten with it, so that the version is not removed meanwhile.
    if (TRY(state_->try_commit(author, {{model.record, model.revision}, {record, 0}}, {event}))) return made;
  }
  return lost_too_often(quoted(name));
}

Result<std::vector<Registry::Signature>> Registry::signatures(const model::ModelName& name,
                                                              model::VersionNumber number) {
  return state_->signatures_of(TRY(state_->existing(name, number)).record);
}

Result<void> Registry::may_load(std::string_view environment, const model::ModelVersion& version) {
  if (!governance::asks_for_signatures(parts_.rules, version.name.text(), environment)) return {};
  const auto question = TRY(state_->question_about(version));
  const auto may = [&]() -> Result<governance::Entry> {
    TRY(check_record(version));
    return governance::may_load(parts_.rules, environment, question.candidate, question.approvals);
  }();
  const std::string what = "load " + text_of(version.number) + " in " + std::string(environment);
  const std::string whose = version.name.text() + "\n" + what;
  const std::string why = may.ok() ? std::string() : may.error().message;
  if (remember_refusal(state_->refused_loads, whose, why) && parts_.refusals) {
    parts_.refusals->note({"server", version.name.text(), what, why}, parts_.clock.wall_now());
  }
  if (!may.ok()) return may.error();
  for (const std::string& warning : governance::warnings(parts_.rules, environment, question.candidate)) {
    parts_.log.warning(
        "a version is loaded whose signature is missing",
        {{"model", version.name.text()}, {"version", static_cast<std::int64_t>(version.number)}, {"why", warning}});
  }
  if (*may == governance::Entry::Overridden) {
    parts_.log.warning("a version is loaded by an override, without the signature that a policy requires",
                       {{"model", version.name.text()}, {"version", static_cast<std::int64_t>(version.number)}});
  }
  return {};
}

}  // namespace slipway::registry
