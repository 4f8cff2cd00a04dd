// ServingHouse: the request path with every wall around it: a clock that stands still, loops and a pool that run when
// told, stores in memory, real plugins.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <map>
#include <optional>

#include "adapter/backend_plugin/plugin_catalog.h"
#include "adapter/store_memory/memory_artifacts.h"
#include "adapter/store_memory/memory_store.h"
#include "service/serving/serving_controller.h"

namespace slipway::scenarios {

using tensor::DataType;

// Runs what it was given when the test says so.
class ManualLoop final : public ports::Loop {
 public:
  explicit ManualLoop(const ManualClock& clock) : clock_(clock) {}
  void post(ports::Task task) override { posted_.push_back(std::move(task)); }
  void run_at(TimePoint at, ports::Task task) override { timers_.emplace(at, std::move(task)); }
  void run() {
    while (!posted_.empty()) {
      const ports::Task task = std::move(posted_.front());
      posted_.pop_front();
      task();
    }
    while (!timers_.empty() && timers_.begin()->first <= clock_.now()) {
      const ports::Task task = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      task();
    }
  }
  std::size_t timers() const { return timers_.size(); }

 private:
  const ManualClock& clock_;
  std::deque<ports::Task> posted_;
  std::multimap<TimePoint, ports::Task> timers_;
};

class ManualPool final : public ports::WorkerPool {
 public:
  bool submit(ports::Task task) override {
    tasks_.push_back(std::move(task));
    return true;
  }
  bool run() {
    const bool had_some = !tasks_.empty();
    for (; !tasks_.empty(); tasks_.pop_front()) tasks_.front()();
    return had_some;
  }
  // The task that came last, while the others still run.
  void run_newest() {
    const ports::Task task = std::move(tasks_.back());
    tasks_.pop_back();
    task();
  }

 private:
  std::deque<ports::Task> tasks_;
};

// Manifests are looked up by the text that stands for them.
class ManifestShelf final : public ports::PackageReader {
 public:
  Result<ports::OpenedPackage> open(const std::string&, std::string_view, ports::ArtifactShelf&) override {
    return unimplemented("the shelf opens no packages");
  }
  Result<model::Manifest> read_manifest(std::string_view yaml) override { return manifests.at(std::string(yaml)); }
  std::map<std::string, model::Manifest> manifests;
};

// What a client got.
struct Client final : ports::Completion {
  struct Answer {
    model::VersionNumber version = 0;
    std::vector<tensor::Tensor> outputs;
    std::vector<std::uint32_t> indices;
  };
  void answered(const ports::Prediction& prediction) noexcept override {
    ++calls;
    answer.emplace();
    answer->version = prediction.served.version;
    answer->indices.assign(prediction.output_indices.begin(), prediction.output_indices.end());
    for (const tensor::TensorView& view : prediction.outputs) {
      answer->outputs.push_back(
          {std::string(view.name), view.datatype, view.shape, {view.data.begin(), view.data.end()}});
    }
    if (then) then();
  }
  void failed(const Error& failure) noexcept override {
    ++calls;
    error = failure;
    if (then) then();
  }
  std::vector<float> floats(std::size_t output = 0) const {
    const std::vector<std::byte>& data = answer->outputs[output].data;
    std::vector<float> values(data.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), data.data(), data.size());
    return values;
  }

  int calls = 0;
  std::optional<Answer> answer;
  std::optional<Error> error;
  std::function<void()> then;
};

// A request that owns what it lends.
struct Question {
  ports::PredictRequest request;
  std::vector<tensor::Tensor> tensors;
  std::vector<tensor::TensorView> views;
  std::vector<ports::RequestedOutput> outputs;

  static Question rows_of(std::vector<float> values, std::string_view model = "m") {
    Question made;
    const auto rows = static_cast<std::int64_t>(values.size());
    const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
    made.tensors.push_back({"x", DataType::FP32, {rows, 1}, {bytes, bytes + values.size() * sizeof(float)}});
    made.request.model = model;
    made.request.protocol = "test";
    return made;
  }
  const ports::PredictRequest& lend() {
    views.clear();
    for (const tensor::Tensor& tensor : tensors) views.push_back(tensor.view());
    request.inputs = views;
    request.outputs = outputs;
    return request;
  }
};

inline constexpr std::string_view kEcho = "input x FP32 [-1,1]\noutput y from x\n";

class ServingHouse : public testing::Test {
 protected:
  explicit ServingHouse(std::uint32_t cores = 2, std::size_t loops = 1) : cores_(cores), loops_(loops) {}

  struct Described {
    std::string echo = std::string(kEcho);
    model::Cost cost{std::chrono::microseconds(10), std::chrono::microseconds(1)};
    bool row_independent = true;
    Bytes memory = mebibytes(1);
    std::uint64_t max_batch = 64;
    model::Execution execution = model::Execution::Auto;
  };

