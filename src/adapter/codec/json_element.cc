#include "adapter/codec/json_element.h"

#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "base/text.h"
#include "domain/tensor/half.h"

namespace slipway::codec {
namespace {

using tensor::DataType;

bool refuse(JsonReader& reader, const NumberText& number, DataType type, std::string_view expected) {
  std::string what = "expected " + std::string(expected) + " for " + std::string(name_of(type)) + ", found ";
  what += printable(number.text(), 40);
  return reader.fail_at(static_cast<std::size_t>(number.begin - reader.text().data()), what);
}

template <class Value>
bool put(bool read, const Value& value, std::byte* out) {
  if (read) std::memcpy(out, &value, sizeof value);
  return read;
}

template <class Integer>
bool put_integer(JsonReader& reader, DataType type, std::byte* out) {
  Integer value = 0;
  return put(read_json_integer(reader, type, value), value, out);
}

}  // namespace

bool read_json_float_slowly(JsonReader& reader, DataType type, float& out) {
  const NumberText number = reader.number();
  if (!number) return false;
  const auto value = to_float(number);
  if (!value) return refuse(reader, number, type, "a number within FP64's range");
  out = *value;
  return true;
}

bool read_json_double(JsonReader& reader, double& out) {
  const NumberText number = reader.number();
  if (!number) return false;
  const auto value = to_double(number);
  if (!value) return refuse(reader, number, DataType::FP64, "a number within FP64's range");
  out = *value;
  return true;
}

template <class Integer>
bool read_json_integer(JsonReader& reader, DataType type, Integer& out) {
  const NumberText number = reader.number();
  if (!number) return false;
  if (!number.integral) return refuse(reader, number, type, "a whole number without point and exponent");
  using Limits = std::numeric_limits<Integer>;
  bool fits = false;
  if constexpr (std::is_signed_v<Integer>) {
    const auto value = to_int64(number);
    fits = value && *value >= Limits::min() && *value <= Limits::max();
    if (fits) out = static_cast<Integer>(*value);
  } else {
    const auto value = to_uint64(number);
    fits = value && *value <= Limits::max();
    if (fits) out = static_cast<Integer>(*value);
  }
  if (fits) return true;
  const std::string bounds = std::to_string(Limits::min()) + " to " + std::to_string(Limits::max());
  return refuse(reader, number, type, "a number from " + bounds);
}

template bool read_json_integer(JsonReader&, DataType, std::uint8_t&);
template bool read_json_integer(JsonReader&, DataType, std::uint16_t&);
template bool read_json_integer(JsonReader&, DataType, std::uint32_t&);
template bool read_json_integer(JsonReader&, DataType, std::uint64_t&);
template bool read_json_integer(JsonReader&, DataType, std::int8_t&);
template bool read_json_integer(JsonReader&, DataType, std::int16_t&);
template bool read_json_integer(JsonReader&, DataType, std::int32_t&);
template bool read_json_integer(JsonReader&, DataType, std::int64_t&);

bool read_json_element(JsonReader& reader, DataType type, std::byte* out) {
  float narrow = 0;
  double wide = 0;
  switch (type) {
    case DataType::Bool: {
      const auto truth = reader.boolean();
      return put(truth.has_value(), static_cast<std::uint8_t>(truth.value_or(false)), out);
    }
    case DataType::UInt8:
      return put_integer<std::uint8_t>(reader, type, out);
    case DataType::UInt16:
      return put_integer<std::uint16_t>(reader, type, out);
    case DataType::UInt32:
      return put_integer<std::uint32_t>(reader, type, out);
    case DataType::UInt64:
      return put_integer<std::uint64_t>(reader, type, out);
    case DataType::Int8:
      return put_integer<std::int8_t>(reader, type, out);
    case DataType::Int16:
      return put_integer<std::int16_t>(reader, type, out);
    case DataType::Int32:
      return put_integer<std::int32_t>(reader, type, out);
    case DataType::Int64:
      return put_integer<std::int64_t>(reader, type, out);
    case DataType::FP16:
      return read_json_float(reader, type, narrow) && put(true, tensor::float_to_fp16(narrow), out);
    case DataType::BF16:
      return read_json_float(reader, type, narrow) && put(true, tensor::float_to_bf16(narrow), out);
    case DataType::FP32:
      return read_json_float(reader, type, narrow) && put(true, narrow, out);
    case DataType::FP64:
      return read_json_double(reader, wide) && put(true, wide, out);
    case DataType::Bytes:
      break;
  }
  return reader.fail("a string has no fixed size");
}

}  // namespace slipway::codec
