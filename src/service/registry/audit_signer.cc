#include "service/registry/audit_signer.h"

namespace slipway::registry {
namespace {

void log_failure(Log& log, const char* doing, const Result<void>& done) {
  if (!done.ok()) log.error(doing, {{"error", done.error().message}});
}

}  // namespace

AuditSigner::AuditSigner(Parts parts) : parts_(std::move(parts)), signed_at_(parts_.clock.now()) {}

void AuditSigner::tick() {
  log_failure(parts_.log, "writing refused attempts into the history", write_refusals());
  log_failure(parts_.log, "signing the history", sign_if(kMostUnsigned, kLongestUnsigned));
}

void AuditSigner::seal() {
  log_failure(parts_.log, "writing refused attempts into the history", write_refusals());
  log_failure(parts_.log, "signing the history", sign_if(1, Duration::max()));
}

Result<void> AuditSigner::write_refusals() {
  const auto events = parts_.refusals.take(parts_.clock.wall_now());
  if (events.empty()) return {};
  auto written = parts_.metadata.commit({}, events);
  if (!written.ok()) parts_.refusals.give_back(events);
  return written;
}

Result<void> AuditSigner::sign_if(std::uint64_t unsigned_events, Duration unsigned_time) {
  // One at a time: a store that takes none would else let what is kept outside grow with every tick.
  TRY(keep_published());
  const auto newest = TRY(parts_.metadata.history("", 0, 1));
  const TimePoint now = parts_.clock.now();
  if (newest.empty()) return {};
  const std::uint64_t sequence = newest.front().sequence;
  if (!signed_) {
    const bool is_signed = !TRY(parts_.metadata.heads(sequence - 1, 1)).empty();
    if (is_signed) signed_ = sequence;
  }
  if (signed_ == sequence) {
    signed_at_ = now;  // the time counts from the first event that is not signed
    return {};
  }
  const bool is_due = !signed_ || sequence - *signed_ >= unsigned_events || now - signed_at_ >= unsigned_time;
  if (!is_due || (parts_.may_sign && !parts_.may_sign())) return {};
  model::AuditHead head{.sequence = sequence,
                        .hash = newest.front().hash,
                        .at = parts_.clock.wall_now(),
                        .key = parts_.key.public_key(),
                        .signature = {}};
  head.signature = parts_.key.sign(as_bytes(statement_of(head)));
  // Outside first: a head that is there and not in the store is good all the same.
  TRY(parts_.publish(head));
  published_ = head;
  return keep_published();
}

Result<void> AuditSigner::keep_published() {
  if (!published_) return {};
  const auto kept = parts_.metadata.commit({{*published_, 0}}, {});
  // Conflict: the store has a head of that event, such as this one by a commit that came through and said it did not.
  if (!kept.ok() && kept.error().code != ErrorCode::Conflict) return kept;
  signed_ = published_->sequence;
  signed_at_ = parts_.clock.now();
  published_.reset();
  return {};
}

}  // namespace slipway::registry
