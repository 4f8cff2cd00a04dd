#include "adapter/api_oip/infer_request.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>

#include "adapter/api_oip/infer_reader.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

Result<std::uint64_t> parse_header_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return invalid_input("header Inference-Header-Content-Length: expected a whole number of bytes, found \"" +
                         printable(text, 40) + "\"");
  }
  return length;
}

// The shape a raw body of `size` bytes stands for: at most one dimension may be free besides the batch.
Result<tensor::Shape> infer_shape(const tensor::TensorSpec& spec, bool rows, std::size_t size) {
  tensor::Shape shape = spec.shape;
  if (rows) shape.set(0, 1);
  const std::string where = "raw input \"" + spec.name + "\": ";
  std::optional<std::size_t> open;
  std::uint64_t known = spec.datatype == tensor::DataType::Bytes ? 1 : element_size(spec.datatype);
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (shape[i] != tensor::kFreeDimension) {
      const auto product = checked_multiply(known, static_cast<std::uint64_t>(shape[i]));
      if (!product) return invalid_input(where + "shape " + spec.shape.to_string() + " is too large");
      known = *product;
    } else if (open) {
      return invalid_input(where + "expected at most one free dimension to tell from the body's size, found shape " +
                           spec.shape.to_string() + ": send JSON with the shape");
    } else {
      open = i;
    }
  }
  if (spec.datatype == tensor::DataType::Bytes) {
    if (open) shape.set(*open, 1);
    if (shape.element_count() == 1U) return shape;
    return invalid_input(where + "expected a BYTES input of one element, found shape " + spec.shape.to_string());
  }
  if (!open) return shape;  // the size is checked with the data
  if (known == 0 || size % known != 0) {
    return invalid_input(where + "expected a multiple of " + std::to_string(known) + " bytes for shape " +
                         spec.shape.to_string() + ", found " + std::to_string(size));
  }
  shape.set(*open, static_cast<std::int64_t>(size / known));
  return shape;
}

}  // namespace

std::string expected_datatype(std::string_view found) {
  return "expected a datatype (BOOL, UINT8 to UINT64, INT8 to INT64, FP16, BF16, FP32, FP64 or BYTES), found \"" +
         printable(found, 40) + "\"";
}

std::size_t text_size(ByteSpan body, std::string_view header_length) {
  if (header_length.empty()) return body.size();
  const auto length = parse_header_length(header_length);
  return length.ok() ? std::min<std::size_t>(*length, body.size()) : 0;
}

bool is_raw(std::string_view header_length, std::string_view content_type) {
  if (header_length.empty()) return content_type.starts_with("application/octet-stream");
  return header_length.find_first_not_of('0') == std::string_view::npos;
}

Result<void> InferRequest::read(ByteSpan body, std::string_view header_length, codec::Arena& arena) {
  clear();
  std::uint64_t json = body.size();
  if (header_length.empty()) {
    if (const auto input = form_.read(as_text(body), arena)) {
      inputs_.push_back(*input);
      return {};
    }
  } else {
    json = TRY(parse_header_length(header_length));
    if (json > body.size()) {
      return invalid_input("header Inference-Header-Content-Length: expected at most the body's " +
                           std::to_string(body.size()) + " bytes, found " + std::to_string(json));
    }
  }
  InferReader reader(*this, body.first(json), body.subspan(json), arena);
  TRY(reader.read());
  if (const auto data = reader.elements(); data && json == body.size() && is_only_inputs()) {
    form_.remember(as_text(body), data->begin, data->end, inputs_.front());
  }
  return {};
}

Result<void> InferRequest::read_raw(ByteSpan body, const tensor::Signature& signature, bool rows, codec::Arena& arena) {
  clear();
  if (signature.inputs.size() != 1) {
    return invalid_input("raw request: expected a model of one input, found one of " +
                         std::to_string(signature.inputs.size()) + ": send JSON that names them");
  }
  const tensor::TensorSpec& spec = signature.inputs.front();
  tensor::TensorView view{arena.copy(spec.name), spec.datatype, TRY(infer_shape(spec, rows, body.size())), body};
  if (spec.datatype == tensor::DataType::Bytes) {
    // Without a JSON header nothing tells the element's length but the body itself.
    const auto length = static_cast<std::uint32_t>(body.size());
    const MutableByteSpan element = arena.allocate(sizeof length + body.size());
    std::memcpy(element.data(), &length, sizeof length);
    if (!body.empty()) std::memcpy(element.data() + sizeof length, body.data(), body.size());
    view.data = element;
  }
  TRY(codec::check_binary(view));
  inputs_.push_back(view);
  binary_outputs_ = true;
  return {};
}

bool InferRequest::leave(ByteSpan body, codec::Arena& arena) {
  const auto lies_inside = [&](ByteSpan data) {
    return !data.empty() && !std::less<>()(data.data(), body.data()) &&
           std::less<>()(data.data(), body.data() + body.size());
  };
  if (std::ranges::any_of(inputs_, [&](const tensor::TensorView& input) { return lies_inside(input.data); })) {
    return false;
  }
  if (id_) id_ = arena.copy(*id_);
  if (unit_) unit_ = arena.copy(*unit_);
  for (tensor::TensorView& input : inputs_) input.name = arena.copy(input.name);
  for (OutputWish& wish : outputs_) wish.name = arena.copy(wish.name);
  return true;
}

void InferRequest::set_timeout(std::uint64_t microseconds) {
  constexpr std::uint64_t kLongest = 365ULL * 24 * 3600 * 1'000'000;
  if (microseconds != 0) timeout_ = std::chrono::microseconds(std::min(microseconds, kLongest));
}

void InferRequest::set_priority(std::uint64_t priority) {
  priority_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(priority, UINT32_MAX));
}

bool InferRequest::wishes_for(std::string_view output) const {
  return std::ranges::any_of(outputs_, [&](const OutputWish& wish) { return wish.name == output; });
}

void InferRequest::clear() {
  id_.reset();
  unit_.reset();
  timeout_.reset();
  priority_ = 0;
  binary_outputs_ = false;
  inputs_.clear();
  outputs_.clear();
}

}  // namespace slipway::api_oip
