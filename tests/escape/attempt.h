// Attempts to get out of the sandbox of verification: each tries one thing that a model has no business with.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace slipway::escape {

// What the test put outside, to be reached or not.
struct Outside {
  std::string folder;         // may be written to; holds the file "secret", which begins with "SECRET"
  std::string unix_socket;    // listened on
  std::string abstract_name;  // listened on, in the abstract namespace
  int port = 0;               // listened on, 127.0.0.1 and ::1
  int process = 0;            // a process of the same user
  int thread = 0;             // its main thread's id
  int sibling_file = -1;      // a memory file of that process, by its number there
};

// true: it got through. A refusal is an error, or the end of the process.
using Try = bool (*)(const Outside& outside);

struct Attempt {
  std::string_view name;
  Try attempt;
};

std::span<const Attempt> on_files();
std::span<const Attempt> on_the_network();
std::span<const Attempt> on_processes();
std::span<const Attempt> on_the_kernel();

// Reads "KEY VALUE" lines: attempt, folder, unix_socket, ... and tries. "NAME: got through" or "NAME: refused"; an
// unknown name or key is an error text that begins with "expected".
std::string try_to_escape(std::string_view description);

}  // namespace slipway::escape
