#include "adapter/net/grpc_frames.h"

#include <algorithm>
#include <cstring>

namespace slipway::net {
namespace {

constexpr std::size_t kInflateStep = 16 << 10;
constexpr std::uint64_t kFreeOfRatio = 1 << 20;  // what may be inflated whatever it was compressed from
constexpr std::uint64_t kLargestRatio = 100;

Error too_long(std::uint64_t found, Bytes limit) {
  return overloaded("expected a message of at most " + to_string(limit) + ", found one of " + std::to_string(found) +
                    " bytes");
}

}  // namespace

void append_grpc_prefix(std::string& out, std::uint8_t flags, std::size_t length) {
  const char prefix[kGrpcPrefix] = {static_cast<char>(flags), static_cast<char>(length >> 24),
                                    static_cast<char>(length >> 16), static_cast<char>(length >> 8),
                                    static_cast<char>(length)};
  out.append(prefix, sizeof prefix);
}

Result<std::size_t> GrpcFrames::announced(std::span<const std::byte, kGrpcPrefix> prefix) const {
  const auto flags = std::to_integer<unsigned>(prefix[0]);
  if (flags > kGrpcCompressed) {
    return invalid_input("expected a message's flag of 0 or 1, found " + std::to_string(flags));
  }
  if (flags == kGrpcCompressed && coding_ == Coding::Identity) {
    return invalid_input("expected grpc-encoding to name how the message is compressed, found none");
  }
  std::size_t length = 0;
  for (const std::byte byte : prefix.subspan<1>()) length = length << 8 | std::to_integer<std::size_t>(byte);
  if (length > limit_.count) return too_long(length, limit_);
  return length;
}

Result<std::optional<ByteSpan>> GrpcFrames::next(ByteSpan& input) {
  const auto take = [&input](std::size_t size) {
    const ByteSpan taken = input.first(size);
    input = input.subspan(size);
    return taken;
  };
  if (prefix_filled_ < kGrpcPrefix) {
    const ByteSpan part = take(std::min(kGrpcPrefix - prefix_filled_, input.size()));
    std::copy(part.begin(), part.end(), prefix_.begin() + static_cast<std::ptrdiff_t>(prefix_filled_));
    prefix_filled_ += part.size();
    if (prefix_filled_ < kGrpcPrefix) return std::optional<ByteSpan>();
    length_ = TRY(announced(prefix_));
  }
  ByteSpan message;
  if (partial_.empty() && input.size() >= length_) {
    message = take(length_);
  } else {
    partial_ += as_text(take(std::min(length_ - partial_.size(), input.size())));
    if (partial_.size() < length_) return std::optional<ByteSpan>();
    whole_.swap(partial_);
    partial_.clear();
    message = as_bytes(whole_);
  }
  prefix_filled_ = 0;
  if (std::to_integer<unsigned>(prefix_[0]) != kGrpcCompressed) return std::optional<ByteSpan>(message);
  return std::optional<ByteSpan>(TRY(decoded(message)));
}

Result<ByteSpan> GrpcFrames::decoded(ByteSpan message) {
  Inflater inflater(coding_);
  std::string out;
  const std::uint64_t most = std::min(limit_.count, std::max(kFreeOfRatio, message.size() * kLargestRatio));
  const std::size_t compressed = message.size();
  while (!inflater.has_ended()) {
    const std::size_t had = out.size();
    out.resize(had + std::min<std::size_t>(kInflateStep, most + 1 - had));
    const auto step = inflater.inflate(message, std::as_writable_bytes(std::span(out)).subspan(had));
    message = message.subspan(step.consumed);
    out.resize(had + step.produced);
    if (out.size() > most) {
      if (most == limit_.count) return too_long(out.size(), limit_);
      return overloaded("expected a message that inflates to at most " + std::to_string(kLargestRatio) +
                        " times its size, found more from " + std::to_string(compressed) + " bytes");
    }
    if (step.outcome == Inflater::Outcome::Broken || step.outcome == Inflater::Outcome::Stuck) {
      return invalid_input("expected a message compressed as " + std::string(name_of(coding_)) +
                           ", found one that is broken or cut off");
    }
  }
  if (!message.empty()) {
    return invalid_input("expected the compressed message to end with its length, found " +
                         std::to_string(message.size()) + " bytes behind it");
  }
  inflated_ = std::move(out);
  return as_bytes(inflated_);
}

Result<void> GrpcFrames::finish() const {
  if (prefix_filled_ == 0) return {};
  if (prefix_filled_ < kGrpcPrefix) {
    return invalid_input("expected the five bytes before a message, found the end after " +
                         std::to_string(prefix_filled_));
  }
  return invalid_input("expected a message of " + std::to_string(length_) + " bytes, found the end after " +
                       std::to_string(partial_.size()));
}

}  // namespace slipway::net
