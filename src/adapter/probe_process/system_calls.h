// The system calls that are left to a confined process, as a seccomp filter.
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

namespace slipway::probe_process {

// The filter's program: what computing needs is allowed; what no engine asks for is a trap (SIGSYS); everything else is
// answered with an error, so that an engine can do without. `process` is the one process it may send signals to.
std::vector<sock_filter> system_call_filter(int process);

// Binds every thread of this process to it; a trap writes the call's name to standard error and leaves with
// kExitForbiddenCall. Empty when it holds; else why not. Requires: no_new_privs.
std::string restrict_system_calls();

}  // namespace slipway::probe_process
