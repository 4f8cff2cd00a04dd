#include "adapter/package_reader/onnx_tensor.h"

#include <charconv>
#include <vector>

#include "adapter/package_reader/entry_path.h"
#include "base/text.h"

namespace slipway::package_reader {
namespace {

constexpr std::size_t kMostDimensions = 64;
constexpr std::int64_t kString = 8;

// Bits of one element by TensorProto.DataType; 0: no such type, or strings, which have no fixed size.
std::uint64_t element_bits(std::uint64_t type) {
  switch (type) {
    case 2:
    case 3:
    case 9:
    case 17:
    case 18:
    case 19:
    case 20:
    case 24:  // (u)int8, bool, float8
      return 8;
    case 4:
    case 5:
    case 10:
    case 16:  // (u)int16, float16, bfloat16
      return 16;
    case 1:
    case 6:
    case 12:  // float, (u)int32
      return 32;
    case 7:
    case 11:
    case 13:
    case 14:  // (u)int64, double, complex64
      return 64;
    case 15:  // complex128
      return 128;
    case 21:
    case 22:
    case 23:  // (u)int4, float4
      return 4;
    case 25:
    case 26:  // (u)int2
      return 2;
    default:
      return 0;
  }
}

Result<void> read_dimensions(const WireField& field, std::vector<std::uint64_t>& dimensions) {
  if (field.type == WireType::Varint) {
    dimensions.push_back(field.value);
  } else {
    TRY(expect_type(field, WireType::Length));
    // Packed: varints one after the other. Each is read as the value of a field of its own.
    std::uint64_t value = 0;
    int shift = 0;
    for (const std::byte byte : field.bytes) {
      if (shift > 63 || dimensions.size() > kMostDimensions) return invalid_input("its dimensions are malformed");
      value |= (static_cast<std::uint64_t>(byte) & 0x7F) << shift;
      shift += 7;
      if ((static_cast<unsigned>(byte) & 0x80) != 0) continue;
      dimensions.push_back(value);
      value = 0;
      shift = 0;
    }
    if (shift != 0) return invalid_input("its dimensions are malformed");
  }
  if (dimensions.size() > kMostDimensions) return invalid_input("it has more than 64 dimensions");
  return {};
}

Result<std::uint64_t> read_count(std::string_view key, std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size() || value > INT64_MAX) {
    return invalid_input("its external data have the " + std::string(key) + " \"" + printable(text) +
                         "\", expected a number of bytes, 0 or more");
  }
  return value;
}

}  // namespace

Result<void> Once::check(const WireField& field) {
  if (field.number >= 64) return {};
  const std::uint64_t bit = std::uint64_t{1} << field.number;
  if ((seen_ & bit) != 0) {
    return invalid_input("field " + std::to_string(field.number) + " is there twice, at byte " +
                         std::to_string(field.offset));
  }
  seen_ |= bit;
  return {};
}

Result<void> expect_type(const WireField& field, WireType type) {
  if (field.type == type) return {};
  return invalid_input("field " + std::to_string(field.number) + " at byte " + std::to_string(field.offset) +
                       " has the wire type " + std::to_string(static_cast<int>(field.type)) + ", expected " +
                       std::to_string(static_cast<int>(type)));
}

// Where external data lie, as the file says.
struct TensorChecker::Location {
  std::map<std::string_view, std::string_view> keys;

  Result<void> add(const WireField& message) {
    WireReader reader(message.bytes, message.offset);
    Once once;
    std::string_view key, value;
    while (const auto field = TRY(reader.next())) {
      if (field->number != 1 && field->number != 2) continue;
      TRY(expect_type(*field, WireType::Length));
      TRY(once.check(*field));
      (field->number == 1 ? key : value) = field->text();
    }
    if (key != "location" && key != "offset" && key != "length" && key != "checksum") {
      return invalid_input("its external data have the key \"" + printable(key) +
                           "\", expected location, offset, length or checksum");
    }
    if (!keys.emplace(key, value).second) {
      return invalid_input("its external data have the key \"" + std::string(key) + "\" twice");
    }
    return {};
  }

  std::optional<std::string_view> find(std::string_view key) const {
    const auto at = keys.find(key);
    return at == keys.end() ? std::nullopt : std::optional(at->second);
  }
};

struct TensorChecker::Tensor {
  std::string_view name;
  std::uint64_t type = 0;
  std::vector<std::uint64_t> dimensions;
  std::optional<std::uint64_t> raw_bytes;
  std::uint64_t typed_bytes = 0;
  std::uint64_t strings = 0;
  bool is_external = false;
  bool has_location = false;
  Location location;

  Result<std::uint64_t> elements() const {
    std::uint64_t count = 1;
    for (const std::uint64_t dimension : dimensions) {
      const auto product = checked_multiply(count, dimension);
      if (!product || dimension > INT64_MAX || *product > INT64_MAX / 16) {
        return invalid_input("its dimensions are negative or too large");
      }
      count = *product;
    }
    return count;
  }

  // Bytes its elements take, packed. Requires: a type of fixed size.
  Result<std::uint64_t> byte_count() const { return (TRY(elements()) * element_bits(type) + 7) / 8; }

