// LoopLane: the request path of one event loop: route, check, gather over a tick, execute, answer.
#pragma once

#include <set>
#include <unordered_map>
#include <vector>

#include "domain/batching/cost_model.h"
#include "domain/batching/size_bound.h"
#include "ports/loop.h"
#include "service/serving/batch_queue.h"
#include "service/serving/mirror_ring.h"
#include "service/serving/prediction_recorder.h"
#include "service/serving/version_draw.h"

namespace slipway::serving {

// Requests that reached no version, by reason. Written by one lane, read by any thread.
struct RefusalCounters {
  std::array<Counter, kErrorCodeCount> refused;
};

// That loop's thread only, but for receive() and refusals(). Completions may call submit() and cancel().
class LoopLane final : public ports::Lane, public BatchReceiver {
 public:
  LoopLane(std::size_t index, const Snapshot<ServingTable>& table, const Clock& clock, std::uint64_t seed,
           MirrorRing& mirrored);
  ~LoopLane() override;

  // Where answers from queues come back. Requires: before the first request that is queued.
  void attach(ports::Loop& loop) { loop_ = &loop; }
  // Where predictions are recorded; none: nowhere. Requires: before the first request.
  void record_to(PredictionRecorder& recorder) { recorder_ = &recorder; }

  void submit(const ports::PredictRequest& request, ports::Completion& completion) override;
  Result<ports::Assignment> assign(const ports::PredictRequest& request) override;
  void cancel(ports::Completion& completion) override;
  void flush() override;
  bool has_pending_work() const override { return !active_.empty() || mirrored_.has_unoffered(); }

  // Looks at the newest table and lets go of versions that left it.
  void refresh();
  void receive(std::shared_ptr<ExecutedBatch> batch) override;
  const RefusalCounters& refusals() const { return refusals_; }

 private:
  // Whose a request is in the prediction log.
  struct Attribution {
    std::string_view request_id;
    std::uint64_t model = 0;
    model::VersionNumber version = 0;
    model::Draw draw;
    ports::Traffic traffic = ports::Traffic::Live;
    bool is_kept = false;  // there is a place for its record
  };
  struct Outcome {
    TimePoint received;
    Duration latency;
    std::optional<ErrorCode> failure;
    std::uint64_t rows;
    std::span<const tensor::TensorView> outputs = {};
    std::uint16_t pair = 0;
  };
  // A request of this tick; what it borrows lives until it is completed.
  struct Pending {
    ports::Completion* completion;  // null: cancelled
    Member member;
    bool alone;  // fits to no other request
    TimePoint received;
    Deadline deadline;
    std::string_view protocol;
    std::uint64_t rank;  // traffic class and priority; smaller goes first
    Attribution of;
  };
  // One version as this lane sees it.
  struct Slot {
    ModelHandle lease;
    LaneCounters* counters = nullptr;
    batching::CostModel cost;
    batching::SizeBound sizes;  // of versions whose rows differ in size
    batching::Placement placement = batching::Placement::Inline;
    bool merging = false;  // switched off when merging alone makes executions fail
    bool active = false;   // in active_
    bool mixed_ranks = false;
    bool left_table = false;
    std::uint32_t executions = 0;
    std::size_t queued = 0;  // in the version's BatchQueue, or on the way back
    std::size_t head = 0;    // of pending: those before it are done
    std::vector<Pending> pending;
    std::uint64_t pending_rows = 0;
    Duration spent{0};  // on it in the flush of this number
    std::uint64_t spent_in = 0;
    TimePoint earliest = TimePoint::max();  // no deadline of pending is before it
    ModelHandle mirror_to;                  // what its requests go to as well; null: nothing
    std::uint32_t mirror_share = 0;

    bool has_pending() const { return head < pending.size(); }
  };
  struct Ticket {
    std::uint64_t number;
    const QueuedRequest* request;
    Slot* slot;
    TimePoint deadline;
    TimePoint received;
    std::string_view protocol;
    Attribution of;
    std::uint64_t rows;
  };

  Result<DrawnVersion> draw_version(const ServingTable& table, const ports::PredictRequest& request);
  Slot& slot_of(const ModelHandle& version);
  static void add_slices(const ServingTable& table, const ports::PredictRequest& request, model::Draw& draw);
  Slot& slot_of_assigned(const ServingTable& table, const ports::Assignment& assigned);
  Result<void> check(const ServedVersion& version, const ports::PredictRequest& request) const;
  Result<void> enqueue(Slot& slot, const Pending& request, const ports::PredictRequest& asked);
  Attribution attribute(const Slot& slot, const ports::PredictRequest& request, const model::Draw& draw);
  void record(const Attribution& of, const Outcome& outcome);
  void fail(const Slot& slot, const Pending& pending, Duration took, ErrorCode code, std::uint16_t pair = 0);
  static void aim_mirror(Slot& slot, const Route* route);
  std::uint16_t mirror(const Slot& slot, const Pending& pending) {
    return slot.mirror_to == nullptr ? 0 : mirror(slot, pending.of, pending.received, pending.member);
  }
  std::uint16_t mirror(const Slot& slot, const Attribution& of, TimePoint received, const Member& member,
                       std::vector<std::uint64_t>* storage = nullptr);
  bool runs_here(const Slot& slot, const Member& member, TimePoint now) const;
  Duration lone_budget(const Slot& slot, TimePoint now) const;
  static Error too_late(const ServedVersion& version);
  Result<void> check_wait(const Slot& slot, const Pending& request) const;
  static void drop_done(Slot& slot);
  void expire_pending(TimePoint now);
  void expire_pending(Slot& slot, TimePoint now);
  Duration& spent_on(Slot& slot) const;  // in this flush
  bool gather(Slot& slot, TimePoint now, Duration budget);
  TimePoint run(Slot& slot, TimePoint started);
  TimePoint run_alone(Slot& slot);
  struct Executed {
    std::uint64_t rows;
    std::uint64_t row_bytes;  // row_bytes() of its first member; rows that fit together are of about one size
  };
  static std::uint64_t row_bytes(const ServedVersion& version, const Member& member);
  void observe(Slot& slot, const Executed& executed, const Timings& timings);
  void take_back(const ExecutedBatch& batch);
  void expire(TimePoint at);
  void arm(TimePoint deadline);
  void let_go_if_idle(Slot& slot);
  bool drop_queued(ports::Completion& completion, ErrorCode why);

  const std::size_t index_;
  const Clock& clock_;
  Snapshot<ServingTable>::Reader table_;
  ports::Loop* loop_ = nullptr;
  PredictionRecorder* recorder_ = nullptr;
  std::uint64_t random_;
  std::uint64_t last_ticket_ = 0;
  std::size_t pending_ = 0;  // of all slots
  std::uint64_t flushes_ = 0;
  Duration spent_{0};  // in this flush, on all of them
  const Slot* last_asked_ = nullptr;
  TimePoint alone_since_{};                   // since when no other slot was asked
  std::vector<std::unique_ptr<Slot>> slots_;  // by ServedVersion::slot()
  std::vector<Slot*> active_;                 // those with pending requests, longest waiting first
  std::vector<Pending> running_;              // the execution in progress
  std::vector<Pending> to_run_alone_;
  std::vector<Member> members_;
  Execution execution_;
  std::unordered_map<ports::Completion*, Ticket> queued_;
  std::set<std::pair<TimePoint, ports::Completion*>> deadlines_;  // of queued requests
  std::set<TimePoint> armed_;                                     // timers of the loop that have not run
  RefusalCounters refusals_;
  MirrorRing& mirrored_;
  std::uint64_t last_pair_ = 0;
};

}  // namespace slipway::serving
