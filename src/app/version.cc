#include "app/version.h"

namespace slipway::app {

const char* const kVersion = SLIPWAY_VERSION;
const char* const kCommit = SLIPWAY_COMMIT;

}  // namespace slipway::app
