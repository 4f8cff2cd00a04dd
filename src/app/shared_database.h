// SharedDatabase: what this server must know of the others on its PostgreSQL database, and they of it.
#pragma once

#include <functional>
#include <memory>

#include "adapter/data_directory/data_directory.h"
#include "adapter/store_postgres/peers.h"
#include "adapter/worker_pool/ticker.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"

namespace slipway::app {

// Owned by the house. Its thread looks twice a second; the other methods block and are for any thread.
class SharedDatabase {
 public:
  struct Parts {
    store_postgres::Peers& peers;
    const Clock& clock;
    Log& log;
    std::function<void()> desired_changed;         // by whichever server; also by this one
    std::function<Result<void>()> tokens_changed;  // a failure: called again with the next look
  };
  explicit SharedDatabase(Parts parts);

  // Before start(), with a data directory that is this process's alone: the server that had it before has ended, also
  // if it could not say so to the database, and is none of the others.
  void succeed(data_directory::DataDirectory& data);
  // Instead, when the server that had it before is handing over: it changes nothing any more, and is none of the others
  // either.
  void follow(data_directory::DataDirectory& data);
  // Writes down who has the data directory now. After succeed() or follow().
  Result<void> sign_in(data_directory::DataDirectory& data);

  void start();
  void stop();  // and lets go of all it held

  // While what it returns lives, no server removes an artifact. Waits while another one does. When the database cannot
  // say, it is refused in the end: the version that refers to the artifacts (Peers::expect_held).
  std::shared_ptr<void> hold_artifacts();
  // Runs what removes artifacts, unless another server holds some or removes some.
  void collecting(const std::function<void()>& removal);
  // Whether this server signs the history now.
  bool may_sign();
  // Whether no other server uses the database. False when that is not known.
  bool is_alone();

 private:
  void look();
  void pass_on_tokens(std::uint64_t mark);
  void stay();
  void release();
  bool was_taken(store_postgres::Lease lease);

  Parts parts_;
  std::string predecessor_;            // its name, while it hands over
  store_postgres::Peers::Marks seen_;  // of the thread
  bool is_away_ = false;
  bool has_old_tokens_ = false;
  TimePoint renewed_{};
  Guarded<std::size_t> holds_;
  worker_pool::Ticker ticker_;
};

}  // namespace slipway::app
