// ChildProcess: the verification child seen from the server: started, heard, ended.
#pragma once

#include <atomic>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace slipway::probe_process {

struct ChildRules {
  std::string program;
  Duration timeout;
  std::size_t longest_answer;  // bytes; more ends it
  const char* command = "probe";
};

struct Heard {
  std::string answer;
  std::string complaints;  // the end of what the child wrote to standard error
  bool in_time = false;    // the child has ended by itself
  int status = 0;          // as waitpid() gives it
};

// Starts `program command` with the sealed memory file `request` and an environment without secrets, listens until it
// has ended, the time is up or `stopped`, and leaves no process behind. Blocks. Unavailable: it did not start.
Result<Heard> run_child_process(const ChildRules& rules, int request, const std::atomic<bool>& stopped);

bool left_well(const Heard& heard);
bool ended_itself(const Heard& heard);  // by a signal of its own making, such as SIGSEGV or SIGABRT
bool asked_for_what_is_forbidden(const Heard& heard);
// "was ended by signal 11 (Segmentation fault): last words"
std::string how_it_ended(const Heard& heard);
std::string last_words(const Heard& heard);

}  // namespace slipway::probe_process
