// Sockets that a service manager bound before it started this process (systemd's LISTEN_FDS).
#pragma once

#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"

namespace slipway::supervision {

struct PassedSocket {
  std::string name;  // its FileDescriptorName=, which is the unit's name when nothing else was said
  Descriptor socket;
};

// None when there is no service manager, or the variables are meant for another process. Takes them out of the
// environment, so that no child finds them. To be called once, before any thread is made. InvalidInput names the
// variable that is malformed.
Result<std::vector<PassedSocket>> take_passed_sockets();

}  // namespace slipway::supervision
