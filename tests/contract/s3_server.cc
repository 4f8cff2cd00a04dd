#include "s3_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "base/descriptor.h"

namespace slipway::testing_ground {
namespace {

constexpr int kTries = 3000;  // of 10 ms

bool answers(const std::string& path) {
  const Descriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return ::connect(client.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

S3Server::S3Server() {
  std::filesystem::create_directories(folder_ / "buckets");
  std::filesystem::create_directories(folder_ / "attributes");
  const std::string socket = this->socket(), buckets = folder_ / "buckets", attributes = folder_ / "attributes";
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::setenv("ROOT_ACCESS_KEY", kKeyId, 1);
    ::setenv("ROOT_SECRET_KEY", kSecret, 1);
    ::execl(SLIPWAY_VERSITYGW, "versitygw", "--port", socket.c_str(), "--quiet", "posix", "--sidecar",
            attributes.c_str(), buckets.c_str(), nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < kTries; ++i) {
    if (answers(socket)) return;
    if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
    ::poll(nullptr, 0, 10);  // another process cannot be waited for otherwise
  }
  throw std::runtime_error("the S3 server " SLIPWAY_VERSITYGW " does not start: run `make setup-test`");
}

S3Server::~S3Server() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void S3Server::make_bucket(const std::string& bucket) {
  std::filesystem::create_directories(bucket_folder(bucket));
}

S3Server& S3Server::shared() {
  static S3Server server;
  return server;
}

}  // namespace slipway::testing_ground
