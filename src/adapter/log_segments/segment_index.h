// SegmentIndex: in which frames of one segment the records of a request, a unit or a feedback key stand.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/model/name.h"

namespace slipway::log_segments {

enum class KeyKind : std::uint32_t { Request, Unit, Outcome, Twin };
using ModelNames = std::map<std::uint64_t, model::ModelName>;

// Grows in memory while its segment does; then it is a file beside the segment, mapped. It only says where to look:
// what it points to is compared. Owned by its segment; one thread at a time.
class SegmentIndex {
 public:
  struct Entry {
    std::uint64_t hash;
    std::uint32_t place;  // of its frame, in the segment
    KeyKind kind;
    auto operator<=>(const Entry&) const = default;
  };
  SegmentIndex() = default;
  SegmentIndex(SegmentIndex&& other) noexcept;
  SegmentIndex& operator=(SegmentIndex&& other) noexcept;
  ~SegmentIndex();

  // Of a segment of `size` bytes; adds the names it has. NotFound: there is no such file, or it is of another size or
  // form.
  static Result<SegmentIndex> map(const std::string& path, std::uint64_t size, ModelNames& names);
  // Writes it, and maps what was written.
  Result<void> seal(const std::string& path, std::uint64_t size, const ModelNames& names);

  void add(std::uint64_t hash, KeyKind kind, std::uint64_t place) {
    grown_.push_back({hash, static_cast<std::uint32_t>(place), kind});
  }
  // The places of that key, each once, the last in the segment first.
  std::vector<std::uint32_t> find(std::uint64_t hash, KeyKind kind);
  std::uint64_t file_size() const { return mapped_size_; }

 private:
  void sort();
  std::vector<Entry> grown_;
  std::size_t sorted_ = 0;  // of grown_
  const char* mapped_ = nullptr;
  std::size_t mapped_size_ = 0;
  std::span<const Entry> entries_;  // of the mapping
};

// Of a unit of a model.
inline std::uint64_t unit_hash(std::uint64_t model, std::uint64_t unit) {
  return unit ^ (model << 1 | model >> 63);
}

std::string written(const ModelNames& names);                         // the payload of a frame of names
Result<void> read_names(std::string_view payload, ModelNames& into);  // Corrupt

}  // namespace slipway::log_segments
