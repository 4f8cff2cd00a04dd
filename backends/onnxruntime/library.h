// The ONNX Runtime library: its table of functions, its one environment, and its errors as ours.
#pragma once

#include <onnxruntime_c_api.h>

#include <optional>
#include <string>

#include "onnxruntime/block_memory.h"
#include "slipway/backend.h"

namespace slipway::onnx {

// Which step failed decides who is at fault when the library does not say.
enum class Step : std::uint8_t { Load, Execute };

// The process's library. start() once, before anything else; then any thread.
class Library {
 public:
  // Throws Failure (unavailable) when the library is older than the headers this was built with, or does not start.
  static void start();
  static const OrtApi& api() { return *api_; }
  static const OrtEnv* environment() { return environment_; }
  // Of sessions that ask for their environment's.
  static BlockMemory& memory() { return *memory_; }
  static const char* version();

  // Throws Failure for a status that is not OK, and frees it.
  static void check(OrtStatus* status, Step step) {
    if (status != nullptr) [[unlikely]]
      fail(status, step);
  }

 private:
  [[noreturn]] static void fail(OrtStatus* status, Step step);
  static inline const OrtApi* api_ = nullptr;
  static inline OrtEnv* environment_ = nullptr;
  static inline BlockMemory* memory_ = nullptr;  // as long as the environment, which is never let go
};

// nullopt: a type that no tensor of the Open Inference Protocol has.
std::optional<slipway_datatype> datatype_of(ONNXTensorElementDataType type);
ONNXTensorElementDataType element_type_of(slipway_datatype datatype);
std::string name_of(ONNXTensorElementDataType type);

// Owns one object of the library.
template <class T>
struct Release;
#define SLIPWAY_RELEASE(Type)                \
  template <>                                \
  struct Release<Ort##Type> {                \
    void operator()(Ort##Type* held) const { \
      Library::api().Release##Type(held);    \
    }                                        \
  };
SLIPWAY_RELEASE(Session)
SLIPWAY_RELEASE(SessionOptions)
SLIPWAY_RELEASE(TypeInfo)
SLIPWAY_RELEASE(TensorTypeAndShapeInfo)
SLIPWAY_RELEASE(MemoryInfo)
SLIPWAY_RELEASE(Value)
SLIPWAY_RELEASE(RunOptions)
#undef SLIPWAY_RELEASE
template <class T>
using Owned = std::unique_ptr<T, Release<T>>;

}  // namespace slipway::onnx
