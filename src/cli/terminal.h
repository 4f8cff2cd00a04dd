// Writing for people: tables, progress, and text from outside made harmless for a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::cli {

// Control characters and invalid bytes as \xNN, so that a name cannot move the cursor.
std::string clean(std::string_view text);

void print(std::string_view text);     // standard output
void complain(std::string_view text);  // standard error, as "slipway: text\n"
// A JSON answer: as it is for a program, without control characters for a terminal.
void print_body(std::string_view body);

// Aligned columns; the last one is not padded. Cells are cleaned.
class Table {
 public:
  explicit Table(std::vector<std::string> heads) { rows_.push_back(std::move(heads)); }
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // Heads are bold on a terminal, unless NO_COLOR is set or TERM is dumb.
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A line on standard error that shows how far long work is; nothing when that is no terminal or a dumb one. One thread.
class Progress {
 public:
  explicit Progress(std::string doing);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Both in bytes; draws at most ten times a second. All done: shows `then` with the seconds it takes.
  void show(std::uint64_t done, std::uint64_t total, std::string_view then);
  // Without an amount: text and seconds.
  void show(std::string_view text);

 private:
  bool is_due();
  void draw(const std::string& line);
  const std::string doing_;
  const bool visible_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point drawn_at_{};
};

std::string human_bytes(std::uint64_t bytes);  // "27.4 MiB"

}  // namespace slipway::cli
