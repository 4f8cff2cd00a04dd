// The part of the Registry that keeps people's word for versions, and asks for it before an environment takes one.
#include <algorithm>
#include <array>
#include <set>

#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

using governance::Entry;

constexpr Duration kLongestApproval = std::chrono::hours(24 * 366 * 10);
constexpr Duration kLongestOverride = std::chrono::hours(24);
// Of one version and one kind, so that no approvals stand in the way of an override.
constexpr std::size_t kMostApprovals = 200;  // that are neither revoked nor expired
constexpr std::size_t kMostKept = 2'000;     // with those that are

governance::Approval approval_of(const ports::ApprovalRecord& record) {
  using Kind = governance::Approval::Kind;
  return {.kind = record.overrides ? Kind::Override : Kind::Approval,
          .principal = record.principal,
          .environment = record.environment,
          .version = record.version_digest,
          .evidence = record.evidence,
          .at = record.at,
          .expires_at = record.expires_at,
          .revoked = record.revoked};
}

std::string make_approval_id() {
  std::array<std::byte, 8> random{};
  fill_random(random);
  return "apr_" + to_hex(random);
}

// Whether one more word of this kind has room.
Result<void> check_room(const std::vector<ports::Stored<ports::ApprovalRecord>>& given,
                        const ports::ApprovalRecord& next) {
  std::size_t kept = 0, standing = 0;
  for (const auto& [record, revision] : given) {
    if (record.overrides != next.overrides) continue;
    ++kept;
    if (!record.revoked && (!record.expires_at || next.at < *record.expires_at)) ++standing;
  }
  if (standing < kMostApprovals && kept < kMostKept) return {};
  return overloaded(text_of(next.version) + " of " + quoted(next.model) + " has " + std::to_string(standing) +
                    (next.overrides ? " overrides" : " approvals") + " that stand, of " + std::to_string(kept) +
                    " ever given; expected fewer than " + std::to_string(kMostApprovals) + " and " +
                    std::to_string(kMostKept));
}

Result<void> check_lifetime(std::optional<Duration> lifetime, Duration most) {
  if (!lifetime || (*lifetime > Duration::zero() && *lifetime <= most)) return {};
  return invalid_input("expected a lifetime of more than nothing and at most " + to_string(most));
}

// The record with its event; the model's record is rewritten with it.
struct Word {
  ports::ApprovalRecord record;
  std::uint64_t revision = 0;  // 0: new
  std::string action;
};

Result<bool> try_write(const Registry::State& state, const ports::Stored<ports::ModelRecord>& model, const Word& word,
                       const Author& author) {
  const ports::ApprovalRecord& record = word.record;
  model::Event event =
      state.event(author, word.action, record.model.text(), text_of(record.version) + " for " + record.environment);
  (record.revoked ? event.from : event.to) = record.id + " sha256:" + record.version_digest.hex();
  return state.try_commit(author, {{model.record, model.revision}, {record, word.revision}}, {event});
}

}  // namespace

Result<Registry::State::Question> Registry::State::question_about(const model::ModelVersion& version) const {
  Question question;
  governance::Candidate& candidate = question.candidate;
  candidate.model = version.name.text();
  candidate.number = version.number;
  candidate.digest = version.digest;
  candidate.makers = version.makers;
  candidate.makers.push_back(version.created_by);
  const auto manifest = parts.packages.read_manifest(version.manifest);
  if (manifest.ok() && !manifest->lineage.built_by.empty()) candidate.makers.push_back(manifest->lineage.built_by);
  const auto evidence = TRY(parts.metadata.evidence(version.name, version.number, 0, 1));
  if (!evidence.empty()) {
    const ports::EvidenceRecord& newest = evidence.front().record;
    candidate.evidence = {newest.body_digest, newest.verdict == model::Verdict::Pass};
  }
  for (const auto& stored : TRY(parts.metadata.approvals(version.name, version.number))) {
    question.approvals.push_back(approval_of(stored.record));
  }
  const bool is_asked = std::ranges::any_of(parts.rules.policies, [&](const governance::Policy& policy) {
    return policy.signatures != governance::Signing::Ignore && policy.models.matches(version.name.text());
  });
  if (!is_asked) return question;
  for (Signature& signature : TRY(signatures_of(version))) candidate.signatures.push_back(std::move(signature.finding));
  return question;
}

