// House: everything a server is made of, built in order and torn down in reverse. No logic of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/net/route.h"
#include "adapter/net/tls_authority.h"
#include "app/configuration.h"
#include "base/log.h"
#include "base/result.h"
#include "ports/predictor.h"

namespace slipway::app {

// Owned by the serve command. One thread builds, starts and stops it; predictor() may be asked from any thread
// meanwhile.
class House {
 public:
  // Locks and opens the data directory, opens the stores, builds the rooms. On the first start creates the admin token.
  // Conflict: another server holds the data. Unavailable, Corrupt: the data cannot be used; the text says why.
  static Result<std::unique_ptr<House>> build(const Configuration& configuration, Log& log);
  ~House();

  // Binds the addresses, loads what is desired, starts the loops. Unavailable names an address that cannot be had.
  Result<void> start();
  // Answers what is in flight for at most `allowed`, then joins every thread.
  void stop(Duration allowed);

  std::vector<std::string> addresses() const;  // as bound
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
