#include "onnx_file.h"

namespace slipway::contract {
namespace {

// Protobuf's wire format: a key, then a varint or a length and that many bytes.
std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
  return out;
}
std::string number(int field, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
}
std::string bytes_of(int field, std::string_view bytes) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

std::string tensor_type(OnnxType type, const OnnxFile::Shape& shape) {
  std::string dimensions;
  for (const std::int64_t size : shape) {
    dimensions += bytes_of(1, size < 0 ? bytes_of(2, "N") : number(1, static_cast<std::uint64_t>(size)));
  }
  return bytes_of(1, number(1, static_cast<std::uint64_t>(type)) + bytes_of(2, dimensions));
}
std::string value_of(std::string_view name, const std::string& type) {
  return bytes_of(1, name) + bytes_of(2, type);
}
std::string tensor(std::string_view name, OnnxType type, const OnnxFile::Shape& shape) {
  std::string out;
  for (const std::int64_t size : shape) out += number(1, static_cast<std::uint64_t>(size));
  return out + number(2, static_cast<std::uint64_t>(type)) + bytes_of(8, name);
}

}  // namespace

OnnxFile& OnnxFile::input(std::string_view name, OnnxType type, const Shape& shape) {
  graph_ += bytes_of(11, value_of(name, tensor_type(type, shape)));
  return *this;
}
OnnxFile& OnnxFile::output(std::string_view name, OnnxType type, const Shape& shape) {
  graph_ += bytes_of(12, value_of(name, tensor_type(type, shape)));
  return *this;
}
OnnxFile& OnnxFile::sequence_output(std::string_view name, OnnxType type) {
  graph_ += bytes_of(12, value_of(name, bytes_of(4, bytes_of(1, tensor_type(type, {-1})))));
  return *this;
}
OnnxFile& OnnxFile::node(std::string_view op, const std::vector<std::string>& inputs,
                         const std::vector<std::string>& outputs) {
  std::string made;
  for (const std::string& name : inputs) made += bytes_of(1, name);
  for (const std::string& name : outputs) made += bytes_of(2, name);
  graph_ += bytes_of(1, made + bytes_of(4, op));
  return *this;
}
OnnxFile& OnnxFile::initializer(std::string_view name, OnnxType type, const Shape& shape, std::string_view raw) {
  graph_ += bytes_of(5, tensor(name, type, shape) + bytes_of(9, raw));
  return *this;
}
OnnxFile& OnnxFile::external_initializer(std::string_view name, OnnxType type, const Shape& shape,
                                         std::string_view location) {
  const std::string entry = bytes_of(13, bytes_of(1, "location") + bytes_of(2, location));
  graph_ += bytes_of(5, tensor(name, type, shape) + entry + number(14, 1));
  return *this;
}
std::string OnnxFile::bytes() const {
  return number(1, 8) + bytes_of(8, number(2, 17)) + bytes_of(7, graph_ + bytes_of(2, "graph"));
}

}  // namespace slipway::contract
