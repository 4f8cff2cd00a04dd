#include "app/shared_database.h"

#include <thread>

namespace slipway::app {
namespace {

using store_postgres::Lease;

constexpr Duration kLook = std::chrono::milliseconds(500);
constexpr Duration kRenewal = std::chrono::seconds(15);  // of leases that end after sixty
constexpr Duration kBetweenAttempts = std::chrono::milliseconds(200);
constexpr Duration kLongestWait = std::chrono::minutes(2);  // for another server's removal of artifacts

constexpr std::string_view kPeer = "peer";  // this server's name among the others, in the data directory

// Of the server that had the data directory last; empty: none.
Result<std::string> last_peer(data_directory::DataDirectory& data) {
  auto name = TRY(data.read(kPeer)).value_or("");
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

}  // namespace

SharedDatabase::SharedDatabase(Parts parts)
    : parts_(std::move(parts)), holds_(0U), ticker_("database", kLook, [this] { look(); }) {}

void SharedDatabase::succeed(data_directory::DataDirectory& data) {
  const auto bury = [&]() -> Result<void> {
    const std::string before = TRY(last_peer(data));
    return before.empty() ? Result<void>() : parts_.peers.bury(before);
  };
  if (const auto buried = bury(); !buried.ok()) {
    parts_.log.warning("the last server of this data directory counts as another one until its lease ends",
                       {{"file", kPeer}, {"error", buried.error().message}});
  }
}

void SharedDatabase::follow(data_directory::DataDirectory& data) {
  auto before = last_peer(data);
  if (before.ok()) {
    predecessor_ = *std::move(before);
  } else {
    parts_.log.warning("the server that hands over counts as another one",
                       {{"file", kPeer}, {"error", before.error().message}});
  }
}

Result<void> SharedDatabase::sign_in(data_directory::DataDirectory& data) {
  return data.write_secret(kPeer, parts_.peers.name() + "\n");
}

void SharedDatabase::start() {
  stay();
  ticker_.start();
}

void SharedDatabase::stop() {
  ticker_.stop();
  for (const Lease lease : {Lease::Signing, Lease::Alive}) static_cast<void>(parts_.peers.leave(lease));
}

void SharedDatabase::look() {
  const auto marks = parts_.peers.marks();
  if (!marks.ok()) {
    if (!std::exchange(is_away_, true)) parts_.log.error("the database is away", {{"error", marks.error().message}});
    return;
  }
  if (std::exchange(is_away_, false)) parts_.log.info("the database is back");
  if (std::exchange(seen_.desired, marks->desired) != marks->desired) parts_.desired_changed();
  if (seen_.tokens != marks->tokens) pass_on_tokens(marks->tokens);
  if (parts_.clock.now() - renewed_ >= kRenewal) stay();
}

// Seen is only what was read: a token that another server revoked must not stay valid here.
void SharedDatabase::pass_on_tokens(std::uint64_t mark) {
  const auto read = parts_.tokens_changed();
  if (read.ok()) {
    seen_.tokens = mark;
  } else if (!has_old_tokens_) {
    parts_.log.error("reading tokens, until it succeeds", {{"error", read.error().message}});
  }
  has_old_tokens_ = !read.ok();
}

void SharedDatabase::stay() {
  const auto renewed = parts_.peers.renew();
  const bool is_alive = renewed.ok() && was_taken(Lease::Alive);  // also when it had ended
  if (is_alive) renewed_ = parts_.clock.now();
}

bool SharedDatabase::was_taken(Lease lease) {
  const auto taken = parts_.peers.take(lease);
  if (!taken.ok()) parts_.log.warning("telling the other servers", {{"error", taken.error().message}});
  return taken.ok() && *taken;
}

std::shared_ptr<void> SharedDatabase::hold_artifacts() {
  auto holds = holds_.lock();
  if (++*holds == 1) {
    parts_.peers.mean_to_hold();
    const TimePoint begun = parts_.clock.now();
    for (auto taken = parts_.peers.take(Lease::Holding); taken.ok() && !*taken;
         taken = parts_.peers.take(Lease::Holding)) {
      if (parts_.clock.now() - begun >= kLongestWait) break;
      std::this_thread::sleep_for(kBetweenAttempts);
    }
  }
  return {this, [](SharedDatabase* self) { self->release(); }};
}

void SharedDatabase::release() {
  auto holds = holds_.lock();
  if (--*holds > 0) return;
  const auto left = parts_.peers.leave(Lease::Holding);  // otherwise it ends by itself
  if (!left.ok()) parts_.log.warning("letting go of artifacts", {{"error", left.error().message}});
}

void SharedDatabase::collecting(const std::function<void()>& removal) {
  if (!was_taken(Lease::Collecting)) return;
  removal();
  static_cast<void>(parts_.peers.leave(Lease::Collecting));  // or it ends by itself
}

bool SharedDatabase::may_sign() {
  return was_taken(Lease::Signing);
}

bool SharedDatabase::is_alone() {
  const auto others = parts_.peers.has_others(predecessor_);
  return others.ok() && !*others;
}

}  // namespace slipway::app
