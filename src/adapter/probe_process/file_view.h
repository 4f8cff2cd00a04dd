// What a confined process sees of the file system: nothing.
#pragma once

#include <string>

namespace slipway::probe_process {

// By Landlock: from now on this process opens, changes, makes and removes no file, reaches no TCP port, no abstract
// socket and signals no process outside, as far as the kernel's version of Landlock knows these. Descriptors that are
// open stay. Empty when it holds; else why not. Requires: no_new_privs; no other thread runs.
std::string hide_files();

}  // namespace slipway::probe_process
