// UploadFile: the file a package is read from, and what its first bytes say it is.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::package_reader {

enum class UploadKind : std::uint8_t { Tar, TarGzip, TarZstd, Zip, Single };

// A regular file opened for reading; closes it. Failures: NotFound, InvalidInput (no regular file), Unavailable. One
// thread.
class UploadFile {
 public:
  static Result<UploadFile> open(const std::string& path);
  ~UploadFile();
  UploadFile(UploadFile&& other) noexcept;
  UploadFile& operator=(UploadFile&&) = delete;

  std::uint64_t size() const { return size_; }
  std::uint64_t position() const { return position_; }
  // Fills up to `into.size()` bytes and moves on; 0 at the end.
  Result<std::size_t> read(MutableByteSpan into);
  void seek(std::uint64_t position) { position_ = position; }

 private:
  UploadFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  int descriptor_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
};

// By content; leaves the position at 0. Single: none of the archives.
Result<UploadKind> kind_of(UploadFile& file);

}  // namespace slipway::package_reader
