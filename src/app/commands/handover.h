// Handover: a running server gives its sockets and its data to a new process of the same command, and that one takes
// them. docs/decisions/0019-handover.md tells why it goes this way.
//
//   the server that runs                         the one that follows
//   starts the other                             reads its configuration
//                                      <- ready
//   pauses changes, waits for those under way
//   lock, sockets, what is served      ->        opens the data, loads, gets ready; checks that it serves as much
//                                      <- serving (it accepts on the same sockets)
//   answers what is in flight, leaves
//
// Until `serving` the one that runs accepts and predicts as before, and goes on whatever becomes of the other.
#pragma once

#include <string>
#include <vector>

#include "adapter/supervision/handover_channel.h"
#include "adapter/supervision/successor.h"
#include "app/assembly.h"
#include "app/commands/server_signals.h"

namespace slipway::app {

// A listening socket of this server, beside what it is: one whose address a service manager chose keeps it, whatever
// the configuration of the next process says.
struct ServedAddress {
  std::string address;  // as in Configuration::listen
  bool is_passed;
};

// Runs the other and hands over; once it serves, yields its process. Errors: nothing was handed over, changes go on.
Result<pid_t> hand_over(House& house, const Configuration& configuration, const std::vector<ServedAddress>& addresses,
                        const ServerSignals& signals, const Clock& clock);

// What the one that follows gets.
struct Estate {
  Inherited inherited;
  std::vector<std::string> passed;  // addresses that are instead of those of the configuration
  struct Served {
    std::string model;
    std::uint64_t version;
  };
  std::vector<Served> served;
};
Result<Estate> take_over(supervision::HandoverChannel& predecessor);

// Once everything that was served is served here, accepts and says so. Conflict: something is not; nothing was
// accepted.
Result<void> succeed(House& house, const Estate& estate, supervision::HandoverChannel& predecessor);

}  // namespace slipway::app
