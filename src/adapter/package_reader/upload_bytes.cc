#include "adapter/package_reader/upload_bytes.h"

#include <algorithm>
#include <cstring>

namespace slipway::package_reader {

Result<ByteSpan> ArrivingBytes::head() {
  std::size_t filled = 0;
  head_.resize(kTelling);
  while (filled < kTelling) {
    const std::size_t got = TRY(package_.read(MutableByteSpan(head_).subspan(filled)));
    if (got == 0) break;
    filled += got;
  }
  head_.resize(filled);
  return ByteSpan(head_);
}

Result<std::size_t> ArrivingBytes::read(MutableByteSpan into) {
  std::size_t count = 0;
  if (position_ < head_.size()) {
    const ByteSpan rest = ByteSpan(head_).subspan(position_);
    count = std::min(into.size(), rest.size());
    std::memcpy(into.data(), rest.data(), count);
  } else {
    count = TRY(package_.read(into));
  }
  position_ += count;
  return count;
}

UploadKind kind_of(ByteSpan head) {
  const std::string_view text = as_text(head);
  if (text.starts_with("\x1f\x8b")) return UploadKind::TarGzip;
  if (text.starts_with("\x28\xb5\x2f\xfd")) return UploadKind::TarZstd;
  if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return UploadKind::Zip;
  if (text.size() >= kTelling && text.substr(257, 5) == "ustar") return UploadKind::Tar;
  return UploadKind::Single;
}

}  // namespace slipway::package_reader
