#include "adapter/package_reader/onnx_functions.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"

namespace slipway::package_reader {
namespace {

struct Size {
  std::uint64_t nodes = 0;
  std::size_t height = 0;
};

// Walks calls depth first; each function is measured once.
class Expansion {
 public:
  Expansion(const std::map<std::string, OnnxBody>& functions, std::uint64_t limit, std::size_t depth)
      : functions_(functions), limit_(limit), depth_(depth) {}

  Result<Size> measure(const OnnxBody& body, std::size_t level) {
    // A call of itself, however indirect, ends here too.
    if (level > depth_) return too_deep();
    Size size{body.nodes, 1};
    for (const auto& [key, times] : body.calls) {
      const auto function = functions_.find(key);
      if (function == functions_.end()) continue;
      auto known = measured_.find(key);
      if (known == measured_.end()) known = measured_.emplace(key, TRY(measure(function->second, level + 1))).first;
      const auto grown = checked_multiply(known->second.nodes, times);
      size.nodes = std::min(limit_ + 1, size.nodes + (grown ? std::min(*grown, limit_ + 1) : limit_ + 1));
      size.height = std::max(size.height, known->second.height + 1);
    }
    if (size.height > depth_) return too_deep();
    return size;
  }

 private:
  Error too_deep() const {
    return invalid_input("functions call each other more than " + std::to_string(depth_) + " levels deep");
  }

  const std::map<std::string, OnnxBody>& functions_;
  const std::uint64_t limit_;
  const std::size_t depth_;
  std::map<std::string, Size> measured_;
};

}  // namespace

std::string function_key(std::string_view domain, std::string_view name, std::string_view overload) {
  std::string key(domain == "ai.onnx" ? "" : domain);
  key += '\0';
  key += name;
  key += '\0';
  key += overload;
  return key;
}

Result<std::uint64_t> expanded_nodes(const OnnxBody& main, const std::map<std::string, OnnxBody>& functions,
                                     std::uint64_t limit, std::size_t depth) {
  const Size size = TRY(Expansion(functions, limit, depth).measure(main, 1));
  if (size.nodes > limit) {
    return invalid_input("expected at most " + std::to_string(limit) +
                         " nodes with every function put in place, found more");
  }
  return size.nodes;
}

}  // namespace slipway::package_reader