Result<void> Registry::State::check_scope(const Author& author, const model::ModelName& name,
                                          std::string_view environment) const {
  if (!author.scope) return {};
  const bool covered =
      author.scope->covers_model(name.text()) && (environment.empty() || author.scope->covers_environment(environment));
  if (covered) return {};
  Error error = access::outside_scope(author.principal, *author.scope);
  if (parts.refusals) {
    const std::string what = environment.empty() ? "a change" : "a change in " + std::string(environment);
    parts.refusals->note({author.principal, name.text(), what, error.message}, parts.clock.wall_now());
  }
  return error;
}

Result<void> Registry::State::check_scope(const Author& author, const model::ModelName& name,
                                          const model::Alias& alias) const {
  if (!author.scope) return {};
  // Deployments in production move the alias of that name, policies or not.
  TRY(check_scope(author, name, alias.text() == kProduction ? kProduction : std::string_view()));
  for (const std::string& environment : governance::environments_of(parts.rules, name.text(), alias)) {
    TRY(check_scope(author, name, environment));
  }
  return {};
}

Result<Entry> Registry::State::may_enter(std::string_view environment, const model::ModelName& name,
                                         model::VersionNumber number, const Author& author) const {
  if (parts.rules.policies.empty()) return Entry::Free;
  const auto version = TRY(existing(name, number)).record;
  const auto question = TRY(question_about(version));
  auto entry =
      governance::may_enter(parts.rules, environment, question.candidate, question.approvals, parts.clock.wall_now());
  if (!entry.ok() && parts.refusals) {
    const std::string what = text_of(number) + " to " + std::string(environment);
    parts.refusals->note({author.principal, name.text(), what, entry.error().message}, parts.clock.wall_now());
  }
  if (entry.ok() && *entry == Entry::Overridden) {
    parts.log.warning("a policy was overridden", {{"model", name.text()},
                                                  {"version", static_cast<std::int64_t>(number)},
                                                  {"environment", environment},
                                                  {"by", author.principal}});
  }
  for (const std::string& warning : governance::warnings(parts.rules, environment, question.candidate)) {
    parts.log.warning("a version enters whose signature is missing",
                      {{"model", name.text()}, {"version", static_cast<std::int64_t>(number)}, {"why", warning}});
  }
  return entry;
}

Result<Entry> Registry::State::may_point(const model::ModelName& name, const model::Alias& alias,
                                         model::VersionNumber number, const Author& author) const {
  Entry entry = Entry::Free;
  for (const std::string& environment : governance::environments_of(parts.rules, name.text(), alias)) {
    entry = std::max(entry, TRY(may_enter(environment, name, number, author)));
  }
  return entry;
}

Result<ports::ApprovalRecord> Registry::approve(const model::ModelName& name, model::VersionNumber number,
                                                std::string_view environment, std::optional<Duration> lifetime,
                                                const Author& author) {
  TRY(check(author));
  TRY(check_lifetime(lifetime, kLongestApproval));
  const std::string where = TRY(model::parse_environment(environment));
  TRY(state_->check_scope(author, name, where));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    const auto version = TRY(state_->existing(name, number)).record;
    if (version.stage != model::Stage::Validated) {
      return conflict(text_of(number) + " of " + quoted(name) + " is " + std::string(name_of(version.stage)) +
                      ": only a validated version is approved");
    }
    const auto question = TRY(state_->question_about(version));
    if (std::ranges::find(question.candidate.makers, author.principal) != question.candidate.makers.end()) {
      Error error = denied("\"" + author.principal + "\" made " + text_of(number) + " of " + quoted(name) +
                           ": somebody else must approve it");
      if (parts_.refusals) {
        const std::string what = "approve " + text_of(number) + " for " + where;
        parts_.refusals->note({author.principal, name.text(), what, error.message}, parts_.clock.wall_now());
      }
      return error;
    }
    const auto entry =
        governance::may_enter(parts_.rules, where, question.candidate, question.approvals, parts_.clock.wall_now());
    const bool is_overridden = entry.ok() && *entry == Entry::Overridden;
    // In by an override, it still needs a word for a step of a rollout that asks for one.
    if (!is_overridden && governance::awaits_evidence(parts_.rules, where, question.candidate)) {
      return conflict("an approval of " + text_of(number) + " of " + quoted(name) + " for " + where +
                      " expects gate evidence that passed, found " +
                      (question.candidate.evidence ? "evidence that did not" : "none") +
                      ": `slipway validate` asks its gates");
    }
    const Digest evidence = question.candidate.evidence ? question.candidate.evidence->digest : Digest{};
    const WallTime now = parts_.clock.wall_now();
    const auto given = TRY(parts_.metadata.approvals(name, number));
    for (const auto& [record, revision] : given) {
      const bool is_same = record.principal == author.principal && record.environment == where && !record.revoked &&
                           !record.overrides && record.version_digest == version.digest &&
                           record.evidence == evidence && (!record.expires_at || now < *record.expires_at) &&
                           !lifetime && !record.expires_at;
      if (is_same) return record;
    }
    Word word{.record = {.id = make_approval_id(),
                         .model = name,
                         .version = number,
                         .version_digest = version.digest,
                         .environment = where,
                         .evidence = evidence,
                         .principal = author.principal,
                         .at = now,
                         .expires_at = {},
                         .reason = author.reason},
              .action = "approve"};
    if (lifetime) word.record.expires_at = now + std::chrono::duration_cast<WallTime::duration>(*lifetime);
    TRY(check_room(given, word.record));
    if (TRY(try_write(*state_, model, word, author))) return word.record;
  }
  return lost_too_often(quoted(name));
}

