// ONNX files made field by field, well-formed or not, for the tests of this room.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::package_reader::test {

// A protobuf message being written.
class Proto {
 public:
  Proto& number(std::uint32_t field, std::uint64_t value) {
    varint(std::uint64_t{field} << 3);
    return varint(value);
  }
  Proto& text(std::uint32_t field, std::string_view value) {
    varint(std::uint64_t{field} << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Proto& message(std::uint32_t field, const Proto& value) { return text(field, value.bytes_); }
  Proto& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  Proto& varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
    return *this;
  }

  std::string bytes_;
};

constexpr int kFloat = 1;
constexpr int kInt64 = 7;

// ValueInfoProto of a tensor; a negative dimension is a named one.
inline Proto value_info(std::string_view name, int type, const std::vector<std::int64_t>& shape) {
  Proto dimensions;
  for (const std::int64_t size : shape) {
    Proto dimension;
    size < 0 ? dimension.text(2, "N") : dimension.number(1, static_cast<std::uint64_t>(size));
    dimensions.message(1, dimension);
  }
  const Proto tensor = Proto().number(1, static_cast<std::uint64_t>(type)).message(2, dimensions);
  return Proto().text(1, name).message(2, Proto().message(1, tensor));
}

inline Proto node(std::string_view op, std::string_view domain = "", const std::vector<Proto>& attributes = {}) {
  Proto proto = Proto().text(1, "x").text(2, "y").text(3, "n").text(4, op);
  for (const Proto& attribute : attributes) proto.message(5, attribute);
  if (!domain.empty()) proto.text(7, domain);
  return proto;
}

// TensorProto of `count` zeros in the file.
inline Proto inline_tensor(std::string_view name, int type, std::uint64_t count) {
  const std::size_t size = type == kFloat ? 4 : 8;
  return Proto()
      .number(1, count)
      .number(2, static_cast<std::uint64_t>(type))
      .text(8, name)
      .text(9, std::string(count * size, '\0'));
}

struct ExternalKey {
  std::string_view key;
  std::string_view value;
};
inline Proto external_tensor(std::string_view name, int type, std::uint64_t count,
                             const std::vector<ExternalKey>& keys) {
  Proto proto = Proto().number(1, count).number(2, static_cast<std::uint64_t>(type)).text(8, name).number(14, 1);
  for (const auto& [key, value] : keys) proto.message(13, Proto().text(1, key).text(2, value));
  return proto;
}

// GraphProto x [-1,4] -> y [-1,4], with what else `rest` writes.
inline Proto graph(const Proto& rest = {}) {
  return Proto()
      .message(1, node("Identity"))
      .text(2, "g")
      .message(11, value_info("x", kFloat, {-1, 4}))
      .message(12, value_info("y", kFloat, {-1, 4}))
      .raw(rest.bytes());
}

// ModelProto around a graph.
inline Proto onnx_model(const Proto& main, const Proto& rest = {}) {
  return Proto().number(1, 8).message(7, main).message(8, Proto().text(1, "").number(2, 17)).raw(rest.bytes());
}

}  // namespace slipway::package_reader::test
