#include <cstring>
#include <limits>
#include <type_traits>

#include "adapter/codec/json_element.h"
#include "adapter/codec/json_tensor.h"
#include "base/text.h"
#include "domain/tensor/half.h"

namespace slipway::codec {
namespace {

using tensor::DataType;
using tensor::Shape;

// Puts elements one after the other where the tensor's data lie.
template <class Element, class ReadOne>
class Sink {
 public:
  Sink(MutableByteSpan memory, ReadOne read) : at_(memory.data()), read_(read) {}
  bool operator()(JsonReader& reader) {
    Element element;
    if (!read_(reader, element)) [[unlikely]]
      return false;
    std::memcpy(at_, &element, sizeof element);
    at_ += sizeof element;
    return true;
  }
  // Of the elements that follow: those that can be read at once, at most `most`.
  std::uint64_t run(JsonReader& reader, std::uint64_t most) {
    if constexpr (std::is_same_v<Element, float>) {
      const std::size_t count = reader.plain_floats(at_, static_cast<std::size_t>(most));
      at_ += count * sizeof(Element);
      return count;
    }
    return 0;
  }

 private:
  std::byte* at_;
  ReadOne read_;
};

// Requires: memory for all elements of the JSON text read.
struct StringSink {
  std::byte* at;
  bool operator()(JsonReader& reader) {
    const auto text = reader.string();
    if (!text) return false;
    const auto length = static_cast<std::uint32_t>(text->size());
    std::memcpy(at, &length, sizeof length);
    if (length != 0) std::memcpy(at + sizeof length, text->data(), length);
    at += sizeof length + length;
    return true;
  }
};

bool wrong_count(JsonReader& reader, std::size_t array_at, const std::string& expected, std::uint64_t found) {
  // What is too many is counted, too: the number helps to see what was sent.
  if (!reader.failed() && reader.peek() != JsonReader::Kind::Nothing) {
    do {
      if (!reader.skip()) return false;
      ++found;
    } while (reader.next_element());
  }
  return !reader.failed() && reader.fail_at(array_at, "expected " + expected + ", found " + std::to_string(found));
}

// The elements of the array just entered, along dimension `level` of the shape.
template <class TakeOne>
bool read_nested(JsonReader& reader, const Shape& shape, std::size_t level, std::size_t array_at, TakeOne& take) {
  const auto size = static_cast<std::uint64_t>(shape[level]);
  std::uint64_t found = 0;
  while (reader.next_element()) {
    if (found == size) {
      return wrong_count(reader, array_at,
                         std::to_string(size) + " elements along dimension " + std::to_string(level) + " of shape " +
                             shape.to_string(),
                         found);
    }
    ++found;
    if (level + 1 == shape.rank()) {
      if (!take(reader)) return false;
      if constexpr (requires { take.run(reader, size); }) found += take.run(reader, size - found);
      continue;
    }
    const std::size_t inner_at = reader.offset();
    if (!reader.enter_array() || !read_nested(reader, shape, level + 1, inner_at, take)) return false;
  }
  if (reader.failed()) return false;
  if (found == size) return true;
  return reader.fail_at(array_at, "expected " + std::to_string(size) + " elements along dimension " +
                                      std::to_string(level) + " of shape " + shape.to_string() + ", found " +
                                      std::to_string(found));
}

template <class TakeOne>
bool read_array(JsonReader& reader, const Shape& shape, std::uint64_t count, TakeOne take) {
  const std::size_t array_at = reader.offset();
  if (!reader.enter_array()) return false;
  if (shape.rank() >= 2 && reader.peek() == JsonReader::Kind::Array) {
    return read_nested(reader, shape, 0, array_at, take);
  }
  std::uint64_t found = 0;
  while (reader.next_element()) {
    if (found == count) [[unlikely]] {
      return wrong_count(reader, array_at, std::to_string(count) + " elements for shape " + shape.to_string(), found);
    }
    if (!take(reader)) [[unlikely]]
      return false;
    ++found;
    if constexpr (requires { take.run(reader, count); }) found += take.run(reader, count - found);
  }
  if (reader.failed()) return false;
  if (found == count) return true;
  return reader.fail_at(array_at, "expected " + std::to_string(count) + " elements for shape " + shape.to_string() +
                                      ", found " + std::to_string(found));
}

template <class Element, class ReadOne>
bool fill(JsonReader& reader, const Shape& shape, std::uint64_t count, MutableByteSpan memory, ReadOne read) {
  return read_array(reader, shape, count, Sink<Element, ReadOne>(memory, read));
}

template <class Integer>
bool fill_integers(JsonReader& reader, const tensor::TensorView& declared, std::uint64_t count, MutableByteSpan out) {
  return fill<Integer>(
      reader, declared.shape, count, out,
      [type = declared.datatype](JsonReader& from, Integer& value) { return read_json_integer(from, type, value); });
}

std::optional<ByteSpan> read_strings(JsonReader& reader, const Shape& shape, std::uint64_t count, Arena& arena) {
  // Read over once to know how much text there is; then the piece is as large as what was really sent.
  const std::size_t begin = reader.offset();
  if (!reader.skip()) return std::nullopt;
  const std::size_t length = reader.offset() - begin;
  reader.rewind(begin);
  const MutableByteSpan memory = arena.allocate(4 * static_cast<std::size_t>(count) + length);
  StringSink sink{memory.data()};
  const auto take = [&sink](JsonReader& from) { return sink(from); };
  if (!read_array(reader, shape, count, take)) return std::nullopt;
  const auto used = static_cast<std::size_t>(sink.at - memory.data());
  arena.shrink(memory, used);
  return memory.first(used);
}

}  // namespace

std::optional<ByteSpan> read_json_elements(JsonReader& reader, const tensor::TensorView& declared, Arena& arena) {
  const Shape& shape = declared.shape;
  const DataType type = declared.datatype;
  const auto count = shape.element_count();
  const std::uint64_t at_most = reader.remaining() / 2 + 1;  // an element and its comma: two bytes of text
  if (!count || *count > at_most) {
    // Without this, thirty bytes of text could ask for any amount of memory.
    if (reader.peek() != JsonReader::Kind::Array) {
      reader.fail_expected("an array");
      return std::nullopt;
    }
    reader.fail("expected " + (count ? std::to_string(*count) : std::string("more than 2^63")) +
                " elements for shape " + shape.to_string() + ", found a text that is too short for them");
    return std::nullopt;
  }
  if (type == DataType::Bytes) return read_strings(reader, shape, *count, arena);
  const MutableByteSpan out = arena.allocate(static_cast<std::size_t>(*count) * element_size(type));
  bool read = false;
  switch (type) {
    case DataType::Bool:
      read = fill<std::uint8_t>(reader, shape, *count, out, [](JsonReader& from, std::uint8_t& value) {
        const auto truth = from.boolean();
        value = truth.value_or(false) ? 1 : 0;
        return truth.has_value();
      });
      break;
    case DataType::UInt8:
      read = fill_integers<std::uint8_t>(reader, declared, *count, out);
      break;
    case DataType::UInt16:
      read = fill_integers<std::uint16_t>(reader, declared, *count, out);
      break;
    case DataType::UInt32:
      read = fill_integers<std::uint32_t>(reader, declared, *count, out);
      break;
    case DataType::UInt64:
      read = fill_integers<std::uint64_t>(reader, declared, *count, out);
      break;
    case DataType::Int8:
      read = fill_integers<std::int8_t>(reader, declared, *count, out);
      break;
    case DataType::Int16:
      read = fill_integers<std::int16_t>(reader, declared, *count, out);
      break;
    case DataType::Int32:
      read = fill_integers<std::int32_t>(reader, declared, *count, out);
      break;
    case DataType::Int64:
      read = fill_integers<std::int64_t>(reader, declared, *count, out);
      break;
    case DataType::FP16:
    case DataType::BF16:
      read = fill<std::uint16_t>(reader, shape, *count, out, [type](JsonReader& from, std::uint16_t& value) {
        float wide;
        if (!read_json_float(from, type, wide)) return false;
        value = type == DataType::FP16 ? tensor::float_to_fp16(wide) : tensor::float_to_bf16(wide);
        return true;
      });
      break;
    case DataType::FP32:
      read = fill<float>(reader, shape, *count, out,
                         [](JsonReader& from, float& value) { return read_json_float(from, DataType::FP32, value); });
      break;
    case DataType::FP64:
      read = fill<double>(reader, shape, *count, out, read_json_double);
      break;
    case DataType::Bytes:
      break;  // above
  }
  return read ? std::optional<ByteSpan>(out) : std::nullopt;
}

std::optional<Shape> read_json_shape(JsonReader& reader) {
  const std::size_t begin = reader.offset();
  if (!reader.enter_array()) return std::nullopt;
  Shape shape;
  while (reader.next_element()) {
    const NumberText number = reader.number();
    if (!number) return std::nullopt;
    const auto size = to_int64(number);
    if (!size || *size < 0) {
      reader.fail_at(static_cast<std::size_t>(number.begin - reader.text().data()),
                     "expected a dimension: a whole number from 0 to 2^63-1, found " + printable(number.text(), 40));
      return std::nullopt;
    }
    if (!shape.append(*size)) {
      reader.fail_at(begin, "expected at most " + std::to_string(tensor::kMaxRank) + " dimensions, found more");
      return std::nullopt;
    }
  }
  if (reader.failed()) return std::nullopt;
  if (!shape.element_count()) {
    reader.fail_at(begin, "expected a shape of less than 2^63 elements, found " + shape.to_string());
    return std::nullopt;
  }
  return shape;
}

}  // namespace slipway::codec
