#include "service/serving/request_slices.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

namespace slipway::serving {
namespace {

using model::SliceSource;
using tensor::DataType;

class AskedCaller final : public ports::Caller {
 public:
  std::string_view header(std::string_view name) const override { return found(headers, name); }
  std::string_view query(std::string_view name) const override { return found(queries, name); }
  const access::Principal& principal() const override { return principal_; }
  Result<void> require(access::Permission) const override { return {}; }

  std::map<std::string, std::string, std::less<>> headers, queries;
  access::Principal principal_{.name = "checkout"};

 private:
  static std::string_view found(const std::map<std::string, std::string, std::less<>>& in, std::string_view name) {
    const auto each = in.find(name);
    return each == in.end() ? std::string_view() : each->second;
  }
};

template <class Number>
tensor::Tensor tensor_of(DataType type, std::vector<Number> numbers) {
  tensor::Tensor made{.name = "x", .datatype = type, .shape = {}, .data = {}};
  made.data.resize(numbers.size() * sizeof(Number));
  std::memcpy(made.data.data(), numbers.data(), made.data.size());
  return made;
}

tensor::Tensor texts_of(const std::vector<std::string>& texts) {
  tensor::Tensor made{.name = "x", .datatype = DataType::Bytes, .shape = {}, .data = {}};
  for (const std::string& text : texts) tensor::append_bytes_element(made.data, text);
  return made;
}

ports::PredictRequest asked_by(const ports::Caller* caller, std::span<const tensor::TensorView> inputs = {}) {
  ports::PredictRequest request{};
  request.caller = caller;
  request.inputs = inputs;
  return request;
}

// The value that the request has, of these; empty: none.
std::string value_of(const tensor::Tensor& input, std::uint32_t element, std::vector<std::string> values) {
  const model::Slicing slicing{{{"c", {SliceSource::Kind::Input, "x", element}, values}}};
  const tensor::TensorView view = input.view();
  const std::uint16_t label = request_slices(slicing, asked_by(nullptr, std::span(&view, 1)), 0);
  return label == 0 ? "" : values.at(label - 1);
}

TEST(RequestSlices, are_read_from_headers_queries_and_who_asks) {
  const model::Slicing slicing{{{"country", {SliceSource::Kind::Header, "x-country"}, {"DE", "FR"}},
                                {"device", {SliceSource::Kind::Query, "device"}, {"phone"}},
                                {"who", {SliceSource::Kind::Principal, ""}, {"batch", "checkout"}}}};
  AskedCaller caller;
  const auto places = [&] {
    const std::uint16_t label = request_slices(slicing, asked_by(&caller), 0);
    std::vector<std::uint32_t> found;
    for (std::size_t i = 0; i < 3; ++i) found.push_back(model::slice_place(slicing, label, i));
    return found;
  };
  EXPECT_EQ(places(), (std::vector<std::uint32_t>{0, 0, 2}));
  caller.headers["x-country"] = "FR", caller.queries["device"] = "phone", caller.principal_.name = "batch";
  EXPECT_EQ(places(), (std::vector<std::uint32_t>{2, 1, 1}));
  caller.headers["x-country"] = "IT", caller.queries["device"] = "PHONE", caller.principal_.name = "somebody";
  EXPECT_EQ(places(), (std::vector<std::uint32_t>{0, 0, 0})) << "what is not declared is no slice";
}

TEST(RequestSlices, of_inputs_are_texts_and_numbers_as_they_are_written) {
  EXPECT_EQ(value_of(texts_of({"DE", "FR"}), 1, {"DE", "FR"}), "FR");
  EXPECT_EQ(value_of(tensor_of<std::int64_t>(DataType::Int64, {-7, 13}), 0, {"7", "-7"}), "-7");
  EXPECT_EQ(value_of(tensor_of<std::uint8_t>(DataType::UInt8, {1, 200}), 1, {"200"}), "200");
  EXPECT_EQ(value_of(tensor_of<float>(DataType::FP32, {0, 0, 0, 3}), 3, {"3"}), "3");
  EXPECT_EQ(value_of(tensor_of<double>(DataType::FP64, {0.5}), 0, {"0.5"}), "0.5");
  EXPECT_EQ(value_of(tensor_of<std::uint16_t>(DataType::FP16, {0x3c00}), 0, {"1"}), "1");
  EXPECT_EQ(value_of(tensor_of<std::uint16_t>(DataType::BF16, {0xbf80}), 0, {"-1"}), "-1");
  EXPECT_EQ(value_of(tensor_of<std::uint8_t>(DataType::Bool, {1}), 0, {"true"}), "true");
}

TEST(RequestSlices, of_inputs_that_are_no_such_thing_are_none) {
  EXPECT_EQ(value_of(texts_of({"DE"}), 1, {"DE"}), "");
  EXPECT_EQ(value_of(tensor_of<float>(DataType::FP32, {3}), 1, {"3"}), "");
  tensor::Tensor cut = texts_of({"DE", "FR"});
  for (const std::size_t size : {9U, 7U, 5U, 3U, 0U}) {
    cut.data.resize(size);
    EXPECT_EQ(value_of(cut, 1, {"DE", "FR"}), "") << size;
  }
}

TEST(RequestSlices, that_cannot_be_asked_now_are_as_they_were_found_before) {
  const model::Slicing slicing{{{"country", {SliceSource::Kind::Header, "x-country"}, {"DE", "FR"}},
                                {"tier", {SliceSource::Kind::Input, "x", 0}, {"1", "2", "3"}}}};
  AskedCaller caller;
  caller.headers["x-country"] = "FR";
  const std::uint16_t assigned = request_slices(slicing, asked_by(&caller), 0);
  EXPECT_EQ(model::slice_place(slicing, assigned, 0), 2U);
  const tensor::Tensor input = tensor_of<std::int32_t>(DataType::Int32, {3});
  const tensor::TensorView view = input.view();
  const std::uint16_t whole = request_slices(slicing, asked_by(nullptr, std::span(&view, 1)), assigned);
  EXPECT_EQ(model::slice_place(slicing, whole, 0), 2U);
  EXPECT_EQ(model::slice_place(slicing, whole, 1), 3U);
}

}  // namespace
}  // namespace slipway::serving
