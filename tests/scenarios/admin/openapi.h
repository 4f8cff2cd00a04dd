// OpenApi: the document api/openapi.yaml, and the question whether an answer is one that it describes.
#pragma once

#include <string>
#include <vector>

#include "adapter/net/exchange.h"

namespace slipway::admin_scenarios {

struct Operation {
  net::Method method;
  std::string pattern;
  std::string permission;
  bool operator==(const Operation&) const = default;
};

// One thread. Ends the test program if the document cannot be read.
class OpenApi {
 public:
  static OpenApi& document();

  std::vector<Operation> operations() const;
  // What is wrong with this answer by the schema of the operation; empty: nothing.
  std::string fault_in(net::Method method, const std::string& pattern, int status, const std::string& body) const;
  // What is wrong with this text by this schema, both as JSON or YAML.
  std::string fault_of(const std::string& schema, const std::string& value) const;
  // References that lead nowhere, and examples that their own schema refuses.
  std::vector<std::string> own_faults() const;
};

}  // namespace slipway::admin_scenarios
