#include "domain/access/permission.h"

#include <array>

#include "domain/access/scope.h"

namespace slipway::access {
namespace {

constexpr std::array<std::string_view, 5> kRoleNames = {"viewer", "predictor", "operator", "approver", "admin"};
constexpr std::array<std::string_view, 11> kPermissionNames = {
    "public", "predict",       "read-metadata", "read-metrics", "read-registry", "write-registry",
    "deploy", "manage-tokens", "manage-server", "approve",      "override"};

constexpr unsigned bit(Permission permission) {
  return 1U << static_cast<unsigned>(permission);
}
constexpr unsigned kReads = bit(Permission::Public) | bit(Permission::ReadMetadata) | bit(Permission::ReadMetrics) |
                            bit(Permission::ReadRegistry);
// One row per role, in the order of the enumeration.
constexpr std::array<unsigned, 5> kGranted = {
    kReads,
    bit(Permission::Public) | bit(Permission::Predict) | bit(Permission::ReadMetadata),
    kReads | bit(Permission::Predict) | bit(Permission::WriteRegistry) | bit(Permission::Deploy),
    kReads | bit(Permission::Predict) | bit(Permission::Approve),
    ~0U,
};
constexpr unsigned kAnonymousOnLoopback =
    bit(Permission::Public) | bit(Permission::Predict) | bit(Permission::ReadMetadata) | bit(Permission::ReadMetrics);

}  // namespace

std::string_view name_of(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}
std::string_view name_of(Permission permission) {
  return kPermissionNames[static_cast<std::size_t>(permission)];
}

std::optional<Role> parse_role(std::string_view name) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (kRoleNames[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

std::optional<Permission> parse_permission(std::string_view name) {
  for (std::size_t i = 0; i < kPermissionNames.size(); ++i) {
    if (kPermissionNames[i] == name) return static_cast<Permission>(i);
  }
  return std::nullopt;
}

bool is_allowed(const Principal& principal, Permission permission, AnonymousPolicy policy) {
  if (permission == Permission::Public) return true;
  if (principal.scope && !principal.scope->grants(permission)) return false;
  if (principal.role) return (kGranted[static_cast<std::size_t>(*principal.role)] & bit(permission)) != 0;
  switch (policy) {
    case AnonymousPolicy::Everything:
      return true;
    case AnonymousPolicy::LoopbackReads:
      return principal.from_loopback && (kAnonymousOnLoopback & bit(permission)) != 0;
    case AnonymousPolicy::Nothing:
      return false;
  }
  return false;
}

}  // namespace slipway::access
