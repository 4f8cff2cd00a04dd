#include "app/commands/pace.h"

#include <charconv>
#include <filesystem>

#include "base/text.h"

namespace slipway::app {
namespace {

constexpr std::uint64_t kMebibyte = 1 << 20;
constexpr std::uint64_t kRateBesideServer = 100 * kMebibyte;
constexpr std::uint64_t kFastest = 1'000'000;

}  // namespace

cli::Option rate_option() {
  return {.name = "--rate",
          .value = "MIB",
          .help = "read at most so many MiB each second; default: 100 beside a running server, else unlimited"};
}

Result<std::optional<std::uint64_t>> rate_of(const cli::Arguments& arguments, const std::string& directory) {
  const auto text = arguments.text("--rate");
  if (!text) {
    std::error_code ignored;  // the server writes the file when it listens, and takes it away when it leaves
    const bool beside_server = std::filesystem::exists(directory + "/addresses", ignored);
    return beside_server ? std::optional(kRateBesideServer) : std::nullopt;
  }
  std::uint64_t rate = 0;
  const auto [end, status] = std::from_chars(text->data(), text->data() + text->size(), rate);
  if (status != std::errc{} || end != text->data() + text->size() || rate == 0 || rate > kFastest) {
    return invalid_input("--rate: expected 1 to " + std::to_string(kFastest) + " MiB each second, found \"" +
                         printable(*text) + "\"");
  }
  return std::optional(rate * kMebibyte);
}

}  // namespace slipway::app