  Result<void> read(const WireField& field, Once& once) {
    switch (field.number) {
      case 1:
        return read_dimensions(field, dimensions);
      case 2:
        TRY(once.check(field));
        type = field.value;
        return expect_type(field, WireType::Varint);
      case 3:
        return invalid_input("it is a segment of a tensor, which is not supported");
      case 4:
      case 5:
      case 7:
      case 10:
      case 11:
        typed_bytes += field.type == WireType::Length ? field.bytes.size() : 8;
        return {};
      case 6:
        ++strings;
        return expect_type(field, WireType::Length);
      case 8:
        TRY(once.check(field));
        name = field.text();
        return expect_type(field, WireType::Length);
      case 9:
        TRY(once.check(field));
        raw_bytes = field.bytes.size();
        return expect_type(field, WireType::Length);
      case 13:
        TRY(expect_type(field, WireType::Length));
        has_location = true;
        return location.add(field);
      case 14:
        TRY(once.check(field));
        TRY(expect_type(field, WireType::Varint));
        if (field.value > 1)
          return invalid_input("its data location is " + std::to_string(field.value) + ", expected 0 or 1");
        is_external = field.value == 1;
        return {};
      default:
        return {};
    }
  }

  Result<void> check_inline() const {
    if (has_location) return invalid_input("it has external data but says that its data are in the file");
    const std::uint64_t count = TRY(elements());
    if (type == kString) {
      if (raw_bytes || strings != count) {
        return invalid_input("expected " + std::to_string(count) + " strings, found " + std::to_string(strings));
      }
      return {};
    }
    if (element_bits(type) == 0) return invalid_input("it has the unknown element type " + std::to_string(type));
    const std::uint64_t bytes = TRY(byte_count());
    if (raw_bytes) {
      if (*raw_bytes == bytes) return {};
      return invalid_input("expected " + std::to_string(bytes) + " bytes of data, found " + std::to_string(*raw_bytes));
    }
    // Typed fields are varints of at least a byte, which may hold up to four packed elements.
    if (count > typed_bytes * 4) {
      return invalid_input("expected " + std::to_string(count) + " elements, found at most " +
                           std::to_string(typed_bytes * 4));
    }
    return {};
  }
};

TensorChecker::TensorChecker(std::string_view model_path, std::span<const model::PackageFile> files) {
  const std::size_t slash = model_path.rfind('/');
  if (slash != std::string_view::npos) folder_ = model_path.substr(0, slash + 1);
  for (const model::PackageFile& file : files) files_.emplace(file.path, &file);
}

Result<const model::PackageFile*> TensorChecker::file_at(std::string_view location) const {
  if (location.find("_ORT_MEM_ADDR_") != std::string_view::npos || location.starts_with('*')) {
    return invalid_input("its external data name an address in memory (\"" + printable(location) +
                         "\"), expected a file of the package");
  }
  const auto checked = check_entry_path(location);
  if (!checked.ok()) return Error(checked.error()).within("its external data");
  const auto at = files_.find(folder_ + std::string(location));
  if (at == files_.end()) {
    return invalid_input("its external data lie in \"" + printable(location) + "\", which is not in the package");
  }
  return at->second;
}

Result<void> TensorChecker::check_external(const Tensor& tensor) const {
  if (tensor.raw_bytes || tensor.typed_bytes > 0 || tensor.strings > 0) {
    return invalid_input("it has data in the file and external data");
  }
  if (element_bits(tensor.type) == 0) {
    return invalid_input("external data of element type " + std::to_string(tensor.type) + " are not supported");
  }
  const auto location = tensor.location.find("location");
  if (!location) return invalid_input("its external data have no location");
  const model::PackageFile* file = TRY(file_at(*location));
  const std::uint64_t bytes = TRY(tensor.byte_count());
  const auto offset_text = tensor.location.find("offset");
  const std::uint64_t offset = offset_text ? TRY(read_count("offset", *offset_text)) : 0;
  const auto length_text = tensor.location.find("length");
  const std::uint64_t length = length_text ? TRY(read_count("length", *length_text)) : bytes;
  if (length != bytes) {
    return invalid_input("expected " + std::to_string(bytes) +
                         " bytes of external data by its shape, found a length of " + std::to_string(length));
  }
  if (offset > file->size || length > file->size - offset) {
    return invalid_input("its external data end at byte " + std::to_string(offset) + " + " + std::to_string(length) +
                         " of \"" + printable(*location) + "\", which has " + std::to_string(file->size));
  }
  return {};
}

Result<void> TensorChecker::check_tensor(const WireField& message) const {
  TRY(expect_type(message, WireType::Length));
  Tensor tensor;
  Once once;
  WireReader reader(message.bytes, message.offset);
  const auto within = [&](Error error) {
    return std::move(error).within(tensor.name.empty() ? "a tensor" : "tensor \"" + printable(tensor.name) + "\"");
  };
  while (true) {
    const auto field = reader.next();
    if (!field.ok()) return within(field.error());
    if (!*field) break;
    const auto read = tensor.read(**field, once);
    if (!read.ok()) return within(read.error());
  }
  const auto checked = tensor.is_external ? check_external(tensor) : tensor.check_inline();
  if (!checked.ok()) return within(checked.error());
  return {};
}

Result<void> TensorChecker::check_sparse(const WireField& message) const {
  TRY(expect_type(message, WireType::Length));
  WireReader reader(message.bytes, message.offset);
  Once once;
  while (const auto field = TRY(reader.next())) {
    if (field->number != 1 && field->number != 2) continue;
    TRY(once.check(*field));
    TRY(check_tensor(*field));
  }
  return {};
}

Result<std::string_view> TensorChecker::name_of_tensor(const WireField& message) {
  WireReader reader(message.bytes, message.offset);
  while (const auto field = TRY(reader.next())) {
    if (field->number == 8) return field->text();
  }
  return std::string_view();
}

Result<std::string_view> TensorChecker::name_of_sparse(const WireField& message) {
  WireReader reader(message.bytes, message.offset);
  while (const auto field = TRY(reader.next())) {
    if (field->number == 1) return name_of_tensor(*field);
  }
  return std::string_view();
}

}  // namespace slipway::package_reader
