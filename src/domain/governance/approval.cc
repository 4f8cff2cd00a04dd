#include "domain/governance/approval.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace slipway::governance {
namespace {

bool applies(const Policy& policy, std::string_view model, std::string_view environment) {
  return policy.environment == environment && policy.models.matches(model);
}

bool counts(const Approval& approval, std::string_view environment, const Candidate& candidate, WallTime now) {
  return !approval.revoked && approval.environment == environment && approval.version == candidate.digest &&
         (!approval.expires_at || now < *approval.expires_at) && approval.at <= now;
}

bool is_old(const Approval& approval, const Policy& policy, WallTime now) {
  return policy.valid_for && now - approval.at >= *policy.valid_for;
}

bool is_maker(const Candidate& candidate, const std::string& principal) {
  return std::ranges::find(candidate.makers, principal) != candidate.makers.end();
}

bool has_passed(const Candidate& candidate) {
  return candidate.evidence && candidate.evidence->passed;
}

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return text.empty() ? "none" : text;
}

bool requires_signature(const Policy& policy) {
  return policy.signatures == Signing::Require || policy.signatures == Signing::Enforce;
}

bool is_signed(const Policy& policy, const Candidate& candidate) {
  return std::ranges::any_of(candidate.signatures, [&](const SignatureFinding& finding) {
    return finding.state == SignatureState::Verified &&
           (policy.signers.empty() || std::ranges::any_of(finding.keys, [&](const std::string& key) {
              return std::ranges::find(policy.signers, key) != policy.signers.end();
            }));
  });
}

// "a signature by release, found none"
std::string missing_signature(const Policy& policy, const Candidate& candidate) {
  std::string text = "a signature by ";
  for (std::size_t i = 0; i < policy.signers.size(); ++i) text += (i == 0 ? "" : " or ") + policy.signers[i];
  text += std::string(policy.signers.empty() ? "a trusted key" : "") + ", found ";
  for (std::size_t i = 0; i < candidate.signatures.size(); ++i) {
    text += (i == 0 ? "" : "; ") + describe(candidate.signatures[i]);
  }
  return text + (candidate.signatures.empty() ? "none" : "");
}

Error refused(const std::string& whose, std::string_view environment, const Candidate& candidate,
              const std::string& missing) {
  return conflict("version " + std::to_string(candidate.number) + " of model \"" + candidate.model +
                  "\" may not go to " + std::string(environment) + ": " + whose + " expects " + missing);
}
Error refused(const Policy& policy, std::string_view environment, const Candidate& candidate,
              const std::string& missing) {
  return refused("the policy for " + policy.models.text(), environment, candidate, missing);
}

// What no override lifts. Conflict: it is not met.
Result<void> check_enforced(const Rules& rules, std::string_view environment, const Candidate& candidate) {
  for (const Policy& policy : rules.policies) {
    if (policy.signatures != Signing::Enforce || !applies(policy, candidate.model, environment)) continue;
    if (is_signed(policy, candidate)) continue;
    return refused(policy, environment, candidate,
                   missing_signature(policy, candidate) + "; no override lets it in without");
  }
  return {};
}

// Nothing: it is met.
std::optional<std::string> lack(const Policy& policy, const Candidate& candidate, std::span<const Approval> approvals,
                                WallTime now) {
  if (policy.needs_evidence && !has_passed(candidate)) {
    return std::string("gate evidence that passed") +
           (candidate.evidence ? ", found evidence that did not" : ", found no evidence");
  }
  if (requires_signature(policy) && !is_signed(policy, candidate)) {
    return missing_signature(policy, candidate);
  }
  const Digest evidence = candidate.evidence ? candidate.evidence->digest : Digest{};
  std::set<std::string> good, stale;
  for (const Approval& approval : approvals) {
    if (approval.kind != Approval::Kind::Approval || !counts(approval, policy.environment, candidate, now)) continue;
    if (is_maker(candidate, approval.principal)) continue;
    const bool is_stale = approval.evidence != evidence || is_old(approval, policy, now);
    (is_stale ? stale : good).insert(approval.principal);
  }
  if (good.size() >= policy.approvals) return std::nullopt;
  std::set<std::string> makers(candidate.makers.begin(), candidate.makers.end());
  std::string text = std::to_string(policy.approvals) + (policy.approvals == 1 ? " approval" : " approvals") +
                     " by others than " + listed(makers) + ", who made it; found " + listed(good);
  for (const std::string& name : good) stale.erase(name);
  if (!stale.empty()) text += " (too old, or upon other evidence: " + listed(stale) + ")";
  return text;
}

}  // namespace

