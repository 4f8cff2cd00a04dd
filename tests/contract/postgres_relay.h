// PostgresRelay: passes bytes between clients and a PostgreSQL server, and loses connections at their COMMIT.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "scratch_folder.h"

namespace slipway::testing_ground {

// One thread of its own for each connection; the destructor ends them all. For clients of this process's user.
class PostgresRelay {
 public:
  // `server`: the folder of its socket.
  explicit PostgresRelay(const std::string& server);
  PostgresRelay(const PostgresRelay&) = delete;
  PostgresRelay& operator=(const PostgresRelay&) = delete;
  ~PostgresRelay();

  enum class Loss { None, BeforeTheServerHasIt, AfterTheServerMadeIt };
  void lose_next_commit(Loss loss) { loss_ = loss; }
  int lost() const { return lost_; }
  std::string folder() const { return folder_.path(); }  // instead of the server's

 private:
  void accept();
  void pass(int client, int server);

  const std::string server_;
  ScratchFolder folder_;
  std::atomic<Loss> loss_ = Loss::None;
  std::atomic<int> lost_ = 0;
  int listener_ = -1;
  int end_[2] = {-1, -1};                 // a pipe, readable when it is over
  std::vector<std::thread> connections_;  // of the accepting thread, until it ends
  std::thread accepting_;
};

}  // namespace slipway::testing_ground
