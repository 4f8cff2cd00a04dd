// The request path on real threads: loops, execution threads, loading and swapping at once. Under TSan this is where
// races show.
#include <condition_variable>
#include <random>
#include <thread>

#include "base/bounded_queue.h"
#include "serving_house.h"

namespace slipway::scenarios {
namespace {

using namespace std::chrono_literals;

// A loop with a thread of its own; `turn` is called once per tick.
class ThreadLoop final : public ports::Loop {
 public:
  void post(ports::Task task) override {
    posted_.lock()->push_back(std::move(task));
    wake_.notify_one();
  }
  void run_at(TimePoint at, ports::Task task) override { timers_.emplace(at, std::move(task)); }

  // Runs until `is_done()`; waits at most a moment when `turn` has nothing to do.
  void run(const std::function<bool()>& turn, const std::function<bool()>& is_done) {
    while (!is_done()) {
      const bool busy = turn();
      std::deque<ports::Task> tasks;
      {
        auto posted = posted_.lock();
        if (!busy && posted->empty()) wake_.wait_for(posted.lock(), 1ms);
        tasks.swap(*posted);
      }
      for (const ports::Task& task : tasks) task();
      while (!timers_.empty() && timers_.begin()->first <= std::chrono::steady_clock::now()) {
        const ports::Task task = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        task();
      }
    }
  }

 private:
  Guarded<std::deque<ports::Task>> posted_;
  std::condition_variable wake_;
  std::multimap<TimePoint, ports::Task> timers_;
};

class ThreadPool final : public ports::WorkerPool {
 public:
  ThreadPool()
      : thread_([this] {
          while (auto task = tasks_.pop()) (*task)();
        }) {}
  ~ThreadPool() override { stop(); }
  bool submit(ports::Task task) override { return tasks_.try_push(std::move(task)); }
  void stop() {
    tasks_.close();
    if (thread_.joinable()) thread_.join();
  }

 private:
  BoundedQueue<ports::Task> tasks_{1024};
  std::thread thread_;
};

// Asks one nonce after the other and compares what comes back.
class Asker final : public ports::Completion {
 public:
  void ask(ports::Lane& lane, std::int64_t nonce) {
    values_ = {nonce, -nonce};
    view_ = {"x", DataType::Int64, {1, 2}, std::as_bytes(std::span(values_))};
    ports::PredictRequest request;
    request.model = "m";
    request.protocol = "test";
    request.inputs = {&view_, 1};
    waiting = true;
    lane.submit(request, *this);
  }
  void answered(const ports::Prediction& prediction) noexcept override {
    waiting = false;
    ++answers;
    std::array<std::int64_t, 2> found{};
    std::memcpy(found.data(), prediction.outputs[0].data.data(), sizeof found);
    if (found != values_) ++wrong;
    std::int64_t version = 0;
    std::memcpy(&version, prediction.outputs[1].data.data(), sizeof version);
    if (version != static_cast<std::int64_t>(prediction.served.version)) ++wrong_version;
  }
  void failed(const Error& error) noexcept override {
    waiting = false;
    error.code == ErrorCode::Overloaded ? ++refused : ++failures;
  }
  bool waiting = false;
  int answers = 0, wrong = 0, wrong_version = 0, failures = 0, refused = 0;

 private:
  std::array<std::int64_t, 2> values_{};
  tensor::TensorView view_;
};

struct Tally {
  int answers = 0, wrong = 0, wrong_version = 0, failures = 0;
};

class Threads : public ServingHouse {
 protected:
  static constexpr int kLoops = 2;
  static constexpr int kAskers = 16;

  static std::string echo(int version, std::string_view extra) {
    return "input x INT64 [-1,2]\noutput y from x\nconstant version " + std::to_string(version) + "\n" +
           std::string(extra);
  }

  enum class Mirrored { Nothing, Everything };

