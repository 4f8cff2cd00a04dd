// SandboxedTables: evaluation data read in a child process, by code that is not ours.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapter/probe_process/child.h"
#include "base/clock.h"
#include "ports/table_reader.h"

namespace slipway::probe_process {

// Any thread; read() blocks until the child has ended, killed at the timeout if it must be. The child has the walls of
// verification (sandbox.h): no network, no files, no more memory than it may. Failures: those of the reader in the
// child; InvalidInput: the content ended it; Unavailable: it did not start, or the sandbox is not whole and `sandbox`
// requires that.
class SandboxedTables final : public ports::TableReader {
 public:
  struct Settings {
    std::string program = "/proc/self/exe";
    SandboxPolicy sandbox = SandboxPolicy::Preferred;
    Duration timeout = std::chrono::minutes(5);
  };
  explicit SandboxedTables(Settings settings, ports::TableLimits limits = {})
      : settings_(std::move(settings)), limits_(limits) {}
  Result<ports::Table> read(ByteSpan content, std::string_view name) override;

 private:
  const Settings settings_;
  const ports::TableLimits limits_;
};

inline constexpr const char* kTableCommand = "read-table";

// What runs in the child: confines this process, loads the reader, closes the doors, and reads what was asked. Does not
// return.
[[noreturn]] void run_table_child(const std::function<Result<std::unique_ptr<ports::TableReader>>()>& load);

}  // namespace slipway::probe_process
