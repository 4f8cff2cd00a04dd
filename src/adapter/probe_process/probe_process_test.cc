#include "adapter/probe_process/probe_process.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <future>

#include "adapter/probe_process/child.h"
#include "adapter/probe_process/frame.h"
#include "adapter/store_memory/memory_artifacts.h"

namespace slipway::probe_process {
namespace {

using Verdict = ports::ProbeOutcome::Verdict;

// Plays the prober by a shell script in place of this binary.
class ProbeProcessTest : public testing::Test {
 protected:
  ProbeProcessTest() {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    auto writer = *artifacts_.create();
    EXPECT_TRUE(writer->write(as_bytes("weights")).ok());
    const Digest digest = *writer->finish();
    version_.manifest = "format: onnx\n";
    version_.files = {{"model.onnx", 7, digest}};
  }
  ~ProbeProcessTest() override {
    unlink(script().c_str());
    rmdir(folder_.c_str());
  }
  ports::ProbeOutcome probed_by(const std::string& text, Duration timeout = std::chrono::seconds(20)) {
    std::ofstream(script()) << "#!/bin/sh\n" << text << "\n";
    chmod(script().c_str(), 0700);
    return ProbeProcess(artifacts_, log_, {.program = script(), .timeout = timeout}).probe(version_);
  }
  ports::GateRun run_by(const std::string& text, Duration timeout = std::chrono::seconds(20)) {
    std::ofstream(script()) << "#!/bin/sh\n" << text << "\n";
    chmod(script().c_str(), 0700);
    return ProbeProcess(artifacts_, log_, {.program = script(), .timeout = timeout}).run(version_, {});
  }
  std::string script() const { return folder_ + "/prober"; }

