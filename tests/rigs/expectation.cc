#include "rigs/expectation.h"

namespace slipway::rigs {
namespace {

// Spreads consecutive numbers over 53 bits, one to one, so that neighbours share no digits and any JSON reader can
// carry them.
std::int64_t scattered(std::int64_t number) {
  constexpr std::uint64_t kMask = (1ULL << 53) - 1;
  auto bits = static_cast<std::uint64_t>(number);
  bits = (bits * 0x1D8E4E27C47D1245ULL) & kMask;  // odd: invertible modulo 2^53
  bits ^= bits >> 27;
  return static_cast<std::int64_t>((bits * 0x0EB44ACCAB455165ULL) & kMask);
}

}  // namespace

Expectation Asker::next(std::size_t epoch) {
  Expectation made;
  made.id = ++requests_;
  made.epoch = epoch;
  for (std::uint64_t row = 0, rows = 1 + up_to(shape_.most_rows - 1); row < rows; ++row) {
    made.nonces.push_back(scattered(++nonces_));
  }
  if (shape_.refused_share > 0 && happens(shape_.refused_share)) {
    made.refused = true;
    made.nonces[up_to(made.nonces.size() - 1)] = kRefusedNonce;
  }
  return made;
}

void Asker::write(const Expectation& expectation, std::string& out) const {
  std::string body = "{\"id\":\"" + std::to_string(expectation.id) +
                     "\",\"inputs\":[{\"name\":\"nonce\",\"datatype\":\"INT64\",\"shape\":[" +
                     std::to_string(expectation.nonces.size()) + ",1],\"data\":[";
  for (const std::int64_t nonce : expectation.nonces) body.append(std::to_string(nonce)).push_back(',');
  body.back() = ']';
  body += "}]}";
  out.append("POST /v2/models/").append(shape_.model).append("/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: ");
  out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

}  // namespace slipway::rigs
