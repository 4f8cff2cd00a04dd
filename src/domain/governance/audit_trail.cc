#include "domain/governance/audit_trail.h"

#include <algorithm>

namespace slipway::governance {
namespace {

std::string event_number(std::uint64_t sequence) {
  return "event " + std::to_string(sequence);
}

std::string range(std::uint64_t first, std::uint64_t last) {
  return first == last ? event_number(first) : "events " + std::to_string(first) + " to " + std::to_string(last);
}

std::string named(const model::AuditHead& head) {
  return "the head signed at " + to_rfc3339(head.at) + " for " + event_number(head.sequence);
}

}  // namespace

Result<void> TrailCheck::expect(const model::AuditHead& head) {
  if (!trusted_.empty() && !trusted_.contains(head.key)) {
    return corrupt(named(head) + ": expected one of the trusted audit keys, found the key " + head.key.hex());
  }
  if (head.sequence == 0 || !is_genuine(head)) return corrupt(named(head) + ": its signature is not good");
  auto& same = heads_[head.sequence];
  if (std::ranges::find(same, head) == same.end()) same.push_back(head);
  return {};
}

Result<void> TrailCheck::take(const model::Event& event) {
  const std::uint64_t expected = count_ + 1;
  if (event.sequence != expected) {
    return corrupt(event_number(expected) + ": expected here, found " + event_number(event.sequence) +
                   ": events were removed, added or put into another order");
  }
  const Digest hash = model::chained(event, last_);
  if (hash != event.hash) {
    return corrupt(event_number(expected) + " was changed: its content and the event before it give the hash " +
                   hash.hex() + ", found " + event.hash.hex());
  }
  if (const auto at = heads_.find(expected); at != heads_.end()) {
    for (const model::AuditHead& head : at->second) {
      if (head.hash == hash) continue;
      return corrupt(range(signed_up_to_ + 1, expected) + ": rewritten after they were signed: " + named(head) +
                     " says the hash " + head.hash.hex() + ", found " + hash.hex());
    }
    heads_taken_ += at->second.size();
    signed_up_to_ = expected;
  }
  count_ = expected;
  last_ = hash;
  return {};
}

Result<TrailReport> TrailCheck::finish() const {
  if (!heads_.empty() && heads_.rbegin()->first > count_) {
    return corrupt(range(count_ + 1, heads_.rbegin()->first) + ": missing: the history ends at " +
                   event_number(count_) + ", but " + named(heads_.rbegin()->second.front()) + " covers them");
  }
  return TrailReport{count_, heads_taken_, signed_up_to_, last_};
}

}  // namespace slipway::governance
