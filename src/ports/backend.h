// Backend and LoadedModel: the seam to inference engines. Adapter: backend_plugin (a shared library behind the C ABI).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "domain/tensor/signature.h"

namespace slipway::ports {

// One file of the package, as verified bytes. They must outlive load(); the model keeps nothing of them afterwards
// unless `LoadRequest::files` is shared into it.
struct ModelFile {
  std::string path;
  std::vector<std::byte> bytes;
};

struct LoadRequest {
  std::shared_ptr<const std::vector<ModelFile>> files;
  std::size_t main = 0;  // index of the model file
  std::uint32_t intra_op_threads = 1;
  std::string format;
};

// One execution: filled by the caller, answered by the model, reused for the next. One thread at a time.
struct Batch {
  std::vector<tensor::TensorView> inputs;   // names and data borrowed until execute() returns
  std::vector<std::uint32_t> wanted;        // indices into Signature::outputs; outputs come in this order
  std::vector<tensor::TensorView> outputs;  // borrowed from the model until release()
  std::vector<std::pair<std::uint64_t, Error>> row_errors;  // rows that failed alone, ascending

  std::shared_ptr<void> held;  // the engine's memory behind `outputs`
  void release() {
    outputs.clear();
    row_errors.clear();
    held.reset();
  }
};

// execute() may be called from many threads at once, each with a Batch of its own.
class LoadedModel {
 public:
  virtual ~LoadedModel() = default;
  virtual const tensor::Signature& signature() const = 0;  // as the file says, without labels and features
  // Fails as a whole with InvalidInput (the engine refuses the values), Internal (the engine broke) or Cancelled.
  virtual Result<void> execute(Batch& batch) = 0;
};

// Any thread; load() blocks.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view name() const = 0;      // "onnxruntime"
  virtual std::string_view version() const = 0;   // the engine's
  virtual std::string_view platform() const = 0;  // OIP's, e.g. "onnx_onnxv1"
  // InvalidInput: the file is not a model this engine can run; the text says why.
  virtual Result<std::shared_ptr<LoadedModel>> load(const LoadRequest& request) = 0;
};

// Which backend serves a manifest's format. Built by app/catalog.cc. Any thread.
class BackendCatalog {
 public:
  virtual ~BackendCatalog() = default;
  // NotFound lists the formats there are; Unavailable says why the plugin did not load.
  virtual Result<Backend*> find(std::string_view format) = 0;
};

}  // namespace slipway::ports
