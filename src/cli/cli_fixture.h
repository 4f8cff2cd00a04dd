// The command as a user meets it: words in, text and an exit code out, with a scripted server behind.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "cli/fake_server.h"
#include "cli/run.h"

namespace slipway::cli {

struct Ran {
  int exit;
  std::string out;
  std::string err;
};

inline Ran slipway(const std::vector<std::string>& words, std::span<const Command> local = {}) {
  std::vector<const char*> argv = {"slipway"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int exit = run(static_cast<int>(argv.size()), argv.data(), "0.1.0", local);
  return {exit, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"SLIPWAY_URL", "SLIPWAY_TOKEN", "SLIPWAY_DATA"}) ::unsetenv(name);
    ::setenv("SLIPWAY_URL", server.url().c_str(), 1);
    ASSERT_TRUE(server.is_ready());
  }
  FakeServer server;
  TemporaryFolder folder;
};

}  // namespace slipway::cli
