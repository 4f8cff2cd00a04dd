// What a rollout did and why, told once or while it goes on.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/clock.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/rollout_answers.h"
#include "cli/rollout_story.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

constexpr std::size_t kUsualColumns = 80;
constexpr std::size_t kMostColumns = 160;

std::size_t columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return std::clamp<std::size_t>(size.ws_col, 40, kMostColumns);
}

// Line by line, so that only control characters inside a line are made harmless.
void print_text(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    print(clean(std::string_view(text).substr(at, end - at)) + "\n");
    at = end + 1;
  }
}

Result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (file << text && file.flush()) return {};
  return unavailable(printable(path) + ": cannot be written");
}

Result<void> explain(Session& session, const Arguments& arguments) {
  const std::string path = TRY(rollout_path(arguments.at("NUMBER")));
  const std::string rollout = TRY(session.fetch(path));
  const std::vector<std::string> pages = TRY(fetch_decisions(session, path));
  if (session.wants_json()) {
    print_json(whole_history(rollout, pages));
    return {};
  }
  const Story story = read_story(rollout, pages);
  print_text(story_text(story, columns()));
  if (const auto file = arguments.text("--svg")) TRY(write_file(*file, charts_svg(story_charts(story))));
  if (const auto file = arguments.text("--html")) TRY(write_file(*file, story_page(story)));
  return {};
}

// Shows each look; on a terminal in the place of the one before, else only what changed, line by line.
class Screen {
 public:
  Screen() : is_terminal_(::isatty(STDOUT_FILENO) == 1 && !is_dumb()) {}

  void show(const Story& story) {
    if (!is_terminal_) return tell(story);
    erase();
    draw(standing_text(story, columns()));
  }
  void complain_of(const std::string& why) {
    if (why == complaint_) return;
    complaint_ = why;
    if (is_terminal_) return draw("  " + why + "\n");
    print(clean(why) + "\n");
    std::fflush(stdout);
  }
  void went_well() { complaint_.clear(); }

 private:
  static bool is_dumb() {
    const char* kind = std::getenv("TERM");
    return kind == nullptr || std::string_view(kind) == "dumb";
  }
  void erase() {
    if (drawn_ > 0) print("\x1b[" + std::to_string(drawn_) + "A\x1b[J");
    drawn_ = 0;
  }
  void draw(const std::string& text) {
    const std::size_t width = columns();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      // A line that wraps would be more than one to go up by.
      print(clean(std::string_view(text).substr(at, end - at)).substr(0, width - 1) + "\n");
      ++drawn_;
      at = end + 1;
    }
    std::fflush(stdout);
  }
  void tell(const Story& story) {
    std::string line = "rollout " + std::to_string(story.number) + ": " + story.state + ", step " +
                       std::to_string(story.step) + " of " + std::to_string(story.steps.size()) + ", " +
                       shares_text(story.wants) + ": " + story.reason;
    if (!story.holding.empty()) line += "; now: " + story.holding;
    if (line == line_) return;
    line_ = line;
    print(clean(line) + "\n");
    std::fflush(stdout);
  }

  const bool is_terminal_;
  std::size_t drawn_ = 0;
  std::string line_, complaint_;
};

Result<Duration> pace_in(const Arguments& arguments) {
  const std::string said = arguments.text("--every").value_or("1s");
  const auto pace = parse_duration(said);
  if (pace.ok() && *pace >= std::chrono::milliseconds(1) && *pace <= std::chrono::hours(1)) return *pace;
  return invalid_input("--every: expected a time of 1ms to 1h such as 2s, found \"" + printable(said) + "\"");
}

Result<void> watch(Session& session, const Arguments& arguments) {
  const std::string path = TRY(rollout_path(arguments.at("NUMBER")));
  const Duration pace = TRY(pace_in(arguments));
  Screen screen;
  for (;;) {
    const auto told = session.fetch(path);
    if (told.ok()) {
      screen.went_well();
      if (session.wants_json()) print(*told + "\n");
      const Story story = read_story(*told, {});
      if (!session.wants_json()) screen.show(story);
      if (story.is_over()) {
        if (story.state == "completed") return {};
        return session.refuse(conflict("rollout " + std::to_string(story.number) + " was aborted: " + story.reason));
      }
    } else if (is_passing(told.error().code)) {
      const std::string& message = told.error().message;
      screen.complain_of("no answer, trying on: " + message.substr(0, message.find('\n')));
    } else {
      return told.error();
    }
    std::this_thread::sleep_for(pace);
  }
}

}  // namespace

Command explain_rollout_command() {
  Command command{.name = "explain", .summary = "Tell what a rollout did and why, with its evidence over time"};
  command.options = {
      {.name = "NUMBER", .help = "the rollout's", .required = true},
      {.name = "--svg", .value = "FILE", .help = "also draw the evidence and the weights", .offers = Offers::Files},
      {.name = "--html", .value = "FILE", .help = "also write it all as one page", .offers = Offers::Files}};
  command.examples = {"slipway rollout explain 7", "slipway rollout explain 7 --html rollout-7.html"};
  return client_command(std::move(command), explain);
}

Command watch_rollout_command() {
  Command command{.name = "watch", .summary = "Show a rollout while it goes on: weights, evidence, what it waits for"};
  command.options = {{.name = "NUMBER", .help = "the rollout's", .required = true},
                     {.name = "--every", .value = "TIME", .help = "how often to look (1s)"}};
  command.details =
      "Ends with the rollout: with 0 if it was completed, with 1 if it was aborted; Ctrl-C ends it before. While the "
      "server is away it goes on trying. Without a terminal it prints a line for each change.";
  command.examples = {"slipway rollout watch 7", "slipway rollout watch 7 --every 5s | tee rollout-7.log"};
  return client_command(std::move(command), watch);
}

}  // namespace slipway::cli
