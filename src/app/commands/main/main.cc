// The one binary: server, local commands and client commands.
#include <fcntl.h>

#include "app/commands/commands.h"
#include "app/version.h"
#include "cli/run.h"

namespace {

// One that is closed would be given to the first file opened: what is printed would then go into the lock or a
// database.
void open_missing_standard_descriptors() {
  for (const int standard : {0, 1, 2}) {
    if (fcntl(standard, F_GETFD) < 0) static_cast<void>(open("/dev/null", standard == 0 ? O_RDONLY : O_WRONLY));
  }
}

}  // namespace

int main(int argc, char** argv) {
  open_missing_standard_descriptors();
  return slipway::cli::run(argc, argv, slipway::app::kVersion, slipway::app::local_commands());
}
