// Fields: what a call was given, from a JSON body or a query, read as protobuf's JSON form is: numbers may be texts.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/net/route.h"
#include "base/result.h"

namespace slipway::api_mlflow {

// A value. Unknown keys are ignored, as MLflow's servers do: clients of other releases send some. Every failure is
// InvalidInput and names the key. A key that is absent or null reads as none.
class Fields {
 public:
  static Result<Fields> read(net::BlockingRequest& request, Bytes limit);

  Result<std::optional<std::string>> text(std::string_view key) const;
  Result<std::string> required(std::string_view key) const;  // a text that is not empty
  Result<std::string> text_or(std::string_view key, std::string_view otherwise) const;
  Result<std::optional<std::int64_t>> number(std::string_view key) const;
  Result<std::optional<double>> real(std::string_view key) const;  // "NaN" and "Infinity" too
  Result<bool> flag(std::string_view key) const;                   // false when absent
  // An array of texts; in a query, the key said once for each.
  Result<std::vector<std::string>> texts(std::string_view key) const;
  const nlohmann::json& object() const;                          // as it was given; empty for a query
  Result<std::vector<Fields>> list(std::string_view key) const;  // of objects
  // An array of {"key", "value"}.
  Result<std::vector<std::pair<std::string, std::string>>> pairs(std::string_view key) const;

 private:
  struct Node;
  explicit Fields(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  const nlohmann::json* find(std::string_view key) const;
  Error wrong(std::string_view key, std::string_view expected) const;

  std::shared_ptr<const Node> node_;
};

}  // namespace slipway::api_mlflow
