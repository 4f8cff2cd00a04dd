// EvaluationTables: evaluation data of every kind the binary reads.
#pragma once

#include "adapter/probe_process/sandboxed_tables.h"
#include "adapter/table_text/text_tables.h"
#include "ports/table_reader.h"

namespace slipway::app {

// Any thread. Parquet is read by code that is not ours, in a process apart; texts are read here. Fails as the reader
// does.
class EvaluationTables final : public ports::TableReader {
 public:
  explicit EvaluationTables(probe_process::SandboxPolicy sandbox, ports::TableLimits limits = {})
      : apart_({.sandbox = sandbox}, limits), texts_(limits) {}
  Result<ports::Table> read(ByteSpan content, std::string_view name) override;

 private:
  probe_process::SandboxedTables apart_;
  table_text::TextTables texts_;
};

}  // namespace slipway::app
