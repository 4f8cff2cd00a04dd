#include "adapter/probe_process/gate_frames.h"

#include <gtest/gtest.h>

namespace slipway::probe_process {
namespace {

TEST(GateFrames, findings_come_back_as_they_were_told) {
  FrameWriter writer;
  write_finding(writer, gate::LoadMeasurement{.end = gate::LoadEnd::Loaded, .detail = "", .warmup_runs = 3});
  write_finding(writer, tensor::Signature{{{.name = "x", .shape = {-1, 4}}}, {{.name = "y", .shape = {-1}}}});
  write_finding(writer, gate::GoldenMeasurement{{{.name = "one", .matches = true, .detail = ""}}});
  write_finding(writer, gate::DeterminismMeasurement{{.compared = 2}, gate::Comparison{.compared = 3, .differing = 1}});
  write_finding(writer, gate::LatencySample{.rows = 8, .candidate = {1.5, 2.5}, .live = {}});
  write_finding(writer, ports::RowAnswers{{{"y", tensor::DataType::Int8, {2}, {std::byte{1}, std::byte{2}}}}, ""});
  write_finding(writer, ports::PeakMemory{mebibytes(3)});
  ports::GateRun run;
  FrameReader reader(as_bytes(writer.bytes()));
  ASSERT_TRUE(read_findings(reader, run).ok());
  EXPECT_EQ(run.load.warmup_runs, 3u);
  EXPECT_EQ(run.actual->inputs[0].shape, (tensor::Shape{-1, 4}));
  EXPECT_TRUE(run.golden->cases[0].matches);
  EXPECT_EQ(run.determinism->batched->differing, 1u);
  EXPECT_EQ(run.latency[0].candidate, (std::vector<double>{1.5, 2.5}));
  EXPECT_EQ(run.answers[0].outputs[0].data[1], std::byte{2});
  EXPECT_EQ(run.memory->growth, mebibytes(3));
}

TEST(GateFrames, an_answer_cut_anywhere_is_refused_and_what_came_before_is_kept) {
  FrameWriter writer;
  write_finding(writer, gate::LoadMeasurement{.end = gate::LoadEnd::Loaded, .detail = "good"});
  const std::size_t whole = writer.bytes().size();
  write_finding(writer, ports::RowAnswers{{{"y", tensor::DataType::FP32, {1}, std::vector<std::byte>(4)}}, ""});
  for (std::size_t length = whole + 1; length < writer.bytes().size(); ++length) {
    ports::GateRun run;
    const std::string cut = writer.bytes().substr(0, length);
    FrameReader reader(as_bytes(cut));
    EXPECT_FALSE(read_findings(reader, run).ok()) << length;
    EXPECT_EQ(run.load.detail, "good");
  }
}

TEST(GateFrames, numbers_that_cannot_be_are_refused) {
  FrameWriter tag;
  tag.number(99);
  ports::GateRun run;
  FrameReader reader(as_bytes(tag.bytes()));
  EXPECT_EQ(read_findings(reader, run).error().code, ErrorCode::Corrupt);
  FrameWriter many;
  many.number(4);
  many.number(1);
  many.number(~std::uint64_t{0});
  FrameReader many_reader(as_bytes(many.bytes()));
  EXPECT_EQ(read_findings(many_reader, run).error().code, ErrorCode::Corrupt);
}

}  // namespace
}  // namespace slipway::probe_process
