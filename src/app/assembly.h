// House: everything a server is made of, built in order and torn down in reverse. No logic of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/net/server.h"
#include "adapter/net/tls_authority.h"
#include "app/configuration.h"
#include "base/log.h"
#include "base/result.h"
#include "ports/predictor.h"

namespace slipway::app {

// What another process made for this one.
struct Inherited {
  struct Socket {
    std::string address;  // as the configuration says it, without the word for its transport
    Descriptor descriptor{};
    net::WhoUnlinks unlinks = net::WhoUnlinks::ItsOwner;
  };
  std::vector<Socket> sockets{};
  Descriptor lock{};  // none: there is no server to follow
};

// Owned by the serve command. One thread builds, starts and stops it; predictor() may be asked from any thread
// meanwhile.
class House {
 public:
  // Locks and opens the data directory, opens the stores, builds the rooms. On the first start creates the admin token.
  // Conflict: another server holds the data. Unavailable, Corrupt: the data cannot be used; the text says why.
  // `inherited`: what is there already, from a service manager or from the server this one follows.
  static Result<std::unique_ptr<House>> build(const Configuration& configuration, Log& log, Inherited inherited = {});
  ~House();

  // Binds the addresses, loads what is desired, starts the loops. Unavailable names an address that cannot be had.
  // A house that follows another one accepts nothing, and writes nothing that others read, before accept().
  Result<void> start();
  Result<void> accept();
  bool is_ready() const;  // everything desired is served, or has failed for good
  // Answers what is in flight for at most `allowed`, then joins every thread.
  void stop(Duration allowed, net::Ending ending = net::Ending::Leave);

  // Before a handover: from now on nothing is written. False: a change took longer than `allowed`, and all goes on.
  bool pause_changes(Duration allowed);
  void resume_changes();
  int lock() const;                            // of the data directory
  std::vector<int> sockets() const;            // that listen, in the order of the configuration's addresses
  std::vector<std::string> addresses() const;  // as bound, in the same order
  const std::vector<net::Route>& routes() const;
  const ports::Predictor& predictor() const;
  std::string token_file() const;
  // When the addresses with TLS have no other.
  const std::optional<net::OwnCertificate>& own_certificate() const;

 private:
  struct Rooms;
  explicit House(std::unique_ptr<Rooms> rooms);
  std::unique_ptr<Rooms> rooms_;
};

// "127.0.0.1:8080" -> "http://127.0.0.1:8080", "tls:..." -> "https://..."; "unix:/path" stays.
std::string as_url(const std::string& address);

}  // namespace slipway::app
