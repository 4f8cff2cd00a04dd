#include "adapter/log_segments/record_bytes.h"

#include <zlib.h>

#include <bit>
#include <cstring>

namespace slipway::log_segments {
namespace {

static_assert(std::endian::native == std::endian::little, "segments are written as the machine has numbers");

template <class Number>
void put(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// Takes numbers off the front.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : at_(bytes.data()) {}
  template <class Number>
  Number take() {
    Number number;
    std::memcpy(&number, at_, sizeof number);
    at_ += sizeof number;
    return number;
  }
  model::RequestKey key() {
    const std::string_view text(at_, ::strnlen(at_, model::RequestKey::kSize));
    at_ += model::RequestKey::kSize;
    return model::RequestKey::of(text);
  }
  void skip(std::size_t count) { at_ += count; }

 private:
  const char* at_;
};

void put_key(std::string& out, const model::RequestKey& key) {
  const std::string_view text = key.text();
  out.append(text).append(model::RequestKey::kSize - text.size(), '\0');
}

void put_draw(std::string& out, const model::Draw& draw) {
  put(out, draw.unit);
  put(out, draw.revision);
  put(out, draw.probability);
}

WallTime wall(std::int64_t microseconds) {
  return WallTime(std::chrono::microseconds(microseconds));
}

Result<ports::OutcomeRecord> read_outcome(std::string_view bytes) {
  Taker taker(bytes);
  ports::OutcomeRecord record;
  record.key = taker.take<std::uint64_t>();
  record.request = taker.key();
  record.model = taker.take<std::uint64_t>();
  record.version = taker.take<std::uint64_t>();
  record.draw.unit = taker.take<std::uint64_t>();
  record.draw.revision = taker.take<std::uint64_t>();
  record.draw.probability = taker.take<double>();
  const auto by = taker.take<std::uint8_t>();
  const auto kind = taker.take<std::uint8_t>();
  if (by >= model::kAssignedByCount || kind > static_cast<std::uint8_t>(ports::OutcomeRecord::Kind::Cost)) {
    return corrupt("prediction log: expected an outcome, found fields that none has");
  }
  record.draw.by = static_cast<model::AssignedBy>(by);
  record.kind = static_cast<ports::OutcomeRecord::Kind>(kind);
  record.draw.slices = taker.take<std::uint16_t>();
  taker.skip(4);
  record.value = taker.take<double>();
  record.at = wall(taker.take<std::int64_t>());
  record.predicted_at = wall(taker.take<std::int64_t>());
  return record;
}

}  // namespace

void append_outcome(std::string& out, const ports::OutcomeRecord& record) {
  put(out, record.key);
  put_key(out, record.request);
  put(out, record.model);
  put(out, record.version);
  put_draw(out, record.draw);
  put(out, static_cast<std::uint8_t>(record.draw.by));
  put(out, static_cast<std::uint8_t>(record.kind));
  put(out, record.draw.slices);
  out.append(4, '\0');
  put(out, record.value);
  put(out, static_cast<std::int64_t>(record.at.time_since_epoch().count()));
  put(out, static_cast<std::int64_t>(record.predicted_at.time_since_epoch().count()));
}

Result<std::vector<ports::OutcomeRecord>> read_outcomes(std::string_view payload) {
  std::vector<ports::OutcomeRecord> records;
  for (; payload.size() >= kOutcomeSize; payload.remove_prefix(kOutcomeSize)) {
    records.push_back(TRY(read_outcome(payload)));
  }
  return records;
}

std::uint32_t crc_of(std::string_view first, std::string_view second) {
  const auto add = [](uLong crc, std::string_view bytes) {
    return crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  };
  return static_cast<std::uint32_t>(add(add(0, first), second));
}

void append_frame(std::string& out, FrameKind kind, std::uint32_t records, std::string_view payload) {
  const std::size_t begin = out.size();
  put(out, static_cast<std::uint32_t>(kind));
  put(out, records);
  put(out, static_cast<std::uint32_t>(payload.size()));
  put(out, crc_of(std::string_view(out).substr(begin), payload));
  out.append(payload);
}

std::optional<Frame> read_frame(std::string_view bytes) {
  if (bytes.size() < kFrameHead) return std::nullopt;
  Taker taker(bytes);
  const auto kind = taker.take<std::uint32_t>();
  const auto records = taker.take<std::uint32_t>();
  const auto size = taker.take<std::uint32_t>();
  const auto crc = taker.take<std::uint32_t>();
  if (size > kLargestFrame || bytes.size() - kFrameHead < size) return std::nullopt;
  const std::string_view payload = bytes.substr(kFrameHead, size);
  if (crc_of(bytes.substr(0, kFrameHead - sizeof crc), payload) != crc) return std::nullopt;
  const bool is_whole = kind == 1 || (kind == 2 && size == records * kOutcomeSize) || kind == 3;
  if (!is_whole) return std::nullopt;
  return Frame{static_cast<FrameKind>(kind), records, payload};
}

}  // namespace slipway::log_segments
