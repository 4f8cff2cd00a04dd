// PostgresServer: a real PostgreSQL with a cluster of its own in a scratch folder, reached by a UNIX socket.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "adapter/store_postgres/target.h"
#include "scratch_folder.h"

namespace slipway::testing_ground {

// One thread. Runs as an unprivileged user when the tests run as root, because PostgreSQL refuses root. Ends the
// process when PostgreSQL is not installed (`make setup-test` installs it) or does not come up.
class PostgresServer {
 public:
  PostgresServer();  // and waits until it answers
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  void start();
  void kill();  // all of it at once, without a checkpoint: what is not in its log is lost

  void stand_still();  // all of its processes, until go_on()
  void go_on();

  // Settings for a database of its own, as far as a schema keeps them apart.
  store_postgres::Settings fresh();
  std::string url() const { return url_by(folder()); }
  std::string folder() const { return folder_ / "data"; }  // of its socket
  static std::string url_by(const std::string& folder);
  // One statement as the owner of the cluster.
  void execute(const store_postgres::Settings& settings, const std::string& sql) const;

  static PostgresServer& shared();  // one for the tests of a program that leave it as it is

 private:
  void run_server();
  void send_to_all(int signal) const;
  pid_t run(const std::vector<std::string>& command) const;
  bool succeeds(const std::vector<std::string>& command) const;

  ScratchFolder folder_;
  pid_t server_ = 0;
  int schemas_ = 0;
};

}  // namespace slipway::testing_ground
