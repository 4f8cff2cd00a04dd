// Expectation: what a good answer's body looks like.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::load {

// Equal bytes, or equal but for numbers: a model's answer may differ in the last bits with the batch it rode in.
// Text: decimal numbers in it may differ by `kTolerance` relative or absolute. Binary: so may the float32 values
// in its last 4 * trailing_floats bytes. Without a given body, the first answer becomes the expectation.
class Expectation {
 public:
  static constexpr double kTolerance = 1e-4;
  Expectation() = default;
  Expectation(std::string body, std::size_t trailing_floats)
      : body_(std::move(body)), is_known_(!body_.empty()), trailing_floats_(trailing_floats) {}

  // Another answer that is as good. Requires: a body was given.
  void add(std::string body) { others_.push_back(std::move(body)); }

  bool accepts(std::string_view body);

 private:
  bool is_like(std::string_view expected, std::string_view body) const;
  static bool is_like_text(std::string_view expected, std::string_view body);
  bool is_like_floats(std::string_view expected, std::string_view body) const;

  std::string body_;
  std::vector<std::string> others_;
  bool is_known_ = false;
  std::size_t trailing_floats_ = 0;
};

}  // namespace slipway::load
