// Log: the application log, as JSON lines or as text for a terminal.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace slipway {

enum class LogLevel : unsigned char { Debug, Info, Warning, Error, Off };
enum class LogFormat : unsigned char { Json, Text };

struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

// Owned by the application, lent to whoever has something to say. Any thread; never waits for its sink: a full queue
// drops the oldest line and counts it. Values are escaped, so text from outside cannot forge a line.
class Log {
 public:
  struct Settings {
    LogFormat format = LogFormat::Text;
    LogLevel level = LogLevel::Info;
    int descriptor = 2;
  };
  explicit Log(const Settings& settings);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  using Fields = std::initializer_list<LogField>;
  void debug(std::string_view message, Fields fields = {}) { write(LogLevel::Debug, message, fields); }
  void info(std::string_view message, Fields fields = {}) { write(LogLevel::Info, message, fields); }
  void warning(std::string_view message, Fields fields = {}) { write(LogLevel::Warning, message, fields); }
  void error(std::string_view message, Fields fields = {}) { write(LogLevel::Error, message, fields); }
  void write(LogLevel level, std::string_view message, Fields fields);

  bool writes(LogLevel level) const { return level >= this->level(); }
  LogLevel level() const { return level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  LogFormat format() const { return settings_.format; }
  // Lines lost because the sink did not keep up.
  std::uint64_t dropped() const;

 private:
  struct Sink;
  const Settings settings_;
  std::atomic<LogLevel> level_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace slipway
