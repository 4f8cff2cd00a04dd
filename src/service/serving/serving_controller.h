// ServingController: makes what is served equal what is desired, without a failed answer in between.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"
#include "ports/loop.h"
#include "service/serving/batch_queue.h"
#include "service/serving/prediction_service.h"
#include "service/serving/version_loader.h"

namespace slipway::serving {

struct ControllerSettings {
  std::string environment = "production";
  Duration poll = std::chrono::seconds(2);  // how often desired serving is read without a notify()
  Duration first_retry = std::chrono::seconds(1);
  Duration longest_retry = std::chrono::minutes(1);
  std::size_t loads_at_once = 2;
  QueueSettings queue;
};

// tick(): one control thread; it never waits: slow work goes to the pool, its results are looked at by a later tick.
// A model's route changes only when every version of its new split is loaded; until then, and when one cannot be
// loaded, the old versions go on answering. Versions that left are unloaded when no lease is left.
// Must outlive the pool's tasks: stop() first, then the pool, then this.
class ServingController {
 public:
  struct Parts {
    VersionLoader::Parts loading;
    ports::WorkerPool& workers;
    PredictionService& service;
    Log& log;
    // A revision is live: every version of it answers. Called on a worker thread, so it may block.
    // What fails is told again after a while.
    std::function<Result<void>(const model::ModelName&, std::uint64_t revision)> fully_live;
    std::function<void()> wake;  // asks for a tick soon; any thread
  };
  ServingController(const Parts& parts, ControllerSettings settings);
  ~ServingController();

  void tick(TimePoint now);
  // Desired serving changed: the next tick reads it. Any thread.
  void notify();
  // Takes everything off the table and stops execution threads; what waits in queues is dropped. Requires: loops have
  // ended.
  void stop();

 private:
  using Key = std::pair<model::ModelName, model::VersionNumber>;
  struct Desired {
    model::DesiredServing serving;
    std::uint64_t revision;
    enum class Reported : std::uint8_t { No, Underway, Yes } reported = Reported::No;  // to fully_live
    TimePoint report_at{};
  };
  // A version that is wanted or still served.
  struct Version {
    enum class State : std::uint8_t { Wanted, Loading, Ready, Failed } state = State::Wanted;
    ModelHandle handle;
    std::string reason;
    bool may_pass = false;  // the failure: worth another try
    TimePoint retry_at{};
    std::uint32_t failures = 0;
    bool asked_again = false;  // deployed again while it was loading, perhaps from what was wrong
  };

  void read_desired();
  void take_desired(Result<std::vector<ports::Stored<model::DesiredServing>>> read);
  Version& want(const Key& key);
  void start_loads(TimePoint now);
  void take_loaded(const Key& key, Result<ServedVersion::Loaded> loaded);
  void fail(const Key& key, Version& version, const Error& error);
  bool is_wanted(const Key& key) const;
  Route route_of(const Desired& desired) const;
  std::string problem_of(const model::DesiredServing& desired) const;
  bool is_complete(const model::DesiredServing& desired) const;
  void publish();
  void retire();
  void report_live();
  void take_reported(const model::ModelName& name, std::uint64_t revision, const Result<void>& told);
  bool compute_ready();
  std::vector<ports::ServedState> compute_index() const;
  std::size_t take_slot();
  // Runs `work` on the pool, then `then` with its result on the control thread, in a later tick. False: no room now.
  template <class Work, class Then>
  bool in_background(Work work, Then then);

  const Parts parts_;
  const ControllerSettings settings_;
  const VersionLoader loader_;

  struct Inbox {
    std::vector<std::function<void()>> results;
  };
  Guarded<Inbox> inbox_;
  std::atomic<bool> notified_{true};
  TimePoint now_{};
  TimePoint next_poll_{};
  bool reading_ = false;
  bool has_read_ = false;
  bool changed_ = false;
  bool was_ready_ = false;
  bool stopped_ = false;
  std::size_t loading_ = 0;
  std::map<model::ModelName, Desired> desired_;
  std::map<Key, Version> versions_;
  std::map<model::ModelName, Route> routes_;  // as published
  std::vector<ModelHandle> leaving_;          // off the table, still leased
  std::vector<bool> slots_;                   // taken
};

}  // namespace slipway::serving
