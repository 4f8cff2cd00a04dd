// Checks of ONNX TensorProto and SparseTensorProto messages: sizes, and where their data lies.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapter/protobuf_wire/wire_reader.h"
#include "domain/model/manifest.h"

namespace slipway::package_reader {

using protobuf_wire::WireField;
using protobuf_wire::WireReader;
using protobuf_wire::WireType;

// Refuses a second occurrence of a field that a message has once: protobuf would merge the two, and a check that sees
// them apart would be fooled.
class Once {
 public:
  Result<void> check(const WireField& field);

 private:
  std::uint64_t seen_ = 0;
};

// Fields of the given wire type only: ONNX has no field that may come in two.
Result<void> expect_type(const WireField& field, WireType type);

// The files tensors may lie in. Borrows `files`.
class TensorChecker {
 public:
  TensorChecker(std::string_view model_path, std::span<const model::PackageFile> files);

  // InvalidInput names the tensor and says what is wrong with it.
  Result<void> check_tensor(const WireField& message) const;
  Result<void> check_sparse(const WireField& message) const;

  // Only the names. Requires: checked.
  static Result<std::string_view> name_of_tensor(const WireField& message);
  static Result<std::string_view> name_of_sparse(const WireField& message);

 private:
  struct Location;
  struct Tensor;
  Result<void> check_external(const Tensor& tensor) const;
  Result<const model::PackageFile*> file_at(std::string_view location) const;

  std::string folder_;  // of the model, "" or with '/' at its end
  std::map<std::string_view, const model::PackageFile*> files_;
};

}  // namespace slipway::package_reader
