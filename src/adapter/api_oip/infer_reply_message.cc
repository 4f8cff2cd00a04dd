// InferReply as protobuf: sizes first, because every message inside another is written behind its length.
#include "adapter/api_oip/infer_reply.h"
#include "adapter/protobuf_wire/wire_writer.h"
#include "base/invariant.h"

namespace slipway::api_oip {
namespace {

using protobuf_wire::append_field;
using protobuf_wire::field_size;
using protobuf_wire::varint_size;
using protobuf_wire::WireCursor;

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

void write_description(WireCursor& to, const tensor::TensorView& view) {
  to.field(kName, view.name);
  to.field(kDatatype, name_of(view.datatype));
  if (view.shape.rank() == 0) return;
  to.head(kShape, dimensions_size(view.shape));
  for (const std::int64_t dimension : view.shape.dimensions()) to.varint(static_cast<std::uint64_t>(dimension));
}

}  // namespace

Result<void> InferReply::prepare_message(const InferRequest& request, const ports::Prediction& prediction,
                                         codec::Arena& arena, FinalMark mark) {
  TRY(choose(request, prediction, arena));
  mark_ = mark;
  described_size_ = field_size(kModelName, prediction.served.name.text().size()) +
                    field_size(kModelVersion, prediction.served.protocol_version_text.size());
  if (request.id()) described_size_ += field_size(kId, request.id()->size());
  if (mark == FinalMark::Set) described_size_ += field_size(kParameters, kFinalEntry.size());
  std::size_t raw_size = 0;
  for (Shown& shown : shown_) {
    shown.described = described_size(shown.view);
    described_size_ += field_size(kOutputs, shown.described);
    raw_size += field_size(kRawOutputs, shown.view.data.size());
  }
  message_size_ = described_size_ + raw_size;
  return {};
}

void InferReply::append_message(std::string& out, const InferRequest& request, const ports::ServedModel& served) const {
  const std::size_t begin = out.size();
  out.resize(begin + described_size_);
  WireCursor to(out.data() + begin);
  to.field(kModelName, served.name.text());
  to.field(kModelVersion, served.protocol_version_text);
  if (request.id()) to.field(kId, *request.id());
  if (mark_ == FinalMark::Set) to.field(kParameters, kFinalEntry);
  for (const Shown& shown : shown_) {
    to.head(kOutputs, shown.described);
    write_description(to, shown.view);
  }
  invariant(to.at() == out.data() + out.size(), "a message is as long as was said");
  for (const Shown& shown : shown_) append_field(out, kRawOutputs, as_text(shown.view.data));
}

}  // namespace slipway::api_oip
