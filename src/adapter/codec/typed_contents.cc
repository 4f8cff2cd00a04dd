#include "adapter/codec/typed_contents.h"

#include <array>
#include <cstring>
#include <utility>

#include "adapter/protobuf_wire/wire_reader.h"

namespace slipway::codec {
namespace {

using protobuf_wire::WireField;
using protobuf_wire::WireReader;
using protobuf_wire::WireType;
using tensor::DataType;

// A field of InferTensorContents: its elements' form on the wire.
struct Field {
  std::string_view name;
  WireType type;
};
constexpr std::array<Field, 9> kFields = {{{},
                                           {"bool_contents", WireType::Varint},
                                           {"int_contents", WireType::Varint},
                                           {"int64_contents", WireType::Varint},
                                           {"uint_contents", WireType::Varint},
                                           {"uint64_contents", WireType::Varint},
                                           {"fp32_contents", WireType::Fixed32},
                                           {"fp64_contents", WireType::Fixed64},
                                           {"bytes_contents", WireType::Length}}};

// 0: the datatype has no field.
std::uint32_t field_of(DataType type) {
  switch (type) {
    case DataType::Bool:
      return 1;
    case DataType::Int8:
    case DataType::Int16:
    case DataType::Int32:
      return 2;
    case DataType::Int64:
      return 3;
    case DataType::UInt8:
    case DataType::UInt16:
    case DataType::UInt32:
      return 4;
    case DataType::UInt64:
      return 5;
    case DataType::FP32:
      return 6;
    case DataType::FP64:
      return 7;
    case DataType::Bytes:
      return 8;
    case DataType::FP16:
    case DataType::BF16:
      return 0;
  }
  return 0;
}

std::uint64_t varints_in(ByteSpan packed) {
  std::uint64_t count = 0;
  for (const std::byte byte : packed) count += static_cast<std::uint8_t>(byte) < 0x80 ? 1 : 0;
  return count;
}

class Contents {
 public:
  Contents(ByteSpan contents, const tensor::TensorView& declared)
      : contents_(contents), declared_(declared), number_(field_of(declared.datatype)), field_(kFields[number_]) {}

  Result<ByteSpan> read(Arena& arena) const {
    if (number_ == 0) {
      return invalid_input("expected raw_input_contents for datatype " + std::string(name_of(declared_.datatype)) +
                           ", which typed contents have no field for");
    }
    const Extent extent = TRY(measure());
    const auto expected = declared_.shape.element_count();
    if (!expected || extent.elements != *expected) {
      return invalid_input("expected " + (expected ? std::to_string(*expected) : std::string("more than 2^63")) +
                           " elements in " + std::string(field_.name) + " for shape " + declared_.shape.to_string() +
                           ", found " + std::to_string(extent.elements));
    }
    if (declared_.datatype == DataType::Bytes) return copy_strings(arena.allocate(extent.bytes));
    // What was sent bounds what is allocated: an element is at least one byte of the message.
    return fill(arena.allocate(extent.elements * element_size(declared_.datatype)));
  }

 private:
  struct Extent {
    std::uint64_t elements = 0;
    std::uint64_t bytes = 0;  // of BYTES elements with their lengths
  };

  Result<Extent> measure() const {
    Extent extent;
    WireReader reader(contents_);
    WireField found;
    while (reader.next(found)) {
      if (found.number != number_) {
        const bool is_known = found.number < kFields.size();
        if (!is_known || (found.type == WireType::Length && found.bytes.empty() && found.number != 8)) continue;
        return invalid_input("expected " + std::string(field_.name) + " for datatype " +
                             std::string(name_of(declared_.datatype)) + ", found " +
                             std::string(kFields[found.number].name));
      }
      if (found.type == field_.type) {
        extent.elements += 1;
        extent.bytes += 4 + found.bytes.size();
      } else if (found.type != WireType::Length) {
        return invalid_input(std::string(field_.name) + ": expected protobuf's wire type for its elements, found " +
                             std::to_string(static_cast<int>(found.type)));
      } else if (field_.type == WireType::Varint) {
        extent.elements += varints_in(found.bytes);
      } else {
        const std::size_t width = field_.type == WireType::Fixed32 ? 4 : 8;
        if (found.bytes.size() % width != 0) {
          return invalid_input(std::string(field_.name) + ": expected a multiple of " + std::to_string(width) +
                               " bytes, found " + std::to_string(found.bytes.size()));
        }
        extent.elements += found.bytes.size() / width;
      }
    }
    if (reader.error()) return *reader.error();
    return extent;
  }

