#include "adapter/api_oip/message_parameter.h"

#include <array>

#include "base/text.h"

namespace slipway::api_oip {
namespace {

using protobuf_wire::WireField;
using protobuf_wire::WireReader;
using protobuf_wire::WireType;

constexpr std::array<std::string_view, 6> kKinds = {"nothing", "a boolean", "a whole number",
                                                    "text",    "a number",  "a whole number"};
constexpr std::array<WireType, 6> kTypes = {WireType::Varint, WireType::Varint,  WireType::Varint,
                                            WireType::Length, WireType::Fixed64, WireType::Varint};

}  // namespace

Result<std::string_view> text_of(const WireField& field, std::string_view what) {
  if (field.type == WireType::Length && is_valid_utf8(field.text())) return field.text();
  return invalid_input("malformed protobuf at byte " + std::to_string(field.offset) + ": expected " +
                       std::string(what) + " as text in UTF-8");
}

Result<MessageParameter> MessageParameter::read(const WireField& entry) {
  MessageParameter parameter;
  if (entry.type != WireType::Length) return invalid_input("expected a message as parameter");
  WireReader reader(entry.bytes, entry.offset);
  WireField field;
  while (reader.next(field)) {
    if (field.number == 1) parameter.name = TRY(text_of(field, "a parameter's name"));
    if (field.number != 2) continue;
    WireReader value(field.bytes, field.offset);
    WireField choice;
    while (value.next(choice)) {
      if (choice.number >= kTypes.size() || choice.type != kTypes[choice.number]) continue;
      parameter.kind = static_cast<Kind>(choice.number);
      if (parameter.kind == Kind::Text) parameter.text = TRY(text_of(choice, "a parameter's value"));
      parameter.bits = choice.value;
    }
    if (value.error()) return *value.error();
  }
  if (reader.error()) return *reader.error();
  return parameter;
}

Result<std::uint64_t> MessageParameter::whole_number() const {
  const bool is_whole = kind == Kind::UInt64 || (kind == Kind::Int64 && static_cast<std::int64_t>(bits) >= 0);
  if (is_whole) return bits;
  return invalid_input("parameter \"" + printable(name) + "\": expected a whole number from 0, found " +
                       (kind == Kind::Int64 ? std::to_string(static_cast<std::int64_t>(bits))
                                            : std::string(kKinds[static_cast<std::size_t>(kind)])));
}

Result<std::string_view> MessageParameter::words() const {
  if (kind == Kind::Text) return text;
  return invalid_input("parameter \"" + printable(name) + "\": expected a string, found " +
                       std::string(kKinds[static_cast<std::size_t>(kind)]));
}

Result<bool> MessageParameter::truth() const {
  if (kind == Kind::Bool) return bits != 0;
  return invalid_input("parameter \"" + printable(name) + "\": expected a boolean, found " +
                       std::string(kKinds[static_cast<std::size_t>(kind)]));
}

}  // namespace slipway::api_oip
