// /api/v1/models/{model}/versions/{version}/validate and /evidence: what gates found of a version.
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/heavy_slot.h"
#include "adapter/api_admin/json_writer.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

constexpr std::uint64_t kUsualPage = 10;
constexpr std::uint64_t kLongestPage = 200;

void write_evidence(JsonWriter& json, const ports::EvidenceRecord& evidence) {
  json.open('{').field("sequence", evidence.sequence).field("verdict", model::name_of(evidence.verdict));
  json.field("plan", "sha256:" + evidence.plan.hex()).field("digest", "sha256:" + evidence.body_digest.hex());
  json.field("created_at", to_rfc3339(evidence.created_at)).field("actor", evidence.actor);
  json.field("body", evidence.body).close('}');
}

// 202 while the gates are to be asked or are.
Reply standing_reply(const registry::Registry::GateStanding& found, bool with_bodies) {
  using Phase = registry::GateQueue::Standing::Phase;
  JsonWriter json;
  json.open('{').field("model", found.version.name.text()).field("version", found.version.number);
  json.field("version_digest", "sha256:" + found.version.digest.hex());
  json.field("stage", model::name_of(found.version.stage)).field("reason", found.version.reason);
  json.field("gates", registry::name_of(found.now.phase)).field("doing", found.now.doing);
  if (with_bodies) {
    json.key("evidence").open('[');
    for (const ports::EvidenceRecord& evidence : found.evidence) write_evidence(json, evidence);
    json.close(']').key("next");
    found.next ? json.value(found.next) : json.null();
  } else {
    json.field("newest", found.evidence.empty() ? 0 : found.evidence.front().sequence);
  }
  json.close('}');
  return json_reply(json.take(), !with_bodies && found.now.phase != Phase::Idle ? 202 : 200);
}

Result<Reply> validate(Desk& desk, BlockingRequest& request) {
  const auto name = TRY(model_of(request));
  const auto number = TRY(version_of(request));
  const auto fields = TRY(fields_of(request, {"reason"}));
  const auto author = TRY(author_of(request, &fields));
  const HeavySlot slot(desk);  // one that was never verified is so first
  if (!slot.taken()) return busy();
  return standing_reply(TRY(desk.parts.registry.ask_gates(name, number, author)), false);
}

Result<Reply> list(Desk& desk, BlockingRequest& request) {
  const std::uint64_t limit = TRY(number_of(request, "limit", kUsualPage, kLongestPage));
  if (limit == 0) return invalid_input("?limit=: expected 1 to 200, found 0");
  const std::uint64_t before = TRY(number_of(request, "before", 0, ~std::uint64_t{0}));
  const auto name = TRY(model_of(request));
  return standing_reply(TRY(desk.parts.registry.evidence(name, TRY(version_of(request)), before, limit)), true);
}

}  // namespace

void add_evidence_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  const std::string version = "/api/v1/models/{model}/versions/{version}";
  routes.push_back(route(desk, Method::Post, version + "/validate", Permission::WriteRegistry, validate, kibibytes(64),
                         net::Work::Long));
  routes.push_back(route(desk, Method::Get, version + "/evidence", Permission::ReadRegistry, list));
}

}  // namespace slipway::api_admin
