// The control: the same attempt without a sandbox. outside DESCRIPTION...; "list" lists the attempts.
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "escape/attempt.h"

int main(int count, char** words) {
  using namespace slipway::escape;
  if (count != 2) return 2;
  if (std::strcmp(words[1], "list") == 0) {
    for (const auto& group : {on_files(), on_the_network(), on_processes(), on_the_kernel()}) {
      for (const Attempt& attempt : group)
        std::printf("%.*s\n", static_cast<int>(attempt.name.size()), attempt.name.data());
    }
    return 0;
  }
  alarm(30);
  std::printf("%s\n", try_to_escape(words[1]).c_str());
  std::fflush(stdout);
  _exit(0);  // threads of an attempt still sleep
}
