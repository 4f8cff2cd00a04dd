// How many durable writes a second the registry's SQLite takes from several clients, and how fast an alias is read.
//   registry_bench FOLDER [CLIENTS] [WRITES_EACH]     FOLDER: on the disk in question; a database is made there and
//   removed
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "adapter/store_sqlite/sqlite_store.h"

namespace {

using namespace slipway;  // NOLINT: a program of one file
using SteadyTime = std::chrono::steady_clock;

double seconds_since(SteadyTime::time_point start) {
  return std::chrono::duration<double>(SteadyTime::now() - start).count();
}

// One client: moves its own alias to and fro, each time with an event, as set_alias does.
void write_aliases(store_sqlite::SqliteStore& store, int client, int count) {
  const auto name = model::ModelName::parse("model " + std::to_string(client)).value();
  const auto alias = model::Alias::parse("champion").value();
  model::Event event{.actor = "bench", .action = "alias", .model = name.text(), .subject = "alias champion"};
  for (int i = 0; i < count; ++i) {
    const model::VersionNumber version = 1 + static_cast<model::VersionNumber>(i % 2);
    const auto done =
        store.commit({{ports::AliasRecord{name, alias, version}, static_cast<std::uint64_t>(i)}}, {event});
    if (done.ok()) continue;
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    std::exit(1);
  }
}

double read_p99_microseconds(store_sqlite::SqliteStore& store, int count) {
  const auto name = model::ModelName::parse("model 0").value();
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const auto start = SteadyTime::now();
    if (!store.aliases(name).ok()) std::exit(1);
    times.push_back(seconds_since(start) * 1e6);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() * 99 / 100];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: registry_bench FOLDER [CLIENTS] [WRITES_EACH]\n");
    return 2;
  }
  const int clients = argc > 2 ? std::atoi(argv[2]) : 8;
  const int each = argc > 3 ? std::atoi(argv[3]) : 2'000;
  const std::string folder = std::string(argv[1]) + "/registry-bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  auto store = store_sqlite::SqliteStore::open(folder + "/registry.db").value();
  const auto start = SteadyTime::now();
  std::vector<std::thread> threads;
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&, client] { write_aliases(*store, client, each); });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("%d clients: %.0f durable writes/s\n", clients, clients * each / seconds_since(start));
  std::printf("alias read p99: %.0f us\n", read_p99_microseconds(*store, 10'000));
  store.reset();
  std::filesystem::remove_all(folder);
}
