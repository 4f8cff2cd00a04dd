// Sending a package to the server, as push and import do.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/package_stream.h"
#include "cli/session.h"

namespace slipway::cli {

struct PushWords {
  std::string model;   // empty: the manifest's, else the file's
  std::string reason;  // empty: none
};

// The server's answer, as JSON. Waits up to ten minutes while the server is busy with others.
Result<std::string> send_package(Session& session, Package& package, const PushWords& words);

}  // namespace slipway::cli