  std::string folder_ = testing::TempDir() + "/probe-XXXXXX";
  Log log_{{.level = LogLevel::Off}};
  store_memory::MemoryArtifacts artifacts_;
  model::ModelVersion version_{*model::ModelName::parse("m")};
};

TEST_F(ProbeProcessTest, a_prober_that_crashes_rejects_nothing_and_its_last_words_are_kept) {
  const auto outcome = probed_by("echo 'segment gone' >&2; kill -SEGV $$");
  EXPECT_EQ(outcome.verdict, Verdict::Inconclusive);
  EXPECT_NE(outcome.reason.find("signal 11"), std::string::npos) << outcome.reason;
  EXPECT_NE(outcome.reason.find("segment gone"), std::string::npos) << outcome.reason;
}

TEST_F(ProbeProcessTest, a_prober_that_hangs_is_ended_at_the_timeout) {
  const auto outcome = probed_by("sleep 600", std::chrono::milliseconds(100));
  EXPECT_EQ(outcome.verdict, Verdict::Inconclusive);
  EXPECT_NE(outcome.reason.find("did not finish"), std::string::npos) << outcome.reason;
}

TEST_F(ProbeProcessTest, a_prober_that_hangs_after_its_last_word_is_ended_too) {
  const auto outcome = probed_by("exec sleep 600 >&- 2>&- 4>&-", std::chrono::milliseconds(100));
  EXPECT_EQ(outcome.verdict, Verdict::Inconclusive);
  EXPECT_NE(outcome.reason.find("did not finish"), std::string::npos) << outcome.reason;
}

TEST_F(ProbeProcessTest, a_stop_interrupts_the_probe_that_runs_and_those_that_come) {
  std::ofstream(script()) << "#!/bin/sh\nexec sleep 600\n";
  chmod(script().c_str(), 0700);
  ProbeProcess probe(artifacts_, log_, {.program = script(), .timeout = std::chrono::minutes(5)});
  auto running = std::async(std::launch::async, [&] { return probe.probe(version_); });
  probe.stop();
  EXPECT_EQ(running.get().verdict, Verdict::Interrupted);
  EXPECT_EQ(probe.probe(version_).verdict, Verdict::Interrupted);
}

TEST_F(ProbeProcessTest, nonsense_as_an_answer_is_inconclusive) {
  EXPECT_EQ(probed_by("printf 'hello' >&4").verdict, Verdict::Inconclusive);
  EXPECT_EQ(probed_by("exit 0").verdict, Verdict::Inconclusive);
  EXPECT_EQ(probed_by("head -c 3000000 /dev/zero >&4").verdict, Verdict::Inconclusive);
}

TEST_F(ProbeProcessTest, the_child_gets_the_package_and_no_secrets) {
  setenv("SLIPWAY_TOKEN", "secret", 1);
  const auto outcome = probed_by("cat <&3 | tr -d '\\000' >&2; env >&2; exit 9");
  unsetenv("SLIPWAY_TOKEN");
  EXPECT_NE(outcome.reason.find("format: onnx"), std::string::npos) << outcome.reason;
  EXPECT_NE(outcome.reason.find("weights"), std::string::npos) << outcome.reason;
  EXPECT_EQ(outcome.reason.find("secret"), std::string::npos) << outcome.reason;
}

TEST_F(ProbeProcessTest, an_artifact_that_is_gone_is_inconclusive) {
  version_.files = {{"model.onnx", 7, sha256(as_bytes("other"))}};
  EXPECT_EQ(probed_by("exit 0").verdict, Verdict::Inconclusive);
}

TEST_F(ProbeProcessTest, a_gate_process_that_crashes_says_so_of_the_model) {
  const auto run = run_by("echo 'segment gone' >&2; kill -SEGV $$");
  EXPECT_EQ(run.load.end, gate::LoadEnd::Crashed);
  EXPECT_NE(run.ended_early.find("segment gone"), std::string::npos) << run.ended_early;
}

TEST_F(ProbeProcessTest, a_gate_process_that_is_killed_from_outside_says_nothing_of_the_model) {
  const auto run = run_by("kill -KILL $$");
  EXPECT_EQ(run.load.end, gate::LoadEnd::Stopped);
  EXPECT_FALSE(run.crashed);
  EXPECT_NE(run.ended_early.find("signal 9"), std::string::npos) << run.ended_early;
}

TEST_F(ProbeProcessTest, a_gate_process_that_hangs_is_ended_and_told_as_that) {
  EXPECT_EQ(run_by("exec sleep 600", std::chrono::milliseconds(100)).load.end, gate::LoadEnd::TimedOut);
}

TEST_F(ProbeProcessTest, a_gate_process_that_asks_for_what_is_forbidden_crashed) {
  const auto run = run_by("printf 'the sandbox refused socket()' >&2; exit 77");
  EXPECT_EQ(run.load.end, gate::LoadEnd::Crashed);
  EXPECT_NE(run.ended_early.find("socket()"), std::string::npos) << run.ended_early;
}

TEST_F(ProbeProcessTest, nonsense_from_a_gate_process_is_no_measurement) {
  const auto run = run_by("printf 'hello' >&4");
  EXPECT_EQ(run.load.end, gate::LoadEnd::Stopped);
  EXPECT_NE(run.ended_early.find("nonsense"), std::string::npos) << run.ended_early;
}

TEST(Frame, ends_are_found) {
  FrameWriter writer;
  writer.number(7);
  writer.text("seven");
  FrameReader reader(as_bytes(writer.bytes()));
  EXPECT_EQ(*reader.number(), 7u);
  EXPECT_EQ(*reader.text(), "seven");
  EXPECT_TRUE(reader.is_at_end());
  EXPECT_EQ(reader.number().error().code, ErrorCode::Corrupt);
  FrameWriter lying;
  lying.number(1000);
  EXPECT_EQ(FrameReader(as_bytes(lying.bytes())).text().error().code, ErrorCode::Corrupt);
  EXPECT_FALSE(read_outcome(as_bytes(writer.bytes())).ok());
}

}  // namespace
}  // namespace slipway::probe_process
