// Reads what is kept about versions beside the versions themselves: notes, evidence, approvals, signatures; and models'
// tags.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "adapter/sql_records/connection.h"
#include "ports/registry_records.h"

namespace slipway::sql_records {

// All of these: requires that one transaction is open around the call. Corrupt: a value outside its rules.

// Into the models, which come in order of name: the tags of those after `after`, up to the last.
Result<void> read_tags(Connection& connection, std::string_view after,
                       std::vector<ports::Stored<ports::ModelRecord>>& models);
// Of models after `after` up to and including `last`, in order of model and version.
Result<std::vector<ports::Stored<model::VersionNotes>>> read_notes(Connection& connection, std::string_view after,
                                                                   std::string_view last);
// All of one model, or those of one version.
Result<std::vector<ports::Stored<model::VersionNotes>>> read_notes(Connection& connection, const model::ModelName& name,
                                                                   std::optional<model::VersionNumber> version);
Result<std::vector<ports::Stored<ports::EvidenceRecord>>> read_evidence(Connection& connection,
                                                                        const model::ModelName& name,
                                                                        model::VersionNumber version,
                                                                        std::uint64_t before, std::size_t limit);
Result<std::vector<ports::Stored<ports::SignatureRecord>>> read_signatures(Connection& connection,
                                                                           const model::ModelName& name,
                                                                           model::VersionNumber version);
Result<std::vector<ports::Stored<ports::ApprovalRecord>>> read_approvals(Connection& connection,
                                                                         const model::ModelName& name,
                                                                         model::VersionNumber version);

}  // namespace slipway::sql_records
