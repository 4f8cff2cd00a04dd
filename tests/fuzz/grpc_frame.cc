// gRPC's frames: the same bytes whole, in pieces and byte by byte give the same messages and the same refusal; nothing
// is kept beyond the limit. The first byte picks the limit, the coding and the size of the pieces.
#include <cstdint>
#include <string>
#include <vector>

#include "adapter/net/grpc_frames.h"
#include "adapter/net/grpc_status.h"
#include "adapter/net/grpc_web.h"
#include "base/invariant.h"

using slipway::invariant;
namespace net = slipway::net;

namespace {

struct Outcome {
  std::vector<std::string> messages;
  std::string refusal;
  bool operator==(const Outcome&) const = default;
};

Outcome cut(std::string_view bytes, std::size_t step, slipway::Bytes limit, net::Coding coding) {
  Outcome outcome;
  net::GrpcFrames frames(limit, coding);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    slipway::ByteSpan input = slipway::as_bytes(bytes.substr(at, step));
    while (!input.empty()) {
      const auto message = frames.next(input);
      if (!message) {
        outcome.refusal = message.error().message;
        invariant(outcome.refusal.size() < 500, "a message a person can read");
        return outcome;
      }
      if (!*message) {
        invariant(input.empty(), "what is not enough is taken");
        continue;
      }
      invariant((*message)->size() <= limit.count, "no message is longer than the limit");
      outcome.messages.emplace_back(slipway::as_text(**message));
    }
  }
  if (const auto whole = frames.finish(); !whole) outcome.refusal = whole.error().message;
  return outcome;
}

void check_web(std::string_view text) {
  std::string decoded, again, back;
  if (!net::append_base64_decoded(decoded, text)) return;
  net::append_base64(again, decoded);
  invariant(net::append_base64_decoded(back, again).ok() && back == decoded, "base64 goes both ways");
}

void check_texts(std::string_view text) {
  const std::string encoded = net::encoded_grpc_message(text);
  invariant(encoded.size() <= 2048, "a status message has an end");
  for (const char c : encoded) invariant(c >= 0x20 && c < 0x7F, "and is printable");
  if (const auto timeout = net::parse_grpc_timeout(text))
    invariant(timeout->count() >= 0, "time limits are not negative");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto coding = static_cast<net::Coding>(data[0] % 3);
  const slipway::Bytes limit{(data[0] & 4) != 0 ? 64U : 64U << 10};
  const Outcome whole = cut(bytes, bytes.size() + 1, limit, coding);
  invariant(cut(bytes, 1 + (data[0] >> 3), limit, coding) == whole, "the size of the pieces changes nothing");
  if (bytes.size() < 4096) invariant(cut(bytes, 1, limit, coding) == whole, "nor do single bytes");
  check_web(bytes);
  check_texts(bytes);
  return 0;
}
