// UploadFile: the file a package is read from.
#pragma once

#include <cstdint>
#include <string>

#include "adapter/package_reader/upload_bytes.h"
#include "base/bytes.h"
#include "base/result.h"

namespace slipway::package_reader {

// A regular file opened for reading; closes it. Failures: NotFound, InvalidInput (no regular file), Unavailable. One
// thread.
class UploadFile final : public UploadBytes {
 public:
  static Result<UploadFile> open(const std::string& path);
  ~UploadFile() override;
  UploadFile(UploadFile&& other) noexcept;
  UploadFile& operator=(UploadFile&&) = delete;

  std::uint64_t size() const { return size_; }
  std::uint64_t position() const override { return position_; }
  Result<std::size_t> read(MutableByteSpan into) override;
  void seek(std::uint64_t position) { position_ = position; }

 private:
  UploadFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  int descriptor_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
};

// Leaves the position at 0.
Result<UploadKind> kind_of(UploadFile& file);

}  // namespace slipway::package_reader
