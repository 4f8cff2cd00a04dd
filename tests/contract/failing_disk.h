// FailingDisk: while it lives, SQLite's writes and fsyncs fail when told to.
#pragma once

#include <atomic>

namespace slipway::contract {

// One at a time; databases opened while it lives must be closed before it goes. fail_* and heal(): any thread.
class FailingDisk {
 public:
  FailingDisk();
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  void fail_writes(int status);
  void fail_syncs();
  void heal();
  // Syncs wait from now on, until release(); and how many were done or begun so far.
  void hold_syncs();
  void release_syncs();
  int syncs() const;
};

}  // namespace slipway::contract
