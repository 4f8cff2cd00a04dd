#include "base/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <thread>
#include <vector>

namespace slipway {
namespace {

// What the lines of `speak` look like; the log is closed, so written, before it is read.
std::string written(LogFormat format, LogLevel level, const std::function<void(Log&)>& speak) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  {
    Log log({.format = format, .level = level, .descriptor = ends[1]});
    speak(log);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> piece{};
  for (ssize_t got; (got = ::read(ends[0], piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  return text;
}
// Without the time at its front.
std::string message_of(const std::string& line, std::string_view after) {
  const std::size_t at = line.find(after);
  return at == std::string::npos ? "no " + std::string(after) + " in " + line : line.substr(at);
}

TEST(JsonLog, writes_one_object_per_line_with_typed_values) {
  const auto text = written(LogFormat::Json, LogLevel::Info, [](Log& log) {
    log.info("started", {{"port", std::int64_t{8080}}, {"load", 0.5}, {"tls", false}, {"host", "a\"b"}});
  });
  EXPECT_EQ(text.substr(0, 9), "{\"time\":\"");
  EXPECT_EQ(
      message_of(text, "\"level\""),
      "\"level\":\"info\",\"message\":\"started\",\"port\":8080,\"load\":0.5,\"tls\":false,\"host\":\"a\\\"b\"}\n");
}

TEST(TextLog, marks_what_is_not_ordinary_and_quotes_what_would_be_ambiguous) {
  const auto text = written(LogFormat::Text, LogLevel::Info, [](Log& log) {
    log.warning("slow", {{"model", "fraud"}, {"why", "two words"}, {"ms", std::int64_t{12}}});
  });
  EXPECT_EQ(message_of(text, "warning"), "warning: slow  model=fraud  why=\"two words\"  ms=12\n");
}

TEST(Log, text_from_outside_cannot_forge_a_line) {
  for (const LogFormat format : {LogFormat::Json, LogFormat::Text}) {
    const auto text =
        written(format, LogLevel::Info, [](Log& log) { log.info("hello\nfake line", {{"name", "x\r\ny\x1b[2J"}}); });
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

TEST(Log, keeps_quiet_below_its_level) {
  const auto text = written(LogFormat::Text, LogLevel::Warning, [](Log& log) {
    log.debug("one");
    log.info("two");
    log.error("three");
    EXPECT_FALSE(log.writes(LogLevel::Info));
  });
  EXPECT_EQ(message_of(text, "error"), "error: three\n");
  EXPECT_EQ(text.find("two"), std::string::npos);
}

TEST(Log, its_level_can_change_while_it_is_written_to) {
  const auto text = written(LogFormat::Text, LogLevel::Error, [](Log& log) {
    log.info("before");
    log.set_level(LogLevel::Debug);
    log.debug("after");
  });
  EXPECT_EQ(text.find("before"), std::string::npos);
  EXPECT_NE(text.find("after"), std::string::npos);
}

TEST(Log, keeps_lines_of_many_threads_whole) {
  const auto text = written(LogFormat::Json, LogLevel::Info, [](Log& log) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 50; ++round) log.info("a line of some length");
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 200);
  EXPECT_EQ(std::count(text.begin(), text.end(), '{'), 200);
}

}  // namespace
}  // namespace slipway
