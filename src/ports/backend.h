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

// One file of the package, as verified bytes; `owner` keeps them alive.
struct ModelFile {
  std::string path;
  ByteSpan bytes;
  std::shared_ptr<const void> owner;
};

// Borrowed until load() returns: a model keeps nothing of its files.
struct LoadRequest {
  std::span<const ModelFile> files;
  std::size_t main = 0;  // index of the model file
  std::uint32_t intra_op_threads = 1;
  const tensor::Signature* declared = nullptr;  // its reshapes are the model's; borrowed until load() returns
};

// The engine's memory behind the outputs of one execution, given back when this ends or is reset. Must not outlive its
// model. Costs no allocation.
class HeldOutputs {
 public:
  using Release = void (*)(void* owner, void* memory);
  HeldOutputs() = default;
  HeldOutputs(void* owner, void* memory, Release release) : owner_(owner), memory_(memory), release_(release) {}
  HeldOutputs(HeldOutputs&& other) noexcept
      : owner_(other.owner_), memory_(other.memory_), release_(std::exchange(other.release_, nullptr)) {}
  HeldOutputs& operator=(HeldOutputs&& other) noexcept {
    if (this == &other) return *this;
    reset();
    owner_ = other.owner_;
    memory_ = other.memory_;
    release_ = std::exchange(other.release_, nullptr);
    return *this;
  }
  ~HeldOutputs() { reset(); }

  void reset() {
    if (const Release release = std::exchange(release_, nullptr)) release(owner_, memory_);
  }

 private:
  void* owner_ = nullptr;
  void* memory_ = nullptr;
  Release release_ = nullptr;
};

// One execution: filled by the caller, answered by the model, reused for the next. One thread at a time.
struct Batch {
  std::vector<tensor::TensorView> inputs;   // borrowed until execute() returns; data aligned to its element
  std::vector<std::uint32_t> wanted;        // indices into Signature::outputs; outputs come in this order
  std::vector<tensor::TensorView> outputs;  // borrowed from the model until release()
  std::vector<std::pair<std::uint64_t, Error>> row_errors;  // rows that failed alone, ascending

  HeldOutputs held;
  void release() {
    outputs.clear();
    row_errors.clear();
    held.reset();
  }
};

// execute() may be called from many threads at once, each with a Batch of its own, which must be released before the
// model ends. Requires: inputs passed check_request() against the declared signature (signature(), where none was
// declared), each wanted output at most once.
class LoadedModel {
 public:
  virtual ~LoadedModel() = default;
  virtual const tensor::Signature& signature() const = 0;  // as the file says, without labels, features and reshapes
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
