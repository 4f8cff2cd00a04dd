// SignatureReader: takes a signature's file apart. Adapter: signature_bundle.
#pragma once

#include <string_view>

#include "base/result.h"
#include "domain/governance/signature.h"

namespace slipway::ports {

// Any thread. No trust in what it reads: InvalidInput names what was expected and found.
class SignatureReader {
 public:
  virtual ~SignatureReader() = default;
  virtual Result<governance::SignedBundle> read(std::string_view text) const = 0;
};

}  // namespace slipway::ports
