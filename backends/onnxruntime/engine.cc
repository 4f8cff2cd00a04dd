// The ONNX Runtime backend: sessions on the CPU, made for being called from an event loop (one thread, no spinning).
#include "onnxruntime/execution.h"
#include "slipway/execution_pool.h"

namespace slipway::onnx {
namespace {

class OnnxModel final : public backend::Model {
 public:
  explicit OnnxModel(Session session) : session_(std::move(session)) {}
  ~OnnxModel() override {
    session_.session.reset();
    Library::memory().drop_kept();
  }

  const std::vector<backend::Spec>& inputs() const override { return session_.inputs; }
  const std::vector<backend::Spec>& outputs() const override { return session_.outputs; }

  void execute(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted,
               slipway_result& result) override {
    auto execution = pool_.take([this] { return std::make_unique<Execution>(session_); });
    try {
      execution->run(inputs, wanted, result.outputs);
    } catch (...) {
      execution->clear();
      pool_.give_back(std::move(execution));
      throw;
    }
    result.row_errors = nullptr;
    result.row_error_count = 0;
    result.execution = reinterpret_cast<slipway_execution*>(execution.release());
  }

  void release(slipway_execution* execution) noexcept override {
    std::unique_ptr<Execution> spent(reinterpret_cast<Execution*>(execution));
    spent->clear();
    pool_.give_back(std::move(spent));
  }

 private:
  Session session_;
  backend::ExecutionPool<Execution> pool_;
};

struct Engine {
  static constexpr const char* kName = "onnxruntime";
  static constexpr const char* kPlatform = "onnx_onnxv1";
  static const char* version() { return Library::version(); }
  static void start() { Library::start(); }
  static std::unique_ptr<backend::Model> load(const backend::Package& package) {
    return std::make_unique<OnnxModel>(Session::load(package));
  }
};

}  // namespace
}  // namespace slipway::onnx

SLIPWAY_EXPORT_BACKEND(slipway::onnx::Engine)
