#include "adapter/package_reader/byte_source.h"

#include <zlib.h>
#include <zstd.h>

#include <vector>

namespace slipway::package_reader {
namespace {

constexpr std::size_t kPiece = 64 << 10;
constexpr std::uint64_t kFreeOfRatio = 16 << 20;  // small archives may be as dense as they like
constexpr int kLargestWindow = 27;                // of zstd, as a power of two: 128 MiB

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(UploadBytes& upload) : upload_(upload), piece_(kPiece) {}
  Result<ByteSpan> next() override { return ByteSpan(piece_).first(TRY(upload_.read(piece_))); }

 private:
  UploadBytes& upload_;
  std::vector<std::byte> piece_;
};

// What both decompressors share: packed pieces from the upload, unpacked ones counted.
class PackedSource : public ByteSource {
 public:
  PackedSource(UploadBytes& upload, const ExpansionLimits& limits)
      : upload_(upload), limits_(limits), packed_(kPiece), unpacked_(kPiece) {}

 protected:
  // Makes `rest_` non-empty unless the upload ends.
  Result<void> refill() {
    if (rest_.empty()) rest_ = ByteSpan(packed_).first(TRY(upload_.read(packed_)));
    return {};
  }
  Result<ByteSpan> hand_out(std::size_t count) {
    total_ += count;
    TRY(check_expansion(total_, upload_.position(), limits_));
    return ByteSpan(unpacked_).first(count);
  }

  UploadBytes& upload_;
  ByteSpan rest_;
  const ExpansionLimits limits_;
  std::vector<std::byte> packed_;
  std::vector<std::byte> unpacked_;
  std::uint64_t total_ = 0;
};

// zlib itself verifies each member's checksum and length.
class GzipSource final : public PackedSource {
 public:
  GzipSource(UploadBytes& upload, const ExpansionLimits& limits) : PackedSource(upload, limits) {
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;  // 16: gzip only
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  Result<ByteSpan> next() override {
    if (!ready_) return unavailable("not enough memory to unpack gzip data");
    while (true) {
      TRY(refill());
      if (rest_.empty()) {
        if (inside_member_) return invalid_input("the gzip data are cut off");
        return ByteSpan();
      }
      if (!inside_member_) TRY(start_member());
      const std::size_t got = TRY(inflate_some());
      if (got > 0) return hand_out(got);
    }
  }

 private:
  Result<void> start_member() {
    if (rest_[0] != std::byte{0x1f}) return invalid_input("bytes follow the end of the gzip data");
    inflateReset(&stream_);
    inside_member_ = true;
    return {};
  }

  Result<std::size_t> inflate_some() {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest_.data()));
    stream_.avail_in = static_cast<uInt>(rest_.size());
    stream_.next_out = reinterpret_cast<Bytef*>(unpacked_.data());
    stream_.avail_out = static_cast<uInt>(unpacked_.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    rest_ = rest_.last(stream_.avail_in);
    if (status == Z_STREAM_END) {
      inside_member_ = false;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return invalid_input(std::string("the gzip data are damaged: ") + (stream_.msg ? stream_.msg : "unknown reason"));
    }
    return unpacked_.size() - stream_.avail_out;
  }

  z_stream stream_{};
  bool ready_ = false;
  bool inside_member_ = false;
};

class ZstdSource final : public PackedSource {
 public:
  ZstdSource(UploadBytes& upload, const ExpansionLimits& limits)
      : PackedSource(upload, limits), stream_(ZSTD_createDStream(), ZSTD_freeDStream) {
    if (stream_) ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kLargestWindow);
  }

  Result<ByteSpan> next() override {
    if (!stream_) return unavailable("not enough memory to unpack zstd data");
    while (true) {
      TRY(refill());
      if (rest_.empty() && !inside_frame_) return ByteSpan();
      ZSTD_inBuffer in{rest_.data(), rest_.size(), 0};
      ZSTD_outBuffer out{unpacked_.data(), unpacked_.size(), 0};
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_isError(left)) {
        return invalid_input(std::string("the zstd data are damaged or followed by other bytes: ") +
                             ZSTD_getErrorName(left));
      }
      const bool stuck = rest_.empty() && out.pos == 0;
      rest_ = rest_.subspan(in.pos);
      inside_frame_ = left != 0;
      if (out.pos > 0) return hand_out(out.pos);
      if (stuck && inside_frame_) return invalid_input("the zstd data are cut off");
    }
  }

 private:
  std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_;
  bool inside_frame_ = false;
};

}  // namespace

Result<void> check_expansion(std::uint64_t unpacked, std::uint64_t packed, const ExpansionLimits& limits) {
  if (unpacked > limits.bytes) {
    return invalid_input("expected at most " + to_string(Bytes{limits.bytes}) + " unpacked, found more");
  }
  if (unpacked > kFreeOfRatio && unpacked / limits.ratio > packed) {
    return invalid_input("it unpacks to more than " + std::to_string(limits.ratio) + " times its size (" +
                         std::to_string(unpacked) + " bytes out of " + std::to_string(packed) + ")");
  }
  return {};
}

std::unique_ptr<ByteSource> make_source(UploadBytes& upload, UploadKind kind, const ExpansionLimits& limits) {
  if (kind == UploadKind::TarGzip) return std::make_unique<GzipSource>(upload, limits);
  if (kind == UploadKind::TarZstd) return std::make_unique<ZstdSource>(upload, limits);
  return std::make_unique<PlainSource>(upload);
}

}  // namespace slipway::package_reader
