// Counts what a loop's thread allocates while it answers: nothing, once it has seen the form of the requests.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <set>

#include "adapter/api_oip/oip_routes.h"
#include "adapter/log_memory/memory_prediction_log.h"
#include "adapter/net/server.h"
#include "http2_client.h"
#include "serving_house.h"

namespace {

thread_local bool is_counted = false;  // this thread's allocations
std::atomic<std::uint64_t> allocations{0};

void count() {
  if (is_counted) allocations.fetch_add(1, std::memory_order_relaxed);
}

void* allocate(std::size_t size, std::size_t alignment) {
  count();
  void* const memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The program's own: those of arrays and the nothrow ones go through these.
void* operator new(std::size_t size) {
  return allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// What asks the C library by itself. A sanitizer has functions of its own for this.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}
void* realloc(void* memory, std::size_t size) {
  count();
  return __libc_realloc(memory, size);
}
}
#endif

namespace slipway::scenarios {
namespace {

struct OpenGate final : net::Gate {
  Result<access::Principal> authenticate(std::string_view, bool from_loopback) const override {
    return access::Principal{"anonymous", std::nullopt, from_loopback};
  }
  bool allows(const access::Principal&, access::Permission) const override { return true; }
  bool accepts_host(std::string_view) const override { return true; }
};

struct NoControl final : api_oip::RepositoryControl {
  Result<void> load(const model::ModelName&, const ports::RepositoryOverrides&, std::string_view) override {
    return unimplemented("not here");
  }
  Result<void> unload(const model::ModelName&, std::string_view) override { return unimplemented("not here"); }
  std::vector<api_oip::IndexEntry> index() const override { return {}; }
  bool is_ready() const override { return true; }
};

// Flushes the lane as the application does, and has the loop's thread counted.
struct Ticks final : net::TickListener {
  explicit Ticks(ports::Lane& flushed) : lane(flushed) {}
  void end_of_tick(std::size_t) override {
    is_counted = true;
    lane.flush();
  }
  bool has_pending_work(std::size_t) const override { return lane.has_pending_work(); }
  ports::Lane& lane;
};

class Allocation : public ServingHouse {
 protected:
  void start() {
    service_.record_to(recorder_);
    have("m", 1, {});
    have("m", 2, {});
    deploy("m", *model::TrafficSplit::parse(split_), {}, mirror_);
    settle();
    auto table = net::RouteTable::build(api_oip::oip_routes({service_, control_, {"slipway", "0"}, 1}));
    auto server = net::Server::create({.routes = std::move(table).value(),
                                       .gate = gate_,
                                       .clock = system_clock_,
                                       .workers = pool_,
                                       .long_workers = pool_,
                                       .body_workers = pool_,
                                       .log = log_,
                                       .access_log = nullptr},
                                      {}, 1);
    ASSERT_TRUE(server.ok());
    server_ = std::move(server).value();
    server_->set_tick_listener(ticks_);
    ASSERT_TRUE(server_->listen({"127.0.0.1:0"}).ok());
    ASSERT_TRUE(server_->start().ok());
  }
  void connect() {
    const std::string address = server_->addresses().front();
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    where.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    for (int& client : clients_) {
      client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const timeval patience{.tv_sec = 10, .tv_usec = 0};
      setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
    }
  }
  void TearDown() override {
    if (server_) server_->stop(std::chrono::seconds(5));
    for (const int client : clients_) {
      if (client >= 0) ::close(client);
    }
    ServingHouse::TearDown();
  }
  // Each client asks once, then each reads its answer; how many were 200 with the value.
  int ask_all(const std::string& request, std::string_view expected) {
    int good = 0;
    for (const int client : clients_) {
      if (::send(client, request.data(), request.size(), MSG_NOSIGNAL) < 0) return -1;
    }
    for (const int client : clients_) {
      std::array<char, 2048> answer;
      std::size_t size = 0;
      while (std::string_view(answer.data(), size).find(expected) == std::string_view::npos) {
        const ssize_t count = ::recv(client, answer.data() + size, answer.size() - size, 0);
        if (count <= 0) return -1;
        size += static_cast<std::size_t>(count);
      }
      good += std::string_view(answer.data(), size).starts_with("HTTP/1.1 200 ");
    }
    return good;
  }
  // Buffers grow until the largest batch was seen, whenever that is; what each request allocates shows every time.
  template <class Round>
  std::uint64_t allocations_of_last_window(Round&& round) {
    std::uint64_t before = 0, now = 0;
    for (int window = 0; window < 20 && (window < 2 || now != before); ++window) {
      before = allocations.load();
      for (int i = 0; i < 100 && !HasFatalFailure(); ++i) round();
      recorder_.drain();
      now = allocations.load();
    }
    EXPECT_GT(now, 0U);  // the loop's thread is counted
    return now - before;
  }
  static std::string request(std::string_view value, const std::string& head = {}) {
    const std::string body =
        R"({"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[)" + std::string(value) + "]}]}";
    return "POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + head +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::vector<model::Share> split_ = {{1, model::kWhole}};
  std::optional<model::Mirror> mirror_;
  log_memory::MemoryPredictionLog predictions_;
  serving::PredictionRecorder recorder_{{predictions_, clock_, log_}, 1};
  SystemClock system_clock_;
  OpenGate gate_;
  NoControl control_;
  Ticks ticks_{service_.lane(0)};
  std::unique_ptr<net::Server> server_;
  std::array<int, 8> clients_{-1, -1, -1, -1, -1, -1, -1, -1};
};

TEST_F(Allocation, answering_json_of_a_known_form_allocates_nothing) {
  start();
  connect();
  const std::string first = request("1.5"), second = request("-12.75");
  EXPECT_EQ(allocations_of_last_window([&] {
              ASSERT_EQ(ask_all(first, "\"data\":[1.5]}]}"), 8);
              ASSERT_EQ(ask_all(second, "\"data\":[-12.75]}]}"), 8);
            }),
            0U);
}

TEST_F(Allocation, drawing_from_a_split_and_recording_it_allocates_nothing) {
  split_ = {{1, {9000}}, {2, {1000}}};
  start();
  connect();
  std::vector<std::string> requests;
  for (int i = 0; i < 20; ++i) {
    requests.push_back(request("1.5", "X-Slipway-Unit: customer-" + std::to_string(100'000 + i) + "\r\n"));
  }
  std::size_t next = 0;
  EXPECT_EQ(allocations_of_last_window(
                [&] { ASSERT_EQ(ask_all(requests[next++ % requests.size()], "\"data\":[1.5]}]}"), 8); }),
            0U);
  std::set<std::uint64_t> units;
  const ports::LogPage page = predictions_.read({}, 1'000'000).value();
  for (const auto& record : page.predictions) units.insert(record.draw.unit);
  EXPECT_EQ(units.size(), 20U);
}

TEST_F(Allocation, mirroring_allocates_nothing_on_the_loop) {
  split_ = {{1, model::kWhole}, {2, {}}};
  mirror_.emplace(model::Mirror{2});
  start();
  connect();
  const std::string asked = request("1.5");
  std::uint64_t executions = 0;
  EXPECT_EQ(allocations_of_last_window([&] {
              ASSERT_EQ(ask_all(asked, "\"data\":[1.5]}]}"), 8);
              while (service_.mirror().execute_next(0)) ++executions;
            }),
            0U);
  EXPECT_GT(executions, 0U);
}

// A ModelInferRequest with one raw value for "m", behind its prefix.
std::string grpc_question(float value) {
  std::string raw(sizeof value, '\0');
  std::memcpy(raw.data(), &value, sizeof value);
  const std::string message =
      std::string("\x0A\x01m") + "\x2A\x0D" + "\x0A\x01x" + "\x12\x04" + "FP32" + "\x1A\x02\x01\x01" + "\x3A\x04" + raw;
  return std::string(4, '\0') + static_cast<char>(message.size()) + message;
}

TEST_F(Allocation, answering_grpc_with_raw_tensors_allocates_nothing) {
  start();
  wire::Http2Client client(server_->addresses().front());
  const wire::Fields fields = wire::request_fields("POST", "/inference.GRPCInferenceService/ModelInfer",
                                                   {{"content-type", "application/grpc"}, {"te", "trailers"}});
  std::uint32_t stream = 1;
  float value = 0;
  EXPECT_EQ(allocations_of_last_window([&] {
              constexpr std::uint32_t kStreams = 8;
              for (std::uint32_t i = 0; i < kStreams; ++i) {
                client.request(stream + 2 * i, fields, grpc_question(value + static_cast<float>(i)));
              }
              for (std::uint32_t i = 0; i < kStreams; ++i, stream += 2, value += 1) {
                const auto answer = client.answer(stream);
                ASSERT_TRUE(answer.has_value());
                ASSERT_EQ(answer->header("grpc-status"), "0");
                ASSERT_EQ(answer->body.substr(answer->body.size() - sizeof value),
                          grpc_question(value).substr(grpc_question(value).size() - sizeof value));
              }
            }),
            0U);
}

}  // namespace
}  // namespace slipway::scenarios
