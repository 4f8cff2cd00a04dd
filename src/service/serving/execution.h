// Execution: several requests to one version through one call of its engine: gather, run, scatter.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "service/serving/served_version.h"

namespace slipway::serving {

// One request's part. Borrowed until the execution is released.
struct Member {
  std::span<const tensor::TensorView> inputs;       // checked against the signature
  std::span<const ports::RequestedOutput> outputs;  // empty: all
  std::uint64_t rows = 1;
};

struct Timings {
  Duration input{0};
  Duration infer{0};
  TimePoint ran_at{};  // when the engine came back
};

// One thread; reused for execution after execution, so that in steady state it allocates nothing. A single request's
// data is lent to the engine as it is; several are copied side by side.
class Execution {
 public:
  // Fails as a whole, and then holds nothing. `several` members only for mergeable versions and requests that fit.
  // Internal also when the engine's outputs do not have one row per input row: such answers cannot be told apart.
  Result<Timings> run(const ServedVersion& version, std::span<const Member> members, const Clock& clock,
                      TimePoint started);

  struct Part {
    std::span<const tensor::TensorView> outputs;  // in the order asked for
    std::span<const std::uint32_t> indices;       // into the signature's outputs
  };
  // The outputs of member i; for ascending i. Lives until the next call. InvalidInput or another code if a row of that
  // member failed alone.
  Result<Part> part(std::size_t i);

  // Gives the engine its memory back. Requires: before the version's lease ends.
  void release();

 private:
  void gather(std::span<const Member> members);
  void lend(const Member& member);
  void choose_outputs(std::span<const Member> members);
  Result<void> check_rows() const;
  tensor::TensorView slice(std::size_t output, std::uint64_t rows);

  const ServedVersion* version_ = nullptr;
  std::span<const Member> members_;
  std::uint64_t rows_ = 0;
  ports::Batch batch_;
  std::vector<std::vector<std::byte>> buffers_;  // per input: rows side by side, or a copy that is aligned
  std::vector<std::uint32_t> chosen_;            // indices into the signature's outputs, as in batch_.wanted
  std::vector<std::size_t> cursors_;             // per chosen output: bytes handed out so far
  std::uint64_t row_cursor_ = 0;
  std::vector<tensor::TensorView> slices_;  // of the present member, per chosen output
  std::vector<tensor::TensorView> views_;   // in the order the member asked for
  std::vector<std::uint32_t> indices_;
};

// True if `a` and `b` differ in nothing but their rows. Requires: both passed the signature's check.
bool fit_together(std::span<const tensor::TensorView> a, std::span<const tensor::TensorView> b);

}  // namespace slipway::serving
