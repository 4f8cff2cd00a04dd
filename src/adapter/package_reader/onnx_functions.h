// The functions a model brings along, and how large the model is once every call is put in place.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::package_reader {

// What one body (the main graph or a function, its sub-graphs included) holds.
struct OnnxBody {
  std::uint64_t nodes = 0;
  std::map<std::string, std::uint64_t> calls;  // of functions, by key
};

// Domain, name and overload in one: how nodes name functions. "ai.onnx" is the same domain as "".
std::string function_key(std::string_view domain, std::string_view name, std::string_view overload);

// The number of nodes of `main` with every call replaced by the body. InvalidInput if functions call themselves, call
// each other more than `depth` levels deep, or if there are more than `limit` nodes.
Result<std::uint64_t> expanded_nodes(const OnnxBody& main, const std::map<std::string, OnnxBody>& functions,
                                     std::uint64_t limit, std::size_t depth);

}  // namespace slipway::package_reader
