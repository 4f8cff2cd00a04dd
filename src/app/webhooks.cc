#include "app/webhooks.h"

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "base/text.h"

namespace slipway::app {
namespace {

constexpr Duration kInterval = std::chrono::milliseconds(250);

Result<std::string> read_secret(const std::string& path) {
  const auto wrong = [&](std::string_view what, std::size_t found) {
    std::string message = "webhook_secret: ";
    message.append(printable(path)).append(": expected ").append(what).append(", found ");
    return invalid_input(message.append(std::to_string(found)));
  };
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) return not_found(failure.message()).within("webhook_secret: " + printable(path));
  if (size > kLongestSecret) return wrong("at most 4096 bytes", size);
  std::string text(size, '\0');
  if (!std::ifstream(path, std::ios::binary).read(text.data(), static_cast<std::streamsize>(size))) {
    return unavailable("cannot be read").within("webhook_secret: " + printable(path));
  }
  const std::size_t length = text.find_last_not_of("\r\n") + 1;
  if (length < kShortestSecret) return wrong("a secret of at least 16 bytes", length);
  return text.substr(0, length);
}

std::string place_of(const std::string& url) {
  std::string name = "webhook-";
  name.append(sha256(as_bytes(url)).hex(), 0, 16).append(".told");
  return name;
}

Result<std::optional<std::uint64_t>> read_place(const data_directory::DataDirectory& data, const std::string& name) {
  const auto text = TRY(data.read(name));
  if (!text) return std::optional<std::uint64_t>();
  std::uint64_t place = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), place);
  if (read.ec == std::errc{}) return std::optional(place);
  return corrupt(name + ": expected a number in the history, found \"" + printable(*text) + "\"");
}

Result<void> keep_place(const Webhooks::Parts& parts, const std::string& name, std::uint64_t place) {
  Result<void> kept = unavailable("changes are paused");
  std::string text = std::to_string(place);
  text.push_back('\n');
  parts.changes.of_our_own([&] { kept = parts.data.write_secret(name, text); });
  return kept;
}

std::uint64_t random_seed() {
  std::array<std::byte, 8> bytes{};
  fill_random(bytes);
  std::uint64_t seed = 0;
  for (const std::byte each : bytes) seed = seed << 8U | std::to_integer<std::uint64_t>(each);
  return seed;
}

}  // namespace

Result<std::unique_ptr<Webhooks>> Webhooks::open(const WebhookConfiguration& configuration, const Parts& parts) {
  auto all = std::make_unique<Webhooks>();
  if (configuration.urls.empty()) return all;
  const std::string secret = TRY(read_secret(configuration.secret_file));
  for (const std::string& url : configuration.urls) {
    const std::string place = place_of(url);
    Listener listener;
    listener.webhook = std::make_unique<webhook::Webhook>(
        webhook::WebhookSettings{.url = url, .secret = secret, .reach = configuration.reach}, parts.clock);
    listener.announcer = std::make_unique<announcing::Announcer>(
        announcing::Announcer::Parts{.history = parts.history,
                                     .to = *listener.webhook,
                                     .clock = parts.clock,
                                     .log = parts.log,
                                     .name = std::to_string(all->listeners_.size() + 1),
                                     .kept = [parts, place] { return read_place(parts.data, place); },
                                     .keep = [parts, place](std::uint64_t at) { return keep_place(parts, place, at); },
                                     .seed = random_seed()});
    listener.ticker =
        std::make_unique<worker_pool::Ticker>("webhook", kInterval, [parts, announcer = listener.announcer.get()] {
          if (parts.is_open) announcer->step();
        });
    all->listeners_.push_back(std::move(listener));
  }
  return all;
}

void Webhooks::begin() {
  for (Listener& each : listeners_) static_cast<void>(each.announcer->begin());  // it tries again, and tells
}

void Webhooks::start() {
  for (Listener& each : listeners_) each.ticker->start();
}

void Webhooks::stop() {
  for (Listener& each : listeners_) each.webhook->stop();
  for (Listener& each : listeners_) each.ticker->stop();
}

std::vector<const ports::MetricSource*> Webhooks::metrics() const {
  std::vector<const ports::MetricSource*> all;
  for (const Listener& each : listeners_) all.push_back(each.announcer.get());
  return all;
}

}  // namespace slipway::app
