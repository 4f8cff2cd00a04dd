// AuditSource: a history and its heads, page by page, wherever they are kept.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/session.h"
#include "domain/model/audit_head.h"
#include "domain/model/event.h"

namespace slipway::app {

// One thread. Both give everything in order, once.
class AuditSource {
 public:
  virtual ~AuditSource() = default;
  virtual Result<void> heads(const std::function<Result<void>(const model::AuditHead&)>& each) = 0;
  virtual Result<void> events(const std::function<Result<void>(const model::Event&)>& each) = 0;
};

// DIR/registry.db, read beside its server; NotFound: there is none.
Result<std::unique_ptr<AuditSource>> audit_of_directory(const std::string& directory);
// An export, or a file of heads. NotFound: there is no such file.
Result<std::unique_ptr<AuditSource>> audit_of_file(const std::string& path);
// Borrows the session.
std::unique_ptr<AuditSource> audit_of_server(cli::Session& session);

}  // namespace slipway::app
