#include "base/descriptor.h"

#include <unistd.h>

namespace slipway {

void Descriptor::close() {
  if (fd_ >= 0) ::close(release());
}

}  // namespace slipway
