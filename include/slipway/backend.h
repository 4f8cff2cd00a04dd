// For writers of plugins in C++: a model as a class, and the barrier that keeps exceptions inside the plugin.
//
//   class MyEngine {
//    public:
//     static constexpr const char* kName = "mine";
//     static constexpr const char* kPlatform = "mine_v1";
//     static const char* version();
//     static void start();                                     // throws Failure if the engine cannot run here
//     static std::unique_ptr<slipway::backend::Model> load(const slipway::backend::Package& package);
//   };
//   SLIPWAY_EXPORT_BACKEND(MyEngine)
//
// Throw Failure for what can go wrong; any other exception is answered as SLIPWAY_INTERNAL.
#ifndef SLIPWAY_BACKEND_H
#define SLIPWAY_BACKEND_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/backend_abi.h"

namespace slipway::backend {

// Why a call did not succeed, for a person: expected, found, where.
class Failure : public std::exception {
 public:
  Failure(slipway_status status, std::string text) : status_(status), text_(std::move(text)) {}
  slipway_status status() const { return status_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  slipway_status status_;
  std::string text_;
};

// The files given to load(); borrowed until it returns.
struct Package {
  std::span<const slipway_file> files;
  const slipway_file& main;
  std::uint32_t intra_op_threads;
};

// One input or output. shape: -1 for a free dimension.
struct Spec {
  std::string name;
  slipway_datatype datatype;
  std::vector<std::int64_t> shape;  // at most SLIPWAY_MAX_RANK
  bool optional = false;
};

// A loaded model. execute() and release() run on many threads at once.
class Model {
 public:
  virtual ~Model() = default;
  // Called once, right after load().
  virtual const std::vector<Spec>& inputs() const = 0;
  virtual const std::vector<Spec>& outputs() const = 0;
  // Fills result.outputs (datatype, device, rank, index, shape, data, byte_length; the barrier has filled in the
  // names), and result.execution, the memory behind them.
  virtual void execute(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted,
                       slipway_result& result) = 0;
  virtual void release(slipway_execution* execution) noexcept = 0;
};

namespace detail {

struct Held {
  std::unique_ptr<Model> model;
  std::vector<slipway_tensor_spec> inputs;
  std::vector<slipway_tensor_spec> outputs;
};

inline void write_error(slipway_error* error, std::string_view text) noexcept {
  if (error == nullptr || error->text == nullptr || error->capacity == 0) return;
  const std::size_t length = text.size() < error->capacity ? text.size() : error->capacity - 1;
  std::memcpy(error->text, text.data(), length);
  error->text[length] = '\0';
}

// Runs `body`; nothing it throws gets past here.
template <class Body>
int guarded(slipway_error* error, Body&& body) noexcept {
  try {
    body();
    return SLIPWAY_OK;
  } catch (const Failure& failure) {
    write_error(error, failure.what());
    return failure.status();
  } catch (const std::bad_alloc&) {
    write_error(error, "out of memory");
    return SLIPWAY_UNAVAILABLE;
  } catch (const std::exception& exception) {
    write_error(error, exception.what());
    return SLIPWAY_INTERNAL;
  } catch (...) {
    write_error(error, "an exception that is no std::exception");
    return SLIPWAY_INTERNAL;
  }
}

inline std::vector<slipway_tensor_spec> specs_of(const std::vector<Spec>& specs) {
  std::vector<slipway_tensor_spec> out;
  out.reserve(specs.size());
  for (const Spec& spec : specs) {
    if (spec.shape.size() > SLIPWAY_MAX_RANK) {
      throw Failure(SLIPWAY_INVALID_INPUT, "tensor \"" + spec.name + "\": expected at most " +
                                               std::to_string(SLIPWAY_MAX_RANK) + " dimensions, found " +
                                               std::to_string(spec.shape.size()));
    }
    slipway_tensor_spec made{};
    made.name = spec.name.c_str();
    made.datatype = spec.datatype;
    made.rank = static_cast<std::int32_t>(spec.shape.size());
    for (std::size_t i = 0; i < spec.shape.size(); ++i) made.shape[i] = spec.shape[i];
    made.optional = spec.optional ? 1 : 0;
    out.push_back(made);
  }
  return out;
}

template <class Engine>
int load(const slipway_load_request* request, slipway_model** model, slipway_error* error) noexcept {
  return guarded(error, [&] {
    auto held = std::make_unique<Held>();
    const std::span files(request->files, request->file_count);
    held->model = Engine::load(Package{files, files[request->main_file], request->intra_op_threads});
    held->inputs = specs_of(held->model->inputs());
    held->outputs = specs_of(held->model->outputs());
    *model = reinterpret_cast<slipway_model*>(held.release());
  });
}

inline const Held* held_of(const slipway_model* model) {
  return reinterpret_cast<const Held*>(model);
}

inline void signature(const slipway_model* model, slipway_signature* signature) noexcept {
  const Held* held = held_of(model);
  *signature = {held->inputs.data(), held->inputs.size(), held->outputs.data(), held->outputs.size()};
}

inline int execute(slipway_model* model, const slipway_tensor* inputs, size_t input_count, const uint32_t* wanted,
                   size_t wanted_count, slipway_result* result, slipway_error* error) noexcept {
  const Held* held = held_of(model);
  return guarded(error, [&] {
    for (std::size_t i = 0; i < wanted_count; ++i) {
      result->outputs[i].name = held->outputs[wanted[i]].name;
      result->outputs[i].index = static_cast<std::int32_t>(wanted[i]);
    }
    held->model->execute({inputs, input_count}, {wanted, wanted_count}, *result);
  });
}

inline void release(slipway_model* model, slipway_execution* execution) noexcept {
  held_of(model)->model->release(execution);
}

inline void unload(slipway_model* model) noexcept {
  delete held_of(model);
}

template <class Engine>
const slipway_backend* entry(std::uint16_t host_major, slipway_error* error) noexcept {
  if (host_major != SLIPWAY_BACKEND_ABI_MAJOR) {
    write_error(error, "the plugin speaks major version " + std::to_string(SLIPWAY_BACKEND_ABI_MAJOR));
    return nullptr;
  }
  static slipway_backend table{};
  const int started = guarded(error, [] {
    Engine::start();
    table = {sizeof(slipway_backend),
             SLIPWAY_BACKEND_ABI_MAJOR,
             SLIPWAY_BACKEND_ABI_MINOR,
             0,
             Engine::kName,
             Engine::version(),
             Engine::kPlatform,
             &load<Engine>,
             &signature,
             &execute,
             &release,
             &unload};
  });
  return started == SLIPWAY_OK ? &table : nullptr;
}

}  // namespace detail
}  // namespace slipway::backend

#define SLIPWAY_EXPORT_BACKEND(Engine)                                                            \
  extern "C" __attribute__((visibility("default"))) const slipway_backend* slipway_backend_entry( \
      uint16_t host_major, uint16_t, slipway_error* error) {                                      \
    return slipway::backend::detail::entry<Engine>(host_major, error);                            \
  }

#endif
