// Behind a proxy that shares its connections: nginx in front, and the two must always agree where a request ends.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "smuggling_vectors.h"
#include "wire_test.h"

extern char** environ;

namespace slipway::wire {
namespace {

// nginx on a UNIX socket, every request handed on over one kept connection. Stopped with the object.
class Nginx {
 public:
  Nginx(const std::string& upstream, const std::string& binary) {
    std::string pattern = (std::filesystem::temp_directory_path() / "slipway-proxy-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    std::ofstream(folder_ / "nginx.conf")
        << "daemon off; master_process off; pid nginx.pid; error_log error.log;\n"
           "events { worker_connections 64; }\n"
           "http { client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f;\n"
           "uwsgi_temp_path u; scgi_temp_path s; log_format count '$upstream_status';\n"
           "access_log access.log count;\n"
           "upstream slipway { server "
        << upstream
        << "; keepalive 1; }\n"
           "server { listen unix:" +
               (folder_ / "socket").string() +
               "; location / { proxy_pass http://slipway;\n"
               "proxy_http_version 1.1; proxy_set_header Connection \"\";\n"
               "proxy_set_header Host $http_host; proxy_next_upstream off;\n"
               "proxy_ignore_client_abort on; } } }\n";
    const std::string prefix = folder_.string() + "/", configuration = prefix + "nginx.conf";
    const std::string log = prefix + "error.log";
    const char* arguments[] = {binary.c_str(),        "-p", prefix.c_str(), "-c",
                               configuration.c_str(), "-e", log.c_str(),    nullptr};
    EXPECT_EQ(::posix_spawn(&process_, binary.c_str(), nullptr, nullptr, const_cast<char**>(arguments), environ), 0)
        << binary << " is missing: run make setup";
  }
  ~Nginx() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }
  std::string address() const { return "unix:" + (folder_ / "socket").string(); }
  // Requests that it handed on and saw answered.
  std::size_t handed_on() const {
    std::ifstream log(folder_ / "access.log");
    std::size_t count = 0;
    for (std::string line; std::getline(log, line);) count += line != "-" && line != "502" && line != "504" ? 1 : 0;
    return count;
  }

 private:
  std::filesystem::path folder_;
  pid_t process_ = 0;
};

class ProxyTest : public WireTest {
 protected:
  // The answer to a request that names itself; empty when another request's answer came.
  std::string ask_through(const Nginx& nginx, std::string_view nonce) {
    RawClient client(nginx.address());
    const auto answer = client.send(post("/echo", nonce, "Connection: close\r\n")).receive();
    return answer ? answer->body : std::string();
  }
  // The proxy writes its line after its answer.
  template <class Question>
  static void wait_until(Question question) {
    for (int i = 0; i < 20'000 && !question(); ++i) std::this_thread::yield();
  }
  std::size_t answered() { return access_log_.lock()->size(); }
};

TEST_F(ProxyTest, requests_that_can_be_read_in_two_ways_never_shift_the_answers_behind_them) {
  start();
  const Nginx nginx(address(), SLIPWAY_NGINX);
  while (ask_through(nginx, "first") != "first") std::this_thread::yield();
  int handed_on = 0;
  for (const SmugglingVector& vector : smuggling_vectors()) {
    wait_until([&] { return nginx.handed_on() == answered(); });
    const std::size_t before = nginx.handed_on(), answered_before = answered();
    RawClient(nginx.address()).send(vector.bytes + get("/hello")).end_sending().receive_rest();
    const std::string nonce = std::string("after-") + vector.name;
    ASSERT_EQ(ask_through(nginx, nonce), nonce) << vector.name << "\n" << vector.bytes;
    wait_until([&] { return nginx.handed_on() - before == answered() - answered_before; });
    EXPECT_EQ(answered() - answered_before, nginx.handed_on() - before) << vector.name << "\n" << vector.bytes;
    handed_on += static_cast<int>(nginx.handed_on() - before) - 1;
  }
  EXPECT_GT(handed_on, 0) << "the proxy refused everything itself: nothing was compared";
}

// The negative control: a peer that hides a request in a body, as a server would see it that ignored the length.
TEST_F(ProxyTest, a_hidden_request_would_be_seen) {
  start();
  const Nginx nginx(address(), SLIPWAY_NGINX);
  while (ask_through(nginx, "first") != "first") std::this_thread::yield();
  const std::size_t answered_before = answered();
  RawClient direct(address());
  direct.send(post("/nothing", "") + get("/hello"));  // what would be read behind a body that was not passed over
  EXPECT_EQ(direct.receive()->status, 404);
  EXPECT_EQ(direct.receive()->status, 200);
  EXPECT_EQ(answered() - answered_before, 2U);
  wait_until([&] { return nginx.handed_on() >= 1; });
  EXPECT_EQ(nginx.handed_on(), 1U);
}

}  // namespace
}  // namespace slipway::wire
