#include "onnxruntime/session.h"

#include <onnxruntime_session_options_config_keys.h>

namespace slipway::onnx {
namespace {

using backend::Failure;

void check(OrtStatus* status) {
  Library::check(status, Step::Load);
}

// External data lies in the package's other files; a model names them relative to its own folder.
void offer_external_data(OrtSessionOptions* options, const backend::Package& package) {
  const std::string_view main_path = package.main.path;
  const std::size_t slash = main_path.rfind('/');
  const std::string_view folder = slash == std::string_view::npos ? "" : main_path.substr(0, slash + 1);
  std::vector<const char*> names;
  std::vector<char*> buffers;
  std::vector<std::size_t> lengths;
  for (const slipway_file& file : package.files) {
    const std::string_view path = file.path;
    if (&file == &package.main || !path.starts_with(folder)) continue;
    names.push_back(file.path + folder.size());
    buffers.push_back(static_cast<char*>(const_cast<void*>(file.data)));  // the library only reads
    lengths.push_back(file.byte_length);
  }
  if (names.empty()) return;
  check(Library::api().AddExternalInitializersFromFilesInMemory(options, names.data(), buffers.data(), lengths.data(),
                                                                names.size()));
}

bool is_small(const backend::Package& package) {
  constexpr std::uint64_t kSmall = 64 << 10;
  std::uint64_t bytes = 0;
  for (const slipway_file& file : package.files) bytes += file.byte_length;
  return bytes <= kSmall;
}

Owned<OrtSessionOptions> options_for(const backend::Package& package) {
  const OrtApi& api = Library::api();
  OrtSessionOptions* made = nullptr;
  check(api.CreateSessionOptions(&made));
  Owned<OrtSessionOptions> options(made);
  check(api.SetIntraOpNumThreads(made, static_cast<int>(package.intra_op_threads)));
  check(api.SetInterOpNumThreads(made, 1));
  check(api.SetSessionExecutionMode(made, ORT_SEQUENTIAL));
  check(api.SetSessionGraphOptimizationLevel(made, ORT_ENABLE_ALL));
  check(api.SetSessionLogSeverityLevel(made, ORT_LOGGING_LEVEL_FATAL));
  check(api.AddSessionConfigEntry(made, kOrtSessionOptionsConfigAllowIntraOpSpinning, "0"));
  check(api.AddSessionConfigEntry(made, kOrtSessionOptionsConfigAllowInterOpSpinning, "0"));
  // Memory patterns are remembered for each shape seen: with free dimensions they would grow without end.
  check(api.DisableMemPattern(made));
  // For the few small tensors of a small model malloc is faster than an allocator of our own or the library's arena.
  check(api.DisableCpuMemArena(made));
  if (!is_small(package)) check(api.AddSessionConfigEntry(made, kOrtSessionOptionsConfigUseEnvAllocators, "1"));
  offer_external_data(made, package);
  return options;
}

backend::Spec spec_of(const char* kind, std::string name, const OrtTypeInfo* type, bool optional) {
  const OrtApi& api = Library::api();
  ONNXType category{};
  check(api.GetOnnxTypeFromTypeInfo(type, &category));
  if (category != ONNX_TYPE_TENSOR) {
    throw Failure(SLIPWAY_INVALID_INPUT,
                  std::string("expected only tensors, found ") + kind + " \"" + name +
                      "\" that is a sequence, map, sparse or optional value (scikit-learn's converters: export with "
                      "zipmap=False)");
  }
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  check(api.CastTypeInfoToTensorInfo(type, &tensor));
  ONNXTensorElementDataType element{};
  check(api.GetTensorElementType(tensor, &element));
  const auto datatype = datatype_of(element);
  if (!datatype) {
    throw Failure(SLIPWAY_INVALID_INPUT, std::string(kind) + " \"" + name + "\": expected a datatype of the Open " +
                                             "Inference Protocol, found " + name_of(element));
  }
  std::size_t rank = 0;
  check(api.GetDimensionsCount(tensor, &rank));
  backend::Spec spec{std::move(name), *datatype, std::vector<std::int64_t>(rank), optional};
  check(api.GetDimensions(tensor, spec.shape.data(), rank));
  return spec;
}

using NameOf = decltype(OrtApi::SessionGetInputName);
using TypeOf = decltype(OrtApi::SessionGetInputTypeInfo);

void append_specs(std::vector<backend::Spec>& specs, const char* kind, const OrtSession* session, std::size_t count,
                  NameOf name_of, TypeOf type_of, bool optional) {
  const OrtApi& api = Library::api();
  OrtAllocator* allocator = nullptr;
  check(api.GetAllocatorWithDefaultOptions(&allocator));
  for (std::size_t i = 0; i < count; ++i) {
    char* text = nullptr;
    check(name_of(session, i, allocator, &text));
    std::string name(text);
    check(api.AllocatorFree(allocator, text));
    OrtTypeInfo* type = nullptr;
    check(type_of(session, i, &type));
    specs.push_back(spec_of(kind, std::move(name), Owned<OrtTypeInfo>(type).get(), optional));
  }
}

}  // namespace

Session Session::load(const backend::Package& package) {
  const OrtApi& api = Library::api();
  const Owned<OrtSessionOptions> options = options_for(package);
  OrtSession* made = nullptr;
  check(api.CreateSessionFromArray(Library::environment(), package.main.data, package.main.byte_length, options.get(),
                                   &made));
  Session loaded{Owned<OrtSession>(made), {}, {}};
  std::size_t inputs = 0, optional_inputs = 0, outputs = 0;
  check(api.SessionGetInputCount(made, &inputs));
  check(api.SessionGetOverridableInitializerCount(made, &optional_inputs));
  check(api.SessionGetOutputCount(made, &outputs));
  append_specs(loaded.inputs, "input", made, inputs, api.SessionGetInputName, api.SessionGetInputTypeInfo, false);
  append_specs(loaded.inputs, "input", made, optional_inputs, api.SessionGetOverridableInitializerName,
               api.SessionGetOverridableInitializerTypeInfo, true);
  append_specs(loaded.outputs, "output", made, outputs, api.SessionGetOutputName, api.SessionGetOutputTypeInfo, false);
  return loaded;
}

}  // namespace slipway::onnx
