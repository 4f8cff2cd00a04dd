#include "adapter/log_segments/packed_predictions.h"

#include <bit>
#include <cstring>

namespace slipway::log_segments {
namespace {

static_assert(std::endian::native == std::endian::little, "segments are written as the machine has numbers");
static_assert(model::RequestKey::kSize == 5 * sizeof(std::uint64_t));
static_assert(ports::kMostPredictionValues == 4);

// A revision counts changes of one model: 48 bits of it are more than there ever are.
constexpr unsigned kRevisionBits = 48;
constexpr std::uint64_t kRevision = (std::uint64_t{1} << kRevisionBits) - 1;

constexpr std::size_t kMask = sizeof(std::uint16_t);
constexpr std::size_t kMostPacked = kMask + std::tuple_size_v<PredictionWords> * (1 + sizeof(std::uint64_t));

PredictionWords words_of(const ports::PredictionRecord& record) {
  PredictionWords words{};
  const std::string_view request = record.request.text();
  std::memcpy(words.data(), request.data(), request.size());
  words[5] = record.model;
  words[6] = record.version;
  words[7] = record.draw.unit;
  words[8] = (record.draw.revision & kRevision) | static_cast<std::uint64_t>(record.draw.slices) << kRevisionBits;
  words[9] = std::bit_cast<std::uint64_t>(record.draw.probability);
  words[10] = static_cast<std::uint64_t>(record.draw.by) | static_cast<std::uint64_t>(record.status) << 8U |
              static_cast<std::uint64_t>(record.value_count) << 16U |
              static_cast<std::uint64_t>(record.traffic) << 24U | static_cast<std::uint64_t>(record.rows) << 32U |
              static_cast<std::uint64_t>(record.pair) << 48U;
  std::memcpy(&words[11], record.values.data(), sizeof record.values);
  words[13] = static_cast<std::uint64_t>(record.at.time_since_epoch().count());
  words[14] = static_cast<std::uint64_t>(record.latency.count());
  words[15] = record.outputs;
  return words;
}

Result<ports::PredictionRecord> record_of(const PredictionWords& words) {
  const auto part = [&](unsigned from) { return static_cast<std::uint8_t>(words[10] >> from); };
  ports::PredictionRecord record;
  std::array<char, model::RequestKey::kSize> request;
  std::memcpy(request.data(), words.data(), request.size());
  record.request = model::RequestKey::of({request.data(), ::strnlen(request.data(), request.size())});
  record.model = words[5];
  record.version = words[6];
  record.draw.unit = words[7];
  record.draw.revision = words[8] & kRevision;
  record.draw.slices = static_cast<std::uint16_t>(words[8] >> kRevisionBits);
  record.draw.probability = std::bit_cast<double>(words[9]);
  record.status = part(8);
  record.value_count = part(16);
  if (part(0) >= model::kAssignedByCount || part(24) > static_cast<std::uint8_t>(ports::Traffic::Shadow) ||
      record.value_count > ports::kMostPredictionValues) {
    return corrupt("prediction log: expected a prediction, found fields that none has");
  }
  record.draw.by = static_cast<model::AssignedBy>(part(0));
  record.traffic = static_cast<ports::Traffic>(part(24));
  record.rows = static_cast<std::uint16_t>(words[10] >> 32U);
  record.pair = static_cast<std::uint16_t>(words[10] >> 48U);
  std::memcpy(record.values.data(), &words[11], sizeof record.values);
  record.at = WallTime(std::chrono::microseconds(static_cast<std::int64_t>(words[13])));
  record.latency = Duration(static_cast<std::int64_t>(words[14]));
  record.outputs = words[15];
  return record;
}

}  // namespace

void PredictionPacker::add(const ports::PredictionRecord& record, std::string& out) {
  const PredictionWords words = words_of(record);
  std::array<char, kMostPacked + sizeof(std::uint64_t)> packed;
  std::uint16_t mask = 0;
  char* end = packed.data() + kMask;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint64_t difference = words[i] ^ previous_[i];
    if (difference == 0) continue;
    mask = static_cast<std::uint16_t>(mask | 1U << i);
    const unsigned skipped = static_cast<unsigned>(std::countr_zero(difference)) / 8;
    const unsigned count = 8 - static_cast<unsigned>(std::countl_zero(difference)) / 8 - skipped;
    const std::uint64_t bytes = difference >> 8 * skipped;
    *end++ = static_cast<char>(skipped << 4U | count);
    std::memcpy(end, &bytes, sizeof bytes);
    end += count;
  }
  std::memcpy(packed.data(), &mask, sizeof mask);
  out.append(packed.data(), static_cast<std::size_t>(end - packed.data()));
  previous_ = words;
}

Result<std::vector<ports::PredictionRecord>> unpack(std::string_view payload, std::uint32_t records) {
  const auto cut = [&] {
    return corrupt("prediction log: expected " + std::to_string(records) + " predictions, found fewer or others");
  };
  if (records > payload.size() / kMask) return cut();
  std::vector<ports::PredictionRecord> unpacked;
  unpacked.reserve(records);
  PredictionWords words{};
  for (std::uint32_t left = records; left != 0; --left) {
    std::uint16_t mask = 0;
    if (payload.size() < sizeof mask) return cut();
    std::memcpy(&mask, payload.data(), sizeof mask);
    payload.remove_prefix(sizeof mask);
    for (; mask != 0; mask = static_cast<std::uint16_t>(mask & (mask - 1U))) {
      if (payload.empty()) return cut();
      const auto head = static_cast<unsigned char>(payload.front());
      const unsigned skipped = head >> 4U, count = head & 15U;
      if (count == 0 || skipped + count > sizeof(std::uint64_t) || payload.size() <= count) return cut();
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, payload.data() + 1, count);
      words[static_cast<std::size_t>(std::countr_zero(mask))] ^= bytes << 8 * skipped;
      payload.remove_prefix(1 + count);
    }
    unpacked.push_back(TRY(record_of(words)));
  }
  if (!payload.empty()) return cut();
  return unpacked;
}

}  // namespace slipway::log_segments
