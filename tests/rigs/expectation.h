// Expectation: what one request asked, and so what its answer must say.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace slipway::rigs {

// The nonce of which the models of the rigs refuse the row.
inline constexpr std::int64_t kRefusedNonce = -1;

// A value. Every nonce of a run is another number, so an answer that belongs to someone else cannot look right.
struct Expectation {
  std::uint64_t id = 0;
  std::vector<std::int64_t> nonces;  // one per row
  bool refused = false;              // one of the nonces is kRefusedNonce
  std::size_t epoch = 0;             // the swap during which it was sent (Judge)
};

// Makes requests from a seed. One thread.
class Asker {
 public:
  struct Shape {
    std::string model;
    std::uint64_t most_rows = 1;
    double refused_share = 0;  // of requests that carry kRefusedNonce
  };
  Asker(Shape shape, std::uint64_t seed) : shape_(std::move(shape)), random_(seed) {}

  Expectation next(std::size_t epoch);
  // The bytes of the request, appended to `out`.
  void write(const Expectation& expectation, std::string& out) const;
  bool happens(double probability) { return std::bernoulli_distribution(probability)(random_); }
  std::uint64_t up_to(std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>(0, most)(random_); }

 private:
  Shape shape_;
  std::mt19937_64 random_;
  std::uint64_t requests_ = 0;
  std::int64_t nonces_ = 0;
};

}  // namespace slipway::rigs
