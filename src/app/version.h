// The version of this binary and the commit it was built from, given by the build.
#pragma once

namespace slipway::app {

extern const char* const kVersion;
extern const char* const kCommit;

}  // namespace slipway::app
