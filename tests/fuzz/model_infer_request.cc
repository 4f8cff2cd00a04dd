// ModelInferRequest by our own reader and by protobuf's: what ours accepts, protobuf accepts and understands alike;
// what ours writes as an answer, protobuf reads. Ours refuses more: what no tensor can be, contents given in two parts,
// fields of another wire type.
#include <proto/inference.pb.h>

#include <cstdint>
#include <string>

#include "adapter/api_oip/infer_message.h"
#include "adapter/api_oip/infer_reply.h"
#include "base/invariant.h"

using slipway::invariant;
namespace pb = inference;
namespace tensor = slipway::tensor;

namespace {

// Element `i` of the contents as the bytes that the tensor must hold there.
template <class Element, class Field>
void compare(const Field& field, const tensor::TensorView& view) {
  invariant(static_cast<std::size_t>(field.size()) * sizeof(Element) == view.data.size(), "as many elements");
  for (int i = 0; i < field.size(); ++i) {
    const auto element = static_cast<Element>(field.Get(i));
    invariant(
        std::memcmp(&element, view.data.data() + static_cast<std::size_t>(i) * sizeof element, sizeof element) == 0,
        "the same element");
  }
}

void compare_contents(const pb::InferTensorContents& contents, const tensor::TensorView& view) {
  using tensor::DataType;
  switch (view.datatype) {
    case DataType::Bool:
      return compare<std::uint8_t>(contents.bool_contents(), view);
    case DataType::Int8:
      return compare<std::int8_t>(contents.int_contents(), view);
    case DataType::Int16:
      return compare<std::int16_t>(contents.int_contents(), view);
    case DataType::Int32:
      return compare<std::int32_t>(contents.int_contents(), view);
    case DataType::Int64:
      return compare<std::int64_t>(contents.int64_contents(), view);
    case DataType::UInt8:
      return compare<std::uint8_t>(contents.uint_contents(), view);
    case DataType::UInt16:
      return compare<std::uint16_t>(contents.uint_contents(), view);
    case DataType::UInt32:
      return compare<std::uint32_t>(contents.uint_contents(), view);
    case DataType::UInt64:
      return compare<std::uint64_t>(contents.uint64_contents(), view);
    case DataType::FP32:
      return compare<float>(contents.fp32_contents(), view);
    case DataType::FP64:
      return compare<double>(contents.fp64_contents(), view);
    case DataType::Bytes: {
      slipway::ByteSpan rest = view.data;
      for (const std::string& text : contents.bytes_contents()) {
        const tensor::BytesElement element = tensor::next_bytes_element(rest);
        invariant(element.text == text, "the same text");
        rest = element.rest;
      }
      return invariant(rest.empty(), "as many texts");
    }
    case DataType::FP16:
    case DataType::BF16:
      return invariant(view.data.empty(), "no typed contents for it");
  }
}

void compare_requests(const pb::ModelInferRequest& expected, const slipway::api_oip::InferMessage& message,
                      const slipway::api_oip::InferRequest& found) {
  invariant(expected.model_name() == message.model(), "the same model");
  invariant(expected.id() == found.id().value_or(""), "the same id");
  invariant(expected.model_version().empty() == !message.version(), "a version or none");
  if (message.version()) invariant(std::to_string(*message.version()) == expected.model_version(), "the same version");
  invariant(static_cast<std::size_t>(expected.inputs_size()) == found.inputs().size(), "as many inputs");
  for (int i = 0; i < expected.inputs_size(); ++i) {
    const auto& input = expected.inputs(i);
    const tensor::TensorView& view = found.inputs()[static_cast<std::size_t>(i)];
    invariant(check_data_length(view).ok(), "what was read is whole");
    invariant(input.name() == view.name && input.datatype() == name_of(view.datatype), "the same tensor");
    invariant(static_cast<std::size_t>(input.shape_size()) == view.shape.rank(), "of the same rank");
    for (int d = 0; d < input.shape_size(); ++d) {
      invariant(input.shape(d) == view.shape[static_cast<std::size_t>(d)], "of the same shape");
    }
    if (expected.raw_input_contents_size() > 0) {
      invariant(expected.raw_input_contents(i) == slipway::as_text(view.data), "with the same bytes");
    } else {
      compare_contents(input.contents(), view);
    }
  }
  invariant(static_cast<std::size_t>(expected.outputs_size()) == found.outputs().size(), "as many outputs");
  for (int i = 0; i < expected.outputs_size(); ++i) {
    invariant(expected.outputs(i).name() == found.outputs()[static_cast<std::size_t>(i)].name, "the same output");
  }
}

// What was asked is answered as it came.
void check_answer(const slipway::api_oip::InferRequest& request, slipway::codec::Arena& arena) {
  slipway::ports::ServedModel served{.name = slipway::model::ModelName::parse("echo").value(),
                                     .version = 3,
                                     .manifest = {},
                                     .version_text = "3",
                                     .platform = ""};
  if (!request.outputs().empty()) return;
  slipway::api_oip::InferReply reply;
  const slipway::ports::Prediction prediction{served, request.inputs(), {}};
  const auto mark = slipway::api_oip::InferReply::FinalMark::Set;
  invariant(reply.prepare_message(request, prediction, arena, mark).ok(), "nothing stands against it");
  std::string out;
  reply.append_message(out, request, served);
  invariant(out.size() == reply.message_size(), "as long as announced");
  pb::ModelInferResponse answer;
  invariant(answer.ParseFromString(out), "protobuf reads what we write");
  invariant(static_cast<std::size_t>(answer.raw_output_contents_size()) == request.inputs().size(), "all of it");
  for (int i = 0; i < answer.outputs_size(); ++i) {
    const tensor::TensorView& view = request.inputs()[static_cast<std::size_t>(i)];
    invariant(answer.outputs(i).name() == view.name, "by its name");
    invariant(answer.raw_output_contents(i) == slipway::as_text(view.data), "byte for byte");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const bool quiet = (google::protobuf::SetLogHandler(nullptr), true);
  static_cast<void>(quiet);
  const slipway::ByteSpan body(reinterpret_cast<const std::byte*>(bytes), size);
  slipway::codec::Arena arena;
  slipway::api_oip::InferMessage message;
  slipway::api_oip::InferRequest request;
  const auto read = message.read(body, request, arena);
  invariant(arena.held().count <= 64 * size + 16'384 + 4096 * request.inputs().size(), "memory in proportion");
  if (!read) {
    invariant(read.error().message.size() < 2000, "a message a person can read");
    return 0;
  }
  pb::ModelInferRequest expected;
  invariant(expected.ParseFromArray(bytes, static_cast<int>(size)), "protobuf accepts what we accept");
  compare_requests(expected, message, request);
  check_answer(request, arena);
  return 0;
}