  // Every loop asks until `rounds` answers each have come, cancelling now and then, while versions swap.
  Tally run(model::Execution execution, std::string_view extra, int rounds, Mirrored mirrored = Mirrored::Nothing) {
    for (int version = 1; version <= 4; ++version) {
      const Described of{.echo = echo(version, extra), .execution = execution};
      have("m", static_cast<model::VersionNumber>(version), of);
    }
    SystemClock clock;
    ThreadPool pool;
    std::array<ThreadLoop, kLoops> loops;
    serving::PredictionService service(kLoops, clock);
    for (std::size_t i = 0; i < kLoops; ++i) service.attach(i, loops[i]);
    serving::ControllerSettings settings;
    settings.poll = 1h;
    serving::ServingController controller(
        {{metadata_, artifacts_, shelf_, catalog(), budget_, clock}, pool, service, log_, nullptr, nullptr}, settings);
    store_desired(1, mirrored);
    while (!service.is_ready()) controller.tick(clock.now());

    std::array<std::array<Asker, kAskers>, kLoops> askers;
    std::atomic<int> loops_left = kLoops;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kLoops; ++i) {
      threads.emplace_back(
          [&, i] { ask_all(service.lane(i), loops[i], askers[i], static_cast<int>(i), rounds, loops_left); });
    }
    for (int swap = 0; loops_left > 0; ++swap) {
      if (swap % 64 == 0) {
        store_desired(static_cast<model::VersionNumber>(1 + swap / 64 % 4), mirrored);
        controller.notify();
      }
      controller.tick(clock.now());
      std::this_thread::yield();
    }
    for (std::thread& thread : threads) thread.join();
    controller.stop();
    pool.stop();
    Tally tally;
    for (const auto& each : askers) {
      for (const Asker& asker : each) {
        tally.answers += asker.answers;
        tally.wrong += asker.wrong;
        tally.wrong_version += asker.wrong_version;
        tally.failures += asker.failures;
      }
    }
    return tally;
  }

 private:
  void store_desired(model::VersionNumber version, Mirrored mirrored) {
    const model::ModelName name = *model::ModelName::parse("m");
    const auto now = *metadata_.desired_of(name);
    const std::uint64_t revision = now.empty() ? 0 : now[0].revision;
    model::DesiredServing desired{"production", name, model::TrafficSplit::all_to(version)};
    if (mirrored == Mirrored::Everything) {
      const model::VersionNumber to = 1 + version % 4;
      desired.split = *model::TrafficSplit::parse({{version, model::kWhole}, {to, {}}});
      desired.mirror.emplace(model::Mirror{to});
    }
    ASSERT_TRUE(metadata_.commit({{desired, revision}}, {}).ok());
  }

  static void ask_all(ports::Lane& lane, ThreadLoop& loop, std::array<Asker, kAskers>& askers, int seed, int rounds,
                      std::atomic<int>& loops_left) {
    std::mt19937 random(static_cast<unsigned>(seed) + 1);
    std::int64_t nonce = static_cast<std::int64_t>(seed) << 40;
    const auto answers = [&] {
      int sum = 0;
      for (const Asker& asker : askers) sum += asker.answers;
      return sum;
    };
    bool asked_enough = false;
    const auto turn = [&] {
      asked_enough = asked_enough || answers() >= rounds;
      for (Asker& asker : askers) {
        if (!asker.waiting && !asked_enough) {
          asker.ask(lane, ++nonce);
        } else if (asker.waiting && random() % 16 == 0) {
          lane.cancel(asker);
          asker.waiting = false;
        }
      }
      lane.flush();
      return lane.has_pending_work();
    };
    loop.run(turn, [&] { return asked_enough && std::ranges::none_of(askers, &Asker::waiting); });
    --loops_left;
    loop.run([] { return false; }, [&] { return loops_left == 0; });
    for (int i = 0; i < 50; ++i) loop.run([&] { return ++i < 50; }, [&] { return i >= 50; });  // the last ways back
  }
};

TEST_F(Threads, quick_models_answer_everyone_their_own_while_versions_swap) {
  const Tally tally = run(model::Execution::Inline, "", 20'000);
  EXPECT_GE(tally.answers, 40'000);
  EXPECT_EQ(tally.wrong, 0);
  EXPECT_EQ(tally.wrong_version, 0);
  EXPECT_EQ(tally.failures, 0);
}

TEST_F(Threads, slow_models_answer_everyone_their_own_while_versions_swap) {
  const Tally tally = run(model::Execution::Queue, "cost 20 1\n", 5'000);
  EXPECT_GE(tally.answers, 10'000);
  EXPECT_EQ(tally.wrong, 0);
  EXPECT_EQ(tally.wrong_version, 0);
  EXPECT_EQ(tally.failures, 0);
}

TEST_F(Threads, quick_models_are_mirrored_while_versions_swap) {
  const Tally tally = run(model::Execution::Inline, "", 10'000, Mirrored::Everything);
  EXPECT_EQ(tally.wrong + tally.wrong_version + tally.failures, 0);
}

TEST_F(Threads, slow_models_are_mirrored_while_versions_swap) {
  const Tally tally = run(model::Execution::Queue, "cost 20 1\n", 3'000, Mirrored::Everything);
  EXPECT_EQ(tally.wrong + tally.wrong_version + tally.failures, 0);
}

TEST_F(Threads, control_a_model_that_mixes_rows_is_caught_by_these_tests) {
  EXPECT_GT(run(model::Execution::Inline, "mixes_rows\n", 1'000).wrong, 0);
}

}  // namespace
}  // namespace slipway::scenarios
