// Judge: compares every answer with what was asked, and counts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rigs/expectation.h"

namespace slipway::rigs {

enum class Finding : std::uint8_t {
  Good,
  Refused,       // as the request asked for
  Busy,          // 429 or 503
  Failed,        // another status, or an answer that cannot be read
  Mismatched,    // not this request's id or nonces
  Mixed,         // the version named and the versions that computed the rows are not one
  WrongVersion,  // a version that was not to answer any more, or not yet
};
inline constexpr std::size_t kFindings = 7;

// One thread.
class Judge {
 public:
  // constant_is_version: each version's constant is its own number (the swap rig's models).
  explicit Judge(bool constant_is_version);
  ~Judge();

  // From here on requests may be answered by any of `versions`; empty: by any at all. A request may be answered by
  // whatever was allowed at any moment between its sending and its answer.
  void allow(std::vector<std::uint64_t> versions) { epochs_.push_back(std::move(versions)); }
  std::size_t epoch() const { return epochs_.size() - 1; }

  void judge(const Expectation& asked, int status, std::string_view body);
  void cancelled(std::uint64_t requests) { cancelled_ += requests; }
  // The server closed a connection, or sent bytes that are no answer.
  void broken(std::string_view how, std::uint64_t unanswered);
  std::uint64_t answered() const;
  std::string report() const;  // one line of JSON

 private:
  struct Answered;
  struct Reader;
  Finding find(const Expectation& asked, int status, std::string_view body);
  Finding compare(const Expectation& asked, const Answered& answered) const;
  bool is_allowed(std::size_t since, std::uint64_t version) const;

  const bool constant_is_version_;
  std::unique_ptr<Reader> reader_;
  std::vector<std::vector<std::uint64_t>> epochs_{{}};
  std::array<std::uint64_t, kFindings> counts_{};
  std::uint64_t rows_ = 0;
  std::uint64_t cancelled_ = 0;
  std::uint64_t broken_ = 0;
  std::string first_problem_;
};

}  // namespace slipway::rigs
