#include "adapter/net/byte_stream.h"

namespace slipway::net {

StreamResult ByteStream::read_parts(std::span<const MutableByteSpan> parts) {
  StreamResult all(StreamResult::Outcome::WouldBlock);
  for (const MutableByteSpan part : parts) {
    const StreamResult one = read(part);
    const bool is_progress = one.outcome == StreamResult::Outcome::Progress;
    if (!is_progress && all.count == 0) return one;
    // An end or a failure shows itself again in the next read, and no event tells of it.
    all.is_cut = one.is_cut || (!is_progress && one.outcome != StreamResult::Outcome::WouldBlock);
    if (!is_progress) return all;
    all.outcome = StreamResult::Outcome::Progress;
    all.count += one.count;
    if (one.count < part.size() || one.is_cut) return all;
  }
  return all;
}

}  // namespace slipway::net