Result<ports::ApprovalRecord> Registry::override_policies(const model::ModelName& name, model::VersionNumber number,
                                                          std::string_view environment, Duration lifetime,
                                                          const Author& author) {
  TRY(check(author));
  TRY(check_lifetime(lifetime, kLongestOverride));
  const std::string where = TRY(model::parse_environment(environment));
  TRY(state_->check_scope(author, name, where));
  if (author.reason.empty()) return invalid_input("reason: expected why the policies are overridden, found none");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    const auto version = TRY(state_->existing(name, number)).record;
    const WallTime now = parts_.clock.wall_now();
    const Word word{.record = {.id = make_approval_id(),
                               .model = name,
                               .version = number,
                               .version_digest = version.digest,
                               .environment = where,
                               .evidence = {},
                               .principal = author.principal,
                               .at = now,
                               .expires_at = now + std::chrono::duration_cast<WallTime::duration>(lifetime),
                               .reason = author.reason,
                               .overrides = true},
                    .action = "override"};
    TRY(check_room(TRY(parts_.metadata.approvals(name, number)), word.record));
    if (!TRY(try_write(*state_, model, word, author))) continue;
    parts_.log.warning("policies are overridden", {{"model", name.text()},
                                                   {"version", static_cast<std::int64_t>(number)},
                                                   {"environment", where},
                                                   {"until", to_rfc3339(*word.record.expires_at)},
                                                   {"by", author.principal},
                                                   {"reason", author.reason}});
    return word.record;
  }
  return lost_too_often(quoted(name));
}

Result<void> Registry::revoke_approval(const model::ModelName& name, model::VersionNumber number, std::string_view id,
                                       const Author& author) {
  TRY(check(author));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    const auto given = TRY(parts_.metadata.approvals(name, number));
    const auto found = std::ranges::find_if(given, [&](const auto& stored) { return stored.record.id == id; });
    if (found == given.end()) {
      return not_found(text_of(number) + " of " + quoted(name) + " has no approval \"" + std::string(id.substr(0, 64)) +
                       "\"");
    }
    TRY(state_->check_scope(author, name, found->record.environment));
    if (found->record.revoked) return {};
    Word word{.record = found->record, .revision = found->revision, .action = "revoke"};
    word.record.revoked = true;
    if (TRY(try_write(*state_, model, word, author))) return {};
  }
  return lost_too_often(quoted(name));
}

Result<Entry> Registry::may_advance(std::string_view environment, const model::ModelName& name,
                                    model::VersionNumber number) {
  const auto version = TRY(state_->existing(name, number)).record;
  const auto question = TRY(state_->question_about(version));
  return governance::may_advance(parts_.rules, environment, question.candidate, question.approvals,
                                 parts_.clock.wall_now());
}

Result<Registry::Approvals> Registry::approvals(const model::ModelName& name, model::VersionNumber number) {
  const auto version = TRY(state_->existing(name, number)).record;
  const auto question = TRY(state_->question_about(version));
  Approvals found;
  for (auto& stored : TRY(parts_.metadata.approvals(name, number))) found.given.push_back(std::move(stored.record));
  std::set<std::string> environments;
  for (const governance::Policy& policy : parts_.rules.policies) {
    if (policy.models.matches(name.text())) environments.insert(policy.environment);
  }
  for (const std::string& environment : environments) {
    found.standings.push_back({environment, governance::may_enter(parts_.rules, environment, question.candidate,
                                                                  question.approvals, parts_.clock.wall_now())});
  }
  return found;
}

}  // namespace slipway::registry