  ByteSpan copy_strings(MutableByteSpan out) const {
    std::byte* at = out.data();
    WireReader reader(contents_);
    WireField found;
    while (reader.next(found)) {
      if (found.number != number_) continue;
      const auto length = static_cast<std::uint32_t>(found.bytes.size());
      std::memcpy(at, &length, sizeof length);
      if (length != 0) std::memcpy(at + sizeof length, found.bytes.data(), length);
      at += sizeof length + length;
    }
    return out;
  }

  Result<ByteSpan> fill(MutableByteSpan out) const {
    switch (declared_.datatype) {
      case DataType::Bool:
        return fill_varints<std::uint8_t>(out, [](std::uint64_t v) { return std::uint64_t{v != 0}; });
      case DataType::Int8:
        return fill_varints<std::int8_t>(out, as_int32);
      case DataType::Int16:
        return fill_varints<std::int16_t>(out, as_int32);
      case DataType::Int32:
        return fill_varints<std::int32_t>(out, as_int32);
      case DataType::Int64:
        return fill_varints<std::int64_t>(out, [](std::uint64_t v) { return static_cast<std::int64_t>(v); });
      case DataType::UInt8:
        return fill_varints<std::uint8_t>(out, as_uint32);
      case DataType::UInt16:
        return fill_varints<std::uint16_t>(out, as_uint32);
      case DataType::UInt32:
        return fill_varints<std::uint32_t>(out, as_uint32);
      case DataType::UInt64:
        return fill_varints<std::uint64_t>(out, [](std::uint64_t v) { return v; });
      case DataType::FP32:
      case DataType::FP64:
        return fill_fixed(out);
      case DataType::Bytes:
      case DataType::FP16:
      case DataType::BF16:
        break;  // not here
    }
    return ByteSpan(out);
  }

  // Protobuf's own readers cut 64 bits of wire to the field's 32.
  static std::int64_t as_int32(std::uint64_t value) { return static_cast<std::int32_t>(value); }
  static std::uint64_t as_uint32(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

  template <class Element, class Narrow>
  Result<ByteSpan> fill_varints(MutableByteSpan out, Narrow narrow) const {
    std::byte* at = out.data();
    std::optional<Error> beyond;
    const auto store = [&](std::uint64_t wire) {
      const auto value = narrow(wire);
      if (!std::in_range<Element>(value)) {
        beyond = invalid_input("element " + std::to_string((at - out.data()) / sizeof(Element)) + " of " +
                               std::string(field_.name) + ": expected a " + std::string(name_of(declared_.datatype)) +
                               ", found " + std::to_string(value));
        return false;
      }
      const auto element = static_cast<Element>(value);
      std::memcpy(at, &element, sizeof element);
      at += sizeof element;
      return true;
    };
    WireReader reader(contents_);
    WireField found;
    while (reader.next(found)) {
      if (found.number != number_) continue;
      if (found.type == WireType::Varint) {
        if (!store(found.value)) return *beyond;
        continue;
      }
      WireReader packed(found.bytes, found.offset);
      for (std::uint64_t value = 0; packed.next_varint(value);) {
        if (!store(value)) return *beyond;
      }
      if (packed.error()) return *packed.error();
    }
    return ByteSpan(out);
  }

  ByteSpan fill_fixed(MutableByteSpan out) const {
    std::byte* at = out.data();
    WireReader reader(contents_);
    WireField found;
    while (reader.next(found)) {
      if (found.number != number_) continue;
      const std::size_t size = found.type == WireType::Length ? found.bytes.size() : element_size(declared_.datatype);
      const void* from = found.type == WireType::Length ? static_cast<const void*>(found.bytes.data()) : &found.value;
      if (size != 0) std::memcpy(at, from, size);
      at += size;
    }
    return out;
  }

  ByteSpan contents_;
  const tensor::TensorView& declared_;
  std::uint32_t number_;
  Field field_;
};

}  // namespace

Result<ByteSpan> read_typed_contents(ByteSpan contents, const tensor::TensorView& declared, Arena& arena) {
  return Contents(contents, declared).read(arena);
}

}  // namespace slipway::codec
