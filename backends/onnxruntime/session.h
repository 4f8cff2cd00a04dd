// Session: an ONNX file loaded from verified bytes, and what it accepts and returns.
#pragma once

#include <string>
#include <vector>

#include "onnxruntime/library.h"

namespace slipway::onnx {

// Immutable once made; any thread.
struct Session {
  Owned<OrtSession> session;
  std::vector<backend::Spec> inputs;  // the required ones, then those that an initializer stands in for
  std::vector<backend::Spec> outputs;

  // Throws Failure: the file is damaged, an operator is unknown, an input or output is no tensor, ...
  static Session load(const backend::Package& package);
};

}  // namespace slipway::onnx
