#include "domain/governance/audit_trail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace slipway::governance {
namespace {

using model::AuditHead;
using model::Event;
using testing::HasSubstr;

const Ed25519PrivateKey& key() {
  static const auto kKey = Ed25519PrivateKey::generate();
  return kKey;
}

AuditHead head_of(const Event& event, const Ed25519PrivateKey& by = key()) {
  AuditHead head{
      .sequence = event.sequence, .hash = event.hash, .at = event.at, .key = by.public_key(), .signature = {}};
  head.signature = by.sign(as_bytes(statement_of(head)));
  return head;
}

// Links anew from `first` on, as somebody would who knows how the chain is made.
void chain(std::vector<Event>& events, std::size_t first = 0) {
  Digest previous = first == 0 ? Digest{} : events[first - 1].hash;
  for (std::size_t i = first; i < events.size(); ++i) {
    events[i].sequence = i + 1;
    previous = events[i].hash = model::chained(events[i], previous);
  }
}

struct Trail {
  std::vector<Event> events;
  std::vector<AuditHead> heads;
};

// `count` events, a head after each `every` of them and after the last.
Trail trail_of(std::size_t count, std::size_t every) {
  Trail trail;
  for (std::size_t i = 0; i < count; ++i) {
    trail.events.push_back({.sequence = 0,
                            .at = WallTime(WallTime::duration(1'000'000 + i)),
                            .actor = i % 3 == 0 ? "eva" : "ci",
                            .action = i % 5 == 0 ? "push" : "alias",
                            .model = "fraud-" + std::to_string(i % 4),
                            .subject = "version " + std::to_string(i),
                            .from = i % 2 == 0 ? "" : "version 1",
                            .to = "version 2",
                            .reason = i % 7 == 0 ? "because\nof \"that\"" : "",
                            .hash = {}});
  }
  chain(trail.events);
  for (std::size_t i = every; i <= count; i += every) trail.heads.push_back(head_of(trail.events[i - 1]));
  if (count % every != 0) trail.heads.push_back(head_of(trail.events.back()));
  return trail;
}

Result<TrailReport> checked(const Trail& trail) {
  TrailCheck check({key().public_key()});
  for (const AuditHead& head : trail.heads) TRY(check.expect(head));
  for (const Event& event : trail.events) TRY(check.take(event));
  return check.finish();
}

std::string complaint(const Trail& trail) {
  const auto found = checked(trail);
  return found.ok() ? "whole" : found.error().message;
}

TEST(AuditTrail, a_history_as_it_was_written_is_whole) {
  const Trail trail = trail_of(95, 10);
  const auto report = checked(trail).value();
  EXPECT_EQ(report.events, 95U);
  EXPECT_EQ(report.heads, 10U);
  EXPECT_EQ(report.signed_up_to, 95U);
  EXPECT_EQ(report.last, trail.events.back().hash);
  EXPECT_EQ(complaint({}), "whole");
}

TEST(AuditTrail, what_is_not_signed_yet_is_said_but_is_no_fault) {
  Trail trail = trail_of(12, 10);
  trail.heads.pop_back();
  EXPECT_EQ(checked(trail).value().signed_up_to, 10U);
}

TEST(AuditTrail, the_first_bad_event_is_named) {
  Trail changed = trail_of(30, 10);
  changed.events[16].actor = "mallory";
  EXPECT_THAT(complaint(changed), HasSubstr("event 17 was changed"));
  Trail removed = trail_of(30, 10);
  removed.events.erase(removed.events.begin() + 4);
  EXPECT_THAT(complaint(removed), HasSubstr("event 5: expected here, found event 6"));
  Trail swapped = trail_of(30, 10);
  std::swap(swapped.events[7], swapped.events[8]);
  EXPECT_THAT(complaint(swapped), HasSubstr("event 8: expected here, found event 9"));
  Trail cut = trail_of(30, 10);
  cut.events.resize(24);
  EXPECT_THAT(complaint(cut), HasSubstr("events 25 to 30: missing: the history ends at event 24"));
}

TEST(AuditTrail, a_history_chained_anew_is_contradicted_by_its_heads) {
  Trail trail = trail_of(30, 10);
  trail.events[16].actor = "mallory";
  chain(trail.events, 16);
  EXPECT_THAT(complaint(trail), HasSubstr("events 11 to 20: rewritten after they were signed"));
}

TEST(AuditTrail, heads_of_a_strange_key_or_with_a_bad_signature_are_refused) {
  Trail trail = trail_of(10, 10);
  trail.heads[0] = head_of(trail.events[9], Ed25519PrivateKey::generate());
  EXPECT_THAT(complaint(trail), HasSubstr("expected one of the trusted audit keys"));
  trail.heads[0] = head_of(trail.events[9]);
  trail.heads[0].at += std::chrono::seconds(1);
  EXPECT_THAT(complaint(trail), HasSubstr("its signature is not good"));
}

// Changes one thing somewhere; every one of these is a difference.
void mutate(Trail& trail, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::size_t at = below(trail.events.size());
  Event& event = trail.events[at];
  std::string* const fields[] = {&event.actor, &event.action, &event.model, &event.subject,
                                 &event.from,  &event.to,     &event.reason};
  switch (below(9)) {
    case 0: {  // a bit of a text
      std::string& text = *fields[below(7)];
      if (text.empty())
        text = "x";
      else
        text[below(text.size())] ^= static_cast<char>(1U << below(7));
      break;
    }
    case 1:  // the end of one field becomes the start of the next
      event.model += event.subject.front();
      event.subject.erase(0, 1);
      break;
    case 2:
      event.at += WallTime::duration(1 + below(1000));
      break;
    case 3:
      event.hash.bytes[below(32)] ^= static_cast<std::uint8_t>(1U << below(8));
      break;
    case 4:  // removed, the rest numbered and chained anew
      trail.events.erase(trail.events.begin() + static_cast<std::ptrdiff_t>(at));
      if (below(2) == 0) chain(trail.events, at);
      break;
    case 5: {  // one too many; the last one once more, chained, would be a new event that nobody has signed yet
      const bool is_last = at + 1 == trail.events.size();
      trail.events.insert(trail.events.begin() + static_cast<std::ptrdiff_t>(at), Event(trail.events[at]));
      if (!is_last && below(2) == 0) chain(trail.events, at);
      break;
    }
    case 6: {  // another order
      const std::size_t other = (at + 1 + below(trail.events.size() - 1)) % trail.events.size();
      std::swap(trail.events[at], trail.events[other]);
      if (below(2) == 0) chain(trail.events, std::min(at, other));
      break;
    }
    case 7:  // the tail is gone
      trail.events.resize(at);
      break;
    default:  // changed, and everything after it made to fit
      event.reason += "!";
      chain(trail.events, at);
  }
}

TEST(AuditTrail, of_ten_thousand_mutations_every_one_is_found) {
  const std::uint32_t seed = std::random_device{}();
  std::mt19937 random(seed);
  const Trail whole = trail_of(60, 13);
  TrailCheck prepared({key().public_key()});
  for (const AuditHead& head : whole.heads) ASSERT_TRUE(prepared.expect(head).ok());
  for (int i = 0; i < 10'000; ++i) {
    Trail trail = whole;
    mutate(trail, random);
    TrailCheck check = prepared;
    Result<void> taken;
    for (const Event& event : trail.events) {
      taken = check.take(event);
      if (!taken.ok()) break;
    }
    const auto found = taken.ok() ? check.finish() : Result<TrailReport>(taken.error());
    ASSERT_FALSE(found.ok()) << "mutation " << i << " with seed " << seed;
    ASSERT_EQ(found.error().code, ErrorCode::Corrupt);
    ASSERT_THAT(found.error().message, HasSubstr("event"));
  }
  EXPECT_EQ(complaint(whole), "whole");  // the control
}

}  // namespace
}  // namespace slipway::governance
