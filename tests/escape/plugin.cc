// A backend whose models try to escape while they are loaded. It takes the place of the echo backend.
#include "escape/attempt.h"
#include "slipway/backend.h"

namespace slipway::escape {
namespace {

struct Engine {
  static constexpr const char* kName = "echo";
  static constexpr const char* kPlatform = "slipway_escape";
  static const char* version() { return "1"; }
  static void start() {}
  static std::unique_ptr<backend::Model> load(const backend::Package& package) {
    throw backend::Failure(SLIPWAY_INVALID_INPUT, try_to_escape({static_cast<const char*>(package.main.data),
                                                                 static_cast<std::size_t>(package.main.byte_length)}));
  }
};

}  // namespace
}  // namespace slipway::escape

SLIPWAY_EXPORT_BACKEND(slipway::escape::Engine)
