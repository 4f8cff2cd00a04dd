#include "app/audit_keeper.h"

#include "domain/governance/audit_line.h"

namespace slipway::app {
namespace {

constexpr Duration kLook = std::chrono::seconds(1);
constexpr const char* kKey = "audit.key";
constexpr const char* kPublicKey = "audit.pub";
constexpr const char* kHeads = "audit-heads.jsonl";

// Made once; whoever can read it can sign another history.
Result<Ed25519PrivateKey> own_key(data_directory::DataDirectory& data, AuditKeeper::Key wanted) {
  if (const auto kept = TRY(data.read(kKey))) {
    auto read = Ed25519PrivateKey::from_pem(*kept);
    if (!read.ok()) return std::move(read).error().within(data.path() + "/" + kKey);
    return read;
  }
  if (wanted == AuditKeeper::Key::MustBeThere) {
    return conflict("the server to take over from has no audit key: stop it, then start this one");
  }
  auto key = Ed25519PrivateKey::generate();
  TRY(data.write_secret(kKey, key.pem()));
  return key;
}

}  // namespace

Result<std::unique_ptr<AuditKeeper>> AuditKeeper::open(const Parts& parts) {
  auto key = TRY(own_key(parts.data, parts.key));
  if (parts.key == Key::MadeIfMissing) TRY(parts.data.write_secret(kPublicKey, key.public_key().pem()));
  return std::unique_ptr<AuditKeeper>(new AuditKeeper(parts, std::move(key)));
}

AuditKeeper::AuditKeeper(const Parts& parts, Ed25519PrivateKey key)
    : parts_(parts),
      key_(std::move(key)),
      signer_({parts_.metadata, parts_.refusals, parts_.clock, parts_.log, key_,
               [this](const model::AuditHead& head) { return publish(head); }, parts_.may_sign}),
      ticker_("audit", kLook, [this] {
        if (may_write_) parts_.changes.of_our_own([this] { signer_.tick(); });
      }) {}

Result<void> AuditKeeper::publish(const model::AuditHead& head) {
  TRY(parts_.data.append_line(kHeads, governance::line_of(head)));
  parts_.log.info("audit head", {{"sequence", static_cast<std::int64_t>(head.sequence)},
                                 {"hash", head.hash.hex()},
                                 {"at", to_rfc3339(head.at)},
                                 {"key", head.key.hex()},
                                 {"signature", head.signature.hex()}});
  return {};
}

void AuditKeeper::start() {
  ticker_.start();
}

void AuditKeeper::stop() {
  ticker_.stop();
}

void AuditKeeper::seal() {
  signer_.seal();
}

}  // namespace slipway::app
