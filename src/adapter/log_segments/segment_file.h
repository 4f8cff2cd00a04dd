// SegmentFile: one file of the log: frames one after another, never changed once written.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "adapter/log_segments/record_bytes.h"
#include "adapter/log_segments/segment_index.h"
#include "base/descriptor.h"
#include "base/result.h"

namespace slipway::log_segments {

// Owned by its log; one thread at a time. What was cut off at its end (a crash) is left out, not removed: the file may
// be another process's that still writes it.
class SegmentFile {
 public:
  // Unavailable: it cannot be made. Conflict: there is one of that number.
  static Result<SegmentFile> create(const std::string& folder, std::uint64_t number);
  // Reads its index, or the whole of it. Adds its names. NotReady: it has no head yet; another process is at it, or
  // died.
  static Result<SegmentFile> open(const std::string& folder, std::uint64_t number, ModelNames& names);
  // One that cannot be read: it has a size and an age, and nothing in it.
  static SegmentFile left_out(const std::string& folder, std::uint64_t number);

  std::uint64_t number() const { return number_; }
  std::uint64_t size() const { return size_; }
  std::uint64_t size_with_index() const { return size_ + index_.file_size(); }
  bool is_sealed() const { return is_sealed_; }
  // Whether somebody may still add frames: the process that writes it has it locked until it is done or dead. What is
  // not held is never held again.
  bool is_held();
  // Whether what stands at `offset`, where no whole frame does, is more than the cut tail of a process that died.
  Result<bool> is_damaged_at(std::uint64_t offset) const;

  // Whole frames, and their entries of the index, whose places are counted from the first. What could be written of
  // them only in part is taken back.
  Result<void> append(std::string_view frames, std::span<const SegmentIndex::Entry> entries);
  // No more frames; its index goes to a file.
  Result<void> seal(const ModelNames& names);
  // Takes in what another process wrote since.
  Result<void> catch_up(ModelNames& names);
  // The frame at `offset`, in `buffer`; nullopt: there is no whole one.
  Result<std::optional<Frame>> frame_at(std::uint64_t offset, std::string& buffer) const;
  Result<std::string> bytes_at(std::uint64_t offset, std::size_t count) const;  // Corrupt: fewer are there
  std::vector<std::uint32_t> find(std::uint64_t hash, KeyKind kind) { return index_.find(hash, kind); }
  void remove();
  // When it was written to last.
  Result<WallTime> changed_at() const;

 private:
  Result<void> take(const Frame& frame, std::uint64_t offset, ModelNames& names);
  std::string path_;
  std::uint64_t number_ = 0;
  Descriptor file_;         // none: it is left out
  std::uint64_t size_ = 0;  // of whole frames
  bool is_sealed_ = false;
  bool is_ours_ = false;   // locked by this process
  bool may_grow_ = false;  // so far as is known
  SegmentIndex index_;
};

Result<void> write_all(int file, std::string_view bytes, const std::string& shown);

}  // namespace slipway::log_segments
