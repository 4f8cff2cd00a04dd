// raw_run MODEL.onnx BATCH SECONDS: how fast ONNX Runtime itself executes a model in a bare loop on one thread, the
// in-process limit the server is held against. Prints microseconds per run, the median of ten slices.
#include <onnxruntime_c_api.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {
const OrtApi* api = nullptr;

void check(OrtStatus* status) {
  if (!status) return;
  std::fprintf(stderr, "raw_run: %s\n", api->GetErrorMessage(status));
  std::exit(1);
}
}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: raw_run MODEL.onnx BATCH SECONDS\n");
    return 2;
  }
  const auto batch = static_cast<std::int64_t>(std::atoll(argv[2]));
  const double seconds = std::atof(argv[3]);
  api = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  if (!api) return 1;

  OrtEnv* environment = nullptr;
  OrtSessionOptions* options = nullptr;
  OrtSession* session = nullptr;
  check(api->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "raw_run", &environment));
  check(api->CreateSessionOptions(&options));
  check(api->SetIntraOpNumThreads(options, 1));
  check(api->SetInterOpNumThreads(options, 1));
  check(api->AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0"));
  check(api->CreateSession(environment, argv[1], options, &session));

  OrtAllocator* allocator = nullptr;
  check(api->GetAllocatorWithDefaultOptions(&allocator));
  char* input_name = nullptr;
  char* output_name = nullptr;
  check(api->SessionGetInputName(session, 0, allocator, &input_name));
  check(api->SessionGetOutputName(session, 0, allocator, &output_name));
  OrtTypeInfo* type = nullptr;
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  check(api->SessionGetInputTypeInfo(session, 0, &type));
  check(api->CastTypeInfoToTensorInfo(type, &tensor));
  std::size_t rank = 0;
  check(api->GetDimensionsCount(tensor, &rank));
  std::vector<std::int64_t> shape(rank);
  check(api->GetDimensions(tensor, shape.data(), rank));
  std::size_t count = 1;
  for (auto& size : shape) {
    if (size < 0) size = batch;
    count *= static_cast<std::size_t>(size);
  }
  std::vector<float> values(count, 0.5F);
  OrtMemoryInfo* memory = nullptr;
  check(api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));

  const auto run = [&] {
    OrtValue* input = nullptr;
    OrtValue* output = nullptr;
    check(api->CreateTensorWithDataAsOrtValue(memory, values.data(), count * sizeof(float), shape.data(), rank,
                                              ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &input));
    check(api->Run(session, nullptr, &input_name, &input, 1, &output_name, 1, &output));
    api->ReleaseValue(output);
    api->ReleaseValue(input);
  };
  for (int i = 0; i < 20; ++i) run();
  using Clock = std::chrono::steady_clock;
  std::vector<double> slices;
  for (int slice = 0; slice < 10; ++slice) {
    const auto start = Clock::now();
    int runs = 0;
    do {
      run();
      ++runs;
    } while (Clock::now() - start < std::chrono::duration<double>(seconds / 10));
    slices.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count() / runs);
  }
  std::sort(slices.begin(), slices.end());
  std::printf("%.3f\n", slices[5]);
}
