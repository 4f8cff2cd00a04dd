#include "app/commands/handover.h"

#include <algorithm>
#include <charconv>
#include <thread>

namespace slipway::app {
namespace {

using supervision::HandoverChannel;
using supervision::Successor;
using State = ports::ServedState::State;

constexpr std::string_view kReady = "ready", kServing = "serving";
constexpr std::string_view kOwn = "own ", kPassed = "passed ", kServes = "serves ";
constexpr std::string_view kTls = "tls:", kPlain = "plain:";
constexpr Duration kMostReading = std::chrono::minutes(1);   // of a configuration
constexpr Duration kMostLoading = std::chrono::minutes(10);  // of all models
constexpr Duration kGlance = std::chrono::milliseconds(10);  // between two looks whether they are loaded

std::string without_transport(const std::string& address) {
  return address.starts_with(kTls) ? address.substr(kTls.size()) : address;
}

std::string with_transport(const std::string& address) {
  return address.starts_with(kTls) ? address : std::string(kPlain) + address;
}

std::string describe(const House& house, const std::vector<ServedAddress>& addresses) {
  std::string text;
  for (const auto& [address, is_passed] : addresses) {
    text += is_passed ? std::string(kPassed) + with_transport(address) : std::string(kOwn) + without_transport(address);
    text += '\n';
  }
  for (const ports::ServedState& state : house.predictor().index()) {
    if (state.state != State::Ready) continue;
    text += std::string(kServes) + std::to_string(state.version) + " " + state.model + "\n";
  }
  return text;
}

// A message of one word. Whoever gave up has said on its own standard error why.
Result<void> expect(std::string_view word, Successor& successor, const HandoverChannel::Patience& patience) {
  auto message = successor.channel().receive(patience);
  if (message && message->text == word) return {};
  if (message) return corrupt("expected \"" + std::string(word) + "\" from the new process");
  if (message.error().code != ErrorCode::Cancelled || patience.gives_up()) return std::move(message).error();
  return unavailable("the new process did not get ready: " + successor.ending());
}

Result<void> hand_over_to(Successor& successor, House& house, const std::vector<ServedAddress>& addresses,
                          const HandoverChannel::Patience& patience) {
  std::vector<int> descriptors = {house.lock()};
  const std::vector<int> sockets = house.sockets();
  descriptors.insert(descriptors.end(), sockets.begin(), sockets.end());
  TRY(successor.channel().send(describe(house, addresses), descriptors));
  return expect(kServing, successor, patience);
}

Result<std::pair<std::uint64_t, std::string>> served_in(std::string_view line) {
  std::uint64_t version = 0;
  const auto [end, status] = std::from_chars(line.data(), line.data() + line.size(), version);
  if (status != std::errc{} || end == line.data() + line.size() || *end != ' ') {
    return corrupt("expected a version and a model, found \"" + std::string(line) + "\"");
  }
  return std::pair(version, std::string(end + 1, line.data() + line.size()));
}

}  // namespace

Result<pid_t> hand_over(House& house, const Configuration& configuration, const std::vector<ServedAddress>& addresses,
                        const ServerSignals& signals, const Clock& clock) {
  const auto must_stop = [&] { return signals.must_stop(); };
  auto successor = TRY(Successor::start(TRY(supervision::own_command_line()), clock));
  TRY(expect(kReady, successor, {kMostReading, must_stop}));
  if (!house.pause_changes(configuration.drain)) {
    return deadline_exceeded("a push, a load or another change is still under way: try again when it is done");
  }
  auto handed = hand_over_to(successor, house, addresses, {kMostLoading, must_stop});
  if (!handed) {
    {
      const Successor ended = std::move(successor);
    }  // it writes no more from here on
    house.resume_changes();
    return std::move(handed).error();
  }
  const pid_t process = successor.process();
  successor.release();
  return process;
}

Result<Estate> take_over(HandoverChannel& predecessor) {
  TRY(predecessor.send(kReady));
  auto message = TRY(predecessor.receive({std::chrono::hours(1)}));  // it waits for the changes that are under way
  Estate estate;
  std::size_t next = 0;
  const auto take = [&] {
    return next < message.descriptors.size() ? std::move(message.descriptors[next++]) : Descriptor();
  };
  estate.inherited.lock = take();
  std::string_view text = message.text;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(kOwn)) {
      estate.inherited.sockets.push_back({std::string(line.substr(kOwn.size())), take(), net::WhoUnlinks::We});
    } else if (line.starts_with(kPassed)) {
      const std::string_view address = line.substr(kPassed.size());
      estate.passed.emplace_back(address);
      const auto bare = address.substr(address.starts_with(kTls) ? kTls.size() : kPlain.size());
      estate.inherited.sockets.push_back({std::string(bare), take(), net::WhoUnlinks::ItsOwner});
    } else if (line.starts_with(kServes)) {
      auto served = TRY(served_in(line.substr(kServes.size())));
      estate.served.push_back({std::move(served.second), served.first});
    }  // anything else is of a later release
  }
  if (next != message.descriptors.size() || estate.inherited.lock.fd() < 0) {
    return corrupt("expected a lock and one socket for each address from the server to follow");
  }
  return estate;
}

Result<void> succeed(House& house, const Estate& estate, HandoverChannel& predecessor) {
  while (!house.is_ready()) {
    if (!predecessor.is_open()) return unavailable("the server to follow ended before this one was ready");
    std::this_thread::sleep_for(kGlance);
  }
  const auto index = house.predictor().index();
  for (const Estate::Served& wanted : estate.served) {
    const auto found = std::ranges::find_if(index, [&](const ports::ServedState& state) {
      return state.model == wanted.model && state.version == wanted.version;
    });
    if (found != index.end() && found->state == State::Ready) continue;
    return conflict("version " + std::to_string(wanted.version) + " of model \"" + wanted.model +
                    "\" is served by the server to follow, and could not be loaded here" +
                    (found == index.end() || found->reason.empty() ? "" : ": " + found->reason));
  }
  TRY(house.accept());
  return predecessor.send(kServing);
}

}  // namespace slipway::app
