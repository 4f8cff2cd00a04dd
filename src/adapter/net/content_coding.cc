#include "adapter/net/content_coding.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "adapter/net/characters.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr int kWindow = 15;
constexpr int kGzip = 16;  // added to the window: a gzip header instead of zlib's

// Zlib counts in unsigned int.
uInt clamped(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

int window_of(Coding coding) {
  return coding == Coding::Gzip ? kWindow + kGzip : kWindow;
}

// "q=0", "q=0.000" and the like refuse; other weights only rank, in thousandths.
int weight_of(std::string_view parameters) {
  const std::size_t q = parameters.find("q=");
  if (q == std::string_view::npos) return 1000;
  int weight = 0, scale = 1000;
  for (const char c : trimmed(parameters.substr(q + 2))) {
    if (c == '.') continue;
    if (c < '0' || c > '9' || scale == 0) break;
    weight += (c - '0') * scale;
    scale /= 10;
  }
  return std::min(weight, 1000);
}

}  // namespace

std::string_view name_of(Coding coding) {
  switch (coding) {
    case Coding::Identity:
      return "identity";
    case Coding::Gzip:
      return "gzip";
    case Coding::Deflate:
      return "deflate";
  }
  return "";
}

std::optional<Coding> parse_content_coding(std::string_view value) {
  if (value.empty() || equals_ignoring_case(value, "identity")) return Coding::Identity;
  if (equals_ignoring_case(value, "gzip") || equals_ignoring_case(value, "x-gzip")) return Coding::Gzip;
  if (equals_ignoring_case(value, "deflate")) return Coding::Deflate;
  return std::nullopt;
}

Coding choose_coding(std::string_view accept_encoding) {
  int gzip = -1, deflate = -1, any = 0;
  while (!accept_encoding.empty()) {
    const std::string_view item = next_of_list(accept_encoding);
    const std::size_t semicolon = item.find(';');
    const std::string_view name = trimmed(item.substr(0, semicolon));
    const int weight = semicolon == std::string_view::npos ? 1000 : weight_of(item.substr(semicolon + 1));
    if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip")) gzip = weight;
    if (equals_ignoring_case(name, "deflate")) deflate = weight;
    if (name == "*") any = weight;
  }
  if (gzip < 0) gzip = any;
  if (deflate < 0) deflate = any;
  if (gzip <= 0 && deflate <= 0) return Coding::Identity;
  return gzip >= deflate ? Coding::Gzip : Coding::Deflate;
}

bool is_textual(std::string_view content_type) {
  return content_type.starts_with("application/json") || content_type.starts_with("text/") ||
         content_type.starts_with("application/yaml") || content_type.starts_with("application/openmetrics");
}

struct Inflater::Stream {
  z_stream z{};
  ~Stream() { inflateEnd(&z); }
};

Inflater::Inflater(Coding coding) : stream_(std::make_unique<Stream>()) {
  invariant(inflateInit2(&stream_->z, window_of(coding)) == Z_OK, "zlib cannot start inflating");
}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

Inflater::Step Inflater::inflate(ByteSpan input, MutableByteSpan output) {
  z_stream& z = stream_->z;
  const uInt in_size = clamped(input.size()), out_size = clamped(output.size());
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
  z.avail_in = in_size;
  z.next_out = reinterpret_cast<Bytef*>(output.data());
  z.avail_out = out_size;
  const int code = ::inflate(&z, Z_NO_FLUSH);
  const Step step{Outcome::Progress, in_size - z.avail_in, out_size - z.avail_out};
  if (code == Z_STREAM_END) {
    has_ended_ = true;
    return {Outcome::Ended, step.consumed, step.produced};
  }
  if (code == Z_BUF_ERROR || (code == Z_OK && step.consumed == 0 && step.produced == 0)) return {Outcome::Stuck, 0, 0};
  return code == Z_OK ? step : Step{Outcome::Broken, step.consumed, step.produced};
}

std::optional<std::string> deflate_all(Coding coding, std::string_view content) {
  if (content.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  z_stream z{};
  if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, window_of(coding), 8, Z_DEFAULT_STRATEGY) != Z_OK) return std::nullopt;
  std::string out(content.size(), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  z.avail_in = static_cast<uInt>(content.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int code = ::deflate(&z, Z_FINISH);
  out.erase(std::min<std::size_t>(z.total_out, out.size()));
  deflateEnd(&z);
  if (code != Z_STREAM_END) return std::nullopt;
  return out;
}

}  // namespace slipway::net
