// lane_bench [--record] [MODEL.onnx]: what the request path itself costs. For several numbers of requests per tick:
// microseconds per request through a lane (submit, gather, execute, scatter, count, complete), microseconds per request
// of the model executing the same rows in one call, and the difference. Without a model: echo, 30 floats in and out.
// --record: with two versions that share the traffic, by a unit from a header, and every prediction recorded.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "adapter/backend_plugin/plugin_catalog.h"
#include "adapter/log_memory/memory_prediction_log.h"
#include "domain/tensor/sample.h"
#include "service/serving/prediction_service.h"

namespace {

using namespace slipway;
struct Done final : ports::Completion {
  void answered(const ports::Prediction&) noexcept override { ++answered_count; }
  void failed(const Error& error) noexcept override { std::fprintf(stderr, "lane_bench: %s\n", error.message.c_str()); }
  std::uint64_t answered_count = 0;
};

// CPU time of this thread: what other programs do on the machine counts as little as possible.
double cpu_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// Microseconds per call of both, their slices alternating: the medians of 21 slices each.
template <class First, class Second>
std::pair<double, double> microseconds(std::size_t calls, First&& first, Second&& second) {
  std::vector<double> slices[2];
  const auto measure = [&](auto& body, std::vector<double>& into) {
    const double began = cpu_microseconds();
    for (std::size_t i = 0; i < calls; ++i) body();
    into.push_back((cpu_microseconds() - began) / static_cast<double>(calls));
  };
  for (int slice = 0; slice < 21; ++slice) {
    measure(first, slices[0]);
    measure(second, slices[1]);
  }
  for (auto& each : slices) std::ranges::sort(each);
  return {slices[0][10], slices[1][10]};
}

// Takes records, and keeps none.
struct NoLog final : log_memory::MemoryPredictionLog {
  using MemoryPredictionLog::append;
  Result<void> append(std::span<const ports::PredictionRecord>) override { return {}; }
};

struct Asker final : ports::Caller {
  std::string_view header(std::string_view name) const override {
    return name == "x-slipway-unit" ? "0b54f0e2-6f0b-4f5e-9d0c-2f8e8f3d9a11" : "";
  }
  std::string_view query(std::string_view) const override { return {}; }
  const access::Principal& principal() const override { return who; }
  Result<void> require(access::Permission) const override { return {}; }
  access::Principal who;
};

serving::ModelHandle serve(std::shared_ptr<ports::LoadedModel> model, const Clock& clock) {
  model::Manifest manifest;
  manifest.signature = model->signature();
  manifest.batching.execution = model::Execution::Inline;
  serving::ServedVersion::Loaded loaded{
      {*model::ModelName::parse("m"), 1, manifest, "1", "bench"}, nullptr, std::move(model), {}};
  loaded.verification.row_independent = true;
  loaded.verification.cost = {std::chrono::microseconds(2), std::chrono::nanoseconds(50)};
  static const serving::QueueSettings queue;
  return *serving::ServedVersion::create(std::move(loaded), {0, 1, queue, clock});
}

}  // namespace

int main(int argc, char** argv) {
  const bool records = argc > 1 && std::string_view(argv[1]) == "--record";
  argc -= records ? 1 : 0;
  argv += records ? 1 : 0;
  backend_plugin::PluginCatalog catalog({{"onnx", "onnxruntime"}, {"echo", "echo"}}, {SLIPWAY_BUILT_BACKENDS});
  std::string bytes = "input x FP32 [-1,30]\noutput y from x\n";
  if (argc > 1) {
    std::ifstream file(argv[1], std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  auto backend = catalog.find(argc > 1 ? "onnx" : "echo");
  if (!backend) return std::fprintf(stderr, "lane_bench: %s\n", backend.error().message.c_str()), 1;
  const ports::ModelFile file{"model", as_bytes(bytes), nullptr};
  auto loaded = (*backend)->load({std::span(&file, 1)});
  if (!loaded) return std::fprintf(stderr, "lane_bench: %s\n", loaded.error().message.c_str()), 1;

  const SystemClock clock;
  serving::PredictionService service(1, clock);
  NoLog log;
  Log lines{{.level = LogLevel::Off}};
  serving::PredictionRecorder recorder({log, clock, lines}, 1);
  if (records) service.record_to(recorder);
  serving::Route route;
  route.model = "m";
  const auto version = serve(*loaded, clock);
  route.arms = {{version, records ? 9'000U : 10'000U}};
  if (records) route.arms.push_back({version, 10'000});
  route.set_probabilities();
  service.publish(std::make_shared<serving::ServingTable>(std::vector<serving::Route>{route},
                                                          std::vector<ports::ServedState>{}, true));
  const std::vector<tensor::Tensor> row = tensor::sample_inputs((*loaded)->signature(), 1, 1);
  std::vector<tensor::TensorView> views;
  for (const auto& input : row) views.push_back(input.view());
  ports::PredictRequest request;
  request.model = "m";
  request.protocol = "http";
  request.inputs = views;
  const Asker asker;
  request.caller = &asker;
  request.request_id = "0123456789abcdef00000001";
  std::printf("%8s %14s %14s %14s\n", "requests", "lane us/req", "model us/req", "overhead us");
  for (const std::uint64_t requests : {1, 2, 4, 8, 16, 32, 64}) {
    std::vector<Done> done(requests);
    const std::vector<tensor::Tensor> inputs = tensor::sample_inputs((*loaded)->signature(), requests, 1);
    ports::Batch batch;
    for (const auto& input : inputs) batch.inputs.push_back(input.view());
    for (std::uint32_t i = 0; i < (*loaded)->signature().outputs.size(); ++i) batch.wanted.push_back(i);
    std::uint64_t asked = 0;
    const auto through_lane = [&] {
      request.received_at = clock.now();  // as a protocol adapter gives it, once per tick
      for (Done& each : done) service.lane(0).submit(request, each);
      service.lane(0).flush();
      if (records && (asked += requests) % 4096 < requests) recorder.drain();
    };
    const auto direct = [&] {
      if (!(*loaded)->execute(batch)) std::abort();
      batch.release();
    };
    auto [lane, model] = microseconds(10'000 / requests + 50, through_lane, direct);
    lane /= static_cast<double>(requests);
    model /= static_cast<double>(requests);
    std::printf("%8llu %14.3f %14.3f %14.3f\n", static_cast<unsigned long long>(requests), lane, model, lane - model);
  }
}
