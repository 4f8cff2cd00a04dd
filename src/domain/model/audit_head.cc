#include "domain/model/audit_head.h"

namespace slipway::model {

std::string statement_of(const AuditHead& head) {
  return "slipway-audit-head-1\n" + std::to_string(head.sequence) + "\n" + head.hash.hex() + "\n" +
         to_rfc3339(head.at) + "\n";
}

bool is_genuine(const AuditHead& head) {
  return is_signed_by(head.key, as_bytes(statement_of(head)), head.signature);
}

}  // namespace slipway::model
