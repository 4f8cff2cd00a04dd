// The sandbox of the verification process: what a package's model may still do once its engine is there.
#pragma once

#include <string>
#include <vector>

#include "ports/candidate_probe.h"

namespace slipway::probe_process {

// Left with by a process that asked for a system call that no model has a need of.
inline constexpr int kExitForbiddenCall = 77;

// Both take effect on the whole process and cannot be taken back; both are called once, by the main thread. What could
// not be made is said in the result and does not stop the others.

// Before anything is read: no network, no shared memory or names of others, no capability, no new privileges. Only a
// process with one thread can enter namespaces of its own.
std::vector<ports::SandboxLayer> leave_the_machine();

// After the engine is loaded, before the package's model is: no file can be opened, and only the system calls of
// computing are left. One that asks for more gets an error; one that asks for a socket, another program, another
// process, a mount or the kernel's machinery ends this process, with the call's name on standard error.
std::vector<ports::SandboxLayer> close_the_doors();

// "user, network, ... namespaces; no capabilities; Landlock 7; system calls"; each missing layer with the reason.
std::string describe(const std::vector<ports::SandboxLayer>& layers);

}  // namespace slipway::probe_process
