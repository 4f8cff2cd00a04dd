#include "postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <pqxx/pqxx>
#include <thread>

#include "base/invariant.h"

namespace slipway::testing_ground {
namespace {

constexpr const char* kUser = "slipway_test";  // of the cluster, not of the machine

std::string program(const std::string& name) {
  std::string newest;
  std::error_code ignored;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string path = version.path().string() + "/bin/" + name;
    if (std::filesystem::exists(path) && path > newest) newest = path;
  }
  invariant(!newest.empty(), "PostgreSQL is installed: make setup-test");
  return newest;
}

// Who runs it: not root.
const passwd* server_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  if (!user) user = ::getpwnam("nobody");
  invariant(user != nullptr, "there is an unprivileged user");
  return user;
}

}  // namespace

PostgresServer::PostgresServer() {
  const std::string data = folder_ / "data";
  std::filesystem::create_directory(data);
  if (const passwd* user = server_user()) {
    invariant(::chmod(folder_.path().c_str(), 0755) == 0, "the scratch folder is ours");
    invariant(::chown(data.c_str(), user->pw_uid, user->pw_gid) == 0, "root gives folders away");
  }
  const std::vector<std::string> plain = {
      program("initdb"),  "-D", data, "-U", kUser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
      "--no-instructions"};
  // Whose own order of texts is another one than that of their bytes; those before PostgreSQL 15 cannot have it by ICU.
  std::vector<std::string> german = plain;
  german.insert(german.end(), {"--locale-provider=icu", "--icu-locale=de-DE"});
  invariant(succeeds(german) || succeeds(plain), "initdb makes a cluster");
  start();
}

PostgresServer::~PostgresServer() {
  if (server_ > 0) kill();
}

pid_t PostgresServer::run(const std::vector<std::string>& command) const {
  const pid_t parent = ::getpid();
  const std::string log = folder_ / "data.log";
  const pid_t child = ::fork();
  invariant(child >= 0, "a process can be made");
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // a test that dies leaves no server behind
  if (::getppid() != parent) ::_exit(1);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (::chdir(folder_.path().c_str()) != 0) ::_exit(2);
  if (const passwd* user = server_user()) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0) ::_exit(3);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // lost with the change of user
  }
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(4);
}

bool PostgresServer::succeeds(const std::vector<std::string>& command) const {
  int status = 0;
  const pid_t child = run(command);
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void PostgresServer::run_server() {
  const std::string data = folder_ / "data";
  server_ = run({program("postgres"), "-D", data, "-k", data, "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                 "max_connections=60", "-c", "shared_buffers=16MB", "-c", "autovacuum=off"});
}

void PostgresServer::start() {
  run_server();
  for (int attempt = 0; attempt < 1200; ++attempt) {
    try {
      const pqxx::connection connection(url());
      return;
    } catch (const std::exception&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    // Such as one that found processes of the one before.
    if (::waitpid(server_, nullptr, WNOHANG) == server_) run_server();
  }
  std::ifstream log(folder_ / "data.log");
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  invariant(false, ("PostgreSQL comes up: " + text).c_str());
}

void PostgresServer::kill() {
  ::kill(server_, SIGQUIT);
  while (::waitpid(server_, nullptr, 0) < 0 && errno == EINTR) {
  }
  server_ = 0;
}

// The server and its children: those of its own session.
void PostgresServer::send_to_all(int signal) const {
  ::kill(server_, signal);
  std::ifstream listed("/proc/" + std::to_string(server_) + "/task/" + std::to_string(server_) + "/children");
  for (pid_t child = 0; listed >> child;) ::kill(child, signal);
}

void PostgresServer::stand_still() {
  send_to_all(SIGSTOP);
}
void PostgresServer::go_on() {
  send_to_all(SIGCONT);
}

std::string PostgresServer::url_by(const std::string& folder) {
  return "postgresql://" + std::string(kUser) + "@/postgres?host=" + folder;
}

store_postgres::Settings PostgresServer::fresh() {
  store_postgres::Settings settings;
  settings.url = url();
  settings.schema = "s" + std::to_string(++schemas_);
  return settings;
}

void PostgresServer::execute(const store_postgres::Settings& settings, const std::string& sql) const {
  pqxx::connection connection(settings.url);
  pqxx::work work(connection);
  work.exec("SET search_path = " + settings.schema);
  work.exec(sql);
  work.commit();
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

}  // namespace slipway::testing_ground
