// QueuedRequest and ExecutedBatch: a request on its way through a BatchQueue, and back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/serving/byte_budget.h"
#include "service/serving/execution.h"

namespace slipway::serving {

struct ExecutedBatch;

// Where executed requests go back to. receive(): any thread; the batch stays whole until every receiver dropped it.
class BatchReceiver {
 public:
  virtual ~BatchReceiver() = default;
  virtual void receive(std::shared_ptr<ExecutedBatch> batch) = 0;
};

// Owns a copy of its inputs: whoever asked may be gone before it runs. Immutable once queued.
struct QueuedRequest {
  std::uint64_t ticket = 0;  // unique within its receiver
  BatchReceiver* receiver = nullptr;
  ports::Completion* completion = nullptr;  // for the receiver only
  std::string_view protocol;
  TimePoint received{};
  Deadline deadline;
  ports::Traffic traffic = ports::Traffic::Live;
  std::uint32_t priority = 0;
  std::uint64_t sequence = 0;  // given by the queue

  std::vector<std::uint64_t> storage;  // words, so that every tensor in it is aligned
  std::uint64_t bytes = 0;
  ByteBudget::Share share;                 // of what all queues may hold, from push() to its end
  std::vector<tensor::TensorView> inputs;  // into storage; names are the signature's
  std::vector<ports::RequestedOutput> outputs;
  std::uint64_t rows = 1;
  bool alone = false;  // fits to no other request

  Member member() const { return {inputs, outputs, rows}; }
  // Copies what `member` borrows.
  void keep(const Member& member, const tensor::Signature& signature);
};

// What one execution made of several requests.
struct ExecutedBatch {
  struct Answer {
    std::vector<tensor::TensorView> outputs;  // into the engine's memory
    std::vector<std::uint32_t> indices;
  };
  ModelHandle lease;
  Execution execution;
  std::vector<std::unique_ptr<QueuedRequest>> requests;
  std::vector<Result<Answer>> answers;  // one per request
  std::optional<Timings> timings;       // none: nothing was executed
  TimePoint started{};
  std::uint64_t rows = 0;  // executed

  ExecutedBatch() = default;
  ExecutedBatch(const ExecutedBatch&) = delete;
  ExecutedBatch& operator=(const ExecutedBatch&) = delete;
  ~ExecutedBatch() { execution.release(); }

  // Hands `batch` to each receiver once.
  static void hand_back(const std::shared_ptr<ExecutedBatch>& batch);
};

}  // namespace slipway::serving
