#include "base/log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <array>
#include <mutex>

#include "base/clock.h"
#include "base/text.h"

namespace slipway {
namespace {

constexpr std::size_t kQueuedLines = 8192;
constexpr std::array<std::string_view, 5> kLevelNames = {"debug", "info", "warning", "error", "off"};
constexpr std::array<std::string_view, 5> kLevelMarks = {"debug ", "", "warning: ", "error: ", ""};

// Writes finished lines to a descriptor; a failed write is a lost line, never a failed request.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& line) override {
    const char* at = line.payload.data();
    std::size_t left = line.payload.size();
    while (left > 0) {
      const ssize_t written = ::write(descriptor_, at, left);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;
      at += written;
      left -= static_cast<std::size_t>(written);
    }
  }
  void flush_() override {}

 private:
  int descriptor_;
};

void append_json_value(std::string& out, const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) append_json_string(out, *text);
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) out += std::to_string(*number);
  if (const auto* real = std::get_if<double>(&field.value)) out += fmt::format("{:.6g}", *real);
  if (const auto* flag = std::get_if<bool>(&field.value)) out += *flag ? "true" : "false";
}

void append_text_value(std::string& out, const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  if (!text) return append_json_value(out, field);
  const bool quoted = text->empty() || text->find_first_of(" =\"") != std::string_view::npos;
  const std::string shown = printable(*text, 2000);
  out += quoted ? "\"" + shown + "\"" : shown;
}

}  // namespace

struct Log::Sink {
  std::shared_ptr<spdlog::async_logger> logger;
  // Goes first: its thread writes what is queued and is joined before the logger that it writes to.
  std::shared_ptr<spdlog::details::thread_pool> pool = std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
};

Log::Log(const Settings& settings) : settings_(settings), level_(settings.level), sink_(std::make_unique<Sink>()) {
  sink_->logger =
      std::make_shared<spdlog::async_logger>("slipway", std::make_shared<DescriptorSink>(settings.descriptor),
                                             sink_->pool, spdlog::async_overflow_policy::overrun_oldest);
  sink_->logger->set_level(spdlog::level::trace);
}
Log::~Log() = default;

std::uint64_t Log::dropped() const {
  return sink_->pool->overrun_counter();
}

void Log::write(LogLevel level, std::string_view message, Fields fields) {
  if (!writes(level)) return;
  const std::string time =
      to_rfc3339(std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()));
  std::string line;
  if (settings_.format == LogFormat::Json) {
    line += "{\"time\":\"" + time + "\",\"level\":\"";
    line += kLevelNames[static_cast<std::size_t>(level)];
    line += "\",\"message\":";
    append_json_string(line, message);
    for (const LogField& field : fields) {
      line += ',';
      append_json_string(line, field.key);
      line += ':';
      append_json_value(line, field);
    }
    line += "}\n";
  } else {
    line += time.substr(11, 12);
    line += "  ";
    line += kLevelMarks[static_cast<std::size_t>(level)];
    line += printable(message, 4000);
    for (const LogField& field : fields) {
      line += "  ";
      line += field.key;
      line += '=';
      append_text_value(line, field);
    }
    line += '\n';
  }
  sink_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace slipway
