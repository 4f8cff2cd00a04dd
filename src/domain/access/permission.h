// Who may do what: roles, permissions, and the one question every route asks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::access {

enum class Role : std::uint8_t { Viewer, Predictor, Operator, Approver, Admin };

// What a route demands. `Public` is health alone; nothing else may be reached without a principal that holds it.
enum class Permission : std::uint8_t {
  Public,         // health: anyone who reaches the port
  Predict,        // ask a model
  ReadMetadata,   // model metadata, statistics, repository index
  ReadMetrics,    // /metrics
  ReadRegistry,   // admin API, reading
  WriteRegistry,  // push, alias, delete
  Deploy,         // desired serving, load and unload
  ManageTokens,   // create, list, revoke
  ManageServer,   // how the server itself runs: its log
  Approve,        // give one's word for a version, and take it back
  Override,       // let a version in although a policy forbids it
};

std::string_view name_of(Role role);              // "viewer"
std::string_view name_of(Permission permission);  // "predict"
std::optional<Role> parse_role(std::string_view name);
std::optional<Permission> parse_permission(std::string_view name);

struct Scope;  // scope.h

// Who is asking. A value; `name` goes into the history.
struct Principal {
  std::string name;                              // a token's name, or "anonymous"
  std::optional<Role> role;                      // none: anonymous
  bool from_loopback = false;                    // the connection came over 127.0.0.0/8, ::1 or a UNIX socket
  std::shared_ptr<const Scope> scope = nullptr;  // what the token is limited to; none: nothing beyond its role
};

// What anonymous callers may do besides health.
enum class AnonymousPolicy : std::uint8_t {
  LoopbackReads,  // on loopback: predict, metadata and metrics (the default)
  Nothing,
  Everything,  // --insecure
};

// Pure; deny by default.
bool is_allowed(const Principal& principal, Permission permission, AnonymousPolicy policy);

}  // namespace slipway::access
