// InferReply as protobuf: sizes first, because every message inside another is written behind its length.
#include "adapter/api_oip/infer_reply.h"
#include "adapter/protobuf_wire/wire_writer.h"

namespace slipway::api_oip {
namespace {

using protobuf_wire::append_field;
using protobuf_wire::append_head;
using protobuf_wire::append_varint;
using protobuf_wire::field_size;
using protobuf_wire::varint_size;

// Field numbers of ModelInferResponse and InferOutputTensor.
enum Response : std::uint32_t { kModelName = 1, kModelVersion, kId, kParameters, kOutputs, kRawOutputs };
enum Output : std::uint32_t { kName = 1, kDatatype, kShape };

// {"triton_final_response": {bool_param: true}} as an entry of the parameters.
constexpr std::string_view kFinalEntry = "\x0A\x15triton_final_response\x12\x02\x08\x01";

std::size_t dimensions_size(const tensor::Shape& shape) {
  std::size_t size = 0;
  for (const std::int64_t dimension : shape.dimensions()) size += varint_size(static_cast<std::uint64_t>(dimension));
  return size;
}

std::size_t described_size(const tensor::TensorView& view) {
  const std::size_t shape = view.shape.rank() == 0 ? 0 : field_size(kShape, dimensions_size(view.shape));
  return field_size(kName, view.name.size()) + field_size(kDatatype, name_of(view.datatype).size()) + shape;
}

void append_description(std::string& out, const tensor::TensorView& view) {
  append_field(out, kName, view.name);
  append_field(out, kDatatype, name_of(view.datatype));
  if (view.shape.rank() == 0) return;
  append_head(out, kShape, dimensions_size(view.shape));
  for (const std::int64_t dimension : view.shape.dimensions()) {
    append_varint(out, static_cast<std::uint64_t>(dimension));
  }
}

}  // namespace

Result<void> InferReply::prepare_message(const InferRequest& request, const ports::Prediction& prediction,
                                         codec::Arena& arena, FinalMark mark) {
  TRY(choose(request, prediction, arena));
  mark_ = mark;
  message_size_ = field_size(kModelName, prediction.served.name.text().size()) +
                  field_size(kModelVersion, prediction.served.protocol_version_text.size());
  if (request.id()) message_size_ += field_size(kId, request.id()->size());
  if (mark == FinalMark::Set) message_size_ += field_size(kParameters, kFinalEntry.size());
  for (Shown& shown : shown_) {
    shown.described = described_size(shown.view);
    message_size_ += field_size(kOutputs, shown.described) + field_size(kRawOutputs, shown.view.data.size());
  }
  return {};
}

void InferReply::append_message(std::string& out, const InferRequest& request, const ports::ServedModel& served) const {
  append_field(out, kModelName, served.name.text());
  append_field(out, kModelVersion, served.protocol_version_text);
  if (request.id()) append_field(out, kId, *request.id());
  if (mark_ == FinalMark::Set) append_field(out, kParameters, kFinalEntry);
  for (const Shown& shown : shown_) {
    append_head(out, kOutputs, shown.described);
    append_description(out, shown.view);
  }
  for (const Shown& shown : shown_) append_field(out, kRawOutputs, as_text(shown.view.data));
}

}  // namespace slipway::api_oip
