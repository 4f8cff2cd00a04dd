#include "adapter/store_postgres/peers.h"

#include <sys/random.h>

#include <cerrno>

#include "base/invariant.h"
#include "base/text.h"

namespace slipway::store_postgres {
namespace {

constexpr std::array kLeases = {Lease::Alive, Lease::Holding, Lease::Collecting, Lease::Signing};

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr const char* kGone = "DELETE FROM lease WHERE name = ? AND holder = ?";
constexpr const char* kLonger =
    "UPDATE lease SET expires_at = clock_timestamp() + interval '60 seconds' "
    "WHERE name = ? AND holder = ? AND expires_at > clock_timestamp()";

constexpr std::size_t place_of(Lease lease) {
  return static_cast<std::size_t>(lease);
}

std::string_view name_of(Lease lease) {
  switch (lease) {
    case Lease::Alive:
      return "alive";
    case Lease::Holding:
      return "holding";
    case Lease::Collecting:
      return "collecting";
    case Lease::Signing:
      return "signing";
  }
  return "";
}

// The leases of others that forbid it; "" is none's.
std::array<std::string_view, 2> forbidding(Lease lease) {
  switch (lease) {
    case Lease::Alive:
      return {"", ""};
    case Lease::Holding:
      return {"collecting", ""};
    case Lease::Collecting:
      return {"collecting", "holding"};
    case Lease::Signing:
      return {"signing", ""};
  }
  return {};
}

}  // namespace

std::string random_name() {
  std::array<unsigned char, 16> bytes{};
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    invariant(got > 0 || errno == EINTR, "the system has random bytes");
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  std::string name;
  for (const unsigned char byte : bytes) {
    name += kDigits[byte >> 4U];
    name += kDigits[byte & 15U];
  }
  return name;
}

Peers::Peers(ReaderPool& readers, Writer& writer, std::string name)
    : readers_(readers), writer_(writer), name_(std::move(name)) {}

Result<Peers::Marks> Peers::marks() {
  return readers_.reading([](Session& session) -> Result<Marks> {
    auto rows = TRY(session.prepare("SELECT what, number FROM change_mark"));
    Marks marks;
    while (TRY(rows.step())) {
      (rows.text(0) == "desired" ? marks.desired : marks.tokens) = static_cast<std::uint64_t>(rows.integer(1));
    }
    return marks;
  });
}

Result<bool> Peers::take(Lease lease) {
  bool is_taken = false;
  std::atomic<bool>& is_wanted = wanted_[place_of(lease)];
  const bool was_wanted = is_wanted.exchange(true);
  auto asked = writer_.write([&](Session& session) -> Result<void> {
    auto others = TRY(session.prepare(
        "SELECT count(*) FROM lease WHERE holder <> ? AND name IN (?, ?) AND expires_at > clock_timestamp()"));
    const auto names = forbidding(lease);
    others.bind(name_).bind(names[0]).bind(names[1]);
    is_taken = TRY(others.step()) && others.integer(0) == 0;
    if (!is_taken) return {};
    // Those of processes that died.
    auto ended = TRY(session.prepare("DELETE FROM lease WHERE expires_at < clock_timestamp() - interval '1 hour'"));
    TRY(ended.run());
    auto put = TRY(session.prepare(
        "INSERT INTO lease (name, holder, expires_at) VALUES (?, ?, clock_timestamp() + interval '60 seconds') "
        "ON CONFLICT (name, holder) DO UPDATE SET expires_at = excluded.expires_at"));
    return put.bind(name_of(lease)).bind(name_).run();
  });
  if (!asked.ok()) {
    is_wanted = was_wanted;
    return std::move(asked).error();
  }
  is_wanted = is_taken;
  return is_taken;
}

Result<void> Peers::leave(Lease lease) {
  if (lease == Lease::Holding) means_to_hold_ = false;
  wanted_[place_of(lease)] = false;
  return writer_.write([&](Session& session) -> Result<void> {
    auto gone = TRY(session.prepare(kGone));
    return gone.bind(name_of(lease)).bind(name_).run();
  });
}

Result<void> Peers::renew() {
  return writer_.write([&](Session& session) -> Result<void> {
    for (const Lease lease : kLeases) {
      auto statement = TRY(session.prepare(wanted_[place_of(lease)] ? kLonger : kGone));
      TRY(statement.bind(name_of(lease)).bind(name_).run());
    }
    return {};
  });
}

Result<void> Peers::bury(std::string_view name) {
  const bool is_name = name.size() == name_.size() && name.find_first_not_of(kDigits) == std::string_view::npos;
  if (!is_name)
    return invalid_input("expected a server's name of 32 hexadecimal digits, found \"" + printable(name) + "\"");
  return writer_.write([&](Session& session) -> Result<void> {
    auto gone = TRY(session.prepare(kGone));
    return gone.bind(name_of(Lease::Alive)).bind(name).run();
  });
}

Result<bool> Peers::has_others(std::string_view besides) {
  return readers_.reading([&](Session& session) -> Result<bool> {
    auto others =
        TRY(session.prepare("SELECT count(*) FROM lease WHERE name = 'alive' AND holder <> ? AND holder <> ? AND "
                            "expires_at > clock_timestamp()"));
    others.bind(name_);
    others.bind(besides);
    return TRY(others.step()) && others.integer(0) > 0;
  });
}

Result<void> Peers::expect_held(Session& session) {
  if (!means_to_hold_) return {};
  auto held = TRY(session.prepare(
      "SELECT count(*) FROM lease WHERE name = 'holding' AND holder = ? AND expires_at > clock_timestamp()"));
  held.bind(name_);
  if (TRY(held.step()) && held.integer(0) > 0) return {};
  return unavailable(
      "the files may have been removed by another server, because this one was cut off from the "
      "database for too long: send them again");
}

}  // namespace slipway::store_postgres