  // Registers a version as the registry would.
  void have(std::string_view name, model::VersionNumber number, Described of) {
    const std::string key = std::string(name) + ":" + std::to_string(number);
    auto writer = *artifacts_.create();
    ASSERT_TRUE(writer->write(as_bytes(of.echo)).ok());
    const Digest digest = *writer->finish();
    model::Manifest manifest;
    manifest.format = "echo";
    manifest.main_file = "model.echo";
    manifest.signature = signature_of(of.echo);
    manifest.batching.max_batch = of.max_batch;
    manifest.batching.execution = of.execution;
    manifest.instances = 1;
    shelf_.manifests[key] = manifest;
    model::ModelVersion version{*model::ModelName::parse(name), number, {}, {}, {}, {}, {}, {}, {}, {}};
    version.files = {{"model.echo", of.echo.size(), digest}};
    version.manifest = key;
    version.stage = model::Stage::Validated;
    version.verification = {of.cost, of.row_independent, of.memory, {}, 0};
    ASSERT_TRUE(metadata_.commit({{version, 0}}, {}).ok());
  }

  void deploy(std::string_view name, const model::TrafficSplit& split, const model::AssignmentRule& rule = {},
              std::optional<model::Mirror> mirror = std::nullopt) {
    const model::ModelName model = *model::ModelName::parse(name);
    const auto now = *metadata_.desired_of(model);
    const std::uint64_t revision = now.empty() ? 0 : now[0].revision;
    ASSERT_TRUE(
        metadata_.commit({{model::DesiredServing{"production", model, split, rule, mirror}, revision}}, {}).ok());
    controller_.notify();
  }
  void deploy(std::string_view name, model::VersionNumber version) {
    deploy(name, model::TrafficSplit::all_to(version));
  }
  void undeploy(std::string_view name) {
    const auto now = *metadata_.desired_of(*model::ModelName::parse(name));
    ASSERT_TRUE(metadata_.commit({{now[0].record, now[0].revision, true}}, {}).ok());
    controller_.notify();
  }

  // Lets the control thread, the pool and the loop work until nothing is left to do.
  void settle() {
    int quiet = 0;
    while (quiet < 3) {  // a lane lets go of a version a tick after the table changed, the next one unloads it
      controller_.tick(clock_.now());
      loop_.run();
      quiet = pool_.run() ? 0 : quiet + 1;
    }
  }
  void ask(Question& question, Client& client) { lane().submit(question.lend(), client); }
  ports::Lane& lane() { return service_.lane(0); }
  // Executes what waits in the queue of a version and brings the answers back.
  void run_queue(std::string_view name) {
    const auto table = service_.table();
    for (const auto& arm : table->find(name)->arms) {
      while (arm.version->queue().execute_next()) {
      }
    }
    loop_.run();
  }
  ports::ModelStatistics statistics(std::string_view name = "m") {
    return service_.statistics(name, std::nullopt)->at(0);
  }

  static tensor::Signature signature_of(const std::string& echo) {
    const ports::ModelFile file{"model.echo", as_bytes(echo), nullptr};
    auto loaded = (*catalog().find("echo"))->load({std::span(&file, 1)});
    if (loaded.ok()) return (*loaded)->signature();
    tensor::TensorSpec x, y;
    x.name = "x";
    y.name = "y";
    x.shape = y.shape = {-1, 1};
    return {{x}, {y}};
  }
  static backend_plugin::PluginCatalog& catalog() {
    static backend_plugin::PluginCatalog held({{"onnx", "onnxruntime"}, {"echo", "echo"}}, {SLIPWAY_BUILT_BACKENDS});
    return held;
  }
  static serving::ControllerSettings settings(std::uint32_t cores) {
    serving::ControllerSettings made;
    made.queue.starts_threads = false;
    made.queue.capacity = 4;
    made.queue.cores = cores;
    return made;
  }

  const std::uint32_t cores_;
  const std::size_t loops_;
  ManualClock clock_;
  Log log_{{.level = LogLevel::Off}};
  ManualLoop loop_{clock_};
  ManualPool pool_;
  ManifestShelf shelf_;
  store_memory::MemoryStore metadata_;
  store_memory::MemoryArtifacts artifacts_;
  serving::MemoryBudget budget_{mebibytes(16)};
  serving::PredictionService service_{loops_, clock_, {.places = 64, .bytes = Bytes{4096}, .starts_threads = false}};
  std::vector<std::pair<std::string, std::uint64_t>> live_;
  bool store_is_busy_ = false;  // when the next revision is reported live
  serving::ServingController controller_{{{metadata_, artifacts_, shelf_, catalog(), budget_, clock_},
                                          pool_,
                                          service_,
                                          log_,
                                          [this](const model::ModelName& name, std::uint64_t revision) -> Result<void> {
                                            if (std::exchange(store_is_busy_, false))
                                              return unavailable("the store is busy");
                                            live_.emplace_back(name.text(), revision);
                                            return {};
                                          },
                                          nullptr},
                                         settings(cores_)};

  void SetUp() override { service_.attach(0, loop_); }
  void TearDown() override { controller_.stop(); }
};

}  // namespace slipway::scenarios
