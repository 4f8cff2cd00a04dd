#include "onnxruntime/library.h"

#include <cstdlib>

namespace slipway::onnx {
namespace {

using backend::Failure;

struct DatatypePair {
  ONNXTensorElementDataType onnx;
  slipway_datatype ours;
};
constexpr DatatypePair kDatatypes[] = {
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, SLIPWAY_BOOL},     {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, SLIPWAY_UINT8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, SLIPWAY_UINT16}, {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, SLIPWAY_UINT32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, SLIPWAY_UINT64}, {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, SLIPWAY_INT8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, SLIPWAY_INT16},   {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, SLIPWAY_INT32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, SLIPWAY_INT64},   {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, SLIPWAY_FP16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, SLIPWAY_FP32},    {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, SLIPWAY_FP64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, SLIPWAY_BYTES},  {ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, SLIPWAY_BF16},
};

// Every error comes back as a status as well; lines of its own on our standard error help nobody.
void ORT_API_CALL drop_line(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

slipway_status status_of(OrtErrorCode code, Step step) {
  switch (code) {
    case ORT_INVALID_ARGUMENT:
    case ORT_NO_SUCHFILE:
    case ORT_NO_MODEL:
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
    case ORT_NOT_IMPLEMENTED:
      return SLIPWAY_INVALID_INPUT;
    case ORT_OK:
    case ORT_ENGINE_ERROR:
    case ORT_EP_FAIL:
    case ORT_MODEL_LOADED:
      return SLIPWAY_INTERNAL;
    case ORT_FAIL:
    case ORT_RUNTIME_EXCEPTION:
      break;
  }
  return step == Step::Load ? SLIPWAY_INVALID_INPUT : SLIPWAY_INTERNAL;  // the file is at fault, or the engine
}

}  // namespace

void Library::start() {
  const OrtApiBase* base = OrtGetApiBase();
  const OrtApi* table = base->GetApi(ORT_API_VERSION);
  if (table == nullptr) {
    throw Failure(SLIPWAY_UNAVAILABLE, "expected an ONNX Runtime with C API " + std::to_string(ORT_API_VERSION) +
                                           " or newer, found release " + base->GetVersionString());
  }
  api_ = table;
  // Said before the environment is made, or a thread, a database in the home folder and a message to the engine's
  // makers come with it; DisableTelemetryEvents() stops only what would follow.
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  check(table->CreateEnvWithCustomLogger(drop_line, nullptr, ORT_LOGGING_LEVEL_FATAL, "slipway", &environment_),
        Step::Load);
  check(table->DisableTelemetryEvents(environment_), Step::Load);
  OrtMemoryInfo* described = nullptr;
  check(table->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &described), Step::Load);
  memory_ = new BlockMemory(described);
  check(table->RegisterAllocator(environment_, memory_->as_allocator()), Step::Load);
}

const char* Library::version() {
  return OrtGetApiBase()->GetVersionString();
}

void Library::fail(OrtStatus* status, Step step) {
  std::string text = api_->GetErrorMessage(status);
  slipway_status code = status_of(api_->GetErrorCode(status), step);
  api_->ReleaseStatus(status);
  if (text.find("Failed to allocate memory") != std::string::npos || text.find("bad_alloc") != std::string::npos) {
    code = SLIPWAY_UNAVAILABLE;
  }
  throw Failure(code, std::move(text));
}

std::optional<slipway_datatype> datatype_of(ONNXTensorElementDataType type) {
  for (const auto& [onnx, ours] : kDatatypes) {
    if (onnx == type) return ours;
  }
  return std::nullopt;
}

ONNXTensorElementDataType element_type_of(slipway_datatype datatype) {
  for (const auto& [onnx, ours] : kDatatypes) {
    if (ours == datatype) return onnx;
  }
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

std::string name_of(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX64:
      return "complex64";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX128:
      return "complex128";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT4:
      return "uint4";
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT4:
      return "int4";
    default:
      return "ONNX element type " + std::to_string(type);
  }
}

}  // namespace slipway::onnx
