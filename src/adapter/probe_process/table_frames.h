// Tables as frames, between the process that read them and the one that asked.
#pragma once

#include <functional>

#include "adapter/probe_process/frame.h"
#include "ports/table_reader.h"

namespace slipway::probe_process {

// Column by column, so that no second copy of the table is made.
void write_table(const ports::Table& table, const std::function<void(const FrameWriter&)>& send);
// Corrupt: no such table, or one above the limits: what it comes from is not believed.
Result<ports::Table> read_table(FrameReader& frame, const ports::TableLimits& limits);

}  // namespace slipway::probe_process
