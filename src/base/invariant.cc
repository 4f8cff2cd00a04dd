#include "base/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace slipway {

void fail_invariant(std::string_view why, std::source_location where) {
  std::fprintf(stderr, "slipway: broken invariant: %.*s (%s:%u)\n", static_cast<int>(why.size()), why.data(),
               where.file_name(), where.line());
  std::abort();
}

}  // namespace slipway
