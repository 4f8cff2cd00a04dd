#include "cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace slipway::cli {
namespace {

using namespace std::chrono_literals;

// A terminal that understands control sequences.
bool is_terminal(int descriptor) {
  const char* kind = std::getenv("TERM");
  return ::isatty(descriptor) == 1 && kind && std::string_view(kind) != "dumb";
}

bool uses_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return is_terminal(STDOUT_FILENO) && !(no_colour && *no_colour);
}

// Characters, near enough the columns of a terminal.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string clean(std::string_view text) {
  return printable(text, text.size() * 4 + 1);
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void complain(std::string_view text) {
  const std::string line = "slipway: " + std::string(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void print_body(std::string_view body) {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    print(terminal ? clean(body.substr(0, end)) : body.substr(0, end));
    print("\n");
    body.remove_prefix(std::min(end + 1, body.size()));
  }
}

void Table::print() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  std::vector<std::vector<std::string>> cells = rows_;
  for (auto& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = clean(row[i]);
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  const bool colour = uses_colour();
  for (std::size_t r = 0; r < cells.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < cells[r].size(); ++i) {
      line += cells[r][i];
      if (i + 1 < cells[r].size()) line.append(widths[i] - width_of(cells[r][i]) + 2, ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    cli::print(r == 0 && colour ? "\x1b[1m" + line + "\x1b[0m\n" : line + "\n");
  }
}

Progress::Progress(std::string doing)
    : doing_(std::move(doing)), visible_(is_terminal(STDERR_FILENO)), started_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

bool Progress::is_due() {
  const auto now = std::chrono::steady_clock::now();
  if (!visible_ || (drawn_ && now - drawn_at_ < 100ms)) return false;
  drawn_at_ = now;
  return true;
}

void Progress::draw(const std::string& line) {
  drawn_ = true;
  std::fputs(("\r\x1b[K" + line).c_str(), stderr);
  std::fflush(stderr);
}

void Progress::show(std::uint64_t done, std::uint64_t total, std::string_view then) {
  if (total > 0 && done >= total) return show(then);
  if (!is_due()) return;
  const double part = total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(part * 30);
  const double seconds = std::chrono::duration<double>(drawn_at_ - started_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(done) / std::max(seconds, 0.1));
  draw(doing_ + " [" + std::string(filled, '#') + std::string(30 - filled, '-') + "] " +
       std::to_string(static_cast<int>(part * 100)) + "%  " + human_bytes(done) + " of " + human_bytes(total) + "  " +
       human_bytes(rate) + "/s");
}

void Progress::show(std::string_view text) {
  if (!is_due()) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(drawn_at_ - started_).count();
  draw(std::string(text) + " " + std::to_string(seconds) + " s");
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1024 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", amount, kUnits[unit]);
  return text;
}

}  // namespace slipway::cli
