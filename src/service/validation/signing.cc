#include "service/validation/signing.h"

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::validation {
namespace {

using gate::SigningState;
using governance::SignatureState;

// What says most of a package stands first.
constexpr std::array<std::pair<SignatureState, SigningState>, 5> kOrder = {
    {{SignatureState::Verified, SigningState::Valid},
     {SignatureState::Invalid, SigningState::Invalid},
     {SignatureState::RevokedKey, SigningState::RevokedKey},
     {SignatureState::UnknownKey, SigningState::UnknownKey},
     {SignatureState::Unverifiable, SigningState::Unverifiable}}};

}  // namespace

gate::SigningMeasurement measured_signing(std::span<const governance::SignatureFinding> findings,
                                          std::span<const governance::TrustedKey> trusted) {
  gate::SigningMeasurement measured;
  measured.trusted_keys = static_cast<std::uint64_t>(
      std::ranges::count_if(trusted, [](const governance::TrustedKey& key) { return !key.revoked; }));
  for (const auto& [state, means] : kOrder) {
    const auto found = std::ranges::find(findings, state, &governance::SignatureFinding::state);
    if (found == findings.end()) continue;
    measured.state = means;
    measured.detail = found->detail;
    if (state != SignatureState::Verified) return measured;
    for (const std::string& key : found->keys) measured.key += (measured.key.empty() ? "" : ", ") + key;
    return measured;
  }
  return measured;
}

}  // namespace slipway::validation
