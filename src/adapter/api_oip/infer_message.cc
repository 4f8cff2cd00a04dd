#include "adapter/api_oip/infer_message.h"

#include "adapter/api_oip/message_parameter.h"
#include "adapter/codec/binary_tensor.h"
#include "adapter/codec/typed_contents.h"
#include "base/text.h"
#include "domain/model/assignment_rule.h"

namespace slipway::api_oip {
namespace {

using protobuf_wire::WireField;
using protobuf_wire::WireReader;
using protobuf_wire::WireType;

constexpr std::string_view kSharedMemory = "shared_memory_region";

// `field` appended to `list`, which no message fills without end.
Result<void> keep(std::vector<WireField>& list, const WireField& field, std::string_view what) {
  if (field.type != WireType::Length) return invalid_input("expected a message as " + std::string(what));
  if (list.size() == kMaxTensors) {
    return invalid_input("expected at most " + std::to_string(kMaxTensors) + " " + std::string(what) + ", found more");
  }
  list.push_back(field);
  return {};
}

Result<void> append_dimension(tensor::Shape& shape, std::uint64_t wire) {
  const auto size = static_cast<std::int64_t>(wire);
  if (size < 0) {
    return invalid_input("expected a dimension: a whole number from 0 to 2^63-1, found " + std::to_string(size));
  }
  if (shape.append(size)) return {};
  return invalid_input("expected at most " + std::to_string(tensor::kMaxRank) + " dimensions, found more");
}

Result<void> read_shape(const WireField& field, tensor::Shape& shape) {
  if (field.type == WireType::Varint) return append_dimension(shape, field.value);
  if (field.type != WireType::Length) return invalid_input("expected whole numbers as shape");
  WireReader packed(field.bytes, field.offset);
  for (std::uint64_t size = 0; packed.next_varint(size);) TRY(append_dimension(shape, size));
  if (packed.error()) return *packed.error();
  return {};
}

}  // namespace

Result<std::optional<model::VersionNumber>> wanted_version(std::string_view text) {
  if (text.empty()) return std::optional<model::VersionNumber>();
  if (const auto version = model::parse_version(text)) return version;
  const std::string message = "expected a version number from 1, found \"" + printable(text, 40) + "\"";
  // As Triton answers: what is no number was asked wrongly, a number that cannot be is not there.
  if (text.find_first_not_of("0123456789") == std::string_view::npos) return not_found(message);
  return invalid_input(message);
}

Result<void> InferMessage::read(ByteSpan message, InferRequest& into, codec::Arena& arena) {
  into.clear();
  model_ = version_text_ = {};
  wants_final_mark_ = false;
  for (auto* list : {&parameters_, &inputs_, &outputs_, &raws_}) list->clear();
  TRY(read_fields(message, into));
  version_ = TRY(wanted_version(version_text_));
  TRY(read_parameters(into));
  TRY(read_inputs(into, arena));
  return read_outputs(into);
}

Result<void> InferMessage::read_fields(ByteSpan message, InferRequest& into) {
  WireReader reader(message);
  WireField field;
  while (reader.next(field)) {
    switch (field.number) {
      case 1:
        model_ = TRY(text_of(field, "model_name"));
        break;
      case 2:
        version_text_ = TRY(text_of(field, "model_version"));
        break;
      case 3:
        into.id_.reset();  // the last one counts, also when it is empty
        if (const std::string_view id = TRY(text_of(field, "id")); !id.empty()) into.id_ = id;
        break;
      case 4:
        TRY(keep(parameters_, field, "parameters"));
        break;
      case 5:
        TRY(keep(inputs_, field, "inputs"));
        break;
      case 6:
        TRY(keep(outputs_, field, "outputs"));
        break;
      case 7:
        TRY(keep(raws_, field, "raw_input_contents"));
        break;
      default:
        break;  // a field of a later version of the protocol
    }
  }
  if (reader.error()) return *reader.error();
  return {};
}

Result<void> InferMessage::read_parameters(InferRequest& into) {
  for (const WireField& entry : parameters_) {
    const MessageParameter parameter = TRY(MessageParameter::read(entry));
    if (parameter.name == "timeout") {
      into.set_timeout(TRY(parameter.whole_number()));
    } else if (parameter.name == "priority") {
      into.set_priority(TRY(parameter.whole_number()));
    } else if (parameter.name == model::kUnitParameter) {
      into.unit_ = TRY(parameter.words());
    } else if (parameter.name == "triton_enable_empty_final_response") {
      wants_final_mark_ = TRY(parameter.truth());
    } else if (parameter.name.starts_with("triton_")) {
      return invalid_input("parameter \"" + printable(parameter.name) +
                           "\": expected a name that does not begin with triton_, which is reserved");
    }
  }
  into.binary_outputs_ = true;  // as Triton answers, typed questions too
  return {};
}

Result<void> InferMessage::read_inputs(InferRequest& into, codec::Arena& arena) {
  if (!raws_.empty() && raws_.size() < inputs_.size()) {
    return invalid_input("expected one of raw_input_contents for each of the " + std::to_string(inputs_.size()) +
                         " inputs, found " + std::to_string(raws_.size()));
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) into.inputs_.push_back(TRY(read_input(inputs_[i], i, arena)));
  return {};
}

Result<tensor::TensorView> InferMessage::read_input(const WireField& message, std::size_t index,
                                                    codec::Arena& arena) const {
  Draft draft;
  const auto read = [&]() -> Result<void> {
    WireReader reader(message.bytes, message.offset);
    WireField field;
    while (reader.next(field)) {
      switch (field.number) {
        case 1:
          draft.view.name = TRY(text_of(field, "name"));
          break;
        case 2:
          draft.datatype = TRY(text_of(field, "datatype"));
          break;
        case 3:
          TRY(read_shape(field, draft.view.shape));
          break;
        case 4:
          if (TRY(MessageParameter::read(field)).name == kSharedMemory) {
            return invalid_input("shared memory is not supported: send the tensor's data in the request");
          }
          break;
        case 5:
          if (field.type != WireType::Length) return invalid_input("expected a message as contents");
          if (draft.contents) return invalid_input("expected contents once, found them again");
          draft.contents = field.bytes;
          break;
        default:
          break;
      }
    }
    if (reader.error()) return *reader.error();
    const auto datatype = tensor::parse_data_type(draft.datatype.value_or(std::string_view()));
    if (!datatype) return invalid_input(expected_datatype(draft.datatype.value_or(std::string_view())));
    draft.view.datatype = *datatype;
    if (!draft.view.shape.element_count()) {
      return invalid_input("expected a shape of less than 2^63 elements, found " + draft.view.shape.to_string());
    }
    if (raws_.empty()) {
      draft.view.data = TRY(codec::read_typed_contents(draft.contents.value_or(ByteSpan()), draft.view, arena));
      return {};
    }
    if (draft.contents && !draft.contents->empty()) {
      return invalid_input("expected either contents or raw_input_contents, found both");
    }
    draft.view.data = raws_[index].bytes;
    return codec::check_binary(draft.view);
  };
  if (auto done = read(); !done) {
    const std::string where =
        draft.view.name.empty() ? "input " + std::to_string(index) : "input \"" + printable(draft.view.name) + "\"";
    return std::move(done).error().within(where);
  }
  return draft.view;
}

Result<void> InferMessage::read_outputs(InferRequest& into) {
  for (const WireField& message : outputs_) {
    OutputWish wish;
    WireReader reader(message.bytes, message.offset);
    WireField field;
    while (reader.next(field)) {
      if (field.number == 1) wish.name = TRY(text_of(field, "name"));
      if (field.number != 2) continue;
      const MessageParameter parameter = TRY(MessageParameter::read(field));
      if (parameter.name == kSharedMemory) {
        return invalid_input("shared memory is not supported: the output comes in the answer");
      }
      if (parameter.name == "classification") wish.classes = TRY(parameter.whole_number());
    }
    if (reader.error()) return *reader.error();
    // Asking twice would let a small request ask for an answer of any size.
    if (into.wishes_for(wish.name)) {
      return invalid_input("expected output \"" + printable(wish.name) + "\" once, found it again");
    }
    into.outputs_.push_back(wish);
  }
  return {};
}

}  // namespace slipway::api_oip
