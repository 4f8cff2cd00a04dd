// Peers: what the servers on one database tell each other by its rows.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapter/store_postgres/reader_pool.h"
#include "adapter/store_postgres/writer.h"

namespace slipway::store_postgres {

// A process's own name among all that use a database: 32 hexadecimal digits, at random.
std::string random_name();

// What a server does that others must know of. A lease ends by itself a minute after it was last renewed, so that one
// that died holds up nobody.
enum class Lease : std::uint8_t {
  Alive,       // any number of servers
  Holding,     // artifacts that nothing refers to yet; any number, but not while another server is Collecting
  Collecting,  // removes artifacts that nothing refers to; none besides may be Collecting or Holding
  Signing,     // writes the signed heads of the history; one at a time
};

// Owned by its store. Any thread; every method blocks and fails as the store does.
class Peers {
 public:
  Peers(ReaderPool& readers, Writer& writer, std::string name);

  // These grow with each change of such records, by whichever server.
  struct Marks {
    std::uint64_t desired = 0, tokens = 0;
    bool operator==(const Marks&) const = default;
  };
  Result<Marks> marks();

  // False: what another server does forbids it now. Taking one's own again renews it.
  Result<bool> take(Lease lease);
  // Also when it fails: renew() tries again, and prolongs the lease no more.
  Result<void> leave(Lease lease);
  // All that were taken, not left since, and have not ended; and lets go of the others that are still this server's.
  Result<void> renew();
  const std::string& name() const { return name_; }
  // Lets go of another server's Alive: of one that is known to have ended, whatever its row says. InvalidInput: no
  // name.
  Result<void> bury(std::string_view name);
  // Whether another server is Alive; `besides`: the name of one that does not count.
  Result<bool> has_others(std::string_view besides = {});

  // Unavailable: this server means to hold artifacts and its lease has ended, as when the process stood still for long:
  // another one may have removed them. Within the transaction that refers to them.
  Result<void> expect_held(Session& session);
  // From before take(Holding) on, whatever became of it, until leave(Holding).
  void mean_to_hold() { means_to_hold_ = true; }

 private:
  ReaderPool& readers_;
  Writer& writer_;
  const std::string name_;
  std::atomic<bool> means_to_hold_ = false;
  // Asked for and not left since, by Lease. Looked at within transactions, of which this process makes one at a time.
  std::array<std::atomic<bool>, 4> wanted_{};
};

}  // namespace slipway::store_postgres
