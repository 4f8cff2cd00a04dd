#include "adapter/package_reader/kept_format.h"

#include <algorithm>
#include <array>

namespace slipway::package_reader {

bool is_kept_format(std::string_view format) {
  static constexpr std::array<std::string_view, 7> kFormats = {"sklearn", "xgboost",    "lightgbm", "pytorch",
                                                               "pyfunc",  "torchserve", "bentoml"};
  return std::ranges::find(kFormats, format) != kFormats.end();
}

}  // namespace slipway::package_reader
