// The language of the OIP tests: a server without a network, with `tiny` and a model of every datatype.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "adapter/api_oip/oip_routes.h"
#include "adapter/api_oip/scripted_predictor.h"
#include "adapter/net/recorded_exchange.h"

namespace slipway::api_oip {

struct RefusingControl final : RepositoryControl {
  Result<void> load(const model::ModelName& name, const ports::RepositoryOverrides&, std::string_view) override {
    loaded.push_back(name.text());
    return {};
  }
  std::vector<IndexEntry> index() const override { return entries; }
  bool is_ready() const override { return true; }
  Result<void> unload(const model::ModelName& name, std::string_view) override {
    return not_found("nothing of \"" + name.text() + "\" is deployed");
  }
  std::vector<std::string> loaded;
  std::vector<IndexEntry> entries;
};

class OipFixture : public testing::Test {
 protected:
  OipFixture() {
    predictor_.serve(tiny(), 1, sum_and_count);
    routes_ = oip_routes({predictor_, repository_, {"slipway", "0.0.1"}, 1});
  }

  // FP32 input [-1,3] -> FP32 "sums" [-1,2] (the row's sum and its negative), INT64 "counts" [-1].
  static model::Manifest tiny() {
    model::Manifest manifest;
    manifest.name = "tiny";
    manifest.format = "echo";
    manifest.main_file = "model.bin";
    manifest.signature.inputs = {{.name = "input",
                                  .datatype = tensor::DataType::FP32,
                                  .shape = {-1, 3},
                                  .features = {},
                                  .labels = {},
                                  .ranges = {}}};
    manifest.signature.outputs = {{.name = "sums",
                                   .datatype = tensor::DataType::FP32,
                                   .shape = {-1, 2},
                                   .features = {},
                                   .labels = {"plus", "minus"},
                                   .ranges = {}},
                                  {.name = "counts",
                                   .datatype = tensor::DataType::Int64,
                                   .shape = {-1},
                                   .features = {},
                                   .labels = {},
                                   .ranges = {}}};
    return manifest;
  }
  static Result<std::vector<tensor::Tensor>> sum_and_count(std::span<const tensor::TensorView> inputs) {
    const auto rows = static_cast<std::size_t>(inputs[0].shape[0]);
    tensor::Tensor sums{"sums", tensor::DataType::FP32, {static_cast<std::int64_t>(rows), 2}, {}};
    tensor::Tensor counts{"counts", tensor::DataType::Int64, {static_cast<std::int64_t>(rows)}, {}};
    for (std::size_t row = 0; row < rows; ++row) {
      float values[3];
      std::memcpy(values, inputs[0].data.data() + row * sizeof values, sizeof values);
      const float pair[2] = {values[0] + values[1] + values[2], -(values[0] + values[1] + values[2])};
      const std::int64_t count = 3;
      append(sums, pair, sizeof pair);
      append(counts, &count, sizeof count);
    }
    return std::vector{sums, counts};
  }
  static void append(tensor::Tensor& tensor, const void* from, std::size_t size) {
    const auto* bytes = static_cast<const std::byte*>(from);
    tensor.data.insert(tensor.data.end(), bytes, bytes + size);
  }
  // The same model, for requests of up to so many rows.
  void serve_tiny_up_to(std::uint64_t rows) {
    model::Manifest manifest = tiny();
    manifest.batching.max_batch = rows;
    predictor_.serve(manifest, 1, sum_and_count);
  }
  // One input as it comes, one output of the same name and value: for datatypes and shapes.
  void serve_echo(const std::string& name, tensor::DataType type, tensor::Shape shape) {
    model::Manifest manifest;
    manifest.name = name;
    manifest.signature.inputs = {
        {.name = "x", .datatype = type, .shape = shape, .features = {}, .labels = {}, .ranges = {}}};
    manifest.signature.outputs = {
        {.name = "y", .datatype = type, .shape = shape, .features = {}, .labels = {}, .ranges = {}}};
    predictor_.serve(manifest, 1,
                     [](std::span<const tensor::TensorView> inputs) -> Result<std::vector<tensor::Tensor>> {
                       return std::vector<tensor::Tensor>{
                           {"y", inputs[0].datatype, inputs[0].shape, {inputs[0].data.begin(), inputs[0].data.end()}}};
                     });
  }

  // Hands the exchange to the route of this pattern.
  net::RecordedExchange& ask(net::RecordedExchange& exchange, std::string_view pattern) {
    for (const net::Route& route : routes_) {
      if (route.pattern == pattern && route.method == exchange.method()) {
        std::get<net::InlineHandler>(route.handler)(exchange);
        return exchange;
      }
    }
    ADD_FAILURE() << "no route " << pattern;
    return exchange;
  }
  net::RecordedExchange& get(std::string_view pattern, std::vector<std::string> parameters = {}) {
    net::RecordedExchange& exchange = exchanges_.emplace_back(net::Method::Get, std::string(pattern));
    exchange.with_parameters(std::move(parameters));
    return ask(exchange, pattern);
  }
  net::RecordedExchange& infer(std::string body, const std::string& model = "tiny",
                               const std::string& header_length = {}) {
    net::RecordedExchange& exchange =
        exchanges_.emplace_back(net::Method::Post, "/v2/models/" + model + "/infer", std::move(body));
    exchange.with_parameters({model}).is_worker_slow = is_worker_slow_;
    if (!header_length.empty()) exchange.with_header("inference-header-content-length", header_length);
    return ask(exchange, "/v2/models/{model}/infer");
  }
  // The usual request with `data` and, behind the inputs, `rest` (",\"id\":...").
  static std::string request(std::string_view data, std::string_view shape = "[1,3]", std::string_view rest = "") {
    return R"({"inputs":[{"name":"input","shape":)" + std::string(shape) + R"(,"datatype":"FP32","data":)" +
           std::string(data) + "}]" + std::string(rest) + "}";
  }

  ScriptedPredictor predictor_;
  std::deque<net::RecordedExchange> exchanges_;  // live as long as the test
  bool is_worker_slow_ = false;                  // of infer()
  RefusingControl repository_;
  std::vector<net::Route> routes_;
};

}  // namespace slipway::api_oip