Result<Entry> may_enter(const Rules& rules, std::string_view environment, const Candidate& candidate,
                        std::span<const Approval> approvals, WallTime now) {
  TRY(check_enforced(rules, environment, candidate));
  const bool is_overridden = std::ranges::any_of(approvals, [&](const Approval& approval) {
    return approval.kind == Approval::Kind::Override && counts(approval, environment, candidate, now);
  });
  Entry entry = Entry::Free;
  for (const Policy& policy : rules.policies) {
    if (!applies(policy, candidate.model, environment)) continue;
    const auto missing = lack(policy, candidate, approvals, now);
    if (missing && is_overridden) return Entry::Overridden;
    if (missing) return refused(policy, environment, candidate, *missing);
    entry = Entry::Approved;
  }
  return entry;
}

Result<Entry> may_advance(const Rules& rules, std::string_view environment, const Candidate& candidate,
                          std::span<const Approval> approvals, WallTime now) {
  const Entry entry = TRY(may_enter(rules, environment, candidate, approvals, now));
  const bool is_asked = std::ranges::any_of(rules.policies, [&](const Policy& policy) {
    return policy.approvals > 0 && applies(policy, candidate.model, environment);
  });
  if (entry == Entry::Overridden || is_asked) return entry;
  const Policy one{
      .models = TRY(access::NamePattern::parse("*")), .environment = std::string(environment), .aliases = {}};
  const auto missing = lack(one, candidate, approvals, now);
  if (missing) return refused("the step of the rollout", environment, candidate, *missing);
  return Entry::Approved;
}

bool awaits_evidence(const Rules& rules, std::string_view environment, const Candidate& candidate) {
  return !has_passed(candidate) && std::ranges::any_of(rules.policies, [&](const Policy& policy) {
    return policy.needs_evidence && applies(policy, candidate.model, environment);
  });
}

Result<Entry> may_load(const Rules& rules, std::string_view environment, const Candidate& candidate,
                       std::span<const Approval> approvals) {
  TRY(check_enforced(rules, environment, candidate));
  const bool was_overridden = std::ranges::any_of(approvals, [&](const Approval& approval) {
    return approval.kind == Approval::Kind::Override && !approval.revoked && approval.environment == environment &&
           approval.version == candidate.digest;
  });
  Entry entry = Entry::Free;
  for (const Policy& policy : rules.policies) {
    if (!requires_signature(policy) || !applies(policy, candidate.model, environment)) continue;
    entry = Entry::Approved;
    if (is_signed(policy, candidate)) continue;
    if (was_overridden) return Entry::Overridden;
    return refused(policy, environment, candidate, missing_signature(policy, candidate));
  }
  return entry;
}

std::vector<std::string> warnings(const Rules& rules, std::string_view environment, const Candidate& candidate) {
  std::vector<std::string> found;
  for (const Policy& policy : rules.policies) {
    if (policy.signatures != Signing::Warn || !applies(policy, candidate.model, environment)) continue;
    if (is_signed(policy, candidate)) continue;
    found.push_back("the policy for " + policy.models.text() + " expects " + missing_signature(policy, candidate));
  }
  return found;
}

bool asks_for_signatures(const Rules& rules, std::string_view model, std::string_view environment) {
  return std::ranges::any_of(rules.policies, [&](const Policy& policy) {
    return policy.signatures != Signing::Ignore && applies(policy, model, environment);
  });
}

std::vector<std::string> environments_of(const Rules& rules, std::string_view model, const model::Alias& alias) {
  std::vector<std::string> found;
  for (const Policy& policy : rules.policies) {
    const bool stands_for_it = std::ranges::find(policy.aliases, alias) != policy.aliases.end();
    if (!stands_for_it || !policy.models.matches(model)) continue;
    if (std::ranges::find(found, policy.environment) == found.end()) found.push_back(policy.environment);
  }
  return found;
}

std::vector<model::VersionNumber> entering(const std::optional<model::TrafficSplit>& current,
                                           const model::TrafficSplit& next) {
  std::vector<model::VersionNumber> versions;
  for (const model::Share& share : next.shares()) {
    const bool had_it = current && std::ranges::any_of(current->shares(), [&](const model::Share& before) {
                          return before.version == share.version && before.share >= share.share;
                        });
    if (!had_it) versions.push_back(share.version);
  }
  return versions;
}

}  // namespace slipway::governance
