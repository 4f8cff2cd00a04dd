// What one request costs in our own code before and after the model: reading the infer request of the tiny model
// (30 numbers) and writing its answer (2 numbers), and how many allocations that takes once warm.
//   codec_bench [ROUNDS]        prints the median of 9 runs, ns per request
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "adapter/api_oip/infer_reply.h"
#include "adapter/api_oip/infer_request.h"
#include "adapter/codec/arena.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

using namespace std::literals;
namespace net = slipway::net;
namespace tensor = slipway::tensor;
namespace api_oip = slipway::api_oip;

constexpr std::string_view kTinyRequest =
    R"({"inputs": [{"name": "input", "shape": [1, 30], "datatype": "FP32", "data": [17.99, 10.38, 122.8, 1001.0, 0.1184, )"
    R"(0.2776, 0.3001, 0.1471, 0.2419, 0.07871, 1.095, 0.9053, 8.589, 153.4, 0.006399, 0.04904, 0.05373, 0.01587, )"
    R"(0.03003, 0.006193, 25.38, 17.33, 184.6, 2019.0, 0.1622, 0.6656, 0.7119, 0.2654, 0.4601, 0.1189]}]})";

// Swallows the answer as a connection's buffer would.
class Sink final : public net::Exchange {
 public:
  net::Method method() const override { return net::Method::Post; }
  std::string_view path() const override { return {}; }
  std::string_view query(std::string_view) const override { return {}; }
  std::string_view header(std::string_view) const override { return {}; }
  std::string_view parameter(std::size_t) const override { return "tiny"; }
  slipway::ByteSpan body() const override { return {}; }
  const slipway::access::Principal& principal() const override { return principal_; }
  slipway::Result<void> require(slipway::access::Permission) const override { return {}; }
  std::string_view request_id() const override { return {}; }
  slipway::TimePoint received_at() const override { return {}; }
  std::size_t loop_index() const override { return 0; }
  void watch(net::Abandonment*) override {}
  std::string& open(int, std::string_view) override {
    out.clear();
    return out;
  }
  void add_header(std::string_view, std::string_view) override {}
  void finish() override {}

  std::string out;

 private:
  slipway::access::Principal principal_;
};

template <class Work>
void measure(const char* what, int rounds, const Work& work) {
  for (int i = 0; i < 1000; ++i) work();
  std::vector<double> runs;
  const std::size_t before = allocations;
  for (int run = 0; run < 9; ++run) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) work();
    runs.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / rounds);
  }
  const double made = static_cast<double>(allocations - before - 4) / (9.0 * rounds);
  std::ranges::nth_element(runs, runs.begin() + 4);
  std::printf("%-28s %8.0f ns  %.3f allocations\n", what, runs[4], made < 0.001 ? 0.0 : made);
}

std::string large_request(std::size_t count) {
  std::string body =
      R"({"inputs":[{"name":"input","shape":[1,)" + std::to_string(count) + R"(],"datatype":"FP32","data":[)";
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) body += ',';
    body += std::to_string(0.0001 * static_cast<double>(i * 7919 % 10007));
  }
  return body + "]}]}";
}

}  // namespace

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 200'000;
  slipway::codec::Arena arena;
  api_oip::InferRequest request;
  const auto read = [&](std::string_view body) {
    arena.reset();
    if (!request.read(slipway::as_bytes(body), "", arena)) std::abort();
  };
  const std::string tiny(kTinyRequest);
  const std::string wide = large_request(784);
  measure("read 30 FP32 (tiny)", rounds, [&] { read(tiny); });
  if (count > 2) return 0;  // for a profile of the tiny request alone
  measure("read 784 FP32", rounds / 20, [&] { read(wide); });

  const slipway::ports::ServedModel served{slipway::model::ModelName::parse("tiny").value(), 1, {}, "1", "onnx_onnxv1"};
  const std::array<float, 2> numbers{0.0123456789F, 0.98765432F};
  const std::array<tensor::TensorView, 1> outputs{
      {{"probabilities", tensor::DataType::FP32, {1, 2}, std::as_bytes(std::span(numbers))}}};
  const std::array<std::uint32_t, 1> indices{0};
  Sink sink;
  api_oip::InferReply reply;
  measure("write 2 FP32 (tiny)", rounds, [&] { reply.send(sink, request, {served, outputs, indices}, arena); });
  measure("read and write (tiny)", rounds, [&] {
    read(tiny);
    reply.send(sink, request, {served, outputs, indices}, arena);
  });
}
